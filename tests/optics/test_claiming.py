"""A claim rests on the module's own readings: value, limit, and whether they carry it."""

from decimal import Decimal

import pytest

from registry.optics import service
from registry.optics.claiming import claim_facts
from registry.sdk import ClaimSchema, ReadingSchema
from registry.warranty.claims import coverage_of
from registry_rma.readings import in_use
from tests.optics.optic_world import DEAF, NOW, WORN, at_now, bring, item
from tests.web.forms import fill

DARK = {"tx_power_dbm": None, "tx_bias_ma": 0.0}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at_now(monkeypatch)


@pytest.fixture
def module(house):
    """Reads whatever it is told three times over a day, and answers the asset; it is under the usual warranty."""
    people = house.people()

    def read(*, lanes=1, times=(30, 12, 0), **lane):
        items = [item(hours, lanes=lanes, **lane) for hours in times]
        if lane.get("tx_power_dbm", 0) is None:
            items = [{**one, "states": {"1.tx_power_dbm": "dark"}} for one in items]
        asset_id = bring(house, *items)["items"][0]["asset_id"]
        given = {"asset": asset_id, "terms": "optical-module", "starts_on": "2026-01-01"}
        assert people.admin.post("/api/v1/warranties", given).status_code == 201
        return asset_id

    return read


def decided(house, found, cause=None):
    """What is owed by a claim with these facts."""
    reading = found["reading"] or {}
    facts = ClaimSchema().load({**reading, "operating": found["operating"]})
    answer = coverage_of(house.system, found["asset"], on=NOW.date(), cause=cause or found["cause"], facts=facts)
    return [one["remedy"] for one in answer["remedies"] if one["charge"] == "free"], answer


@pytest.mark.rule("S4-03")
def test_a_worn_laser_is_claimed_by_its_own_value_and_limit(house, module):
    found = claim_facts(house.system, module(**WORN))
    assert (found["verdict"], found["claimable"], found["cause"]) == ("worn_laser", True, "wear")
    assert found["reading"] == {
        "parameter": "Tx power", "value": "-13", "limit_min": "-12.2", "limit_max": "3.5", "unit": "dBm"}  # fmt: skip
    assert ReadingSchema().load(found["reading"]).value == Decimal("-13")
    assert found["fault_on"].isoformat() == "2026-05-31" and "worn" in found["fault"]
    free, answer = decided(house, found)
    assert free == ["replace", "support"] and "failing" in [one["code"] for one in answer["reasons"]]


@pytest.mark.rule("S4-03")
def test_a_module_within_its_limits_carries_no_claim_and_says_so(house, module):
    found = claim_facts(house.system, module())
    assert (found["claimable"], found["cause"], found["fault"]) == (False, None, "")
    assert found["told"] == "What the module reports is within its limits: that carries no claim."
    free, answer = decided(house, found, "module")
    assert free == [] and "within_specification" in [one["code"] for one in answer["reasons"]]


@pytest.mark.rule("S4-03")
def test_the_worst_of_several_lanes_decides_and_no_light_is_at_most_the_least(house, module):
    asset_id = module(lanes=4, times=(30,))
    later = [item(hours, lanes=4) for hours in (28, 12, 0)]
    for one in later:
        one["readings"]["lanes"][2] |= WORN | {"tx_power_dbm": -14.5}
        one["readings"]["lanes"][1] |= WORN
    bring(house, *later)
    found = claim_facts(house.system, asset_id)
    assert (found["lane"], found["reading"]["value"]) == (3, "-14.5")
    assert found["fault_on"].isoformat() == "2026-05-31", "the sound reading before it is none of the failure"


@pytest.mark.rule("S4-03")
def test_no_light_at_all(house, module):
    found = claim_facts(house.system, module(**DARK))
    assert (found["verdict"], found["claimable"]) == ("transmitter_fault", True)
    assert found["reading"]["parameter"] == "Tx bias" and decided(house, found)[0] == ["replace", "support"]


@pytest.mark.rule("S4-04")
def test_our_technical_data_are_covered_although_the_module_is_sound(house, module):
    found = claim_facts(house.system, module())
    assert not found["claimable"]
    assert decided(house, found, "our_technical_data")[0] == ["replace", "support"]


@pytest.mark.rule("S4-05")
def test_a_module_that_is_too_hot_is_not_claimed_and_the_reason_is_written(house, module):
    found = claim_facts(house.system, module(temperature_c=80.0, **WORN))
    assert not found["claimable"] and "conditions" in [one["code"] for one in found["reasons"]]
    assert found["operating"][0] == {
        "parameter": "Temperature", "value": "80", "limit_min": "-5", "limit_max": "75", "unit": "°C"}  # fmt: skip
    free, answer = decided(house, found, "module")
    assert (
        free == []
        and "Temperature 80 °C (specified: at least -5 °C and at most 75 °C)" in answer["warranties"][0]["reason"]
    )


@pytest.mark.parametrize(("lane", "verdict"), [
    (DEAF, "link_or_far_end"), ({"rx_power_dbm": 3.0}, "receiver_overload"),
    ({"tx_power_dbm": -13.0}, "clean_and_retest"),
    ({**WORN, "admin_up": False}, "undecided_needs_port_state"),
])  # fmt: skip
def test_other_verdicts_carry_no_claim(house, module, lane, verdict):
    found = claim_facts(house.system, module(**lane))
    assert (found["verdict"], found["claimable"], found["cause"]) == (verdict, False, None)
    assert found["told"] and "carry a claim" not in found["told"]


def test_a_receiver_is_claimed_once_it_is_proven(house, module):
    asset_id = module(**DEAF)
    optic = service.optic_of(house.system, asset_id)
    proof = service.record_proof(house.system, optic.id, {"kind": "loopback", "module_failed": True})
    found = claim_facts(house.system, asset_id)
    assert (found["claimable"], found["cause"], found["reading"]["parameter"]) == (True, "module", "Rx power")
    assert found["reading"]["value"] == "-25" and found["reading"]["limit_min"] == "-18.4"
    service.remove_proof(house.system, optic.id, proof.id)
    assert not claim_facts(house.system, asset_id)["claimable"]


def test_an_asset_without_readings(house):
    house.customer("acme")
    found = claim_facts(house.system, house.asset().id)
    assert not found["claimable"] and found["reading"] is None and "no reading" in found["told"]


def test_the_rma_desk_takes_what_the_module_says(house, module):
    people = house.people()
    asset_id = module(**WORN)
    path = "/api/v1/x/rma/cases"
    line = {"asset": asset_id, "fault": "Link flaps", "from_readings": True}
    made = people.owner.post(path, {"lines": [line]})
    assert made.status_code == 201, made.text
    [told] = made.json["lines"]
    assert told["facts"]["value"] == "-13" and told["facts"]["limit_min"] == "-12.2" and told["cause"] == "wear"
    assert (told["fault"], told["fault_on"]) == ("Link flaps", "2026-05-31")
    assert [one["parameter"] for one in told["facts"]["operating"]] == ["Temperature", "Supply voltage"]
    sound = bring(house, item(1, serial="S9", port="Et9"))["items"][0]["asset_id"]
    refused = people.owner.post(path, {"lines": [{**line, "asset": sound}]})
    assert refused.status_code == 422 and "within its limits" in refused.text
    page = people.owner.get(f"/c/acme/x/rma/assets/{asset_id}/claims/new").text
    assert 'value="-12.2"' in page and "its own readings carry a claim" in page
    page = people.owner.get(f"/c/acme/x/rma/assets/{sound}/claims/new").text
    assert "that carries no claim" in page and 'value="-12.2"' not in page


@pytest.mark.rule("S4-03")
def test_the_page_of_a_claim_is_filled_and_sent_with_how_the_module_was_used(house, module):
    people = house.people()
    asset_id = module(temperature_c=42.0, **WORN)
    page = f"/c/acme/x/rma/assets/{asset_id}/claims/new"
    shown = people.owner.get(page).text
    used = ("Temperature 42 °C, limits -5 to 75", "Supply voltage 3.3 V, limits 2.97 to 3.63")
    for part in ('value="-13"', 'value="-12.2"', 'value="3.5"', 'value="2026-05-31"', *used):
        assert part in shown, part
    assert fill(people.owner, page).status_code == 303
    other = module(serial="S2", port="Et2", **WORN)
    assert fill(people.owner, page.replace(f"/{asset_id}/", f"/{other}/"), measured_use="").status_code == 303
    typed = [{"parameter": "temperature", "value": "80"}]
    assert [one["value"] for one in in_use(people.owner.actor, other, typed)] == ["80", "3.3"]
    sound = module(serial="S3", port="Et3")
    assert in_use(people.owner.actor, sound, []) == []
    lines = people.admin.get("/api/v1/x/rma/lines").json["items"]
    facts = [people.admin.get(f"/api/v1/x/rma/lines/{one['id']}").json["facts"] for one in lines]
    used = [{each["parameter"]: str(each["value"]) for each in one.get("operating", ())} for one in facts]
    assert used == [{"Temperature": "42", "Supply voltage": "3.3"}, {}]


def test_of_several_lanes_the_one_that_lasts_is_claimed(house, module):
    """Lane 1 is worse, but only today; what it reads is an observation."""
    kinds = {30: ({}, WORN), 12: ({}, WORN), 0: ({"tx_power_dbm": -20.0, "tx_bias_ma": 75.0}, WORN)}
    items = []
    for hours, (first, second) in kinds.items():
        one = item(hours, lanes=2)
        one["readings"]["lanes"][0] |= first
        one["readings"]["lanes"][1] |= second
        items.append(one)
    found = claim_facts(house.system, bring(house, *items)["items"][0]["asset_id"])
    assert (found["claimable"], found["lane"], found["reading"]["value"]) == (True, 2, "-13")
    assert found["fault_on"].isoformat() == "2026-05-31"


def test_a_warning_of_temperature_is_within_what_the_module_is_made_for(house, module):
    found = claim_facts(house.system, module(temperature_c=72.0, **WORN))
    assert found["claimable"] and found["operating"][0]["limit_max"] == "75"
