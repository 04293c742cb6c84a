"""Custom fields: each value by its declared type, with errors that name custom.<field>."""

from typing import Any

import pytest

from tests.houses import House, People
from tests.ladder import API

ASSETS, FIELDS = f"{API}/assets", f"{API}/asset-fields"
DECLARED: dict[str, dict[str, Any]] = {
    "rack": {"type": "text"},
    "ports": {"type": "integer"},
    "weight": {"type": "decimal"},
    "leased": {"type": "boolean"},
    "checked_on": {"type": "day"},
    "colour": {"type": "choice", "choices": ["red", "blue"]},
}
GOOD = {"rack": "R4 北", "ports": 48, "weight": "3.250", "leased": False, "checked_on": "2024-02-29", "colour": "red"}


@pytest.fixture
def people(house: House) -> People:
    found = house.people()
    house.product("Switch")
    house.product("SFP", "optic")
    for name, more in DECLARED.items():
        made = found.admin.post(FIELDS, {"name": name, "title": name.title(), **more})
        assert made.status_code == 201, made.json
    return found


def test_each_type_keeps_what_it_accepts(people: People) -> None:
    made = people.owner.post(ASSETS, {"product": "Switch", "custom": GOOD})
    assert made.status_code == 201 and made.json["custom"] == GOOD
    loose = people.owner.post(ASSETS, {"product": "Switch", "custom": {"ports": "-7", "weight": -1.5, "rack": " x "}})
    assert loose.json["custom"] == {"ports": -7, "weight": "-1.5", "rack": "x"}
    empty = people.owner.post(ASSETS, {"product": "Switch", "custom": {"rack": "", "colour": None}})
    assert empty.json["custom"] == {}


WRONG = [
    ("rack", 7),
    ("rack", ["x"]),
    ("rack", "a\nb"),
    ("rack", "x" * 2001),
    ("ports", "many"),
    ("ports", 1.5),
    ("ports", True),
    ("ports", "1_000"),
    ("ports", str(2**53 + 1)),
    ("ports", "9" * 30),
    ("ports", [1]),
    ("weight", "heavy"),
    ("weight", "1_0"),
    ("weight", "NaN"),
    ("weight", "sNaN"),
    ("weight", "Infinity"),
    ("weight", "1e999999"),
    ("weight", True),
    ("weight", "9" * 50),
    ("leased", "yes"),
    ("leased", 1),
    ("checked_on", "1/2/2024"),
    ("checked_on", "2023-02-29"),
    ("checked_on", 20240229),
    ("checked_on", "0001-01-01"),
    ("colour", "green"),
    ("colour", ["red"]),
    ("colour", {"red": 1}),
    ("shape", "round"),
]


def test_what_does_not_fit_is_refused_naming_the_field(people: People) -> None:
    for name, value in WRONG:
        answer = people.owner.post(ASSETS, {"product": "Switch", "custom": {name: value}})
        assert answer.status_code == 422, (name, value, answer.json)
        assert list(answer.json["errors"]) == [f"custom.{name}"], (name, value, answer.json)
    several = people.owner.post(ASSETS, {"product": "Switch", "custom": {"ports": "x", "colour": "x", "rack": "ok"}})
    assert set(several.json["errors"]) == {"custom.ports", "custom.colour"}
    assert "red, blue" in several.json["errors"]["custom.colour"][0]
    assert people.owner.get(ASSETS).json["items"] == []


def test_a_change_touches_the_fields_it_names_and_null_empties_one(people: People) -> None:
    made = people.owner.post(ASSETS, {"product": "Switch", "custom": GOOD}).json
    path = f"{ASSETS}/{made['id']}"
    changed = people.owner.patch(path, {"custom": {"ports": 24, "rack": None}}, 1).json
    assert changed["custom"] == {**{name: value for name, value in GOOD.items() if name != "rack"}, "ports": 24}
    assert people.owner.patch(path, {"name": "x"}, 2).json["custom"] == changed["custom"]


def test_a_field_may_be_required_and_belong_to_one_kind(people: People) -> None:
    people.admin.post(
        FIELDS, {"name": "wave", "title": "Wavelength", "type": "integer", "kind": "optic", "required": True}
    )
    missing = people.owner.post(ASSETS, {"product": "SFP"})
    assert (missing.status_code, missing.json["errors"]) == (422, {"custom.wave": ["Wavelength is required."]})
    assert people.owner.post(ASSETS, {"product": "SFP", "custom": {"wave": 1310}}).status_code == 201
    assert people.owner.post(ASSETS, {"product": "Switch"}).status_code == 201
    other = people.owner.post(ASSETS, {"product": "Switch", "custom": {"wave": 1310}})
    assert list(other.json["errors"]) == ["custom.wave"]


def test_values_of_a_removed_field_stay_and_hinder_nothing(people: People) -> None:
    made = people.owner.post(ASSETS, {"product": "Switch", "custom": {"rack": "R4", "ports": 48}}).json
    path = f"{ASSETS}/{made['id']}"
    rack = next(field for field in people.admin.get(FIELDS).json["items"] if field["name"] == "rack")
    assert people.admin.request("DELETE", f"{FIELDS}/{rack['id']}").status_code == 428
    assert people.admin.delete(f"{FIELDS}/{rack['id']}", 1).status_code == 204
    assert people.owner.get(path).json["custom"] == {"rack": "R4", "ports": 48}
    assert people.owner.patch(path, {"custom": {"ports": 24}}).json["custom"] == {"rack": "R4", "ports": 24}
    assert people.owner.patch(path, {"custom": {"rack": "R5"}}).status_code == 422
    assert people.owner.patch(path, {"custom": {"rack": None}}).json["custom"] == {"ports": 24}


def test_a_customers_own_field_is_his_alone(people: People) -> None:
    own = {"name": "badge", "title": "Badge", "type": "text", "customer": "acme"}
    assert people.admin.post(FIELDS, own).json["customer"] == "acme"
    assert people.admin.post(FIELDS, own).status_code == 409
    assert people.owner.post(ASSETS, {"product": "Switch", "custom": {"badge": "7"}}).status_code == 201
    assert people.stranger.post(ASSETS, {"product": "Switch", "custom": {"badge": "7"}}).status_code == 422
    assert "badge" in [field["name"] for field in people.owner.get(FIELDS).json["items"]]
    assert "badge" not in [field["name"] for field in people.stranger.get(FIELDS).json["items"]]
    assert [field["name"] for field in people.admin.get(f"{FIELDS}?customer=acme").json["items"]] == ["badge"]


def test_a_field_that_makes_no_sense_is_refused(people: People) -> None:
    good = {"name": "n", "title": "N", "type": "text"}
    for wrong, field in (
        ({"type": "colour"}, "type"),
        ({"type": "choice"}, "choices"),
        ({"type": "choice", "choices": []}, "choices"),
        ({"type": "choice", "choices": ["a", 1]}, "choices"),
        ({"name": "Bad Name"}, "name"),
        ({"title": ""}, "title"),
        ({"kind": "vehicle"}, "kind"),
        ({"required": "yes"}, "required"),
    ):
        answer = people.admin.post(FIELDS, {**good, **wrong})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), wrong
    twice = people.admin.post(FIELDS, {"name": "rack", "title": "Again", "type": "text"})
    assert (twice.status_code, list(twice.json["errors"])) == (409, ["name"])
