"""Terms: the shape of a version, its templates and causes."""

import copy
import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from registry.warranty.causes import CAUSE_NAMES
from registry.warranty.periods import Period
from registry.warranty.terms import Coverage, Replacement, TermsBody, TermsBodySchema
from registry.warranty.vocabulary import EVIDENCE, REMEDIES, START_BASES

LEAST = {
    "start_basis": "delivery",
    "coverages": [{"remedy": "repair", "period": "P1Y"}],
    "covers_causes": ["non_human"],
}


def errors(**changes):
    with pytest.raises(ValidationError) as caught:
        TermsBody.from_dict({**LEAST, **changes})
    return caught.value.messages


def test_the_least_that_terms_need():
    body = TermsBody.from_dict(LEAST)
    assert body == TermsBody("delivery", (Coverage("repair", Period(years=1)),), ("non_human",))
    assert body.replacement == Replacement("remaining", None)
    assert body.coverage("repair") == Coverage("repair", Period(years=1))
    assert body.coverage("patrol") is None


def test_the_json_form_names_every_field():
    assert TermsBody.from_dict(LEAST).as_dict() == {
        "start_basis": "delivery",
        "coverages": [
            {
                "remedy": "repair",
                "period": "P1Y",
                "charge": "free",
                "requires": None,
                "chosen_by": None,
                "supersedes": [],
                "per_year": None,
            }
        ],
        "covers_causes": ["non_human"],
        "exclusions": [],
        "evidence": [],
        "replacement": {"rule": "remaining", "days": None},
        "repair_warranty": None,
        "functions_only": False,
        "repair_extends": False,
        "free_requests": [],
        "notify_within_days": None,
        "after_term": "quote",
        "notes": "",
    }


@pytest.mark.parametrize("field", ["start_basis", "coverages", "covers_causes"])
def test_missing_fields_are_named(field):
    data = {key: value for key, value in LEAST.items() if key != field}
    with pytest.raises(ValidationError) as caught:
        TermsBody.from_dict(data)
    (message,) = caught.value.messages[field]
    assert message.startswith(field.replace("_", " ").capitalize())


@pytest.mark.parametrize(
    ("field", "bad", "label"),
    [
        ("start_basis", "delivered", "Start basis"),
        ("start_basis", None, "Start basis"),
        ("start_basis", ["delivery"], "Start basis"),
        ("coverages", [], "Coverages"),
        ("coverages", None, "Coverages"),
        ("coverages", "repair", "Coverages"),
        ("covers_causes", "wear", "Covers causes"),
        ("covers_causes", ["wear", "wear"], "Covers causes"),
        ("exclusions", None, "Exclusions"),
        ("replacement", None, "Replacement"),
        ("repair_warranty", "3 months", "Repair warranty"),
        ("repair_warranty", 90, "Repair warranty"),
        ("functions_only", "yes", "Functions only"),
        ("functions_only", 1.5, "Functions only"),
        ("functions_only", [], "Functions only"),
        ("free_requests", ["fine_adjustment"], "Free requests"),
        ("notify_within_days", -1, "Notify within days"),
        ("notify_within_days", 1.5, "Notify within days"),
        ("notify_within_days", True, "Notify within days"),
        ("after_term", "free", "After term"),
        ("notes", 5, "Notes"),
        ("notes", "x" * 5001, "Notes"),
    ],
)
def test_messages_name_the_field(field, bad, label):
    assert errors(**{field: bad})[field][0].startswith(label)


@pytest.mark.parametrize(
    ("field", "allowed"),
    [("exclusions", CAUSE_NAMES), ("covers_causes", CAUSE_NAMES), ("evidence", EVIDENCE)],
)
def test_closed_lists_say_what_they_hold(field, allowed):
    (message,) = errors(**{field: ["nonsense"]})[field][0]
    assert all(name in message for name in allowed)


def test_unknown_fields_are_errors_at_every_level():
    found = errors(
        exclusion=["war"],
        coverages=[{"remedy": "repair", "period": "P1Y", "until": 3}],
        replacement={"rule": "full_new", "dayz": 1},
    )
    assert set(found) == {"exclusion", "coverages", "replacement"}
    assert found["coverages"][0]["until"] == found["exclusion"]
    assert "spelling" in found["replacement"]["dayz"][0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"remedy": "bless"}, "remedy"),
        ({"period": "P1H"}, "period"),
        ({"period": None}, "period"),
        ({"charge": "quote"}, "charge"),
        ({"requires": "luck"}, "requires"),
        ({"chosen_by": "staff"}, "chosen_by"),
        ({"remedy": "return", "requires": "failed_repair"}, "chosen_by"),
        ({"supersedes": ["repair"]}, "supersedes"),
        ({"supersedes": "replace"}, "supersedes"),
        ({"per_year": 2}, "per_year"),
        ({"remedy": "patrol"}, "per_year"),
        ({"remedy": "patrol", "per_year": 0}, "per_year"),
    ],
)
def test_a_coverage_is_checked(changes, field):
    found = errors(coverages=[{"remedy": "repair", "period": "P1Y", **changes}])
    (message,) = found["coverages"][0][field]
    assert message.startswith(field.replace("_", " ").capitalize())


def test_a_remedy_is_promised_once():
    twice = [{"remedy": "repair", "period": "P1Y"}, {"remedy": "repair", "period": "P2Y"}]
    assert "promised twice" in errors(coverages=twice)["coverages"][1]["remedy"][0]


@pytest.mark.parametrize(
    "replacement",
    [{"rule": "max_remaining"}, {"rule": "remaining", "days": 90}, {"rule": "full_new", "days": 1}],
)
def test_days_go_with_the_longer_of_rest_and_days(replacement):
    assert errors(replacement=replacement)["replacement"]["days"][0].startswith("Days must be given")


def test_the_body_is_frozen():
    body = TermsBody.from_dict(LEAST)
    with pytest.raises(FrozenInstanceError):
        body.notes = "changed"
    with pytest.raises(TypeError):
        body.coverages[0] = None


def test_changing_the_source_does_not_change_the_body():
    data = copy.deepcopy(LEAST)
    body = TermsBody.from_dict(data)
    data["coverages"][0]["period"] = "P9Y"
    data["covers_causes"].append("human")
    assert body == TermsBody.from_dict(LEAST)


@st.composite
def bodies(draw):
    remedies = draw(st.lists(st.sampled_from(sorted(REMEDIES)), min_size=1, unique=True))
    lists = {
        "covers_causes": CAUSE_NAMES,
        "exclusions": CAUSE_NAMES,
        "evidence": sorted(EVIDENCE),
    }
    periods = st.builds(Period, st.integers(0, 5), st.integers(0, 20), st.integers(0, 9), st.integers(1, 99))
    rule = draw(st.sampled_from(["remaining", "full_new", "max_remaining"]))
    coverages = []
    for remedy in remedies:
        others = sorted(set(REMEDIES) - {remedy})
        coverages.append(
            {
                "remedy": remedy,
                "period": str(draw(periods)),
                "requires": draw(st.sampled_from([None, "failed_repair", "failed_replacement"])),
                "chosen_by": "customer" if remedy == "return" else draw(st.sampled_from([None, "customer"])),
                "supersedes": draw(st.lists(st.sampled_from(others), unique=True, max_size=2)),
                "per_year": draw(st.integers(1, 12)) if remedy == "patrol" else None,
            }
        )
    return {
        "start_basis": draw(st.sampled_from(sorted(START_BASES))),
        "coverages": coverages,
        **{name: draw(st.lists(st.sampled_from(words), unique=True)) for name, words in lists.items()},
        "replacement": {"rule": rule, "days": draw(st.integers(1, 900)) if rule == "max_remaining" else None},
        "repair_warranty": draw(st.none() | periods.map(str)),
        "functions_only": draw(st.booleans()),
        "repair_extends": draw(st.booleans()),
        "notify_within_days": draw(st.none() | st.integers(0, 99)),
        "notes": draw(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)),
    }


@given(bodies())
def test_json_round_trip(data):
    body = TermsBody.from_dict(data)
    stored = json.loads(json.dumps(body.as_dict()))
    assert TermsBody.from_dict(stored) == body
    assert TermsBodySchema().load(stored).as_dict() == stored
    assert {key: stored[key] for key in data if key != "coverages"} == {
        key: value for key, value in data.items() if key != "coverages"
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(TermsBodySchema().fields)), JSON) | JSON)
def test_any_other_json_is_a_validation_error_and_nothing_else(data):
    try:
        TermsBody.from_dict(data)
    except ValidationError as error:
        assert error.messages
