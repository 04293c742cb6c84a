"""`decide` on hardware and software: each seed rule by its own example."""

from dataclasses import replace
from datetime import date

import pytest
from marshmallow import ValidationError

from registry.warranty.coverage import close, transfer
from tests.warranty.samples import (
    DAY,
    FAILED,
    FUNCTIONS,
    PASSED,
    START,
    YEAR_1,
    asked,
    codes,
    free,
    quoted,
    warranty,
)

# Hardware: the ladder


@pytest.mark.rule("S3-07")
def test_in_term_the_proposal_is_repair():
    decision = asked("hardware", YEAR_1, "quality")
    assert [(offer.remedy, offer.charge) for offer in decision.remedies] == [("repair", "free")]
    assert codes(decision.reasons) == ["covered", "needs_failed_repair"] + ["needs_failed_repair"]


@pytest.mark.rule("S3-08", "S3-09")
@pytest.mark.parametrize(
    ("test", "offered"),
    [
        (FAILED, True),
        (PASSED, False),
        ({**FAILED, "value": "-8.2"}, False),
        ({**FAILED, "limit_max": "-9.5"}, None),
        ({"parameter": "BER", "value": "2", "limit_max": "1", "after": "repair"}, True),
        ({**FAILED, "after": "replacement"}, True),
    ],
)
def test_a_failed_test_opens_replacement(test, offered):
    if offered is None:
        with pytest.raises(ValidationError):
            asked("hardware", YEAR_1, "quality", tests=[test])
        return
    decision = asked("hardware", YEAR_1, "quality", tests=[test])
    assert ("replace" in free(decision)) is offered
    assert ("test_passed" in codes(decision.reasons)) is not offered
    assert free(decision)[0] == ("replace" if offered else "repair")


@pytest.mark.rule("S3-10")
def test_return_is_offered_to_the_customer_after_a_failed_repair_only():
    assert "return" not in free(asked("hardware", YEAR_1, "quality"))
    assert "return" not in free(asked("hardware", YEAR_1, "quality", tests=[PASSED]))
    decision = asked("hardware", YEAR_1, "quality", tests=[FAILED])
    assert free(decision) == ["replace", "return", "repair"]
    assert {offer.remedy: offer.chosen_by for offer in decision.remedies}["return"] == "customer"


@pytest.mark.rule("S3-10")
def test_the_customer_may_choose_the_return_and_staff_may_not():
    chosen = {"tests": [FAILED], "customer_choice": "return"}
    assert free(asked("hardware", YEAR_1, "quality", **chosen, chosen_by="customer"))[0] == "return"
    by_staff = asked("hardware", YEAR_1, "quality", **chosen, chosen_by="staff")
    assert free(by_staff) == ["replace", "repair"]
    assert "customer_choice_only" in codes(by_staff.reasons)
    early = {"customer_choice": "return", "chosen_by": "customer"}
    assert free(asked("hardware", YEAR_1, "quality", **early)) == ["repair"]


@pytest.mark.rule("S3-11")
def test_the_day_after_the_term_is_a_quote():
    assert free(asked("hardware", date(2025, 2, 28), "quality")) == ["repair"]
    decision = asked("hardware", date(2025, 3, 1), "quality", tests=[FAILED])
    assert (free(decision), quoted(decision)) == ([], ["repair"])
    assert "accepted in writing before work starts" in decision.remedies[0].condition


@pytest.mark.rule("S3-09")
def test_the_replacement_unit_inherits_the_rest_of_the_term():
    old, on = warranty("hardware"), date(2024, 8, 1)
    body = old.body
    new = replace(old, kind="inherited", spans=tuple(transfer(old.spans, on, body.replacement.rule, None, body)))
    old = replace(old, spans=tuple(close(old.spans, on)), closed_on=on)
    assert free(asked([old], on - DAY, "quality")) == ["repair"]
    assert codes(asked([old], on, "quality").reasons)[0] == "transferred"
    assert free(asked([new], on, "quality")) == ["repair"]
    assert free(asked([new], date(2025, 2, 28), "quality")) == ["repair"]
    assert free(asked([new], date(2025, 3, 1), "quality")) == []


# Software


@pytest.mark.rule("S1-11")
@pytest.mark.parametrize(("name", "covered"), [("Stock report", True), ("stock  REPORT", True), ("Payroll", False)])
def test_only_functions_on_the_agreed_list(name, covered):
    warranties = [warranty("software", functions=FUNCTIONS)]
    decision = asked(warranties, YEAR_1, "function", function=name)
    assert free(decision) == (["repair", "support"] if covered else [])
    assert ("out_of_scope" in codes(decision.reasons)) is not covered
    assert quoted(decision) == ([] if covered else ["repair", "support"])


@pytest.mark.rule("S1-11", "S1-13")
def test_the_last_day_of_the_free_year_is_covered_and_the_next_is_not():
    warranties = [warranty("software", functions=FUNCTIONS)]
    assert free(asked(warranties, date(2025, 2, 28), "function", function="Stock report"))
    decision = asked(warranties, date(2025, 3, 1), "function", function="Stock report")
    assert (free(decision), quoted(decision)) == ([], ["repair", "support"])


@pytest.mark.rule("S1-12")
def test_a_function_counts_from_the_day_it_was_agreed():
    warranties = [warranty("software", functions=FUNCTIONS)]
    day_9 = asked(warranties, START + 9 * DAY, "function", function="Price list")
    assert free(day_9) == []
    assert "before 10 Mar 2024" in day_9.warranties[0].reason
    assert free(asked(warranties, START + 10 * DAY, "function", function="Price list")) == [
        "repair",
        "support",
    ]


def test_a_claim_that_names_no_function_is_conditional():
    decision = asked([warranty("software", functions=FUNCTIONS)], YEAR_1, "function")
    assert free(decision) == ["repair", "support"]
    assert "function_missing" in codes(decision.flags)
    assert decision.remedies[0].condition == "The function concerned is on the agreed list."


@pytest.mark.rule("S1-13")
def test_one_year_free_from_launch():
    decision = asked("software", date(2024, 12, 1))
    assert decision.until == date(2025, 2, 28)
    assert decision.state == "expiring"
    assert free(decision) == ["repair", "support", "adjust", "patrol"]
    assert "at least 2 a year" in decision.remedies[3].reason
    unless_contract = [
        warranty("software"),
        warranty("on-site-support", date(2025, 1, 1), 2, kind="contract"),
    ]
    assert free(asked(unless_contract, date(2025, 3, 1), "user")) == ["onsite", "support"]


@pytest.mark.rule("S1-17")
def test_fine_adjustment_on_both_sides_of_the_end():
    inside = asked("software", date(2025, 2, 28), request="fine_adjustment")
    assert [(offer.remedy, offer.charge) for offer in inside.remedies] == [("adjust", "free")]
    outside = asked("software", date(2025, 3, 1), request="fine_adjustment")
    assert [(offer.remedy, offer.charge) for offer in outside.remedies] == [("adjust", "quote")]
    assert outside.remedies[0].warranty is None


def test_fine_adjustment_is_not_free_where_the_terms_do_not_say_so():
    decision = asked("optical-module", YEAR_1, request="fine_adjustment")
    assert [(offer.remedy, offer.charge) for offer in decision.remedies] == [("adjust", "quote")]
    assert codes(decision.reasons) == ["request_not_free"]


def test_a_question_is_answered_by_support():
    assert free(asked("optical-module", YEAR_1, request="question")) == ["support"]
    assert quoted(asked("hardware", YEAR_1, request="question")) == ["support"]


def test_a_reading_within_limits_does_not_refuse_a_question():
    reading = {"parameter": "Tx power", "value": "-8.0", "limit_min": "-8.2"}
    assert free(asked("optical-module", YEAR_1, request="question", **reading)) == ["support"]
