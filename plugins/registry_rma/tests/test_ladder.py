"""What the documents promise, walked case by case: repair, then replacement, then return; what is owed, and what is
not."""

from datetime import date, timedelta

import pytest

from registry.assets.service import get_asset, status_of
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Conflict, Forbidden, Invalid
from registry.warranty.models import DecisionRecord, Warranty
from registry_rma import cases, facts, quotes, trials, views
from registry_rma.facts import decided, owed_by, situation_of
from registry_rma.models import Line
from registry_rma.moving import legal_moves
from registry_rma.tests.world import BAD, FREE, GOOD, POWER, WARM, Desk

OPTIC = "optical-module"


def open_to(desk: Desk, line: Line, who: Actor | None = None) -> set[str]:
    return {move.to for move in legal_moves(who or desk.engineer, desk.fresh(line))}


# --- Post-sale service: repair, replace, return -------------------------------------------------------------


@pytest.mark.rule("S3-06")
def test_a_decision_says_what_was_checked_and_who_pays(desk: Desk) -> None:
    line = desk.step(desk.line(), "triage")
    with pytest.raises(Invalid) as refused:
        desk.step(line, "approved", remedy="repair", charge_reason="owed")
    assert "charge" in refused.value.errors
    line = desk.step(line, "approved", **FREE)
    decision = visible(DecisionRecord, desk.system).where(DecisionRecord.id == line.decision_id).get()
    assert (
        decision.charge is False
        and decision.answer["reasons"]
        and line.charge is False
        and line.charge_reason == "Owed in the term."
    )
    assert [offer["remedy"] for offer in line.proposal["remedies"]][0] == "repair" and line.proposal["reasons"]


@pytest.mark.rule("S3-07")
def test_in_the_term_a_quality_problem_is_repaired_free_of_charge(desk: Desk) -> None:
    line = desk.step(desk.line(cause="quality"), "triage")
    assert line.proposal["remedies"][0]["remedy"] == "repair" and line.proposal["remedies"][0]["charge"] == "free"
    with pytest.raises(Invalid) as refused:
        desk.step(line, "approved", remedy="replace", charge=False, charge_reason="kind")
    assert "deviation_reason" in refused.value.errors


@pytest.mark.rule("S3-07")
def test_to_replace_without_a_failed_repair_somebody_overrules_with_a_reason(desk: Desk) -> None:
    line = desk.inspecting()
    assert "replacing" not in open_to(desk, line)
    with pytest.raises(Forbidden):
        cases.overrule(desk.engineer, line.id, {"remedy": "replace", "reason": "x"}, line.version)
    with pytest.raises(Invalid):
        cases.overrule(desk.lead, line.id, {"remedy": "replace", "reason": " "}, line.version)
    line = cases.overrule(desk.lead, line.id, {"remedy": "replace", "reason": "No spare parts"}, line.version)
    assert line.overruled_reason == "No spare parts" and line.overruled_by == desk.lead.name
    assert "replacing" in open_to(desk, line) and "repairing" not in open_to(desk, line)


@pytest.mark.rule("S3-08")
def test_a_repair_is_over_only_after_a_test(desk: Desk) -> None:
    line = desk.step(desk.step(desk.inspecting(), "repairing"), "verifying", action="Soldered")
    assert open_to(desk, line) == set()
    with pytest.raises(Conflict):
        desk.step(line, "passed")
    test = desk.test(line, BAD)
    assert test.outcome == "failed" and test.readings[0]["limit_min"] == "-8.2"
    assert open_to(desk, line) == {"failed"}


@pytest.mark.rule("S3-08")
def test_the_limits_of_the_product_count_whatever_is_typed(desk: Desk) -> None:
    line = desk.step(desk.step(desk.inspecting(), "repairing"), "verifying", action="Soldered")
    reading = {"parameter": " tx  POWER ", "value": BAD, "limit_min": "-99", "unit": "dBm"}
    assert trials.record_test(desk.engineer, line.id, {"readings": [reading]}, line.version).outcome == "failed"


def test_it_passes_only_when_all_that_is_specified_was_measured(desk: Desk) -> None:
    asset = desk.unit(parameters=[POWER, WARM])
    line = desk.step(desk.step(desk.inspecting(asset), "repairing"), "verifying", action="Soldered")
    with pytest.raises(Invalid) as refused:
        desk.test(line, GOOD)
    assert "Temperature" in refused.value.errors["readings"][0]


def test_a_unit_that_was_repaired_again_is_tested_again(desk: Desk) -> None:
    asset = desk.unit(desk.terms("repair-only", coverages=[{"remedy": "repair", "period": "P1Y"}]))
    line = desk.repaired(asset, BAD)
    line = desk.step(line, "repairing", reason="Another board")
    line = desk.step(line, "verifying", action="Changed the board")
    assert open_to(desk, line) == set()
    desk.test(line, GOOD)
    assert open_to(desk, line) == {"passed"}


@pytest.mark.rule("S3-09")
def test_a_failed_test_opens_the_replacement_and_a_passed_one_does_not(desk: Desk) -> None:
    good, bad = desk.repaired(value=GOOD), desk.repaired(value=BAD)
    assert open_to(desk, good) == {"ready"}
    assert "replacing" in open_to(desk, bad)


@pytest.mark.rule("S3-09")
def test_the_replacement_is_linked_both_ways_and_inherits_the_rest_of_the_term(desk: Desk) -> None:
    asset = desk.unit()
    old = visible(Warranty, desk.system).where(Warranty.asset == asset.id).get()
    line = desk.replaced(desk.repaired(asset, BAD), "NEW-1")
    new = get_asset(desk.system, line.asset_now)
    [moved] = list(visible(Warranty, desk.system).where(Warranty.asset == new.id))
    assert (new.serial, new.product_id, moved.origin_id) == ("NEW-1", asset.product_id, old.id)
    until = desk.today - timedelta(days=180)
    assert new.covered_until == get_asset(desk.system, asset.id).delivered_on.replace(year=until.year + 1) - timedelta(
        days=1
    )
    [there], [back] = (views.of_unit(desk.engineer, one)["links"] for one in (asset.id, new.id))
    assert (there["serial"], there["new"]) == ("NEW-1", False) and (back["serial"], back["new"]) == (asset.serial, True)
    assert status_of(get_asset(desk.system, asset.id)).meta == "retired"
    assert [test.outcome for test in facts.tests_of(desk.system, line)] == [
        "failed",
        "passed",
    ]  # the old unit's history stays


def test_terms_may_give_a_replacement_a_full_new_term(desk: Desk) -> None:
    asset = desk.unit(desk.terms("fresh", replacement={"rule": "full_new"}))
    line = desk.replaced(desk.repaired(asset, BAD))
    assert get_asset(desk.system, line.asset_now).covered_until > desk.today + timedelta(days=360)


def test_a_replacement_takes_the_place_of_the_old_unit(desk: Desk) -> None:
    switch = desk.unit(None)
    asset = desk.unit(parent=switch.id, slot="7")
    inside = desk.unit(None, parent=asset.id, slot="1")
    line = desk.replaced(desk.repaired(asset, BAD))
    new, old = get_asset(desk.system, line.asset_now), get_asset(desk.system, asset.id)
    assert (new.parent_id, new.slot, old.parent_id, old.slot) == (switch.id, "7", None, None)
    assert get_asset(desk.system, inside.id).parent_id == new.id


@pytest.mark.rule("S3-10")
def test_after_a_failed_repair_the_customer_and_nobody_else_may_return_it(desk: Desk) -> None:
    line = desk.repaired(value=BAD)
    assert "refund_or_return" in open_to(desk, line, desk.manager)
    for staff in (desk.engineer, desk.lead):
        assert "refund_or_return" not in open_to(desk, line, staff)
        with pytest.raises(Forbidden):
            desk.step(line, "refund_or_return", who=staff)
    line = desk.step(line, "refund_or_return", who=desk.manager)
    decision = visible(DecisionRecord, desk.system).where(DecisionRecord.id == line.decision_id).get()
    assert line.chosen == "return" and (decision.remedy, decision.charge) == ("return", False)
    with pytest.raises(Conflict):
        desk.step(line, "closed")
    refund = {"kind": "refund", "amount_minor": 100_00, "currency": "USD", "reference": "CN-1"}
    line = cases.refund(desk.engineer, line.id, refund, line.version)
    desk.record(line)
    assert desk.step(line, "closed").ended
    assert status_of(get_asset(desk.system, line.claimed)).meta == "retired"


@pytest.mark.rule("S3-10")
@pytest.mark.parametrize("state", ["inspecting", "passed"])
def test_without_a_failed_repair_there_is_no_return(desk: Desk, state: str) -> None:
    line = desk.inspecting() if state == "inspecting" else desk.repaired()
    assert "refund_or_return" not in open_to(desk, line, desk.manager)
    with pytest.raises(Conflict):
        desk.step(line, "refund_or_return", who=desk.manager)


def test_after_a_failed_replacement_the_customer_may_return_it(desk: Desk) -> None:
    line = desk.replaced(desk.repaired(value=BAD), "NEW-1", BAD)
    assert {"replacing", "refund_or_return"} == open_to(desk, line) | open_to(desk, line, desk.manager)
    assert desk.step(line, "refund_or_return", who=desk.manager).state == "refund_or_return"


@pytest.mark.rule("S3-11")
def test_on_the_day_after_the_term_work_waits_for_a_quote_accepted_in_writing(desk: Desk) -> None:
    delivered = desk.today.replace(year=desk.today.year - 1)
    line = desk.step(desk.line(desk.unit(delivered=delivered)), "triage")
    assert situation_of(desk.engineer, line).owed == () and "approved" not in open_to(desk, line)
    quote = desk.quoted(line)
    line = desk.step(line, "quoted")
    with pytest.raises(Conflict):
        desk.step(line, "approved")
    with pytest.raises(Invalid) as refused:  # a telephone call is no writing
        quotes.accept(desk.engineer, quote.id, {"by": "Ann"}, quote.version)
    assert set(refused.value.errors) == {"how", "written"}
    quotes.accept(desk.manager, quote.id, {}, quote.version)
    line = desk.fresh(line)
    assert (line.state, line.charge) == ("approved", True)
    line = desk.step(line, "awaiting_receipt", "received", "inspecting", "repairing")
    assert line.state == "repairing"


@pytest.mark.rule("S3-11")
def test_the_last_day_of_the_term_is_still_covered(desk: Desk) -> None:
    delivered = desk.today.replace(year=desk.today.year - 1) + timedelta(days=1)
    assert situation_of(desk.engineer, desk.line(desk.unit(delivered=delivered))).owed[0] == "repair"


@pytest.mark.rule("S3-11")
def test_what_differs_from_the_price_list_is_shown_and_explained(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    cheaper = [{"code": "REP", "unit_minor": 10_000}]
    with pytest.raises(Invalid) as refused:
        quotes.offer(desk.engineer, line.id, {"items": cheaper})
    assert "deviation" in refused.value.errors
    quote = quotes.offer(desk.engineer, line.id, {"items": cheaper, "deviation": "Old customer"})
    told = views.told_quote(quote)
    assert told is not None
    [item] = told["items"]
    assert item["list_minor"] == 15_000 and item["listed"] and quote.amount_minor == 10_000


def test_a_quote_that_is_over_cannot_be_accepted(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    quote = desk.quoted(line)
    desk.step(line, "quoted")
    with clock.frozen(clock.now() + timedelta(days=31)), pytest.raises(Conflict):
        quotes.accept(desk.manager, quote.id, {}, quote.version)


# --- After-sale service of optical modules ------------------------------------------------------------------


@pytest.mark.rule("S4-03")
def test_a_claim_on_a_module_names_parameter_limit_and_value(desk: Desk) -> None:
    failing = desk.line(desk.unit(OPTIC), parameter="Tx power", value="-9.0")
    assert failing.facts["limit_min"] == "-8.2" and situation_of(desk.engineer, failing).owed[0] == "replace"
    sound = desk.line(desk.unit(OPTIC), parameter="Tx power", value="-5.0")
    assert situation_of(desk.engineer, sound).owed == ()
    assert "within" in " ".join(reason["text"] for reason in sound.proposal["reasons"]).lower()


@pytest.mark.rule("S4-04")
def test_our_own_technical_data_is_a_cause_that_is_covered_although_the_module_is_sound(desk: Desk) -> None:
    line = desk.line(desk.unit(OPTIC), parameter="Tx power", value="-5.0", cause="our_technical_data")
    assert situation_of(desk.engineer, line).owed
    line = desk.line(desk.unit(OPTIC), cause="module")
    assert situation_of(desk.engineer, line).owed


@pytest.mark.rule("S4-05")
def test_use_outside_of_the_data_sheet_is_not_covered_and_told_why(desk: Desk) -> None:
    asset = desk.unit(OPTIC, parameters=[POWER, WARM])
    line = desk.line(asset, parameter="Tx power", value="-9.0", operating=[{"parameter": "temperature", "value": "85"}])
    line = desk.step(line, "triage")
    assert situation_of(desk.engineer, line).owed == () and "approved" not in open_to(desk, line)
    assert "85" in " ".join(reason["text"] for reason in line.proposal["reasons"])
    with pytest.raises(Invalid):
        desk.step(line, "rejected")
    line = desk.step(line, "rejected", reason="Used at 85 C; the data sheet allows 70 C.")
    assert line.ended and views.line_page(desk.manager, line)["events"][-1]["row"].reason.startswith("Used at 85 C")


@pytest.mark.rule("S4-06")
def test_a_late_notice_is_shown_and_refuses_nothing(desk: Desk) -> None:
    line = desk.line(fault_on=desk.today - timedelta(days=20))
    page = views.line_page(desk.engineer, line)
    assert page["late"] == 20 and line.notified_on == desk.today and situation_of(desk.engineer, line).owed
    assert not views.line_page(desk.engineer, desk.line(fault_on=desk.today - timedelta(days=2)))["late"]


@pytest.mark.rule("S4-07")
@pytest.mark.parametrize("channel", ["letter", "mail", "telephone", "in_person"])
def test_a_claim_can_come_by_each_channel_with_the_time_of_receipt(desk: Desk, channel: str) -> None:
    at = clock.now() - timedelta(hours=3)
    line = desk.line(who=desk.engineer, channel=channel, notified_at=at)
    case = cases.get_case(desk.engineer, line.case_id)
    assert (case.channel, case.notified_at) == (channel, at)
    assert case.to_be_confirmed == (channel == "telephone")
    if channel == "telephone":
        case = cases.confirm(desk.engineer, case.id, case.version)
        assert case.confirmed_at and not case.to_be_confirmed


@pytest.mark.rule("S4-07")
def test_what_a_customer_sends_himself_comes_online_and_now(desk: Desk) -> None:
    line = desk.line(channel="letter", notified_at=clock.now() - timedelta(days=3))
    case = cases.get_case(desk.engineer, line.case_id)
    assert case.channel == "portal" and clock.now() - case.notified_at < timedelta(minutes=5)


@pytest.mark.rule("S4-08")
def test_a_claim_enters_the_queue_at_once_where_the_highest_promise_comes_first(desk: Desk) -> None:
    nothing, repair, replace = (desk.line(desk.unit(terms)) for terms in (None, "hardware", OPTIC))
    assert [row["id"] for row in views.waiting(desk.engineer, None)["lines"]] == [replace.id, repair.id, nothing.id]


@pytest.mark.rule("S4-08")
def test_nobody_does_anything_for_a_day_and_the_supervisor_hears_of_it(desk: Desk) -> None:
    line = desk.line()
    assert cases.alarm_idle() == 0
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert (cases.alarm_idle(), cases.alarm_idle()) == (1, 0)
        assert views.waiting(desk.lead, None)["lines"][0]["idle"]
        desk.step(line, "triage")
        assert cases.alarm_idle() == 0


def leap(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@pytest.mark.rule("S4-09")
@pytest.mark.parametrize("delivered", [date(2023, 5, 10), date(2024, 2, 29), date(2023, 3, 1)])
def test_for_a_year_from_delivery_a_failing_module_is_replaced_not_repaired(desk: Desk, delivered: date) -> None:
    anniversary, asset = leap(delivered, 1), desk.unit(OPTIC, delivered=delivered)
    for day, first in ((anniversary - timedelta(days=1), "replace"), (anniversary, "repair")):
        line = Line(asset_id=asset.id, customer_id=asset.customer_id, notified_on=day, facts={}, fault="x")
        assert owed_by(decided(desk.engineer, line))[0] == first


@pytest.mark.rule("S4-09")
def test_in_the_first_year_the_module_goes_straight_to_its_replacement(desk: Desk) -> None:
    asset = desk.unit(OPTIC)
    line = desk.step(desk.line(asset), "triage")
    line = desk.step(line, "approved", remedy="replace", charge=False, charge_reason="First year")
    line = desk.step(line, "awaiting_receipt", "received", "inspecting")
    assert {"replacing"} == open_to(desk, line) & {"replacing", "repairing"}
    assert desk.replaced(line).replacement_id


@pytest.mark.rule("S4-10")
@pytest.mark.parametrize(("days", "owed"), [(400, "repair"), (365 * 3 - 2, "repair"), (365 * 3 + 2, None)])
def test_in_the_second_and_third_year_it_is_repaired_and_after_that_charged(
    desk: Desk, days: int, owed: str | None
) -> None:
    line = desk.step(desk.line(desk.unit(OPTIC, delivered=desk.today - timedelta(days=days))), "triage")
    found = situation_of(desk.engineer, line).owed
    assert (found[0] if found else None) == owed
    assert [offer["remedy"] for offer in line.proposal["remedies"] if offer["charge"] == "quote"] == (
        [] if owed else ["repair", "support"]
    )


@pytest.mark.rule("S4-11")
@pytest.mark.parametrize(
    ("cause", "covered"), [("wear", True), ("environment", True), ("human_damage", False), ("user", False)]
)
def test_what_people_did_not_bring_about_is_covered(desk: Desk, cause: str, covered: bool) -> None:
    assert bool(situation_of(desk.engineer, desk.line(desk.unit(OPTIC), cause=cause)).owed) is covered


@pytest.mark.rule("S4-12")
@pytest.mark.parametrize("cause", ["war", "disaster", "force_majeure"])
def test_war_disaster_and_force_majeure_are_not_covered(desk: Desk, cause: str) -> None:
    line = desk.step(desk.line(desk.unit(OPTIC), cause=cause), "triage")
    assert not situation_of(desk.engineer, line).owed and line.proposal["reasons"][0]["text"]


def test_what_is_found_to_be_excluded_on_the_bench_waits_for_a_quote(desk: Desk) -> None:
    line = desk.inspecting()
    line = cases.change_claim(desk.engineer, line.id, {"cause": "human_damage"}, line.version)
    assert open_to(desk, line) == {"ready"}
    quote = desk.quoted(line)
    line = desk.step(line, "excluded_quote")
    assert open_to(desk, line) == set()
    quotes.accept(desk.manager, quote.id, {}, quote.version)
    line = desk.step(line, "repairing")
    assert line.charge is True


# --- Records and statistics ---------------------------------------------------------------------------------


@pytest.mark.rule("S4-15")
def test_a_case_is_not_closed_without_its_maintenance_record(desk: Desk) -> None:
    line = desk.sent_back(desk.repaired())
    with pytest.raises(Conflict):
        desk.step(line, "closed")
    record = desk.record(line, cause="wear", parts="1 laser")
    assert (record.asset_id, record.serial, record.fault, record.cause) == (
        line.asset_id,
        line.serial,
        "Does not start",
        "wear",
    )
    assert record.action and record.parts and record.staff and record.started_at <= record.finished_at
    assert desk.step(line, "closed").ended


@pytest.mark.rule("S4-16")
def test_the_maintenance_file_of_a_unit_lists_its_jobs_in_order(desk: Desk) -> None:
    asset = desk.unit()
    for action in ("First", "Second"):
        line = desk.sent_back(desk.repaired(asset))
        desk.record(line, action=action)
        desk.step(line, "closed")
    assert [record.action for record in trials.file_of(desk.reader, asset.id)] == ["First", "Second"]


# --- What stands beside -------------------------------------------------------------------------------------


def test_a_unit_that_never_worked_is_replaced_at_once(desk: Desk) -> None:
    line = desk.inspecting(desk.unit(delivered=desk.today - timedelta(days=5)))
    assert {"replacing", "repairing"} <= open_to(desk, line)
    assert desk.replaced(line).replacement_id


def test_no_fault_found_is_counted_by_serial_number_and_the_third_time_it_is_exchanged(desk: Desk) -> None:
    asset = desk.unit()
    for count in (1, 2, 3):
        line = desk.inspecting(asset)
        desk.test(line, GOOD)
        line = desk.step(line, "no_fault_found")
        assert situation_of(desk.engineer, line).nff_count == count
        assert ("replacing" in open_to(desk, line)) == (count == 3)
        if count < 3:
            desk.closed(line)


def test_the_number_is_valid_for_a_time_and_issued_again(desk: Desk) -> None:
    line = desk.step(desk.approved(), "awaiting_receipt")
    assert cases.get_case(desk.system, line.case_id).valid_until == desk.today + timedelta(days=60)
    with clock.frozen(clock.now() + timedelta(days=61)):
        with pytest.raises(Conflict):
            desk.step(line, "received")
        line = desk.step(line, "approved", "awaiting_receipt", "received")
    assert line.state == "received"


def test_time_in_repair_extends_the_term_if_the_terms_say_so(desk: Desk) -> None:
    ends = {}
    for code, extends in (("longer", True), ("same", False)):
        asset = desk.unit(desk.terms(code, repair_extends=extends))
        line = desk.repaired(asset)
        with clock.frozen(clock.now() + timedelta(days=10)):
            desk.sent_back(line)
        ends[code] = get_asset(desk.system, asset.id).covered_until
    assert ends["longer"] - ends["same"] == timedelta(days=10)


def test_the_status_of_the_asset_follows(desk: Desk) -> None:
    line = desk.received()

    def meta() -> str:
        return status_of(get_asset(desk.system, line.claimed)).meta

    assert meta() == "in_repair"
    line = desk.step(line, "ready", reason="Withdrawn")
    line = desk.step(line, "shipped", carrier="Post")
    line = desk.step(line, "lost_in_transit", reason="Never arrived")
    assert meta() == "lost"
    line = desk.step(line, "shipped")
    desk.step(line, "delivered", receiver="Ann")
    assert meta() == "in_use"


def test_what_was_lost_by_us_is_replaced(desk: Desk) -> None:
    line = desk.step(desk.repaired(), "ready")
    line = desk.step(line, "shipped", carrier="Post")
    line = desk.step(line, "lost_in_transit", reason="Gone")
    line = desk.step(line, "replacing", reason="Our carrier lost it")
    line = desk.step(line, "verifying", serial="NEW-9")
    desk.test(line, GOOD)
    line = desk.step(line, "passed")
    assert desk.closed(line).ended


def test_a_refusal_can_be_appealed_against(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    line = desk.step(line, "rejected", reason="No warranty")
    line = desk.step(line, "triage", who=desk.manager, reason="There is a contract")
    assert not line.ended


def test_a_unit_is_in_one_case_at_a_time_and_is_not_removed_afterwards(desk: Desk) -> None:
    asset = desk.unit()
    line = desk.line(asset)
    with pytest.raises(Conflict):
        desk.line(asset)
    desk.step(line, "cancelled", who=desk.manager, reason="It works again")
    desk.line(asset)
    from registry.assets.service import remove_asset

    with pytest.raises(Invalid):
        remove_asset(desk.system, asset.id)


def test_a_unit_that_could_be_visited_is_repaired_here_without_a_further_reason(desk: Desk) -> None:
    asset = desk.unit(OPTIC, delivered=desk.today - timedelta(days=400))
    desk.also(asset, "on-site-support")
    line = desk.step(desk.line(asset), "triage")
    assert line.proposal["remedies"][0]["remedy"] == "onsite"
    assert desk.step(line, "approved", **FREE).remedy == "repair"
