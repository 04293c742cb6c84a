"""Who had the unit: nobody rewrites it, no unit is in two places, and the same press counts once."""

import contextlib
import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from peewee import DatabaseError

from registry.kernel import clock, db
from registry.kernel.errors import Conflict, Forbidden, NotFound, PreconditionRequired, Problem, Stale
from registry_rma import cases, custody, moving, quotes, tracks
from registry_rma.facts import situation_of
from registry_rma.machine import CUSTOMER, RIGHTS, STATES, TRACKS, Move, legal, moves_from
from registry_rma.models import Custody, Line
from registry_rma.tests.world import BAD, FREE, GOOD, Desk


def test_every_move_is_written_down_with_who_where_and_when(desk: Desk) -> None:
    line = desk.closed(desk.repaired())
    rows = custody.rows_of(desk.system, line)
    assert [row.state for row in rows] == [
        "requested", "triage", "approved", "awaiting_receipt", "received", "inspecting", "repairing", "verifying",
        "passed",
        "ready", "shipped", "delivered", "closed",
    ]  # fmt: skip
    carried = [(row.place_from, row.place_to) for row in rows if row.place_from != row.place_to]
    assert carried == [("customer", "service"), ("service", "carrier"), ("carrier", "customer")]
    assert rows[0].role == "customer" and rows[1].role == "staff" and all(row.who for row in rows)
    assert custody.verify(desk.system, line) == custody.Verified(True, 13)


def test_nobody_changes_or_removes_a_row(desk: Desk) -> None:
    line = desk.line()
    for statement in (
        Custody.update(who="me").where(Custody.line == line.id),
        Custody.delete().where(Custody.line == line.id),
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            statement.execute()


@pytest.mark.parametrize("name", ["who", "place_to", "reason", "serial", "state", "key"])
def test_a_row_that_was_changed_all_the_same_shows(desk: Desk, name: str) -> None:
    line = desk.received()
    db.run_sql("DROP TRIGGER rma_custody_no_update")
    Custody.update(**{name: "x"}).where((Custody.line == line.id) & (Custody.number == 3)).execute()
    found = custody.verify(desk.system, line)
    assert not found.whole and found.broken == 3


def test_a_row_that_is_gone_shows(desk: Desk) -> None:
    line = desk.received()
    db.run_sql("DROP TRIGGER rma_custody_no_delete")
    Custody.delete().where((Custody.line == line.id) & (Custody.number == 2)).execute()
    assert not custody.verify(desk.system, line).whole


def test_a_chain_whose_end_was_cut_off_shows(desk: Desk) -> None:
    line = desk.received()
    db.run_sql("DROP TRIGGER rma_custody_no_delete")
    Custody.delete().where((Custody.line == line.id) & (Custody.number == 5)).execute()
    assert custody.verify(desk.system, line) == custody.Verified(False, 4, 5)
    Custody.delete().where(Custody.line == line.id).execute()
    assert custody.verify(desk.system, line) == custody.Verified(False, 0, 1)


def test_the_new_unit_comes_from_stock_and_the_old_one_stays_with_us(desk: Desk) -> None:
    line = desk.closed(desk.replaced(desk.repaired(value=BAD), "NEW-1"))
    rows = custody.rows_of(desk.system, line)
    where = {serial: custody.place_of(rows, serial, "?") for serial in (line.serial, "NEW-1")}
    assert where == {line.serial: "exchanged", "NEW-1": "customer"}
    assert custody.verify(desk.system, line).whole


def test_the_same_key_moves_once(desk: Desk) -> None:
    line = desk.line()
    version = line.version
    for _press in range(2):  # a device that sends its queue again
        moved = moving.move(desk.engineer, line.id, "triage", {}, version=version, key="device-1-000001")
        assert moved.state == "triage"
    assert len(custody.rows_of(desk.system, line)) == 2
    other = desk.line()
    with pytest.raises(Conflict):
        moving.move(desk.engineer, other.id, "triage", {}, version=other.version, key="device-1-000001")
    with pytest.raises(Conflict):
        moving.move(desk.engineer, line.id, "rejected", {"reason": "x"}, version=version, key="device-1-000001")


def test_a_device_says_when_it_was_and_the_server_when_it_heard(desk: Desk) -> None:
    line, then = desk.line(), clock.now() - timedelta(hours=2)
    moving.move(desk.engineer, line.id, "triage", {}, version=line.version, device_at=then)
    row = custody.rows_of(desk.system, line)[-1]
    assert row.device_at == then and row.at > then + timedelta(hours=1)


def test_who_was_slower_is_told(desk: Desk) -> None:
    line = desk.line()
    version = line.version
    moving.move(desk.engineer, line.id, "triage", {}, version=version)
    with pytest.raises(Stale):
        moving.move(desk.lead, line.id, "cancelled", {"reason": "x"}, version=version)
    with pytest.raises(PreconditionRequired):
        moving.move(desk.lead, line.id, "cancelled", {"reason": "x"}, version=None)


def test_of_two_at_once_one_wins(desk: Desk) -> None:
    """In threads of their own, with connections of their own."""
    line = desk.line()
    came: list[str] = []
    start = threading.Barrier(4)

    def press(number: int) -> None:
        db.connect()
        try:
            start.wait()
            moving.move(desk.engineer, line.id, "triage", {}, version=line.version, key=f"thread-{number:04d}")
            came.append("won")
        except Stale:
            came.append("told")
        finally:
            db.database.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["told"] * 3 + ["won"]
    assert len(custody.rows_of(desk.system, line)) == 2


def test_who_may_do_what(desk: Desk) -> None:
    line = desk.line()
    for actor in (desk.reader, desk.manager, desk.people.member.actor):
        with pytest.raises(Forbidden):
            moving.move(actor, line.id, "triage", {}, version=line.version)
    with pytest.raises(NotFound):
        moving.move(desk.stranger, line.id, "cancelled", {"reason": "x"}, version=line.version)
    with pytest.raises(Forbidden):
        moving.move(desk.reader, line.id, "cancelled", {"reason": "x"}, version=line.version)


FACTS: dict[str, Any] = {
    **FREE, "reason": "x", "action": "x", "carrier": "x", "receiver": "x", "consent": "x", "spot": "x",
    "deviation_reason": "x", "contract": "none",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_on_random_walks_the_chain_holds_and_no_unit_is_in_two_places(desk: Desk, seed: int) -> None:
    """Whatever is tried on the way: what the table refuses is refused, and leaves nothing behind."""
    chance, reached = random.Random(seed), set[str]()
    for walk in range(8):
        line = desk.line(desk.unit(["hardware", None, "optical-module"][walk % 3]))
        lent = f"LOAN-{walk}"
        for step in range(30):
            if not (wanted := _next(desk, line, chance, reached)):
                break
            if wanted.to != "requested" and chance.random() < 0.2:
                _lend(desk, line, lent, chance)
            owed = situation_of(desk.system, desk.fresh(line)).owed
            facts = {**FACTS, "serial": f"W-{line.id}-{step}", "remedy": owed[0] if owed else "repair"}
            desk.step(line, wanted.to, who=_who(desk, wanted), **facts)
            line = desk.fresh(line)
            _holds(desk, line, lent)
            reached.add(line.state)
    assert len(reached) >= 18, sorted(STATES.keys() - reached)


def _holds(desk: Desk, line: Line, lent: str) -> None:
    assert custody.verify(desk.system, line).whole
    rows = custody.rows_of(desk.system, line)
    here = custody.place_of(rows, moving.unit_of(line), "customer")
    assert STATES[line.state] in (None, here) or line.state == "replacing", (line.state, here)
    places: dict[str, str] = {}
    for row in rows:  # whoever takes it takes it from where it was left
        assert places.get(row.serial, row.place_from) == row.place_from
        places[row.serial] = row.place_to
    at_the_customer = [serial for serial, place in places.items() if place == "customer" and serial != lent]
    assert len(at_the_customer) <= 1, "what failed and what took its place are not both there"


def _who(desk: Desk, wanted: Move) -> Any:
    return desk.manager if wanted.who == CUSTOMER else desk.lead


def _next(desk: Desk, line: Line, chance: random.Random, reached: set[str]) -> Move | None:
    """A move that is legal now, rather one to where nobody was yet. What is not legal is tried, too."""
    _prepared(desk, line, chance)
    line = desk.fresh(line)
    situation = situation_of(desk.system, line)
    open_ones = legal(line.state, situation, RIGHTS)
    for other in moves_from(line.state):
        if other not in open_ones and chance.random() < 0.2:
            rows = len(custody.rows_of(desk.system, line))
            with pytest.raises(Problem):
                desk.step(line, other.to, who=_who(desk, other), **FACTS, serial="X")
            assert len(custody.rows_of(desk.system, line)) == rows and desk.fresh(line).version == line.version
    onwards = [one for one in open_ones if one.to not in ("cancelled", "rejected")] or open_ones
    return chance.choice([one for one in onwards if one.to not in reached] or onwards) if onwards else None


def _prepared(desk: Desk, line: Line, chance: random.Random) -> None:
    if line.state in ("inspecting", "verifying"):
        desk.test(line, chance.choice([GOOD, BAD]))
    if line.state in ("delivered", "scrapped", "refund_or_return"):
        desk.record(line)
    if line.state == "refund_or_return":
        refund = {"kind": "credit", "amount_minor": 1, "currency": "USD", "reference": "C-1"}
        cases.refund(desk.lead, line.id, refund, desk.fresh(line).version)
    if line.state in ("triage", "inspecting") and chance.random() < 0.5:
        desk.answers[line.id] = desk.quoted(line)
    if line.state in ("quoted", "excluded_quote") and line.id in desk.answers:
        quote = desk.answers.pop(line.id)
        settle = chance.choice([quotes.accept, quotes.decline])
        with contextlib.suppress(Problem):
            settle(desk.manager, quote.id, {}, quote.version)


def _lend(desk: Desk, line: Line, serial: str, chance: random.Random) -> None:
    """A unit that is lent for the time, handed over, or taken back."""
    track = next(iter(tracks.tracks_of(desk.system, line)), None)
    with contextlib.suppress(Problem):
        if track is None:
            tracks.begin(desk.lead, line.id, {"kind": "loaner", "serial": serial})
        elif onwards := TRACKS["loaner"][track.state]:
            tracks.step(desk.lead, track.id, chance.choice(onwards), track.version)


# --- Beside the line ---


def test_a_replacement_goes_ahead_where_the_terms_put_it_first(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit("optical-module")), "triage")
    track = tracks.begin(desk.engineer, line.id, {"kind": "advance", "serial": "ADV-1"})
    assert track.due_on == desk.today + timedelta(days=30)
    for state in ("shipped", "delivered"):
        track = tracks.step(desk.engineer, track.id, state, track.version)
    assert tracks.tell_overdue() == 0
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert (tracks.tell_overdue(), tracks.tell_overdue()) == (1, 0)
    [track] = tracks.tracks_of(desk.system, line)
    assert tracks.step(desk.engineer, track.id, "invoiced", track.version).state == "invoiced"
    with pytest.raises(Conflict):
        tracks.step(desk.engineer, track.id, "returned", track.version)


def test_a_replacement_does_not_go_ahead_where_repair_comes_first(desk: Desk) -> None:
    line = desk.step(desk.line(), "triage")
    with pytest.raises(Conflict):
        tracks.begin(desk.engineer, line.id, {"kind": "advance", "serial": "ADV-1"})


def test_one_unit_is_lent_to_one_place(desk: Desk) -> None:
    first, second = desk.step(desk.line(), "triage"), desk.step(desk.line(), "triage")
    track = tracks.begin(desk.engineer, first.id, {"kind": "loaner", "serial": "LOAN-1"})
    with pytest.raises(Conflict):
        tracks.begin(desk.engineer, second.id, {"kind": "loaner", "serial": "LOAN-1"})
    for state in ("out", "in"):
        track = tracks.step(desk.engineer, track.id, state, track.version)
    assert tracks.begin(desk.engineer, second.id, {"kind": "loaner", "serial": "LOAN-1"}).state == "promised"


def test_a_unit_is_taken_only_from_where_it_is(desk: Desk) -> None:
    line = desk.received()
    row = {"role": "staff", "serial": line.serial, "start": "ready", "state": "shipped"}
    with pytest.raises(Conflict):
        custody.write(desk.engineer, line, {**row, "place_from": "customer", "place_to": "carrier"})
    assert custody.write(desk.engineer, line, {**row, "place_from": "service", "place_to": "carrier"}).number == 6
