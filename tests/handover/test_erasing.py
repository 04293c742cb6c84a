"""A customer who was handed over is gone: no row, file, word or job of his, and a certificate that says so."""

import hashlib
import io
import json
import shutil
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from psycopg import sql

from registry.actions import Action
from registry.cli import cli
from registry.commands import install
from registry.handover import belongings, deleting, erasing, letters, scrubbing
from registry.handover.belongings import Owner, owner_of, table_of
from registry.handover.certificate import genuine, mark_of
from registry.handover.models import Erasure
from registry.kernel import audit, clock, db, files, mail, schema, search, signing, tickets
from registry.kernel.access import Actor
from registry.kernel.audit import AuditEntry, verify
from registry.kernel.errors import Busy, NotFound
from registry.kernel.mail import Mail
from registry.kernel.writing import ANY_VERSION, change
from registry.people.models import MailedLink, Membership, User
from tests import postgres
from tests.handover import killed
from tests.handover.world import (
    SONGS,
    V1,
    add_songs,
    done,
    empty_tables,
    every_text,
    fetch_package,
    fill_the_rest,
    raw_files,
    settle,
)
from tests.houses import House, opened
from tests.programs import run_module
from tests.two_companies import CANARY, Companies, fingerprint

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def leaving_once(stocked: Companies, tmp_path_factory: pytest.TempPathFactory) -> Companies:
    """Everything there is about acme, everywhere; settled, and with the erasure asked for."""
    for moved in stocked.living_in(tmp_path_factory.mktemp("leaving") / "house"):
        leave(moved)
    return moved


def leave(companies: Companies) -> Erasure:
    """Sing everywhere, settle everything, ask for the erasure without carrying it out."""
    careless()
    add_songs(companies)
    _post_letters(companies.acme["customer"])
    settle(companies)
    fill_the_rest(companies.acme["customer"])
    assert not empty_tables(owner_of(companies.acme["customer"])), "the scan below is about every table"
    return erasing.request_erasure(companies.people.admin.actor, "acme", "acme")


def careless() -> None:
    """Some builds of SQLite blank out what is deleted, others do not: the worse ones count."""
    if db.is_sqlite():
        db.run_sql("PRAGMA secure_delete = 0")


def _post_letters(customer_id: int) -> None:
    """One that has left as a file, one that waits, with a customer and without; and a job that names a person."""
    for owner in (customer_id, None):
        values = {"now": clock.now(), "link": f"https://x.example/{CANARY}"}
        mail.post("mail_test", "alice@acme.example", "en", values, customer_id=owner)
    _letters_to_former_addresses(customer_id)
    _letters_to_the_operator(customer_id)
    mail.carry()
    mail.post("mail_test", "Alice@acme.example", "en", {"now": clock.now(), "link": CANARY})
    _digest("acme", None)
    _digest("acme-labs", None)  # a neighbour, whose name begins like his
    tickets.issue("people.send_reset", {"email": "alice@acme.example", "address": None, "request_id": None})
    tickets.issue("imports.run", {"session_id": 1, "customer_id": customer_id})


def _letters_to_former_addresses(customer_id: int) -> None:
    """To one that somebody had before, and to one that he wanted and never confirmed."""
    user = User.get(User.email == "alice@acme.example")
    until = clock.now() + timedelta(days=1)
    MailedLink.create(
        user=user, purpose="email", hash="0" * 64, address="wanted@acme.example", mark="", expires_at=until
    )
    for address, action in (("before@acme.example", Action.USER_CHANGED), (user.email, Action.EMAIL_CHANGED)):
        change(Actor.system(), user, {"email": address}, action, version=ANY_VERSION, customer_id=customer_id)
    for address in ("before@acme.example", "wanted@acme.example"):
        mail.post("mail_test", address, "en", {"now": clock.now(), "link": "https://x.example/"})


def _letters_to_the_operator(customer_id: int) -> None:
    for owner in (customer_id, None):
        _digest("acme", owner)


def _digest(slug: str, customer_id: int | None) -> None:
    """What ends at somebody's, told to his account manager; without customer_id: at others', too."""
    what = (
        f"{CANARY}\n{mail.link('/c/globex')}\n{mail.link(f'/c/{slug}')}" if slug == "acme" else mail.link(f"/c/{slug}")
    )
    values = {"name": "M", "customers": "several", "count": 2, "notices": what, "link": mail.link("/")}
    values["settings"] = mail.link("/account")
    mail.post("notice", "manager@operator.example", "en", values, customer_id=customer_id)


@pytest.fixture
def leaving(leaving_once: Companies, tmp_path: Path) -> Iterator[Companies]:
    folder = tmp_path / "house"
    shutil.copytree(leaving_once.house.settings.data, folder)
    for house in opened(House(folder, f"sqlite:///{folder / 'assetcare.db'}")):
        careless()
        yield leaving_once.moved_to(house)


def carry_out() -> Erasure:
    [found] = erasing.unfinished()
    erasing.resume(found)
    return Erasure.get_by_id(found.id)  # type: ignore[no-any-return]


def sings(text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    return [song for song in SONGS if song.encode() in data]


# --- Nothing is left ---------------------------------------------------------------------------------------


def test_the_scan_hears_every_song_before(leaving: Companies) -> None:
    """A scan that finds nothing proves nothing, unless it finds everything there is to find."""
    owner = Owner(leaving.acme["customer"], tuple(Erasure.get(Erasure.state == "queued").people))
    heard = {table for table, text in every_text(leaving.house) if sings(text)}
    silent = {
        table_of(model) for model in belongings.models()
        if belongings.way(model) != "house" and belongings.count(model, owner)
        and any(field.field_type in ("VARCHAR", "TEXT") for field in model._meta.sorted_fields)
    } - heard  # fmt: skip
    wordless = {"session", "chain_head", "delivery", "account_manager", "membership", "coverage", "second_factor"}
    wordless |= {"label_scan", "lent"}  # where from, and a name that sings in app_user
    wordless |= {"sendbig_blob", "sendbig_recipient"}  # sums of bytes; an address that sings in app_user
    wordless.add("optic_reading")
    assert silent <= {*wordless, "contract_term", "event", "package", "notice", "notice_plan"}, silent  # fmt: skip
    assert "asset" in _words_in_the_index(), "a name that was changed long ago"
    db.run_sql("PRAGMA wal_checkpoint(PASSIVE)")
    found = {path.name for path, data in raw_files(leaving.house.settings.data) if sings(data)}
    assert "assetcare.db" in found and any(name.endswith(".eml") for name in found) and len(found) >= 3


def test_nothing_of_him_is_left_anywhere(leaving: Companies) -> None:
    house, gone = leaving.house, leaving.acme["customer"]
    neighbour = fingerprint(leaving.globex["customer"])
    done_ = carry_out()
    assert done_.state == "done", done_.error
    for table, text in every_text(house):
        assert not sings(text), (table, text[:500])
    for path, data in raw_files(house.settings.data):
        assert not sings(data), (path, sings(data))
    assert list(files.store().keys(files.folder_of(gone))) == []
    assert tickets.waiting("imports.run") == tickets.waiting("people.send_reset") == []
    assert deleting.left_over(Owner(gone, tuple(done_.people))) == {}
    assert _words_in_the_index() == set()
    assert [letter.state for letter in Mail.select().where(Mail.state != "sent")] == ["queued"], "a neighbour's"
    assert fingerprint(leaving.globex["customer"]) == neighbour
    assert db.run_sql("PRAGMA foreign_key_check").fetchall() == []
    assert db.run_sql("PRAGMA integrity_check").fetchall() == [("ok",)]


def _words_in_the_index() -> set[str]:
    """FTS5 keeps trigrams, and only marks deleted ones: can, ana, nar of CANARY; zqx is in nobody else's words."""
    found = set()
    for source in search.SOURCES.values():
        blocks = db.run_sql(f"SELECT block FROM {source.table}_fts_data").fetchall()
        found |= {source.table for [block] in blocks if b"zqx" in bytes(block)}
    return found


@pytest.mark.postgres
def test_nothing_of_him_is_left_on_postgres(postgres_house: House, postgres_cluster: postgres.Cluster) -> None:
    companies = Companies(postgres_house)
    leave(companies)
    [base] = db.run_sql("SELECT pg_relation_filepath('asset')").fetchone()
    folder = (Path(str(postgres_cluster.folder)) / "data" / base).parent
    _checkpoint(postgres_cluster)
    heard = {path for path, data in raw_files(folder) if sings(data)}
    assert len(heard) > 20, "tables and their indexes"
    neighbour = fingerprint(companies.globex["customer"])
    done_ = carry_out()
    assert done_.state == "done", done_.error
    for table, text in every_text(postgres_house):
        assert not sings(text), (table, text[:500])
    _checkpoint(postgres_cluster)
    for path, data in raw_files(folder):
        assert not sings(data), (path.name, _name_of(path), sings(data))
    for path, data in raw_files(postgres_house.settings.data):
        assert not sings(data), (path, sings(data))
    assert fingerprint(companies.globex["customer"]) == neighbour
    assert all(state.fault is None for state in verify())
    with pytest.raises(Exception, match="append-only"), db.transaction():
        AuditEntry.delete().execute()


def _checkpoint(cluster: postgres.Cluster) -> None:
    """What is still in memory only shall be in the files."""
    cluster.execute(sql.SQL("CHECKPOINT").format())


def _name_of(path: Path) -> Any:
    number = path.name.split(".")[0].split("_")[0]
    query = "SELECT relname FROM pg_class WHERE relfilenode = ?"
    return db.run_sql(query, (int(number),)).fetchone() if number.isdigit() else None


# --- What stays, and is sound ------------------------------------------------------------------------------


def test_the_other_chains_still_verify_and_the_house_says_what_happened(leaving: Companies) -> None:
    chains = {state.customer_id for state in verify()}
    done_ = carry_out()
    after = list(verify())
    assert all(state.fault is None for state in after)
    assert {state.customer_id for state in after} == chains - {leaving.acme["customer"]}
    entry = AuditEntry.select().where(AuditEntry.customer_id == audit.HOUSE).order_by(AuditEntry.id.desc()).first()
    told = json.loads(entry.after)
    assert entry.action == "customer.erased" and told["number"] == done_.number
    assert told["certificate_sha256"] == hashlib.sha256(done_.certificate.encode()).hexdigest()
    with pytest.raises(Exception, match="append-only"), db.transaction():
        AuditEntry.delete().execute()
    frozen = {name: text for name, text in schema.existing().items() if "audit_entry" in name}
    assert any("no_delete" in name for name in frozen) and len(schema.guards("audit_entry", sqlite=True)) == 2


def test_the_certificate_can_be_checked_without_this_house(leaving: Companies) -> None:
    owner = Owner(leaving.acme["customer"], tuple(Erasure.get(Erasure.state == "queued").people))
    his = [model for model in belongings.models() if belongings.way(model) != "house"]
    expected = {table_of(model): belongings.count(model, owner) for model in his}
    length, head = deleting.chain_of(owner.id)
    carry_out()
    [row] = [one for one in done(leaving.people.admin.get(f"{V1}/erasures"))["items"] if one["former_id"] == owner.id]
    answer = done(leaving.people.admin.get(f"{V1}/erasures/{row['id']}/certificate"))
    assert genuine(answer["certificate"], answer["signature"], signing.public_key())
    assert not genuine(answer["certificate"].replace("1", "2"), answer["signature"], signing.public_key())
    body = orjson.loads(answer["certificate"])
    counted = body["erased"]["rows"]
    letters = {"mail", "handshake"}  # some of its rows are letters, and counted as such
    assert {table: counted.get(table, 0) for table in expected if table not in letters} == {
        table: count for table, count in expected.items() if table not in letters
    }
    assert body["erased"]["letters"] >= 4 and body["erased"]["waiting_jobs"] == 2 and body["erased"]["files"] >= 2
    assert body["audit_chain"] == {"length": length, "head": head}
    assert body["customer"]["sha256_of_salt_and_slug"] == mark_of(body["customer"]["salt"], "acme")
    assert body["settled_before"]["package_sha256"] and not sings(answer["text"]) and body["remains"]
    assert answer["text"].startswith("CERTIFICATE OF ERASURE E-")


def test_people_with_a_role_elsewhere_stay(leaving: Companies) -> None:
    both = User.get(User.email == "both@both.example")
    assert both.id not in Erasure.get(Erasure.state == "queued").people
    carry_out()
    places = [row.customer_id for row in Membership.select().where(Membership.user == both.id)]
    assert places == [leaving.globex["customer"]]
    assert not User.select().where(User.email.endswith("@acme.example")).exists()


def test_his_people_are_shut_out_as_soon_as_it_is_asked_for(leaving: Companies) -> None:
    for person in (leaving.people.owner, leaving.people.colleague, leaving.people.reader):
        assert person.get(f"{V1}/assets").status_code == 401
    assert leaving.people.stranger.get(f"{V1}/assets").status_code == 200


def test_whoever_knows_the_number_learns_no_name(leaving: Companies) -> None:
    found = carry_out()
    told = orjson.dumps({name: str(getattr(found, name)) for name in found.__data__}).decode()
    assert "acme" not in told.lower() and not sings(told) and found.people == []


# --- What has to be settled before -------------------------------------------------------------------------


def test_nothing_is_erased_before_everything_is_settled(companies: Companies) -> None:
    admin, ids, owner = companies.people.admin, companies.acme, companies.people.owner
    path, confirm = f"{V1}/customers/acme/erasure", {"confirm": "acme"}
    any_version = {"headers": {"If-Match": "*"}}
    before = fingerprint(ids["customer"])
    assert len(admin.post(path, confirm).json["errors"]["open"]) == 4
    assert fingerprint(ids["customer"]) == before
    yesterday = {"terminated_on": (clock.today() - timedelta(days=1)).isoformat(), "reason": "x"}
    steps = [
        ("Contracts", lambda: admin.post(f"{V1}/contracts/{ids['contract']}/terminate", yesterday, **any_version)),
        ("out", lambda: admin.post(f"{V1}/custody-tasks/{ids['task']}/finish")),
        ("out", lambda: admin.post(f"{V1}/custody-items/{ids['item']}/return", {"returned_to": "x"})),
        ("custody tasks", lambda: admin.post(f"{V1}/custody-tasks/{ids['task']}/close")),
        ("Approvals", lambda: owner.post(f"{V1}/disclosure-approvals/{ids['approval']}/revoke", {"reason": "x"})),
        ("fetched", lambda: admin.get(f"{V1}/customers/acme")),  # the operator's looking is no hand-over
    ]
    for told, step in steps:
        refused = admin.post(path, confirm)
        assert refused.status_code == 409 and refused.json["code"] == "not_settled" and told in refused.text, told
        done(step())
    assert admin.post(path, confirm).status_code == 409
    fetch_package(owner)
    assert admin.post(path, {"confirm": "ACME"}).status_code == 422
    assert companies.people.account_manager.post(path, confirm).status_code == 403
    made = done(admin.post(path, confirm))
    assert made["state"] == "done"
    assert admin.get(f"{V1}/customers/acme").status_code == 404


def test_a_waiver_on_paper_stands_for_the_package(companies: Companies) -> None:
    admin, path = companies.people.admin, f"{V1}/customers/acme/departure"
    for missing in ("waiver_reference", "waiver_by", "waiver_on"):
        given = {"reference": "x", "waiver_reference": "y", "waiver_by": "z", "waiver_on": "2026-01-01"}
        del given[missing]
        assert admin.put(path, given).status_code == 422, missing
    given = {"reference": "x", "waiver_reference": "letter 9", "waiver_by": "Ann", "waiver_on": "2026-01-01"}
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert list(admin.put(path, {**given, "waiver_on": tomorrow}).json["errors"]) == ["waiver_on"]
    assert not any("package" in text for text in done(admin.put(path, given))["open"])
    done(admin.delete(path))
    assert done(admin.get(path))["departure"] is None


def test_what_was_fetched_before_he_left_is_no_hand_over(companies: Companies) -> None:
    admin, path = companies.people.admin, f"{V1}/customers/acme/departure"
    done(admin.delete(path))
    fetch_package(companies.people.owner)
    done(admin.put(path, {"reference": "x"}))
    assert any("package" in text for text in done(admin.get(path))["open"])
    fetch_package(companies.people.owner)
    assert not any("package" in text for text in done(admin.get(path))["open"])


# --- Files that are encrypted ------------------------------------------------------------------------------


@pytest.fixture
def encrypting(leaving: Companies) -> Iterator[Companies]:
    """Some of his files are encrypted, and one is on its way."""
    url, acme = files.configured(), leaving.acme["customer"]
    for key in list(files.store().keys(files.folder_of(acme))):
        files.store().delete(key)  # those of before
    files.FileKey.delete().where(files.FileKey.customer_id == acme).execute()  # one that a test has written
    files.use(url, encrypt=True)
    for owner in (acme, leaving.globex["customer"]):
        files.store().put(files.new_key(owner), io.BytesIO(CANARY.encode()))
    place = files.begin(key := files.new_key(acme), None)
    files.arriving(key, place).append([CANARY.encode()])
    yield leaving
    files.use(url)


def keys_of(customer_id: int) -> int:
    return files.FileKey.select().where(files.FileKey.customer_id == customer_id).count()


def test_the_key_goes_first_and_then_the_bytes(encrypting: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    acme, globex = encrypting.acme["customer"], encrypting.globex["customer"]
    [mine] = list(files.store().keys(files.folder_of(acme)))
    theirs = next(key for key in files.store().keys(files.folder_of(globex)) if files.is_encrypted(key))
    seen: list[int] = []
    real = deleting.chain_of
    monkeypatch.setattr(deleting, "chain_of", lambda owner: (seen.append(keys_of(owner)), real(owner))[1])
    found = carry_out()
    assert found.state == "done" and seen[0] == 0, "before anything else"
    assert not files.raw_store().exists(mine) and b"".join(files.read(theirs)) == CANARY.encode()
    assert (keys_of(acme), keys_of(globex)) == (0, 1) and found.counts["file_key"] == 1
    assert [key for key, _place, _begun in files.unfinished() if files.owner_of(key) == acme] == []


@pytest.mark.parametrize("failing", ["delete", "keys"])
def test_erased_although_the_store_keeps_the_bytes(
    encrypting: Companies, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    acme = encrypting.acme["customer"]
    [mine] = list(files.store().keys(files.folder_of(acme)))
    erasure = Erasure.get(Erasure.state == "queued")

    def away(*_: Any) -> Any:
        if Erasure.get_by_id(erasure.id).stage in ("files", "scrub", "certificate"):
            raise Busy("away")
        return real(*_)

    real = getattr(files.FolderStore, failing)
    monkeypatch.setattr(files.FolderStore, failing, away)
    found = carry_out()
    assert found.state == "done", found.error
    told = json.loads(found.certificate)
    assert any("encrypted files that the file store would not delete" in text for text in told["remains"])
    assert files.raw_store().exists(mine)
    with pytest.raises(NotFound):
        files.read(mine)


def test_not_erased_while_an_upload_remains_that_can_be_read(
    encrypting: Companies, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.use(files.configured())
    begun = files.new_key(encrypting.acme["customer"])
    files.arriving(begun, files.begin(begun, None)).append([b"plain"])

    def away(*_: Any) -> Any:
        raise Busy("away")

    with monkeypatch.context() as patch:
        patch.setattr(files.FolderStore, "abort", away)
        with pytest.raises(Busy):
            carry_out()
    assert carry_out().state == "done" and not [one for one in files.unfinished() if one[0] == begun]


def test_not_erased_while_bytes_remain_that_can_be_read(encrypting: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    files.use(files.configured())
    plain = files.store().put(files.new_key(encrypting.acme["customer"]), io.BytesIO(b"plain")).key

    erasure, real = Erasure.get(Erasure.state == "queued"), files.FolderStore.delete

    def away(*_: Any) -> Any:
        if Erasure.get_by_id(erasure.id).stage == "files":
            raise Busy("away")
        return real(*_)

    with monkeypatch.context() as patch:
        patch.setattr(files.FolderStore, "delete", away)
        with pytest.raises(Busy):
            carry_out()
        assert Erasure.get(Erasure.former_id == encrypting.acme["customer"]).stage == "files"
        assert Erasure.get(Erasure.former_id == encrypting.acme["customer"]).state == "failed"
    assert carry_out().state == "done" and not files.store().exists(plain)


# --- Broken off --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", killed.POINTS)
def test_a_killed_erasure_goes_on_and_counts_once(leaving: Companies, point: str) -> None:
    house = leaving.house
    owner = Owner(leaving.acme["customer"], tuple(Erasure.get(Erasure.state == "queued").people))
    expected, kept = deleting.total(owner), len(list(files.store().keys(files.folder_of(owner.id))))
    house.close()
    code, _, errors = run_module(house, "tests.handover.killed", point)
    assert code == (0 if point == "never" else -signal.SIGKILL), errors
    house.open()
    assert db.run_sql("SELECT count(*) FROM sqlite_master WHERE name = 'audit_entry_no_delete'").fetchone() == (1,)
    found = carry_out() if point != "never" else Erasure.get(Erasure.former_id == owner.id)
    assert found.state == "done", found.error
    rows = sum(count for table, count in found.counts.items() if not table.startswith("~"))
    letters_in_tables = 3  # of mail, counted as letters
    assert found.counts["~files"] == kept, "all, in however many goes"
    assert expected - letters_in_tables <= rows <= expected, (rows, expected)
    for path, data in raw_files(house.settings.data):
        assert not sings(data), (point, path, sings(data))
    assert all(state.fault is None for state in verify())
    assert AuditEntry.select().where(AuditEntry.action == "customer.erased").count() == 1


@pytest.mark.postgres
def test_a_killed_erasure_goes_on_on_postgres(postgres_house: House) -> None:
    leave(Companies(postgres_house))
    for point in ("between batches", "in the chain, unguarded", "before the last commit", "before rewriting"):
        postgres_house.close()
        code, _, errors = run_module(postgres_house, "tests.handover.killed", point)
        assert code == -signal.SIGKILL, errors
        postgres_house.open()
        guarded = db.run_sql("SELECT tgenabled FROM pg_trigger WHERE tgname = 'audit_entry_guard'").fetchone()
        assert guarded[0] in ("O", b"O"), point
    assert carry_out().state == "done"
    assert all(state.fault is None for state in verify())


def test_what_cannot_be_finished_says_why_and_can_be_taken_up(
    leaving: Companies, monkeypatch: pytest.MonkeyPatch
) -> None:
    [found] = erasing.unfinished()
    monkeypatch.setattr(scrubbing, "scrub", lambda: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError):
        erasing.resume(found)
    failed = Erasure.get_by_id(found.id)
    assert (failed.state, failed.stage, failed.error) == ("failed", "scrub", "OSError")
    shown = done(leaving.people.admin.get(f"{V1}/erasures/{found.id}"))
    assert shown["progress"]["stage"] == "scrub" and shown["progress"]["rows"] > 50
    assert leaving.people.admin.get(f"{V1}/erasures/{found.id}/certificate").status_code == 404
    monkeypatch.undo()
    assert carry_out().state == "done"


def test_without_rewriting_the_certificate_says_so(leaving: Companies) -> None:
    [found] = erasing.unfinished()
    Erasure.update(conditions={**found.conditions, "scrub": False}).where(Erasure.id == found.id).execute()
    body = orjson.loads(carry_out().certificate)
    assert body["rewritten"].startswith("No:")


def test_rows_that_are_nested_in_one_another_go_from_the_inside(house: House) -> None:
    house.customer("acme")
    product = house.product("Chassis").id
    outer = house.asset("acme", "S-0", product=product)
    for number in range(1, 6):
        outer = house.asset("acme", f"S-{number}", product=product, parent=outer.id)
    db.run_sql("UPDATE asset SET parent_id = ? WHERE serial = 'S-0'", (outer.id,))  # even a ring
    counts: dict[str, int] = {}
    deleting.delete_rows(owner_of(1), lambda table, rows: counts.update({table: counts.get(table, 0) + rows}))
    assert counts["asset"] == 6 and db.run_sql("SELECT count(*) FROM asset").fetchone() == (0,)


def test_a_job_of_somebody_whose_address_holds_one_of_his_stays(house: House) -> None:
    for email in ("joann@firm.com", " Ann@firm.co"):
        tickets.issue("people.send_reset", {"email": email, "address": None, "request_id": None})
    tickets.issue("imports.run", {"told": [{"to": "ann@firm.co"}]})
    assert letters.forget_jobs(1, frozenset({"ann@firm.co"}), except_for=erasing.JOB) == 2
    assert [each["email"] for each in tickets.waiting("people.send_reset")] == ["joann@firm.com"]


# --- On the command line -----------------------------------------------------------------------------------


def test_from_package_to_certificate_on_the_command_line(companies: Companies, tmp_path: Path) -> None:
    house = companies.house
    settle(companies)
    house.close()
    package, certificate = tmp_path / "acme.zip", tmp_path / "certificate.json"
    code, _, errors = run_module(house, "registry", "package", "make", "acme", "--to", str(package))
    assert code == 0 and package.stat().st_mode & 0o077 == 0, errors
    code, out, errors = run_module(house, "registry", "package", "verify", str(package))
    assert code == 0 and out.startswith("Sound: CANARY Ltd"), errors
    code, _, errors = run_module(house, "registry", "package", "verify", str(package), "--key", "00" * 32)
    assert code == 1 and "another key" in errors
    code, _, errors = run_module(house, "registry", "package", "make", "acme", "--to", str(tmp_path / "x.zip"),
                                 "--for-third-party", "Successor")  # fmt: skip
    assert code == 1 and "approval" in errors and not (tmp_path / "x.zip").exists()
    paper = ("--waived", "letter 9", "Ann", "2026-01-01")
    code, out, errors = run_module(house, "registry", "erase", "acme", "--leaving", "letter 8", *paper)
    assert code == 0 and "nothing is open" in out, errors
    code, _, errors = run_module(house, "registry", "erase", "acme", "--confirm", "globex")
    assert code == 1 and "short name" in errors
    confirmed = ("registry", "erase", "acme", "--confirm", "acme")
    code, _, errors = run_module(house, *confirmed, "--leaving", "")
    assert code == 2 and "only puts it on record" in errors, "an empty variable of a script erases nobody"
    code, _, errors = run_module(house, *confirmed, "--certificate", str(tmp_path / "no" / "certificate.json"))
    assert code == 1 and "certificate.json" in errors and "Traceback" not in errors
    code, _, errors = run_module(house, "registry", "erase", "nobody", "--confirm", "nobody")
    assert code == 1 and "There is no 'nobody' that you can use" in errors
    code, out, errors = run_module(
        house, "registry", "erase", "acme", "--confirm", "acme", "--certificate", str(certificate)
    )
    assert code == 0 and out.startswith("CERTIFICATE OF ERASURE"), errors
    kept = json.loads(certificate.read_text())
    assert genuine(kept["certificate"], kept["signature"])
    code, out, errors = run_module(house, "registry", "package", "read", str(package), "--slug", "acme-again")
    assert code == 0 and "acme-again" in out and "note: Not read" in out, errors
    house.open()
    assert {state.fault for state in verify()} == {None}


def test_the_commands_are_there() -> None:
    install(cli)
    for words in (["package", "make"], ["package", "read"], ["package", "verify"], ["package", "key"], ["erase"]):
        assert CliRunner().invoke(cli, [*words, "--help"]).exit_code == 0
