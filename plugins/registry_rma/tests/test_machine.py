"""The table of moves by itself: whatever it says, a unit is somewhere, goes on, and comes to an end."""

from collections.abc import Iterator
from dataclasses import replace

import hypothesis
import hypothesis.strategies as st
import pytest

from registry_rma import effects
from registry_rma.machine import (
    CUSTOMER,
    ENDS,
    FIRST,
    GUARDS,
    MOVES,
    PLACES,
    RIGHTS,
    STATES,
    TRACK_FIRST,
    TRACKS,
    Situation,
    legal,
    move_between,
    moves_from,
    track_ended,
)
from registry_rma.schemas import RmaMoveFacts
from registry_rma.words import WORDS

EVERYBODY = set(RIGHTS)
NAMED = {
    "draft", "requested", "triage", "approved", "quoted", "rejected", "awaiting_receipt", "received", "inspecting",
    "no_fault_found", "repairing", "replacing", "excluded_quote", "verifying", "passed", "failed", "ready", "shipped",
    "delivered", "closed", "refund_or_return", "scrapped", "cancelled", "lost_in_transit",
}  # fmt: skip


def reachable(start: str) -> set[str]:
    found, todo = {start}, [start]
    while todo:
        for move in moves_from(todo.pop()):
            if move.to not in found:
                found.add(move.to)
                todo.append(move.to)
    return found


def test_the_states_are_those_that_were_agreed() -> None:
    assert set(STATES) == NAMED == set(WORDS["state"])


def test_every_state_can_be_reached() -> None:
    assert reachable(FIRST) == set(STATES)


@pytest.mark.parametrize("state", sorted(STATES))
def test_every_path_can_end_and_none_is_a_dead_end(state: str) -> None:
    assert reachable(state) & ENDS
    assert moves_from(state) or state in ENDS


def test_no_pair_stands_twice_and_all_names_are_known() -> None:
    assert len({(move.start, move.to) for move in MOVES}) == len(MOVES)
    for move in MOVES:
        assert {move.start, move.to} <= set(STATES) and move.who in RIGHTS
        assert set(move.guards) <= set(GUARDS)
        assert set(move.asks) | set(move.takes) <= set(RmaMoveFacts().fields)
        assert not move.effect or move.effect in effects.EFFECTS
    assert set(effects.EFFECTS) == {move.effect for move in MOVES if move.effect}
    assert set(GUARDS) == {name for move in MOVES for name in move.guards}


def test_every_state_says_where_the_unit_is() -> None:
    assert {place for place in STATES.values() if place} <= set(PLACES) == set(WORDS["place"])
    assert [state for state, place in STATES.items() if place is None] == ["closed"]


REMEDIES = st.lists(st.sampled_from(["repair", "replace", "return"]), unique=True).map(tuple)
SITUATIONS = st.builds(
    Situation,
    owed=REMEDIES,
    quote=st.sampled_from(["", "offered", "accepted", "declined"]),
    work=st.sampled_from(["", "repair", "replacement"]),
    test=st.sampled_from(["", "passed", "failed"]),
    failed_repair=st.booleans(),
    early=st.booleans(),
    exchange=st.booleans(),
    number_valid=st.booleans(),
    nff_count=st.integers(0, 5),
    recorded=st.booleans(),
    refunded=st.booleans(),
    lost_from=st.sampled_from(["customer", "carrier"]),
)


@hypothesis.given(SITUATIONS)
def test_nobody_works_unpaid_for_what_is_not_owed(situation: Situation) -> None:
    """Work begins only where something is owed, a quote was accepted, or what we lost or exchange is made good."""
    for start in ("inspecting", "excluded_quote"):
        for move in legal(start, situation, EVERYBODY):
            if move.to in ("repairing", "replacing"):
                assert situation.owed or situation.paid


@hypothesis.given(SITUATIONS)
def test_repair_comes_before_replacement_unless_the_terms_or_a_failed_test_say_otherwise(situation: Situation) -> None:
    open_ones = {move.to for move in legal("inspecting", situation, EVERYBODY)}
    if "replacing" in open_ones:
        assert situation.owed[:1] == ("replace",) or situation.early or situation.failed_repair


@hypothesis.given(SITUATIONS, st.sampled_from(sorted(set(RIGHTS) - {CUSTOMER})))
def test_staff_never_choose_a_return(situation: Situation, role: str) -> None:
    assert "refund_or_return" not in {move.to for move in legal("failed", situation, {role})}


@hypothesis.given(SITUATIONS)
def test_a_return_is_open_only_after_a_failed_repair(situation: Situation) -> None:
    offered = "refund_or_return" in {move.to for move in legal("failed", situation, {CUSTOMER})}
    assert offered == situation.failed_repair


@hypothesis.given(SITUATIONS)
def test_the_outcome_of_a_test_is_what_was_measured(situation: Situation) -> None:
    open_ones = {move.to for move in legal("verifying", situation, EVERYBODY)}
    assert open_ones == ({situation.test} if situation.test else set())


@hypothesis.given(st.data())
def test_on_every_walk_the_unit_goes_from_where_it_is(data: st.DataObject) -> None:
    """Moves that carry it begin where the last one left it, so that it never is in two places."""
    state, place = FIRST, STATES[FIRST]
    for _step in range(60):
        move = data.draw(st.sampled_from(moves_from(state)))
        if move.carries:
            place = STATES[move.to]
        assert move.stays or STATES[move.to] in (None, place)
        if move.stays:  # what was lost stays lost: another unit goes on in its place
            assert place == "lost"
            place = "service"
        state = move.to
        if state in ENDS - {"rejected"}:
            return


# --- Every path ends, whatever is owed -----------------------------------------------------------------------

World = tuple[str, Situation]


def acts(state: str, now: Situation) -> Iterator[Situation]:
    """What people do beside moving the unit on; nobody overrules, and the customer answers a quote at most."""
    if state in ("triage", "inspecting"):
        yield replace(now, quote="offered")
    if state in ("quoted", "excluded_quote") and now.quote == "offered":
        yield from (replace(now, quote=answer) for answer in ("accepted", "declined"))
    if state in ("inspecting", "verifying"):
        yield replace(now, test="passed")
        opened = now.owed if "replace" in now.owed or now.owed != ("repair",) else (*now.owed, "replace")
        yield replace(now, test="failed", failed_repair=True, owed=opened) if now.work else replace(now, test="failed")
    if state in ("delivered", "scrapped", "refund_or_return", "lost_in_transit"):
        yield replace(now, recorded=True, refunded=True)
    yield replace(now, number_valid=not now.number_valid)


def after(world: World, to: str) -> World:
    """The move done: what the situation says of it."""
    state, now = world
    if to == "verifying":
        now = replace(now, work="replacement" if state == "replacing" else "repair", test="")
    if to == "lost_in_transit":
        now = replace(now, lost_from="carrier" if state == "shipped" else "customer")
    return to, now


def onwards(world: World, who: set[str]) -> set[World]:
    state, now = world
    return {after(world, move.to) for move in legal(state, now, who)} | {(state, one) for one in acts(state, now)}


@pytest.mark.parametrize("exchange", [False, True])
@pytest.mark.parametrize("owed", [(), ("repair",), ("replace",), ("replace", "repair")])
def test_no_unit_is_ever_stuck_although_the_customer_chooses_no_return(owed: tuple[str, ...], exchange: bool) -> None:
    """Every situation that can come about leads on to an end, by staff alone, without anybody overruling."""
    begin = (FIRST, Situation(owed=owed, exchange=exchange, early=exchange))
    leads: dict[World, set[World]] = {}
    todo = [begin]
    while todo:
        world = todo.pop()
        if world not in leads:
            leads[world] = onwards(world, EVERYBODY)
            todo += leads[world]
    alone = {world: onwards(world, EVERYBODY - {CUSTOMER}) for world in leads}
    ending = {world for world in leads if world[0] in ENDS}
    while grown := {world for world in leads if world not in ending and alone[world] & ending}:
        ending |= grown
    stuck = leads.keys() - ending
    assert not stuck, sorted(stuck, key=str)[:3]
    assert {state for state, _now in leads} >= {"closed", "verifying", "failed", "lost_in_transit"}


@hypothesis.given(SITUATIONS)
def test_a_new_unit_that_failed_its_test_is_not_sent_to_anybody(situation: Situation) -> None:
    for work in ("repair", "replacement"):
        open_ones = {move.to for move in legal("failed", replace(situation, work=work), EVERYBODY)}
        assert "ready" not in open_ones or not (situation.owed or work == "replacement")
        assert "replacing" in open_ones or work == "repair"


def _chains(kind: str, state: str) -> Iterator[list[str]]:
    if track_ended(kind, state):
        yield [state]
    for following in TRACKS[kind][state]:
        for rest in _chains(kind, following):
            yield [state, *rest]


@pytest.mark.parametrize("kind", sorted(TRACKS))
def test_what_runs_beside_a_line_ends_too(kind: str) -> None:
    chains = list(_chains(kind, TRACK_FIRST))
    assert {state for chain in chains for state in chain} == set(TRACKS[kind])


def test_a_guard_says_what_to_do() -> None:
    move = move_between("repairing", "verifying")
    assert move is not None and not move.against(Situation())
    move = move_between("delivered", "closed")
    assert move is not None and "maintenance record" in " ".join(move.against(Situation()))
