"""What stands against recording a decision."""

from datetime import date, timedelta

import pytest

from registry.warranty.choice import (
    NO_CONTRACT,
    Approval,
    Quote,
    check_test_record,
    outcome_of_test,
    validate_choice,
)
from registry.warranty.coverage import materialise
from registry.warranty.decision import decide
from registry.warranty.facts import FactsSchema, Subject, WarrantyFacts
from registry.warranty.terms import TEMPLATES

DAY = timedelta(days=1)
IN_TERM, AFTER = date(2024, 6, 1), date(2025, 3, 1)
FAILED = {"parameter": "Tx power", "value": "-9.0", "limit_min": "-8.2", "after": "repair"}
PASSED = {**FAILED, "value": "-8.0"}
RECORD = {"charge": False, "charge_reason": "in warranty", "contract": "C-1"}
ACCEPTED = Quote(12_500, "HKD", "Ms Chan", AFTER)
CHARGED = {"charge": True, "charge_reason": "after the term", "contract": "C-1", "quote": ACCEPTED}
APPROVED = Approval("Supervisor", AFTER)


def checked(remedy, on=IN_TERM, facts=None, code="hardware", **record):
    name, body = TEMPLATES[code]
    held = WarrantyFacts(1, "manufacturer", name, 1, body, tuple(materialise(date(2024, 2, 29), body)))
    loaded = FactsSchema().load(facts or {})
    decision = decide(Subject(7, (held,)), on, "quality", loaded)
    return validate_choice(decision, loaded, remedy, **record)


def test_the_proposal_in_term_can_be_recorded():
    assert checked("repair", **RECORD) == {}


@pytest.mark.rule("S3-06")
def test_the_charge_and_its_reason_are_mandatory():
    assert set(checked("repair", contract="C-1")) == {"charge", "charge_reason"}
    assert set(checked("repair", contract="C-1", charge_reason="in warranty")) == {"charge"}
    assert set(checked("repair", contract="C-1", charge=False, charge_reason=" ")) == {"charge_reason"}


@pytest.mark.rule("S3-07")
def test_replacing_without_a_failed_repair_needs_a_reason():
    found = checked("replace", **RECORD)
    assert found["deviation_reason"][0] == "Give the reason for Replacement: the proposal is Repair."
    assert checked("replace", **RECORD, deviation_reason="no spare part for a repair") == {}
    assert set(checked("replace", **RECORD, deviation_reason="  ")) == {"deviation_reason"}
    assert set(checked("replace", facts={"tests": [PASSED]}, **RECORD)) == {"deviation_reason"}


@pytest.mark.rule("S3-07", "S3-09")
def test_after_a_failed_repair_replacing_is_the_proposal():
    assert checked("replace", facts={"tests": [FAILED]}, **RECORD) == {}
    assert set(checked("repair", facts={"tests": [FAILED]}, **RECORD)) == {"deviation_reason"}


@pytest.mark.rule("S4-09")
def test_an_optical_module_is_replaced_in_year_one_and_a_repair_needs_a_reason():
    assert checked("replace", code="optical-module", **RECORD) == {}
    assert set(checked("repair", code="optical-module", **RECORD)) == {"deviation_reason"}
    assert checked("repair", AFTER, code="optical-module", **RECORD) == {}
    assert set(checked("replace", AFTER, code="optical-module", **RECORD)) == {"deviation_reason"}


@pytest.mark.rule("S3-10")
def test_return_is_the_customers_choice_after_a_failed_repair():
    chosen = {"customer_choice": "return", "chosen_by": "customer"}
    assert checked("return", facts={"tests": [FAILED], **chosen}, **RECORD) == {}
    by_staff = {**chosen, "chosen_by": "staff", "tests": [FAILED]}
    assert "chosen_by" in checked("return", facts=by_staff, **RECORD)
    assert "chosen_by" in checked("return", facts={"tests": [FAILED]}, **RECORD)
    reasoned = {**RECORD, "deviation_reason": "goodwill"}
    assert set(checked("return", facts=chosen, **reasoned)) == {"remedy"}
    assert set(checked("return", facts={"tests": [PASSED], **chosen}, **reasoned)) == {"remedy"}


@pytest.mark.rule("S3-11")
def test_the_day_after_the_term_work_needs_an_accepted_quote():
    assert checked("repair", IN_TERM, **RECORD) == {}
    without = {**CHARGED, "quote": None}
    assert set(checked("repair", AFTER, **without)) == {"quote"}
    open_quote = {**CHARGED, "quote": Quote(12_500, "HKD")}
    assert set(checked("repair", AFTER, **open_quote)) == {"quote.accepted_by", "quote.accepted_on"}
    assert checked("repair", AFTER, **CHARGED) == {}


@pytest.mark.rule("S3-11")
def test_the_quote_is_accepted_no_later_than_the_work_starts():
    assert checked("repair", AFTER, **CHARGED, work_on=AFTER) == {}
    assert set(checked("repair", AFTER, **CHARGED, work_on=AFTER - DAY)) == {"quote.accepted_on"}


@pytest.mark.rule("S3-11")
@pytest.mark.parametrize(
    ("quote", "field"),
    [
        (Quote(0, "HKD", "Ms Chan", AFTER), "quote.amount"),
        (Quote(-1, "HKD", "Ms Chan", AFTER), "quote.amount"),
        (Quote(12.5, "HKD", "Ms Chan", AFTER), "quote.amount"),
        (Quote(True, "HKD", "Ms Chan", AFTER), "quote.amount"),
        (Quote(1, "hkd", "Ms Chan", AFTER), "quote.currency"),
        (Quote(1, "HK$", "Ms Chan", AFTER), "quote.currency"),
        (Quote(1, "", "Ms Chan", AFTER), "quote.currency"),
        (Quote(1, "HKDX", "Ms Chan", AFTER), "quote.currency"),
        (Quote(1, "HKD", " ", AFTER), "quote.accepted_by"),
        (Quote(1, "HKD", "Ms Chan", None), "quote.accepted_on"),
    ],
)
def test_a_quote_is_complete(quote, field):
    assert set(checked("repair", AFTER, **{**CHARGED, "quote": quote})) == {field}


def test_giving_away_and_charging_against_the_decision_need_a_reason():
    goodwill = {**RECORD, "charge_reason": "goodwill"}
    assert set(checked("repair", AFTER, **goodwill)) == {"deviation_reason"}
    assert checked("repair", AFTER, **goodwill, deviation_reason="failed on the way to us") == {}
    assert set(checked("repair", IN_TERM, **{**CHARGED, "work_on": AFTER})) == {"deviation_reason"}
    assert checked("repair", IN_TERM, **CHARGED, work_on=AFTER, deviation_reason="no fault found") == {}


@pytest.mark.rule("S3-17")
def test_every_service_names_its_contract_or_says_there_is_none():
    for missing in (None, "", " "):
        assert set(checked("repair", **{**RECORD, "contract": missing})) == {"contract"}
        assert set(checked("repair", AFTER, **{**CHARGED, "contract": missing})) == {"contract"}


@pytest.mark.rule("S3-17")
def test_without_a_contract_it_is_charged_and_approved():
    record = {**CHARGED, "contract": NO_CONTRACT}
    assert set(checked("repair", AFTER, **record)) == {"approval"}
    assert set(checked("repair", AFTER, **record, approval=Approval(" ", AFTER))) == {"approval"}
    assert set(checked("repair", AFTER, **record, approval=Approval("Supervisor", AFTER + DAY))) == {"approval"}
    assert checked("repair", AFTER, **record, approval=APPROVED) == {}
    given_away = {**record, "charge": False, "deviation_reason": "goodwill", "approval": APPROVED}
    assert set(checked("repair", AFTER, **given_away)) == {"charge"}


@pytest.mark.rule("S3-07", "S3-17")
def test_a_repair_that_a_warranty_owes_stays_free_without_a_contract():
    assert checked("repair", **{**RECORD, "contract": NO_CONTRACT}) == {}


def test_a_remedy_that_does_not_exist():
    assert "remedy" in checked("bless", **RECORD, deviation_reason="why not")


def test_nothing_owed_says_so():
    within = {"parameter": "Tx power", "value": "-8.0", "limit_min": "-8.2"}
    found = checked("repair", facts=within, **RECORD)
    assert found["deviation_reason"][0] == "Give the reason for Repair: nothing is owed."


@pytest.mark.rule("S3-08")
def test_a_repair_is_not_closed_without_a_test_record():
    assert check_test_record(()) == {
        "tests": ["Record the test after the repair: parameter, limit and value measured."]
    }
    passed = FactsSchema().load({"tests": [PASSED]}).tests
    assert check_test_record(passed) == {}
    assert set(check_test_record(passed, after="replacement")) == {"tests"}


@pytest.mark.rule("S3-08")
@pytest.mark.parametrize(
    ("tests", "outcome"),
    [([], None), ([PASSED], "passed"), ([FAILED], "failed"), ([PASSED, FAILED], "failed")]
    + [([{**FAILED, "value": "-8.2"}], "passed"), ([{**FAILED, "after": "replacement"}], None)],
)
def test_the_test_record_decides(tests, outcome):
    assert outcome_of_test(FactsSchema().load({"tests": tests}).tests) == outcome
