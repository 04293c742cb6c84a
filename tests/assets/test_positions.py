"""Where a unit is: in a place, or in (a slot of) another unit - never both, never in itself."""

from typing import Any

import pytest
from peewee import IntegrityError

from registry.assets.models import Asset
from tests.houses import House
from tests.ladder import API

ASSETS = f"{API}/assets"


class Stock:
    """acme's units, made by its owner."""

    def __init__(self, house: House) -> None:
        self.house, self.people = house, house.people()
        self.owner = self.people.owner
        house.product("Switch")
        house.product("SFP", "optic")
        self.owner.post(f"{API}/sites", {"name": "HQ"})

    def made(self, product: str, **values: Any) -> Any:
        return self.owner.post(ASSETS, {"product": product, **values})

    def put(self, asset: Any, **values: Any) -> Any:
        return self.owner.patch(f"{ASSETS}/{asset['id']}", values)


@pytest.fixture
def stock(house: House) -> Stock:
    return Stock(house)


def errors(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, list(answer.json["errors"])


def test_an_optic_is_in_a_slot_or_in_a_place_but_never_in_both(any_house: House) -> None:
    stock = Stock(any_house)
    switch = stock.made("Switch", serial="SW1", site="HQ").json
    optic = stock.made("SFP", serial="OP1", parent="SW1", slot="1/0/1")
    assert optic.status_code == 201 and optic.json["status"] == "in_use"
    assert (optic.json["parent"], optic.json["parent_id"], optic.json["slot"]) == ("SW1", switch["id"], "1/0/1")
    assert errors(stock.made("SFP", parent="SW1", slot="2", site="HQ")) == (422, ["parent"])
    assert errors(stock.made("SFP", parent="SW1", slot="2", place="Shelf 3")) == (422, ["parent"])
    assert errors(stock.made("SFP", parent="SW1")) == (422, ["slot"])
    assert errors(stock.made("SFP", slot="2")) == (422, ["slot"])
    assert errors(stock.put(optic.json, site="HQ")) == (422, ["parent"])
    assert errors(stock.put(optic.json, parent=None)) == (422, ["slot"])
    assert errors(stock.put(optic.json, slot=None)) == (422, ["slot"])
    moved = stock.put(optic.json, parent=None, slot=None, site="HQ", place="Shelf 3").json
    assert (moved["parent"], moved["slot"], moved["site"], moved["place"]) == (None, None, "HQ", "Shelf 3")
    assert errors(stock.put(moved, parent="SW1", slot="1")) == (422, ["parent"])
    back = stock.put(moved, parent="SW1", slot="1", site=None, place="").json
    assert (back["parent"], back["slot"], back["site"], back["place"]) == ("SW1", "1", None, "")


def test_a_slot_holds_one_unit(any_house: House) -> None:
    stock = Stock(any_house)
    stock.made("Switch", serial="SW1")
    stock.made("Switch", serial="SW2")
    assert stock.made("SFP", serial="OP1", parent="SW1", slot="1").status_code == 201
    taken = stock.made("SFP", serial="OP2", parent="SW1", slot="1")
    assert taken.status_code == 409 and taken.json["code"] == "duplicate" and "slot" in taken.json["errors"]
    elsewhere = stock.made("SFP", serial="OP2", parent="SW2", slot="1")
    assert elsewhere.status_code == 201
    assert stock.put(elsewhere.json, parent="SW1").status_code == 409
    assert stock.made("Switch", serial="BLADE", parent="SW1").status_code == 201
    inside = stock.owner.get(f"{ASSETS}?parent=1").json["items"]
    assert [item["serial"] for item in inside] == ["OP1", "BLADE"]


def test_a_unit_cannot_be_inside_itself(stock: Stock) -> None:
    units = [stock.made("Switch", serial="U0").json]
    for number in range(1, 4):
        units.append(stock.made("Switch", serial=f"U{number}", parent=f"U{number - 1}").json)
    for inner in units:
        answer = stock.put(units[0], parent=inner["serial"])
        assert errors(answer) == (422, ["parent"])
        assert "inside itself" in answer.json["errors"]["parent"][0]
    assert stock.put(units[3], parent="U0").status_code == 200


def test_units_are_not_nested_without_end(stock: Stock) -> None:
    stock.made("Switch", serial="U0")
    codes = [stock.made("Switch", serial=f"U{n}", parent=f"U{n - 1}").status_code for n in range(1, 13)]
    assert codes[:9] == [201] * 9 and codes[-1] == 422


def test_a_parent_is_a_unit_of_the_same_customer(stock: Stock) -> None:
    foreign = stock.people.stranger.post(ASSETS, {"product": "Switch", "serial": "THEIRS"}).json["id"]
    for parent in (foreign, "THEIRS", 999, 2**70, -1):
        assert errors(stock.made("Switch", parent=parent)) == (422, ["parent"]), parent
    by_operator = stock.people.engineer.post(ASSETS, {"customer": "acme", "product": "Switch", "parent": foreign})
    assert errors(by_operator) == (422, ["parent"])


def test_two_units_of_one_serial_are_told_apart_by_id(stock: Stock) -> None:
    stock.house.product("Router")
    stock.made("Switch", serial="SAME")
    stock.made("Router", serial="SAME")
    answer = stock.made("SFP", parent="SAME", slot="1")
    assert errors(answer) == (422, ["parent"]) and "more than one" in answer.json["errors"]["parent"][0]
    assert stock.made("SFP", parent=1, slot="1").status_code == 201


def test_the_table_itself_refuses_both_places(any_house: House) -> None:
    stock = Stock(any_house)
    switch = stock.made("Switch", serial="SW1").json
    optic = stock.made("SFP", parent="SW1", slot="1").json
    for values in ({"place": "Shelf"}, {"parent": None}):
        with pytest.raises(IntegrityError), any_database_atomic():
            Asset.update(**values).where(Asset.id == optic["id"]).execute()
    assert switch["id"] != optic["id"]


def any_database_atomic() -> Any:
    from registry.kernel.db import database

    return database.atomic()
