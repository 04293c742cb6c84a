"""`decide` with several warranties, none, void ones; the shape of the answer."""

from dataclasses import replace
from datetime import date

import pytest

from registry.warranty.coverage import materialise
from registry.warranty.terms import TEMPLATES, TermsBody
from tests.warranty.samples import (
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


@pytest.mark.rule("S3-17")
def test_without_any_warranty_there_is_a_quote():
    decision = asked([], YEAR_1, "quality")
    assert decision.state == "none"
    assert decision.until is None
    assert quoted(decision) == ["repair"]
    assert codes(decision.reasons) == ["no_warranty"]


def test_any_warranty_that_owes_it_wins_and_the_longest_stands():
    short = warranty("hardware", number=1)
    longer = replace(
        warranty("hardware", number=2, kind="extended"),
        spans=tuple(materialise(date(2024, 6, 1), short.body)),
    )
    decision = asked([short, longer], YEAR_1, "quality")
    assert [(offer.remedy, offer.warranty) for offer in decision.remedies] == [("repair", 2)]
    decision = asked([short, longer], date(2025, 3, 10), "quality")
    assert [(offer.remedy, offer.warranty) for offer in decision.remedies] == [("repair", 2)]
    assert [verdict.covers for verdict in decision.warranties] == [False, True]
    assert "ended on 28 Feb 2025" in decision.warranties[0].reason
    assert (decision.state, decision.until) == ("expiring", date(2025, 5, 31))


def test_what_is_not_owed_can_be_had_beside_what_is():
    unit = warranty("hardware", number=1)
    visits = warranty("on-site-support", number=2, kind="contract", contract="C-7")
    decision = asked([unit, visits], YEAR_1, "drop damage")
    assert (free(decision), quoted(decision)) == (["onsite", "support"], ["repair"])
    assert "(contract C-7)" in decision.remedies[0].reason
    assert "excluded" in decision.remedies[2].reason
    assert "quote_first" not in codes(decision.flags)


def test_replace_first_still_stands_before_the_repair_of_another_warranty():
    warranties = [warranty("hardware", number=1), warranty("optical-module", number=2)]
    assert free(asked(warranties, YEAR_1, "wear")) == ["replace", "repair", "support"]


def test_void_with_its_reason():
    voided = warranty("hardware", void_on=date(2024, 5, 1), void_reason="seal broken")
    before, after = asked([voided], date(2024, 4, 30)), asked([voided], date(2024, 5, 1))
    assert (before.state, free(before), before.until) == ("expiring", ["repair"], date(2024, 4, 30))
    assert (after.state, free(after)) == ("void", [])
    assert after.warranties[0].reason == "Hardware, version 1: void since 1 May 2024: seal broken."
    beside = asked([voided, warranty("hardware", number=2)], date(2024, 5, 1))
    assert (beside.state, free(beside)) == ("active", ["repair"])
    assert [verdict.state for verdict in beside.warranties] == ["void", "active"]


def test_void_from_its_first_day_and_after_its_term():
    voided = warranty("hardware", void_on=START)
    assert asked([voided], date(2030, 1, 1)).state == "void"
    assert asked([voided], START - DAY).warranties[0].state == "not_started"
    old = warranty("hardware", date(2020, 1, 1), 2)
    assert asked([voided, old], YEAR_1).state == "void"
    assert asked([voided, old], YEAR_2).state == "expired"


def test_moved_away_before_it_started():
    moved = warranty("hardware", closed_on=START)
    assert asked([moved], START - DAY).warranties[0].state == "expired"
    assert codes(asked([moved], START - DAY).reasons) == ["not_started"]
    assert codes(asked([moved], START).reasons) == ["transferred"]


def test_a_start_that_is_missing_is_said():
    waiting = warranty("software", None, start_missing="the launch date is missing")
    decision = asked([waiting], YEAR_1, "function")
    assert decision.state == "none"
    assert codes(decision.reasons) == ["start_missing"]
    assert "the launch date is missing" in decision.warranties[0].reason
    assert codes(asked([warranty("software", None)], YEAR_1).reasons) == ["none"]


def test_before_the_start():
    decision = asked("hardware", START - DAY, "quality")
    assert (decision.state, free(decision), quoted(decision)) == ("not_started", [], ["repair"])
    assert codes(decision.reasons) == ["not_started"]


def test_terms_that_promise_nothing_for_a_malfunction():
    patrols = TermsBody.from_dict(
        {
            "start_basis": "given",
            "coverages": [{"remedy": "patrol", "period": "P1Y", "per_year": 4}],
            "covers_causes": ["non_human"],
        }
    )
    only = replace(warranty("hardware"), body=patrols, spans=tuple(materialise(START, patrols)))
    decision = asked([only], YEAR_1, "wear")
    assert codes(decision.reasons) == ["no_remedy"]
    assert quoted(decision) == ["repair"]
    assert free(asked([only], YEAR_1)) == ["patrol"]


def test_the_shape_of_the_answer():
    decision = asked("hardware", YEAR_1, "quality").as_dict()
    assert list(decision) == [
        *["asset", "on", "cause", "state", "until"],
        *["remedies", "warranties", "reasons", "flags"],
    ]
    assert (decision["asset"], decision["on"], decision["cause"]) == (7, "2024-06-01", "quality")
    assert (decision["state"], decision["until"]) == ("active", "2025-02-28")
    assert decision["remedies"] == [
        {
            "remedy": "repair",
            "title": "Repair",
            "warranty": 1,
            "until": "2025-02-28",
            "charge": "free",
            "condition": None,
            "chosen_by": None,
            "reason": "Repair is owed free of charge through 28 Feb 2025 under Hardware, version 1.",
        }
    ]
    assert decision["warranties"] == [
        {
            "id": 1,
            "kind": "manufacturer",
            "terms": "Hardware",
            "version": 1,
            "state": "active",
            "starts_on": "2024-02-29",
            "until": "2025-02-28",
            "covers": True,
            "reason": "Hardware, version 1: covered through 28 Feb 2025.",
        }
    ]
    assert decision["reasons"][0] == {
        "code": "covered",
        "text": "Hardware, version 1: covered through 28 Feb 2025.",
    }
    assert [set(flag) for flag in decision["flags"]] == [{"code", "text"}]


def test_text_from_outside_cannot_break_a_sentence():
    odd = warranty("hardware", void_on=YEAR_1, void_reason="{terms} {0} %s {")
    assert "{terms} {0} %s {" in asked([odd], YEAR_1).warranties[0].reason


def test_terms_may_wait_for_a_failed_replacement():
    data = TEMPLATES["hardware"][1].as_dict()
    data["coverages"][2]["requires"] = "failed_replacement"
    body = TermsBody.from_dict(data)
    held = [replace(warranty("hardware"), body=body)]
    after_repair = asked(held, YEAR_1, "quality", tests=[FAILED])
    assert free(after_repair) == ["replace", "repair"]
    assert "needs_failed_replacement" in codes(after_repair.reasons)
    after_replacement = asked(held, YEAR_1, "quality", tests=[{**FAILED, "after": "replacement"}])
    assert free(after_replacement) == ["replace", "return", "repair"]


def test_terms_that_cover_the_user_cover_operation_outside_the_data_sheet():
    operating = [{"parameter": "Temperature", "value": 90, "limit_max": 70}]
    warranties = [warranty("hardware", number=1), warranty("on-site-support", number=2)]
    decision = asked(warranties, YEAR_1, "quality", operating=operating)
    assert (free(decision), quoted(decision)) == (["onsite", "support"], ["repair"])
