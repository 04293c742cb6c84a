"""The audit chain: every write leaves a row, and whoever touches one later is found out."""

import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.kernel import audit, clock, db
from registry.kernel.access import Actor
from registry.kernel.audit import AuditEntry, ChainHead, ChainState, Entry
from registry.kernel.errors import NotFound
from tests.houses import SECRET, House
from tests.programs import start_text

ACTOR = Actor("user", "Alice", {}, 7, address="192.0.2.1", request_id="r1")
CHAIN = 5


def write(count: int = 6, chain: int | None = CHAIN) -> None:
    for number in range(count):
        with db.transaction():
            audit.record(
                ACTOR, chain, [Entry("asset.changed", "asset", number, f"S{number}", {"n": None}, {"n": number})]
            )


def state(chain: int = CHAIN) -> ChainState:
    [found] = audit.verify(chain)
    return found


def unguard() -> None:
    """What somebody with the database in his hands would do first."""
    for name in ("audit_entry_no_update", "audit_entry_no_delete") if db.is_sqlite() else ("audit_entry_guard",):
        db.run_sql(f"DROP TRIGGER {name}" + ("" if db.is_sqlite() else " ON audit_entry"))


def at(seq: int) -> Any:
    return (AuditEntry.customer_id == CHAIN) & (AuditEntry.seq == seq)


def edit(number: int, **values: Any) -> None:
    AuditEntry.update(**values).where(at(number)).execute()


# --- What is written ---------------------------------------------------------------------------------------


def test_an_entry_says_who_when_from_where_and_what(any_house: House) -> None:
    moment = datetime(2026, 11, 1, 5, 30, 0, 7, UTC)
    with clock.frozen(moment), audit.batch(12), db.transaction():
        written = audit.record(ACTOR, CHAIN, [Entry("asset.changed", "asset", 3, "S3", {"name": "ä"}, {"name": None})])
    assert written == 1
    row = AuditEntry.get()
    assert (row.customer_id, row.seq, row.at) == (CHAIN, 1, "2026-11-01T05:30:00.000007+00:00")
    assert (row.actor_kind, row.actor_id, row.actor_name) == ("user", 7, "Alice")
    assert (row.address, row.request_id, row.batch_id) == ("192.0.2.1", "r1", 12)
    assert (row.action, row.object_type, row.object_id, row.label) == ("asset.changed", "asset", 3, "S3")
    assert (row.before, row.after) == ('{"name":"ä"}', '{"name":null}')
    head = ChainHead.get()
    assert (head.customer_id, head.seq, head.hash, head.changed_at) == (CHAIN, 1, row.hash, moment)


def test_each_customer_has_a_chain_of_his_own_and_the_house_too(any_house: House) -> None:
    write(2, 1)
    write(3, 2)
    write(1, None)
    found = {one.customer_id: one for one in audit.verify()}
    assert {chain: one.length for chain, one in found.items()} == {0: 1, 1: 2, 2: 3}
    assert all(one.fault is None for one in found.values())
    assert len({one.head for one in found.values()}) == 3


def test_many_entries_at_once_are_one_chain(any_house: House) -> None:
    with db.transaction():
        audit.record(ACTOR, CHAIN, (Entry("import.applied", "asset", n, str(n)) for n in range(12_000)))
    assert (state().length, state().fault) == (12_000, None)


def test_what_is_rolled_back_leaves_no_entry(any_house: House) -> None:
    write(2)
    with pytest.raises(LookupError), db.transaction():
        audit.record(ACTOR, CHAIN, [Entry("asset.changed", "asset", 9, "S9")])
        raise LookupError
    write(1)
    assert (state().length, state().fault) == (3, None)


def test_long_names_are_cut_and_the_chain_still_verifies(any_house: House) -> None:
    with db.transaction():
        audit.record(Actor("user", "n" * 400), CHAIN, [Entry("asset.changed", "asset", None, "ü" * 400)])
    row = AuditEntry.get()
    assert len(row.actor_name) == len(row.label) == 255
    assert state().fault is None


def test_secret_columns_never_enter_the_chain(any_house: House) -> None:
    any_house.customer("acme")
    any_house.person("alice@acme.example", "manager", "acme", password="correct horse battery")
    texts = [str(row.after) + str(row.before) for row in AuditEntry.select()]
    assert not any("argon2" in text or "hash" in text for text in texts)


# --- What shows --------------------------------------------------------------------------------------------

COLUMN_EDITS = {
    "customer_id": None,  # moved to another chain: see below
    "at": "2020-01-01T00:00:00.000000+00:00",
    "actor_kind": "system",
    "actor_id": 8,
    "actor_name": "Bob",
    "address": None,
    "request_id": "r2",
    "action": "asset.removed",
    "object_type": "licence",
    "object_id": 99,
    "label": "S99",
    "batch_id": 4,
    "before": '{"n":1}',
    "after": None,
    "hash": "f" * 64,
}


@pytest.mark.parametrize("column", [name for name in (*audit.COLUMNS, "hash") if name not in ("customer_id", "seq")])
def test_an_edited_column_is_found_and_the_row_named(house: House, column: str) -> None:
    write()
    unguard()
    row_id = AuditEntry.get(at(4)).id
    edit(4, **{column: COLUMN_EDITS[column]})
    fault = state().fault or ""
    # An edited hash shows at its own row; whatever else, too, since the hash covers every column.
    assert fault.startswith("entry 4 ") and f"row {row_id}" in fault and "changed" in fault


Tampering = Callable[[], Any]


def _swap() -> None:
    for old, new in ((3, 100), (4, 3), (100, 4)):
        edit(old, seq=new)


def _rehash() -> None:
    """Change a row and make its own hash fit again."""
    edit(3, label="forged")
    rows = [tuple(getattr(row, name) for name in audit.COLUMNS) for row in AuditEntry.select().where(at(3))]
    edit(3, hash=audit.digest(AuditEntry.get(at(2)).hash, rows[0]))


TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "first removed": (lambda: AuditEntry.delete().where(at(1)).execute(), "entry 1 is missing before entry 2"),
    "middle removed": (lambda: AuditEntry.delete().where(at(3)).execute(), "entry 3 is missing before entry 4"),
    "last removed": (lambda: AuditEntry.delete().where(at(6)).execute(), "knows 6 entries, the table ends at entry 5"),
    "tail cut": (lambda: AuditEntry.delete().where(AuditEntry.seq > 2).execute(), "the table ends at entry 2"),
    "all removed": (lambda: AuditEntry.delete().execute(), "the table ends at entry 0"),
    "two swapped": (_swap, "entry 3 "),
    "moved to another chain": (lambda: edit(3, customer_id=6), "entry 3 is missing"),
    "edited with its hash": (_rehash, "entry 4 "),
    "forged at the end": (
        lambda: AuditEntry.insert(**{**AuditEntry.get(at(6)).__data__, "id": 999, "seq": 7}).execute(),
        "entry 7 (row 999) was changed",
    ),
    "head set back": (lambda: ChainHead.update(seq=5).execute(), "the head"),
    "head forged": (lambda: ChainHead.update(hash="0" * 64).execute(), "the head"),
    "head removed": (lambda: ChainHead.delete().execute(), "the head knows nothing"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_and_named(any_house: House, name: str) -> None:
    write()
    unguard()
    assert state().fault is None
    tamper, told = TAMPERINGS[name]
    tamper()
    assert told in (state().fault or "nothing")


LENGTH = 12
CHANGES = {
    "at": "2020-01-01T00:00:00.000000+00:00", "actor_kind": "x", "actor_id": 9, "actor_name": "x", "address": "x",
    "request_id": "x", "action": "x", "object_type": "x", "object_id": 99, "label": "x", "batch_id": 9, "before": "x",
    "after": "x", "hash": "0" * 64, "customer_id": CHAIN + 1, "seq": 500,
}  # fmt: skip


def tamper(data: some.DataObject) -> int:
    """Do one thing to the chain that nobody should; answers the first entry that is no longer as it was."""
    seqs = some.integers(1, LENGTH)
    what = data.draw(some.sampled_from(["edit", "remove", "remove several", "swap", "add", "rotate", "head"]))
    first = data.draw(seqs)
    if what == "edit":
        column = data.draw(some.sampled_from(sorted(CHANGES)))
        edit(first, **{column: CHANGES[column]})
    elif what == "remove":
        AuditEntry.delete().where(at(first)).execute()
    elif what == "remove several":
        last = data.draw(some.integers(first, LENGTH))
        places = AuditEntry.seq.between(first, last) & (AuditEntry.customer_id == CHAIN)
        AuditEntry.delete().where(places).execute()
    elif what in ("swap", "rotate"):
        other = data.draw(seqs.filter(lambda seq: seq != first))
        first, other = sorted((first, other))
        columns = audit.COLUMNS[2:] if what == "swap" else ("seq",)  # what they tell, or their places
        _exchange(first, other, columns)
    elif what == "add":
        first = data.draw(some.sampled_from([-(2**62), -1, 0, LENGTH + 1, LENGTH + 2, 2**62]))
        copied = AuditEntry.get(at(data.draw(seqs))).__data__
        AuditEntry.insert(**{**copied, "id": 999, "seq": first}).execute()
    else:
        first = LENGTH
        new = data.draw(some.sampled_from([{"seq": LENGTH - 1}, {"seq": LENGTH + 1}, {"hash": "0" * 64}]))
        ChainHead.update(**new).where(ChainHead.customer_id == CHAIN).execute()
    return first


def _exchange(first: int, other: int, columns: Sequence[str]) -> None:
    one, two = AuditEntry.get(at(first)), AuditEntry.get(at(other))
    for row, values, step in ((one, {"seq": 1000}, 0), (two, one, 1), (one, two, 2)):
        new = values if step == 0 else {name: getattr(values, name) for name in columns}
        AuditEntry.update(**new).where(AuditEntry.id == row.id).execute()
    if columns != ("seq",):
        AuditEntry.update(seq=first).where(AuditEntry.id == one.id).execute()


def test_whatever_is_done_to_a_chain_shows_and_the_entry_is_named(any_house: House) -> None:
    write(LENGTH)
    write(3, CHAIN + 2)
    unguard()

    class Undone(Exception):
        pass

    @given(some.data())
    def check(data: some.DataObject) -> None:
        with suppress(Undone), db.transaction():
            first = tamper(data)
            fault = state().fault or "nothing was found"
            named = [int(number) for number in re.findall(r"(?:entry|ends at entry) (-?\d+)", fault)]
            assert named, fault
            # Named is the entry itself, the one after it that no longer follows, or the last one before a cut.
            assert any(abs(number - first) <= 1 for number in named) or (first > LENGTH and LENGTH + 1 in named), fault
            assert state(CHAIN + 2).fault is None, "the chains of others stand"
            raise Undone

    check()
    assert state().fault is None


def test_entries_that_come_while_it_reads_are_no_fault(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    rows_of = audit.rows_of

    def slow(chain: int) -> Any:
        for number, row in enumerate(rows_of(chain)):
            if number == 3:
                write(2)
            yield row

    monkeypatch.setattr(audit, "rows_of", slow)
    assert state().fault is None


def test_nobody_updates_or_deletes_an_entry(any_house: House) -> None:
    write(2)
    statements = [
        "UPDATE audit_entry SET label = 'x'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id < 0",
    ]
    statements += [] if db.is_sqlite() else ["TRUNCATE audit_entry"]
    for statement in statements:
        if db.is_sqlite() and "< 0" in statement:
            continue  # a trigger for each row has none to fire for
        with pytest.raises(peewee.DatabaseError, match="append-only"), db.transaction():
            db.run_sql(statement)
    assert (state().length, state().fault) == (2, None)


def test_a_signed_head_can_only_be_made_with_the_secret(house: House) -> None:
    write(3)
    line = audit.signed_head(state(), b"key")
    chain, length, head, _ = line.split()
    assert (chain, length, head) == (str(CHAIN), "3", state().head)
    assert audit.signed_head(state(), b"key") == line
    assert audit.signed_head(state(), b"other key") != line
    write(1)
    assert audit.signed_head(state(), b"key") != line


# --- Many at once ------------------------------------------------------------------------------------------

WRITER = """
import sys, threading
from pathlib import Path
from registry.app import open_house
from registry.kernel import audit, db, wall
from registry.kernel.access import Actor
from registry.settings import Settings
from registry.kernel.errors import Busy

def write():
    with db.connection():
        for number in range(25):
            with db.transaction():
                audit.record(Actor("user", "x"), number % 2 + 1, [audit.Entry("asset.changed", "asset", number, "x")])

folder, url, secret = sys.argv[1:]
open_house(Settings(data=Path(folder), database=url, secret=secret, queue="memory:", log_level="ERROR"))
wall.stand(wall.EVERYWHERE)
threads = [threading.Thread(target=write) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.slow
def test_two_processes_of_four_threads_make_gapless_chains(any_house: House) -> None:
    any_house.close()
    arguments = [str(any_house.settings.data), any_house.settings.database_url, SECRET]
    for process in [start_text(WRITER, *arguments) for _ in range(2)]:
        _, errors = process.communicate()
        assert process.returncode == 0 and "Error" not in errors, errors
    any_house.open()
    found = list(audit.verify())
    assert [(one.customer_id, one.length, one.fault) for one in found] == [(1, 104, None), (2, 96, None)]


def test_eight_threads_of_one_process_make_a_gapless_chain(any_house: House) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with db.connection():
                write(10)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert (state().length, state().fault) == (80, None)


# --- Over the API ------------------------------------------------------------------------------------------


def test_the_api_shows_each_his_own_chain_and_says_whether_it_is_sound(house: House) -> None:
    people = house.people()
    house.asset("acme", "CANARY-1")
    own = people.owner.get("/api/v1/audit?object_type=asset").json["items"]
    assert [entry["action"] for entry in own] == ["asset.created"] and own[0]["after"]["serial"] == "CANARY-1"
    assert "CANARY" not in people.stranger.get("/api/v1/audit").text
    assert people.stranger.get("/api/v1/audit?customer=acme").status_code == 422
    for person in (people.colleague, people.reader, people.engineer):
        assert person.get("/api/v1/audit").status_code == person.get("/api/v1/audit/verify").status_code == 403
    everything = people.auditor.get("/api/v1/audit/verify").json
    assert everything["sound"] and [chain["customer_id"] for chain in everything["chains"]] == [0, 1, 2]
    assert [c["customer_id"] for c in people.owner.get("/api/v1/audit/verify").json["chains"]] == [1]
    assert people.stranger.get("/api/v1/audit/verify?customer=acme").status_code == 422
    assert people.owner.get("/api/v1/audit/verify?customer=house").status_code == 422
    house_only = people.admin.get("/api/v1/audit?customer=house&limit=500").json["items"]
    assert house_only and {entry["customer_id"] for entry in house_only} == {0}
    unguard()
    db.run_sql("UPDATE audit_entry SET label = 'forged' WHERE customer_id = 1 AND seq = 2")
    told = people.owner.get("/api/v1/audit/verify").json
    assert not told["sound"] and told["chains"][0]["fault"].startswith("entry 2 ")


def test_a_customer_without_entries_has_none_to_verify(house: House) -> None:
    assert list(audit.verify(77)) == []
    with pytest.raises(NotFound):
        Actor("user", "x", {1: frozenset()}).must("audit.view", 77)
