"""A whole database from one engine into the other: the same content, proved, whatever comes in between."""

import json
import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as some
from playhouse.migrations import Runner

from registry.assets.models import Asset
from registry.kernel import canonical, copying, db, migrate, presence, schema, wall
from registry.kernel.copying import NotCopied, bound, copy
from registry.kernel.errors import Problem
from registry.kernel.migrate import OWNERS
from registry.kernel.search import SOURCES
from registry.kernel.sides import SqliteSide
from tests.houses import House
from tests.moving.world import found_in, fresh_postgres, next_ids, schema_of
from tests.postgres import Cluster
from tests.programs import run_module

NAMES = ("went", "between", "back")


@pytest.fixture(scope="session")
def source(furnished_data: Path) -> Path:
    """A furnished SQLite database, to be read only."""
    return furnished_data / "assetcare.db"


@pytest.fixture
def own(source: Path, tmp_path: Path) -> str:
    """A copy of it that a test may change."""
    shutil.copyfile(source, tmp_path / "own.db")
    return f"sqlite:///{tmp_path / 'own.db'}"


@pytest.fixture
def postgres(postgres_cluster: Cluster) -> Any:
    """make(name) -> address of an empty database of an ordinary role."""
    made = []

    def make(name: str) -> str:
        made.append(name)
        return fresh_postgres(postgres_cluster, name)

    yield make
    for name in made:
        postgres_cluster.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'target.db'}"
    return str(request.getfixturevalue("postgres")("target"))


def leave(house: House) -> None:
    """Nobody is in it any more: a command may have it for itself."""
    house.close()
    presence.leave()


# --- There and back -----------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_there_and_back_nothing_is_lost(source: Path, tmp_path: Path, postgres: Callable[[str], str]) -> None:
    first, there, again = f"sqlite:///{source}", postgres("went"), postgres("between")
    back = f"sqlite:///{tmp_path / 'back.db'}"
    reports = [copy(first, there), copy(there, again), copy(again, back)]
    assert all(report.checksums == reports[0].checksums for report in reports)
    assert reports[0].rows > 1000 and not any(report.faults or report.source_changed for report in reports)
    was = found_in(first)
    assert len(was["chains"]) > 3 and all(chain[3] is None for chain in was["chains"])
    assert was["parent"] == 9 and was["target"] == 95.5
    assert [found_in(url) for url in (there, again, back)] == [was] * 3
    with bound(first):
        gone = db.run_sql("SELECT max(id) FROM asset").fetchone()[0] + 1
    assert was["next"]["asset"] == gone + 1, "the id of a row that is gone is not given out again"
    assert schema_of(back) == schema_of(first)
    assert schema_of(there) == schema_of(again) == migrated(postgres("fresh"))


def migrated(url: str) -> dict[str, str]:
    with bound(url), wall.everywhere():
        from registry.kernel import migrate

        migrate.migrate()
        return schema.existing()


def test_the_copy_is_in_use_like_the_source(source: Path, target: str) -> None:
    copy(f"sqlite:///{source}", target)
    with bound(target), wall.everywhere():
        from registry.kernel.access import Actor
        from registry.kernel.search import find

        rows = db.run_sql("SELECT serial FROM asset WHERE serial IS NOT NULL ORDER BY id LIMIT 3").fetchall()
        assert len(rows) == 3
        for (serial,) in rows:
            assert find(Actor.system(), [SOURCES["asset"]], serial[1:-1].lower(), limit=5)
        made = Asset.create(customer_id=1, product=1, kind="hardware", serial="NEW-UNIT-1", status=1)
        assert find(Actor.system(), [SOURCES["asset"]], "w-unit", limit=5)[0]["id"] == made.id
        with pytest.raises(Exception, match="append-only"):
            db.run_sql("DELETE FROM audit_entry")
        with pytest.raises(db.IntegrityError):
            Asset.create(customer_id=1, product=1, kind="hardware", serial="NEW-UNIT-1", status=1)
        with pytest.raises(db.IntegrityError):
            db.run_sql("DELETE FROM customer")
    assert next_ids(target)["asset"] >= made.id + 1


# --- Cut off ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_copy_that_is_killed_goes_on_where_it_was(house: House, source: Path, target: str) -> None:
    leave(house)
    command = ("copy-db", "--from", f"sqlite:///{source}", "--to", target, "--step", "20", "--json")
    dice, killed = random.Random(4), 0
    for most in (40, 80, 160, 320, 500):
        code, _, err = run_module(house, "tests.moving.killed", str(dice.randint(3, most)), *command)
        killed += code == -9
        assert code in (-9, 0, 1), err
    code, told, err = run_module(house, "registry", *command)
    if code == 0:  # the others were all killed
        report = json.loads(told)
        assert killed == 5 and report["resumed"] and not report["again"]
    assert killed >= 3 and (code == 0 or "not empty" in err)
    assert found_in(target) == found_in(f"sqlite:///{source}")


POINTS = ("fill", "note", "lay_aside", "go_on_from", "all_done", "broken_references")


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("times", [1, 30])
def test_whatever_fails_another_run_ends_well(
    source: Path, target: str, point: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.kernel import sides

    class Stopped(Exception):
        pass

    left = [times]
    kind = sides.SqliteSide if target.startswith("sqlite") else sides.PostgresSide
    original = getattr(kind, point)

    def fails(self: Any, *rest: Any) -> Any:
        left[0] -= 1
        if not left[0]:
            raise Stopped
        return original(self, *rest)

    monkeypatch.setattr(kind, point, fails)
    failed = True
    try:
        copy(f"sqlite:///{source}", target, step=100)
        failed = False
    except (Stopped, NotCopied):
        pass
    monkeypatch.undo()
    assert failed or left[0] > 0
    if failed:
        copy(f"sqlite:///{source}", target)
    assert found_in(target) == found_in(f"sqlite:///{source}")
    with bound(target):
        assert not copying.unfinished()


def cut_off(source: str, target: str, monkeypatch: pytest.MonkeyPatch, at: str = "audit_entry") -> None:
    """A copy that has come as far as the table `at`."""
    fill = copying.Copy._fill

    def stops(self: Any, table: str) -> None:
        if table == at:
            raise KeyboardInterrupt
        fill(self, table)

    monkeypatch.setattr(copying.Copy, "_fill", stops)
    with pytest.raises(KeyboardInterrupt):
        copy(source, target)
    monkeypatch.undo()


@pytest.mark.slow
def test_nothing_serves_from_half_a_copy(own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(own, f"sqlite:///{tmp_path / 'half.db'}", monkeypatch)
    half = House(tmp_path, f"sqlite:///{tmp_path / 'half.db'}")
    code, _, err = run_module(half, "registry", "audit", "verify")
    assert code == 1 and "Run copy-db again" in err
    code, _, err = run_module(half, "registry", "backup", "--to", str(tmp_path / "half.zip"))
    assert code == 1 and "unfinished copy" in err and not (tmp_path / "half.zip").exists()
    code, out, _ = run_module(half, "registry", "check", "--no-chains")
    assert code == 1 and "FAULT   database: The target of an unfinished copy" in out


def test_half_a_copy_is_no_source(own: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(own, target, monkeypatch)
    with pytest.raises(Problem, match="itself the target of an unfinished copy"):
        copy(target, f"sqlite:///{tmp_path / 'quarter.db'}")


@pytest.mark.slow
@pytest.mark.postgres
def test_the_role_of_every_day_has_a_queue(
    own: str, tmp_path: Path, postgres: Callable[[str], str], postgres_cluster: Cluster
) -> None:
    """It owns nothing and may make no tables, as docs/operate.md advises; the owner only copies."""
    owned = postgres("two_roles")
    everyday = owned.replace(f"{postgres_cluster.ordinary_user}@", "everyday@")
    with psycopg.connect(postgres_cluster.url("two_roles"), autocommit=True) as as_root:
        as_root.execute("DROP ROLE IF EXISTS everyday")
        as_root.execute("CREATE ROLE everyday LOGIN NOSUPERUSER NOBYPASSRLS")
    with psycopg.connect(owned, autocommit=True) as as_owner:
        as_owner.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO everyday")
        as_owner.execute("ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO everyday")
    try:
        place = House(tmp_path / "data", owned)
        code, _, err = run_module(place, "registry", "copy-db", "--from", own, "--to", owned)
        assert code == 0, err
        code, out, _ = run_module(House(tmp_path / "data", everyday), "registry", "check", "--no-chains", "--json")
        told = {one["subject"]: (one["state"], one["text"]) for one in json.loads(out)["findings"]}
        assert told["queue"] == ("ok", "postgresql answers"), told
    finally:
        postgres_cluster.drop_database("two_roles")
        with psycopg.connect(postgres_cluster.url("postgres"), autocommit=True) as as_root:
            as_root.execute("DROP ROLE everyday")


@pytest.mark.slow
def test_a_database_that_cannot_be_used_is_one_sentence(own: str, tmp_path: Path) -> None:
    away = House(tmp_path, "postgresql://nobody@127.0.0.1:1/x")
    for words in (["audit", "verify"], ["copy-db", "--from", own, "--to", "postgresql://nobody@127.0.0.1:1/x"]):
        code, out, err = run_module(away, "registry", *words)
        assert code == 1 and "connection" in err and "Traceback" not in err + out, err
    (tmp_path / "paper.db").write_text("not a database, but a paper " * 9)
    nowhere = ["export", "assets", "--to", str(tmp_path / "no" / "a.csv")]
    for url, words in ((f"sqlite:///{tmp_path / 'paper.db'}", ["audit", "verify"]), (own, nowhere)):
        code, out, err = run_module(House(tmp_path, url), "registry", *words)
        assert code == 1 and err.count("\n") == 1 and "Traceback" not in out, err


def test_going_on_wants_the_same_source(own: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves no history (a session that was used) is copied again; with new history it is another source."""
    cut_off(own, target, monkeypatch)
    with bound(own):
        db.run_sql("UPDATE app_user SET language = 'zz' WHERE id = 1")
        db.run_sql("DELETE FROM account_manager WHERE id = 1")
    report = copy(own, target)
    assert report.resumed and sorted(report.again) == ["account_manager", "app_user"]
    assert found_in(target) == found_in(own)


def test_another_source_is_refused(own: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(own, target, monkeypatch)
    with bound(own), wall.everywhere():
        from registry.customers.service import create_customer
        from registry.kernel.access import Actor

        create_customer(Actor.system(), {"slug": "late", "name": "Late"})
    with pytest.raises(Problem, match="another source, or the source has changed"):
        copy(own, target)


# --- Refused ------------------------------------------------------------------------------------------------


def test_what_is_there_is_never_written_over(own: str, target: str) -> None:
    copy(own, target)
    with pytest.raises(Problem, match="not empty"):
        copy(own, target)
    with pytest.raises(Problem, match="same database"):
        copy(own, own)


def test_somebody_elses_database_of_an_older_version_stays_as_it_is(own: str, target: str) -> None:
    with bound(target), wall.everywhere():
        Runner(db.database.obj, str(OWNERS[0].folder), OWNERS[0].table).up("0001_initial")
        columns = "code, name, settings, version, created_at, changed_at"
        db.run_sql(
            f"INSERT INTO service_policy ({columns}) VALUES ('x', 'y', '{{}}', 1, now(), now())".replace(
                "now()", "CURRENT_TIMESTAMP"
            )
        )
        waiting = migrate.pending()
    with pytest.raises(Problem, match="not empty"):
        copy(own, target)
    with bound(target):
        assert migrate.pending() == waiting != []


def test_only_the_owner_reads_the_copy(own: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        copy(own, f"sqlite:///{tmp_path / 'target.db'}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "target.db").stat().st_mode) == 0o600


@pytest.mark.slow
def test_the_command_copies_no_house_that_somebody_is_in(own: str, tmp_path: Path, house: House) -> None:
    """Neither the folder of the settings nor the one that the database lies in."""
    house.open()
    mine = house.settings.database_url
    to = f"sqlite:///{tmp_path / 'target.db'}"
    code, _, err = run_module(house, "registry", "copy-db", "--from", mine, "--to", to)
    assert code == 1 and "stop the server" in err
    away = House(tmp_path / "away", f"sqlite:///{tmp_path / 'away.db'}")
    code, _, err = run_module(away, "registry", "copy-db", "--from", mine, "--to", to)
    assert code == 1 and "stop the server" in err and not (tmp_path / "target.db").exists()
    code, _, err = run_module(away, "registry", "copy-db", "--from", mine, "--to", to, "--while-running")
    assert code == 0, err


def test_the_source_must_be_of_this_version(own: str, target: str) -> None:
    with bound(own):
        db.run_sql("DELETE FROM schema_migration_core WHERE name <> '0001_initial'")
    with pytest.raises(Problem, match=r"lacks core/.*assetcare migrate"):
        copy(own, target)
    with bound(own):
        db.run_sql("UPDATE schema_migration_core SET name = '0099_later'")
    with pytest.raises(Problem, match="lacks"):
        copy(own, target)


@pytest.mark.parametrize(
    "address", ["sqlite:////nowhere/x.db", "mysql://x/y", "x.db", "postgresql://nobody@127.0.0.1:1/x"]
)
def test_what_is_no_database_is_said_so(own: str, address: str) -> None:
    with pytest.raises(Problem) as refused:
        copy(address, "sqlite:////tmp/never.db")
    assert refused.value.code == "no_database"


def test_two_copies_into_one_target_do_not_meet(own: str, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with bound(target):
        pass
    first = SqliteSide(target, writing=True)
    first.claim()
    with pytest.raises(Problem, match="under way"):
        copy(own, target)
    first.close()
    copy(own, target)


# --- Found out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["changed", "lost", "twice"])
def test_a_row_that_arrives_otherwise_is_found(
    own: str, target: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert = canonical.converted

    def damaged(rows: Any, how: Any) -> Any:
        done = convert(rows, how)
        if len(done) > 20 and isinstance(done[3][-1], str):
            if damage == "changed":
                done[3][-1] += " "
            elif damage == "lost":
                del done[5]
            else:
                done[3] = [done[3][0], *done[4][1:]]
        return done

    monkeypatch.setattr(copying, "converted", damaged)
    with pytest.raises(Problem, match="differs"):
        copy(own, target)
    with bound(target):
        assert copying.unfinished(), "and nothing serves from it"


def test_a_source_that_is_written_to_meanwhile_is_told(own: str, target: str) -> None:
    path = own.removeprefix("sqlite:///")
    written = []

    def write(_text: str) -> None:
        if not written:
            with sqlite3.connect(path) as side:
                side.execute("UPDATE chain_head SET seq = seq + 1")
                side.execute("UPDATE asset SET name = 'later'")
            side.close()
            written.append(True)

    report = copy(own, target, tell=write)
    assert report.source_changed
    with bound(target), wall.everywhere():
        assert not db.run_sql("SELECT 1 FROM asset WHERE name = 'later'").fetchall(), "as of one moment"


def test_a_broken_chain_comes_along_and_is_named(own: str, target: str, house: House) -> None:
    path = own.removeprefix("sqlite:///")
    with sqlite3.connect(path) as side:
        side.execute("DROP TRIGGER audit_entry_no_update")
        side.execute("UPDATE audit_entry SET label = 'x' WHERE id = 3")
        side.execute(
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
        )
    side.close()
    leave(house)
    code, out, _ = run_module(house, "registry", "copy-db", "--from", own, "--to", target, "--json")
    assert code == 1 and "(row 3) was changed" in json.loads(out)["faults"][0]


@pytest.mark.postgres
def test_what_postgres_cannot_hold_is_named(own: str, postgres: Callable[[str], str], house: House) -> None:
    with bound(own):
        db.run_sql("UPDATE asset SET notes = 'a' || char(0) || 'b' WHERE id = 5")
    leave(house)
    code, _, err = run_module(house, "registry", "copy-db", "--from", own, "--to", postgres("nul"))
    assert code == 1 and "asset, ids 1 to" in err and "NUL" in err and "Traceback" not in err


def test_a_reference_to_nothing_is_found(own: str, tmp_path: Path) -> None:
    side = sqlite3.connect(own.removeprefix("sqlite:///"))
    side.execute("UPDATE asset SET product_id = 99999 WHERE id = 4")
    side.commit()
    side.close()
    with pytest.raises(Problem, match="damaged: asset 4 refers to a product"):
        copy(own, f"sqlite:///{tmp_path / 'target.db'}")


# --- The same value looks the same --------------------------------------------------------------------------

DOCUMENTS = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.postgres
@given(documents=some.lists(DOCUMENTS, min_size=1, max_size=30))
def test_json_is_the_same_in_every_spelling(documents: list[Any], postgres_cluster: Cluster) -> None:
    with psycopg.connect(postgres_cluster.url("postgres")) as connection:
        texts = [json.dumps(one) for one in documents]
        rows = connection.execute(
            "SELECT x::jsonb::text FROM unnest(%s::text[]) WITH ORDINALITY AS t (x, n) ORDER BY n", (texts,)
        )
        for text, (other,) in zip(texts, rows, strict=True):
            spelled = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
            assert canonical._same_json(text) == canonical._same_json(other) == canonical._same_json(spelled)


def test_different_rows_have_different_checksums() -> None:
    model = schema.models()[0]
    for model in schema.models():
        width = len(model._meta.sorted_fields)
        empty = [1, *[None] * (width - 1)]
        seen = {canonical.checksum(model, [])[1], canonical.checksum(model, [[empty]])[1]}
        assert len(seen) == 2
        plain = {position for position, _ in canonical.converters(model)} ^ set(range(1, width))
        for at in plain:
            changed = [*empty]
            changed[at] = "1" if at in canonical.json_columns(model) else 1
            seen.add(canonical.checksum(model, [[changed]])[1])
        assert len(seen) == 2 + len(plain), model


def test_every_type_of_every_column_is_known() -> None:
    for model in schema.models():
        canonical.converters(model)
        assert canonical.columns_of(model)[0] == "id", "batches go by it"
