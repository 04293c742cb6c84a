"""`decide` on optical modules: each seed rule by its own example."""

from dataclasses import replace
from datetime import date

import pytest

from registry.warranty.causes import CAUSES
from registry.warranty.terms import TEMPLATES
from tests.warranty.samples import (
    AFTER,
    DAY,
    FAILED,
    START,
    YEAR_1,
    YEAR_2,
    asked,
    codes,
    free,
    quoted,
    warranty,
)


@pytest.mark.rule("S4-03")
def test_a_parameter_outside_its_limit_is_a_failure():
    reading = {"parameter": "Tx power", "value": "-9.0", "limit_min": "-8.2", "unit": "dBm"}
    decision = asked("optical-module", YEAR_1, "module", **reading)
    assert free(decision) == ["replace", "support"]
    assert "failing" in codes(decision.reasons)
    assert "evidence_missing" not in codes(decision.flags)


@pytest.mark.rule("S4-03")
@pytest.mark.parametrize("value", ["-8.2", "-8.1", "-8.20", -8.2, 0, 3])
@pytest.mark.parametrize("cause", [None, "module", "wear", "unknown"])
def test_a_parameter_within_its_limits_is_not_a_failure(value, cause):
    reading = {"parameter": "Tx power", "value": value, "limit_min": "-8.2", "limit_max": 3, "unit": "dBm"}
    decision = asked("optical-module", YEAR_1, cause, **reading)
    assert decision.remedies == ()
    assert "within_specification" in codes(decision.reasons)
    assert not decision.warranties[0].covers


@pytest.mark.rule("S4-03")
def test_a_failed_test_outweighs_an_earlier_reading_within_limits():
    reading = {"parameter": "Tx power", "value": "-8.0", "limit_min": "-8.2"}
    assert free(asked("optical-module", YEAR_1, "module", **reading, tests=[FAILED])) == [
        "replace",
        "support",
    ]


@pytest.mark.rule("S4-04")
def test_our_technical_data_are_covered_although_the_module_is_sound():
    reading = {"parameter": "Tx power", "value": "-8.0", "limit_min": "-8.2"}
    decision = asked("optical-module", YEAR_1, "our_technical_data", **reading)
    assert free(decision) == ["replace", "support"]
    assert "our_data" in codes(decision.reasons)


@pytest.mark.rule("S4-04")
@pytest.mark.parametrize(("cause", "ours"), [("module", True), ("our_technical_data", True), ("user", False)])
def test_module_and_our_data_are_ours_and_the_user_is_not(cause, ours):
    assert bool(free(asked("optical-module", YEAR_1, cause))) is ours


@pytest.mark.rule("S4-05")
@pytest.mark.parametrize(("value", "covered"), [("70", True), ("70.1", False), ("-0.1", False), ("0", True)])
def test_operation_outside_the_data_sheet_is_not_covered(value, covered):
    operating = [{"parameter": "Temperature", "value": value, "limit_min": 0, "limit_max": 70, "unit": "C"}]
    for cause in (None, "module", "our_technical_data"):
        decision = asked("optical-module", YEAR_1, cause, operating=operating)
        assert bool(free(decision)) is covered
        assert ("operating_conditions" in codes(decision.reasons)) is not covered
    if not covered:
        assert f"Temperature {value} C (specified: at least 0 C and at most 70 C)" in decision.warranties[0].reason
        assert quoted(decision) == ["repair", "support"]


@pytest.mark.rule("S4-06")
@pytest.mark.parametrize(("notified_on", "late"), [("2024-05-31", False), ("2024-06-01", True)])
def test_a_late_notice_is_flagged_and_refuses_nothing(notified_on, late):
    decision = asked("optical-module", YEAR_1, "module", fault_on="2024-05-01", notified_on=notified_on)
    assert free(decision) == ["replace", "support"]
    assert ("late_notice" in codes(decision.flags)) is late
    assert "notice_delay" in codes(decision.reasons)


@pytest.mark.rule("S4-09")
@pytest.mark.parametrize(
    ("start", "last"),
    [(date(2025, 5, 10), date(2026, 5, 9)), (START, date(2025, 2, 28)), (date(2023, 3, 1), START)],
)
def test_replacement_is_first_through_the_last_day_of_year_one(start, last):
    warranties = [warranty("optical-module", start)]
    for on in (start, last):
        assert free(asked(warranties, on, "wear")) == ["replace", "support"]
    assert free(asked(warranties, last + DAY, "wear")) == ["repair", "support"]
    assert asked(warranties, last).remedies[0].until == last


@pytest.mark.rule("S4-09")
def test_day_365_is_replaced_and_day_366_is_repaired():
    start = date(2025, 5, 10)
    warranties = [warranty("optical-module", start)]
    assert free(asked(warranties, start + 364 * DAY, "module"))[0] == "replace"  # the start is day 1
    assert free(asked(warranties, start + 365 * DAY, "module"))[0] == "repair"


@pytest.mark.rule("S4-10")
def test_repair_and_support_in_years_two_and_three_then_a_quote():
    for on in (date(2025, 3, 1), YEAR_2, date(2027, 2, 28)):
        decision = asked("optical-module", on, "module")
        assert free(decision) == ["repair", "support"]
        assert "remedy_ended" in codes(decision.reasons)
    decision = asked("optical-module", AFTER, "module")
    assert (free(decision), quoted(decision)) == ([], ["repair", "support"])
    assert decision.state == "expired"
    assert "quote_first" in codes(decision.flags)


@pytest.mark.rule("S4-11")
@pytest.mark.parametrize(("word", "covered"), [("ageing laser", True), ("drop damage", False), ("user", False)])
def test_failures_without_human_cause_are_covered(word, covered):
    for on in (YEAR_1, YEAR_2):
        decision = asked("optical-module", on, word)
        assert bool(free(decision)) is covered
        assert bool(quoted(decision)) is not covered


@pytest.mark.rule("S4-12")
@pytest.mark.parametrize("word", ["lightning", "disaster", "war", "force_majeure"])
def test_war_disaster_and_force_majeure_are_excluded(word):
    decision = asked("optical-module", YEAR_1, word)
    assert free(decision) == []
    assert decision.state == "active"
    assert codes(decision.reasons) == ["excluded"]
    assert CAUSES[decision.cause].title in decision.warranties[0].reason


@pytest.mark.rule("S4-12")
def test_an_exclusion_wins_over_a_cause_that_is_covered():
    body = replace(TEMPLATES["optical-module"][1], covers_causes=("non_human", "disaster"))
    decision = asked([replace(warranty("optical-module"), body=body)], YEAR_1, "lightning")
    assert free(decision) == []
    uninsured = replace(body, exclusions=("war",))
    assert free(asked([replace(warranty("optical-module"), body=uninsured)], YEAR_1, "lightning"))


def test_a_cause_to_be_established_lists_the_remedies_with_a_flag():
    decision = asked("optical-module", YEAR_1, "unknown")
    assert free(decision) == ["replace", "support"]
    assert "cause_to_be_established" in codes(decision.flags)
    assert all(offer.condition == "The cause proves to be covered." for offer in decision.remedies)
    assert "cause_to_be_established" not in codes(asked("optical-module", AFTER, "unknown").flags)


def test_an_unknown_word_for_a_cause_is_refused():
    with pytest.raises(ValueError, match="gremlins"):
        asked("optical-module", YEAR_1, "gremlins")


def test_the_environment_asks_for_operating_conditions():
    assert "operating_missing" in codes(asked("optical-module", YEAR_1, "environment").flags)
    operating = [{"parameter": "Temperature", "value": 40, "limit_max": 70}]
    decision = asked("optical-module", YEAR_1, "environment", operating=operating)
    assert "operating_missing" not in codes(decision.flags)
    assert free(decision)


def test_evidence_is_asked_for_in_a_claim():
    assert "evidence_missing" in codes(asked("optical-module", YEAR_1, "wear").flags)
    assert codes(asked("optical-module", YEAR_1).flags) == []


def test_a_fault_in_term_that_is_decided_later_is_flagged():
    decision = asked("optical-module", AFTER, "wear", notified_on="2027-02-28")
    assert free(decision) == []
    assert "notified_in_term" in codes(decision.flags)
    decision = asked("optical-module", AFTER, "wear", notified_on="2027-03-01")
    assert "notified_in_term" not in codes(decision.flags)
