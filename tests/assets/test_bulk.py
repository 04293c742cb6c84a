"""Many assets in one call: all or nothing, with errors for each item by its number."""

from typing import Any

import pytest

from registry.kernel import audit
from tests.houses import House, People
from tests.ladder import API

ASSETS, BULK = f"{API}/assets", f"{API}/assets/bulk"


@pytest.fixture
def people(house: House) -> People:
    found = house.people()
    house.product("Switch")
    return found


def new(serial: str, **more: Any) -> dict[str, Any]:
    return {"product": "Switch", "serial": serial, **more}


def test_registers_and_changes_in_the_order_given(any_house: House) -> None:
    people = any_house.people()
    any_house.product("Switch")
    first = people.owner.post(ASSETS, new("A0")).json
    done = people.owner.post(BULK, {"items": [new("A1"), {"id": first["id"], "version": 1, "name": "x"}, new("A2")]})
    assert done.status_code == 200, done.json
    items = done.json["items"]
    assert [item["version"] for item in items] == [1, 2, 1] and items[1]["id"] == first["id"]
    listed = people.owner.get(ASSETS).json["items"]
    assert [(item["serial"], item["name"]) for item in listed] == [("A0", "x"), ("A1", ""), ("A2", "")]
    acts = [entry["action"] for entry in people.owner.get(f"{API}/audit?object_type=asset").json["items"]]
    assert acts == ["asset.created", "asset.created", "asset.changed", "asset.created"]
    assert all(state.fault is None for state in audit.verify())


def test_one_bad_item_stores_nothing_and_every_bad_one_is_named(any_house: House) -> None:
    people = any_house.people()
    any_house.product("Switch")
    mine = people.owner.post(ASSETS, new("A0", tag="T0")).json
    theirs = people.stranger.post(ASSETS, new("B0")).json
    items = [
        new("A1"),
        new("A0"),
        {"serial": "no product"},
        {"id": mine["id"], "name": "x"},
        {"id": mine["id"], "version": 7, "name": "x"},
        {"id": theirs["id"], "version": 1, "name": "x"},
        new("A1"),
        new("A2", status="burnt", site="Mars"),
        new("A3", customer="globex"),
        {"id": mine["id"], "version": 1, "customer": "globex"},
        new("A4", version=1),
        new("A5", custom={"colour": "red"}),
    ]
    refused = people.owner.post(BULK, {"items": items})
    assert refused.status_code == 422
    named = {number: sorted(found) for number, found in refused.json["errors"].items()}
    assert named == {
        "1": ["product", "serial"],
        "2": ["product"],
        "3": ["version"],
        "4": ["item"],
        "5": ["item"],
        "6": ["product", "serial"],
        "7": ["status"],
        "8": ["customer"],
        "9": ["customer"],
        "10": ["version"],
        "11": ["custom.colour"],
    }
    assert [item["serial"] for item in people.owner.get(ASSETS).json["items"]] == ["A0"]
    acts = [entry["action"] for entry in people.owner.get(f"{API}/audit?object_type=asset").json["items"]]
    assert acts == ["asset.created"]
    assert all(state.fault is None for state in audit.verify())


def test_shapes_are_checked_before_anything_is_done(people: People) -> None:
    refused = people.owner.post(BULK, {"items": [new("A1"), new("A2", delivered_on="1/2/2024", colour="red")]})
    assert refused.status_code == 422
    assert {name: sorted(found) for name, found in refused.json["errors"]["items"].items()} == {
        "1": ["colour", "delivered_on"]
    }
    for items in ([], "x", None, [1], [[]], [{}] * 1001, {"0": {}}):
        assert people.owner.post(BULK, {"items": items}).status_code == 422
    assert people.owner.get(ASSETS).json["items"] == []


def test_a_unit_may_move_into_one_that_the_same_call_registers(people: People, house: House) -> None:
    house.product("SFP", "optic")
    items = [new("SW1"), {"product": "SFP", "serial": "OP1", "parent": "SW1", "slot": "1"}]
    assert people.owner.post(BULK, {"items": items}).status_code == 200
    swap = people.owner.get(ASSETS).json["items"]
    assert swap[1]["parent_id"] == swap[0]["id"]
