"""The facts of a claim as they come in JSON."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from marshmallow import ValidationError

from registry.warranty.facts import Facts, FactsSchema
from tests.warranty.samples import claims


@given(claims())
def test_facts_round_trip(claim):
    facts = FactsSchema().load(claim)
    stored = json.loads(json.dumps(FactsSchema().dump(facts)))
    assert FactsSchema().load(stored) == facts


def test_facts_are_exact_decimals_and_may_be_negative():
    facts = FactsSchema().load({"parameter": "Rx power", "value": -8.2, "limit_min": "-8.20"})
    assert facts.value == Decimal("-8.2")
    assert not facts.reading.outside
    assert Facts() == FactsSchema().load({})


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"weather": "fine"}, "weather"),
        ({"request": "cake"}, "request"),
        ({"value": "nan", "parameter": "Tx"}, "value"),
        ({"value": "1e400000", "parameter": "Tx"}, "value"),
        ({"value": "1e-400000", "parameter": "Tx"}, "value"),
        ({"value": True, "parameter": "Tx"}, "value"),
        ({"value": "-9"}, "parameter"),
        ({"value": "-9", "parameter": "Tx"}, "limit_min"),
        ({"limit_min": 2, "limit_max": 1}, "limit_min"),
        ({"parameter": " "}, "parameter"),
        ({"function": ""}, "function"),
        ({"fault_on": "yesterday"}, "fault_on"),
        ({"fault_on": "2025-01-02", "notified_on": "2025-01-01"}, "notified_on"),
        ({"tests": [{"parameter": "Tx", "value": 1, "limit_min": 0}]}, "tests"),
        ({"tests": None}, "tests"),
        ({"operating": [{"parameter": "T", "value": 1}]}, "operating"),
        ({"operating": [{"parameter": "T", "value": 1, "limit_max": 2, "after": "repair"}]}, "operating"),
        ({"operating": "hot"}, "operating"),
        ({"customer_choice": "repair"}, "customer_choice"),
        ({"chosen_by": "boss"}, "chosen_by"),
    ],
)
def test_facts_that_do_not_hold_name_the_field(data, field):
    with pytest.raises(ValidationError) as caught:
        FactsSchema().load(data)
    assert list(caught.value.messages) == [field]
