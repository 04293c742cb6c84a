"""Migrations: what they build is what the models say, on both engines, all or nothing, whoever else does it too."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import peewee
import pytest
from click.testing import CliRunner

from registry.app import open_house
from registry.cli import cli, prepare
from registry.defaults import install_defaults, installed
from registry.kernel import db, migrate, schema, wall
from registry.kernel.errors import Problem
from registry.kernel.migrate import OWNERS, Owner
from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.settings import Settings
from tests import postgres
from tests.houses import SECRET
from tests.programs import start_text
from tests.security.nursery import Forked, shared
from tools import freeze_schema

ROOT = Path(__file__).parent.parent
RELEASES = [f"core/{path.stem}" for path in sorted(OWNERS[0].folder.glob("0*.py"))]
HISTORY = "schema_migration_core"


def everything() -> list[str]:
    """What there is to run in an empty database: ours, and the plugins'."""
    return [*RELEASES, *(name for plugin in host().working() for name in releases_of(plugin))]


def settings(folder: Path, url: str = "") -> Settings:
    return Settings(data=folder, database=url, secret=SECRET, queue="memory:", log_level="ERROR")


def releases_of(plugin: Plugin) -> list[str]:
    folder = plugin.declared.folder / "migrations"
    return [f"{plugin.name}/{path.stem}" for path in sorted(folder.glob("0*.py")) if plugin.declared.models]


def close() -> None:
    db.release()
    db.database.close()
    if not db.is_sqlite():
        db.database.obj.close_all()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An installation whose database has nothing in it yet."""
    if request.param == "sqlite":
        yield from opened(settings(tmp_path))
        return
    cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
    yield from opened(settings(tmp_path, cluster.create_database("empty", owner=cluster.ordinary_user)))
    cluster.drop_database("empty")


def opened(chosen: Settings) -> Iterator[Settings]:
    open_house(chosen)
    plugins, OWNERS[1:] = OWNERS[1:], []  # whose tables come behind the core's
    yield chosen
    OWNERS[1:] = plugins
    close()


# --- What they build ---------------------------------------------------------------------------------------


def without_history(found: dict[str, str]) -> dict[str, str]:
    """The table that remembers what has run is not a model's."""
    return {name: text for name, text in found.items() if HISTORY not in name}


def test_the_migrations_build_what_the_models_say(empty: Settings) -> None:
    migrate.migrate()
    migrated = without_history(schema.existing())
    assert len(migrated) > 50
    with db.connection():
        if db.is_sqlite():
            close()
            db.open_database("sqlite:///:memory:")
        else:
            db.run_sql("DROP SCHEMA public CASCADE")
            db.run_sql("CREATE SCHEMA public")
        for statement in schema.statements():
            db.run_sql(statement.replace("%", "%%") if not db.is_sqlite() else statement)
        assert migrated == without_history(schema.existing())


@pytest.mark.parametrize("engine", freeze_schema.ENGINES)
def test_the_frozen_statements_are_the_models(engine: str) -> None:
    newest = RELEASES[-1].removeprefix("core/")
    frozen = (OWNERS[0].folder / f"{newest}.{engine}.sql").read_text().splitlines()
    assert frozen == freeze_schema.missing(newest, engine), f"run tools/freeze_schema.py {newest}"
    assert len(schema.models()) > 30, "there is something to compare"


def test_a_new_column_is_found_and_an_old_one_left_alone() -> None:
    known = freeze_schema.columns_of(['CREATE TABLE "app_user" ("id" INTEGER, "email" VARCHAR(9), FOREIGN KEY ("x"))'])
    assert known == {"app_user": {"id", "email"}}
    known = freeze_schema.columns_of(['CREATE TABLE "a" ("b" TEXT)', 'ALTER TABLE "a" ADD COLUMN "c" TEXT'])
    assert known == {"a": {"b", "c"}}


def test_migrating_twice_is_nothing(empty: Settings) -> None:
    assert migrate.pending() == RELEASES
    assert migrate.migrate() == RELEASES
    install_defaults()
    before = schema.existing()
    assert migrate.pending() == migrate.migrate() == []
    assert schema.existing() == before
    assert not list(empty.data.glob("*.before-*")), "an empty database needs no copy"


def test_asking_what_is_pending_writes_nothing(empty: Settings) -> None:
    migrate.pending()
    assert schema.existing() == {}


# --- Several at once ---------------------------------------------------------------------------------------


def run(chosen: Settings, *arguments: str) -> Forked:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSETCARE_")}
    environment |= {"ASSETCARE_DATA": str(chosen.data), "ASSETCARE_SECRET": SECRET, "ASSETCARE_LOG_LEVEL": "ERROR"}
    environment |= {"ASSETCARE_DATABASE": chosen.database_url}
    return shared().start(("-m", "registry", *arguments), environment)


@pytest.mark.slow
def test_four_processes_at_once_migrate_once(empty: Settings) -> None:
    close()
    answers = []
    for process in [run(empty, "migrate") for _ in range(4)]:
        out, errors = process.communicate()
        assert process.returncode == 0, errors
        answers.append(out)
    told = [line for answer in answers for line in answer.splitlines() if line != "Nothing was pending."]
    assert sorted(told) == sorted(f"applied: {name}" for name in everything()), "each by one of them"
    open_house(empty)
    assert migrate.pending() == [] and installed()
    assert db.run_sql("SELECT count(*) FROM asset_status").fetchone()[0] == 7


# --- When it goes wrong ------------------------------------------------------------------------------------

GOOD = """
def up(migrator, db):
    db.execute_sql("CREATE TABLE extra_one (id INTEGER)")
"""
BROKEN = """
def up(migrator, db):
    db.execute_sql("CREATE TABLE extra_two (id INTEGER)")
    db.execute_sql("INSERT INTO extra_one VALUES (1)")
    db.execute_sql("DELETE FROM asset_status")
    raise LookupError("half way through")
"""
SLOW = """
import pathlib, time

def up(migrator, db):
    db.execute_sql("CREATE TABLE extra_two (id INTEGER)")
    db.execute_sql("DELETE FROM asset_status")
    pathlib.Path(__file__).with_name("reached").touch()
    time.sleep(600)
"""


def extra(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Further migrations, of an owner of their own."""
    folder.mkdir()
    for name, text in scripts.items():
        (folder / f"{name.strip('_')}.py").write_text(text)
    monkeypatch.setattr(migrate, "OWNERS", [*OWNERS, Owner("extra", folder)])


def test_a_failing_migration_leaves_all_or_nothing(
    empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.migrate()
    install_defaults()
    extra(tmp_path / "extra", monkeypatch, _0001_good=GOOD, _0002_broken=BROKEN)
    with pytest.raises(LookupError, match="half way"):
        migrate.migrate()
    tables = db.database.get_tables()
    assert "extra_one" in tables and "extra_two" not in tables
    assert db.run_sql("SELECT count(*) FROM asset_status").fetchone()[0] == 7
    assert db.run_sql("SELECT count(*) FROM extra_one").fetchone()[0] == 0
    assert migrate.pending() == ["extra/0002_broken"]
    (tmp_path / "extra" / "0002_broken.py").write_text(GOOD.replace("extra_one", "extra_two"))
    assert migrate.migrate() == ["extra/0002_broken"]
    copies = sorted(tmp_path.glob("assetcare.db.before-*"))
    assert bool(copies) is db.is_sqlite()
    if copies:
        with sqlite3.connect(copies[0]) as copy:
            names = {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
            assert copy.execute("SELECT count(*) FROM asset_status").fetchone() == (7,)
        copy.close()
        assert "asset" in names and "extra_one" not in names, "as it was before"


KILLED = """
import sys
from pathlib import Path
from registry.app import open_house
from registry.kernel import migrate
from registry.settings import Settings

folder, url, secret, scripts = sys.argv[1:]
open_house(Settings(data=Path(folder), database=url, secret=secret, queue="memory:", log_level="ERROR"))
migrate.OWNERS.append(migrate.Owner("extra", Path(scripts)))
migrate.migrate()
"""


@pytest.mark.slow
def test_a_killed_migration_leaves_all_or_nothing(
    empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.migrate()
    install_defaults()
    before = schema.existing()
    close()
    scripts = tmp_path / "extra"
    extra(scripts, monkeypatch, _0001_slow=SLOW)
    process = start_text(KILLED, str(tmp_path), empty.database_url, SECRET, str(scripts))
    deadline = time.monotonic() + 120
    while not (scripts / "reached").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    _, errors = process.communicate()
    assert (scripts / "reached").exists(), errors
    open_house(empty)
    found = {name: text for name, text in schema.existing().items() if "schema_migration_extra" not in name}
    assert found == before
    assert db.run_sql("SELECT count(*) FROM asset_status").fetchone()[0] == 7
    assert migrate.pending() == ["extra/0001_slow"]
    (scripts / "0001_slow.py").write_text(GOOD)
    assert migrate.migrate() == ["extra/0001_slow"], "nothing keeps the next one from running"


def test_defaults_that_a_crash_kept_away_come_with_the_next_start(empty: Settings) -> None:
    migrate.migrate()  # and here the process was killed
    assert not installed()
    if empty.embedded:
        prepare(empty, migrate.pending())
        assert installed()
    else:
        with pytest.raises(Problem, match="assetcare migrate"):
            prepare(empty, migrate.pending())


def test_a_disk_without_room_for_the_copy_stops_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(tmp_path)
    for _ in opened(chosen):
        migrate.migrate()
        extra(tmp_path / "extra", monkeypatch, _0001_good=GOOD)
        monkeypatch.setattr(migrate.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
        with pytest.raises(OSError, match="not enough room"):
            migrate.migrate()
        assert "extra_one" not in db.database.get_tables()


# --- Who may serve before ----------------------------------------------------------------------------------


def test_embedded_mode_migrates_by_itself_and_postgres_waits_to_be_told(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    close()
    monkeypatch.setenv("ASSETCARE_DATA", str(empty.data))
    monkeypatch.setenv("ASSETCARE_DATABASE", empty.database_url)
    monkeypatch.setenv("ASSETCARE_SECRET", SECRET)
    runner = CliRunner()
    checked = runner.invoke(cli, ["migrate", "--check"])
    waiting = everything()
    assert (checked.exit_code, checked.stdout) == (1, "".join(f"pending: {name}\n" for name in waiting))
    close()
    first = runner.invoke(cli, ["audit", "verify"])
    close()
    if empty.embedded:
        assert first.exit_code == 0, first.output
    else:
        assert first.exit_code == 1 and "Run: assetcare migrate" in first.output
        assert runner.invoke(cli, ["migrate"]).stdout == "".join(f"applied: {name}\n" for name in waiting)
        close()
        assert runner.invoke(cli, ["audit", "verify"]).exit_code == 0
        close()
    assert runner.invoke(cli, ["migrate", "--check"]).exit_code == 0
    close()
    open_house(empty)
    assert installed()


def test_the_server_does_not_serve_an_empty_postgres(empty: Settings) -> None:
    if empty.embedded:
        pytest.skip("embedded mode migrates at start")
    with pytest.raises(Problem, match="pending"):
        prepare(empty, migrate.pending())
    assert schema.existing() == {}


def test_postgres_waits_for_its_turn_longer_than_for_a_row(empty: Settings) -> None:
    if empty.embedded:
        pytest.skip("SQLite waits at a file")
    with db.connection(), migrate.alone():
        assert db.run_sql("SHOW lock_timeout").fetchone() == ("0",)
    with db.connection():
        assert db.run_sql("SHOW lock_timeout").fetchone() == ("15s",)


def test_rows_need_a_tenant_that_exists(empty: Settings) -> None:
    migrate.migrate()
    with pytest.raises(peewee.IntegrityError), wall.everywhere(), db.transaction():
        db.run_sql(
            "INSERT INTO site (customer_id, version, created_at, changed_at, name, address, city, province, country, "
            "postal_code) VALUES (?, 1, '2026-01-01', '2026-01-01', 'HQ', '', '', '', '', '')",
            (77,),
        )
