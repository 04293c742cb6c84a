"""What happens beside the straight way: units that are lost, dead on arrival, lent, sent ahead, or needed twice."""

from datetime import timedelta

import pytest

from registry.assets.service import get_asset, register_asset, status_of
from registry.kernel.access import visible
from registry.kernel.errors import Conflict, Invalid
from registry.warranty.models import Warranty
from registry_rma import cases, custody, parcels, quotes, tracks
from registry_rma.models import Line, Track
from registry_rma.moving import legal_moves
from registry_rma.tests.world import BAD, FREE, GOOD, Desk

OPTIC = "optical-module"


def open_to(desk: Desk, line: Line) -> set[str]:
    return {move.to for move in legal_moves(desk.engineer, desk.fresh(line))}


def meta(desk: Desk, asset_id: int) -> str:
    return str(status_of(get_asset(desk.system, asset_id)).meta)


def place(desk: Desk, line: Line, serial: str) -> str:
    return custody.place_of(custody.rows_of(desk.system, line), serial, "?")


def unfound(desk: Desk) -> Line:
    line = desk.inspecting()
    desk.test(line, GOOD)
    return desk.step(line, "no_fault_found")


# --- Dead on arrival, granted, doubted ---


def test_a_unit_that_never_worked_is_approved_as_a_replacement(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(delivered=desk.today - timedelta(days=5))), "triage")
    with pytest.raises(Invalid) as refused:
        desk.step(line, "approved", remedy="replace", charge=True, charge_reason="x")
    assert "charge" in refused.value.errors
    line = desk.step(line, "approved", remedy="replace", charge=False, charge_reason="Dead on arrival")
    line = desk.replaced(desk.step(line, "awaiting_receipt", "received", "inspecting"))
    assert (line.charge, line.charge_reason) == (False, "Dead on arrival")


def test_why_a_unit_that_never_worked_is_replaced_is_written_down(desk: Desk) -> None:
    line = desk.step(desk.inspecting(desk.unit(delivered=desk.today - timedelta(days=5))), "replacing")
    assert (line.remedy, line.charge) == ("replace", False) and "so soon" in line.charge_reason


def test_what_was_granted_is_never_charged_without_a_quote(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    line = cases.overrule(desk.lead, line.id, {"remedy": "repair", "reason": "Goodwill"}, line.version)
    with pytest.raises(Invalid) as refused:
        desk.step(line, "approved", **{**FREE, "charge": True})
    assert "charge" in refused.value.errors
    assert desk.step(line, "approved", **FREE).charge is False


def test_whoever_doubts_that_there_is_no_fault_takes_it_back(desk: Desk) -> None:
    line = desk.step(unfound(desk), "inspecting", reason="It fails when it is warm")
    assert not line.no_fault and line.fee_minor is None


def test_an_exchanged_unit_that_fails_its_test_makes_room_for_another(desk: Desk) -> None:
    asset = desk.unit(None, delivered=desk.today - timedelta(days=5))
    line = desk.step(desk.line(asset), "triage")
    quote = desk.quoted(line)
    desk.step(line, "quoted")
    quotes.accept(desk.manager, quote.id, {}, quote.version)
    line = desk.step(line, "awaiting_receipt", "received", "inspecting")
    desk.test(line, GOOD)
    line = desk.replaced(desk.step(line, "no_fault_found"), "NEW-1", BAD)
    assert open_to(desk, line) == {"replacing"}
    assert desk.replaced(line, "NEW-2").replacement_serial == "NEW-2"


@pytest.mark.parametrize("returned", [False, True])
def test_a_paid_repair_that_failed_goes_back_or_is_returned(desk: Desk, returned: bool) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    quote = desk.quoted(line)
    desk.step(line, "quoted")
    quotes.accept(desk.manager, quote.id, {}, quote.version)
    line = desk.step(line, "awaiting_receipt", "received", "inspecting", "repairing")
    desk.test(desk.step(line, "verifying", action="Tried"), BAD)
    line = desk.step(line, "failed")
    assert open_to(desk, line) == {"repairing", "ready"}
    if returned:
        line = desk.step(line, "refund_or_return", who=desk.manager)
        assert (line.remedy, line.charge, line.chosen) == ("return", False, "return")
    else:
        assert desk.step(line, "ready", reason="Beyond repair").state == "ready"


def test_a_module_whose_replacement_failed_is_replaced_again_and_not_returned(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(OPTIC)), "triage")
    line = desk.step(line, "approved", remedy="replace", charge=False, charge_reason="First year")
    line = desk.replaced(desk.step(line, "awaiting_receipt", "received", "inspecting"), value=BAD)
    assert open_to(desk, line) == {"replacing"}
    assert legal_moves(desk.manager, line) == [], "these terms promise no return, and no repair has failed"


# --- Lost ---


def test_what_was_lost_on_its_way_to_us_is_made_good(desk: Desk) -> None:
    line = desk.step(desk.step(desk.approved(), "awaiting_receipt"), "lost_in_transit", reason="Never came")
    line = desk.step(line, "replacing", reason="Our carrier lost it")
    assert (line.remedy, line.charge, line.charge_reason) == ("replace", False, "Our carrier lost it")
    line = desk.step(line, "verifying", serial="NEW-1")
    desk.test(line, GOOD)
    line = desk.closed(desk.step(line, "passed"))
    assert line.repair_days is None, "what never came was not with us for a day"
    assert meta(desk, line.claimed) == "lost" and meta(desk, line.asset_now) == "in_use"
    assert custody.verify(desk.system, line).whole and place(desk, line, line.serial) == "lost"


def test_what_was_found_is_no_longer_lost(desk: Desk) -> None:
    line = desk.step(desk.step(desk.repaired(), "ready"), "shipped", carrier="Post", tracking="7")
    line = desk.step(line, "lost_in_transit", reason="Gone")
    assert meta(desk, line.asset_now) == "lost"
    line = desk.step(line, "shipped")
    assert meta(desk, line.asset_now) == "in_repair"


# --- No unit is in two places ---


def test_a_unit_replaces_one_other_at_a_time(desk: Desk) -> None:
    desk.step(desk.step(desk.repaired(value=BAD), "replacing"), "verifying", serial="NEW-1")
    line = desk.step(desk.repaired(value=BAD), "replacing")
    for serial in ("NEW-1", desk.line().serial):
        with pytest.raises(Invalid) as refused:
            desk.step(line, "verifying", serial=serial)
        assert "serial" in refused.value.errors


def test_a_unit_in_use_is_no_spare(desk: Desk) -> None:
    failed = desk.unit()
    line = desk.step(desk.repaired(failed, BAD), "replacing")
    same = {"customer": "acme", "product": failed.product_id}
    register_asset(desk.system, {**same, "serial": "USED", "status": "in_use"})
    spare = register_asset(desk.system, {**same, "serial": "SPARE", "status": "in_stock"})
    with pytest.raises(Invalid) as refused:
        desk.step(line, "verifying", serial="USED")
    assert "serial" in refused.value.errors
    desk.test(desk.step(line, "verifying", serial="SPARE"), GOOD)
    assert desk.step(line, "passed").replacement_id == spare.id


def test_the_record_says_where_a_lent_unit_is(desk: Desk) -> None:
    line = desk.step(desk.line(), "triage")
    track = tracks.begin(desk.engineer, line.id, {"kind": "loaner", "serial": "LOAN-1"})
    assert place(desk, line, "LOAN-1") == "?"
    for state, there in (("out", "customer"), ("in", "stock")):
        track = tracks.step(desk.engineer, track.id, state, track.version)
        assert place(desk, line, "LOAN-1") == there
    assert custody.verify(desk.system, desk.fresh(line)).whole and place(desk, line, line.serial) == "customer"
    text = desk.people.engineer.get(f"/c/acme/x/rma/lines/{line.id}").text
    assert "Unit lent" in text and "Lent unit is back" in text


def test_what_one_customer_has_is_not_lent_to_another(desk: Desk) -> None:
    ours, theirs = desk.step(desk.line(), "triage"), desk.line(desk.unit(slug="globex"), who=desk.engineer)
    theirs = desk.step(theirs, "triage")
    tracks.begin(desk.engineer, ours.id, {"kind": "loaner", "serial": "LOAN-1"})
    with pytest.raises(Conflict):
        tracks.begin(desk.engineer, theirs.id, {"kind": "loaner", "serial": "LOAN-1"})


# --- Sent ahead ---


def ahead(desk: Desk, *states: str) -> tuple[Line, Track]:
    line = desk.step(desk.line(desk.unit(OPTIC)), "triage")
    line = desk.step(line, "approved", remedy="replace", charge=False, charge_reason="First year")
    track = tracks.begin(desk.engineer, line.id, {"kind": "advance", "serial": "ADV-1"})
    for state in states:
        track = tracks.step(desk.engineer, track.id, state, track.version)
    return desk.step(line, "awaiting_receipt"), track


def test_what_was_sent_ahead_takes_over_when_the_failed_unit_is_back(desk: Desk) -> None:
    line, _track = ahead(desk, "shipped", "delivered")
    old = visible(Warranty, desk.system).where(Warranty.asset == line.claimed).get()
    line = desk.step(line, "received", "inspecting")
    [track] = tracks.tracks_of(desk.system, line)
    assert track.state == "returned", "the one that was due has come"
    assert {"repairing", "replacing"} & open_to(desk, line) == set()
    line = desk.step(line, "delivered")
    new = get_asset(desk.system, line.asset_now)
    [moved] = list(visible(Warranty, desk.system).where(Warranty.asset == new.id))
    assert (new.serial, moved.origin_id, meta(desk, new.id)) == ("ADV-1", old.id, "in_use")
    assert meta(desk, line.claimed) == "retired" and (line.work, line.charge) == ("replacement", False)
    assert (place(desk, line, "ADV-1"), place(desk, line, line.serial)) == ("customer", "exchanged")
    papers = {one["paper"] for one in parcels.offered(desk.system, line)}
    assert not {"packing-slip", "box-label"} & papers, "nothing more is sent"
    desk.record(line)
    line = desk.step(line, "closed")
    assert line.ended and custody.verify(desk.system, line).whole


def test_what_has_not_arrived_takes_over_nothing(desk: Desk) -> None:
    line, _track = ahead(desk, "shipped")
    line = desk.step(line, "received", "inspecting")
    with pytest.raises(Conflict):
        desk.step(line, "delivered")
    assert "replacing" in open_to(desk, line)


def test_whoever_has_a_replacement_gets_no_second_one(desk: Desk) -> None:
    line, _track = ahead(desk, "shipped", "delivered")
    line = desk.step(line, "received", "inspecting")
    desk.test(line, GOOD)
    line = desk.step(line, "no_fault_found")
    assert "replacing" not in open_to(desk, line)


def test_nothing_is_sent_ahead_once_the_work_has_begun(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(OPTIC)), "triage")
    line = desk.step(line, "approved", remedy="replace", charge=False, charge_reason="First year")
    line = desk.step(line, "awaiting_receipt", "received", "inspecting", "replacing")
    with pytest.raises(Conflict, match="before the work"):
        tracks.begin(desk.engineer, line.id, {"kind": "advance", "serial": "ADV-1"})
