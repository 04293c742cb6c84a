"""Who is under contract for a product: many units in one statement, against one decision after the other."""

from datetime import timedelta
from typing import Any

import pytest

from registry.assets.service import get_asset, retire_asset
from registry.contracts.covering import covering
from registry.contracts.lines import add_line
from registry.contracts.reach import units_and_cover
from registry.contracts.service import create_contract
from registry.customers.places import create_site
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import database
from registry.people.reaching import people_at
from tests.contracts.lending_world import START, ZONES, World, noon
from tests.houses import House


def read(query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = list(query.dicts())
    return rows


def by_decision(world: World) -> dict[int, bool]:
    """unit -> whether covering() finds a line today."""
    found = {}
    for doubled, units in ((0, [get_asset(world.system, one.id) for one in world.assets]), (1, world.licences())):
        for unit in units:
            today = clock.today(ZONES[world.slugs[unit.customer_id]])
            found[unit.id * 2 + doubled] = bool(covering(world.system, unit, today))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_the_table_says_what_is_decided_one_by_one(any_house: House, seed: int) -> None:
    with noon(START):
        world = World(any_house, seed, 14)
        world.happen(40)
    seen = set()
    for days in (0, 1, 60, 150):
        with noon(START + timedelta(days=days)):
            told = {row["unit"]: bool(row["covered"]) for row in read(units_and_cover(world.system))}
            assert told == by_decision(world)
            seen |= set(told.values())
    assert seen == {True, False}


def test_it_is_narrowed_to_what_is_asked_and_to_whom_one_sees(house: House) -> None:
    world = World(house, 3, 12)
    acme, globex = world.slugs
    mine = {one.id for one in world.of("acme")}
    told = read(units_and_cover(Actor.system(acme)))
    assert {row["asset_id"] for row in told if row["asset_id"]} == mine and {row["customer_id"] for row in told} == {
        acme
    }
    assert {row["customer_id"] for row in read(units_and_cover(world.system, customer_id=globex))} == {globex}
    asset = world.assets[0]
    [row] = read(units_and_cover(world.system, asset_id=asset.id))
    assert (row["label"], row["licence_id"], row["unit"]) == (asset.serial, None, asset.id * 2)
    licence = world.licences()[0]
    [row] = read(units_and_cover(world.system, licence_id=licence.id))
    assert (row["label"], row["asset_id"], row["product_id"]) == (licence.name, None, licence.product_id)
    products = {row["product_id"] for row in read(units_and_cover(world.system, products=[asset.product_id]))}
    assert products == {asset.product_id} and read(units_and_cover(world.system, products=[])) == []
    retire_asset(world.system, asset.id, 0)
    assert read(units_and_cover(world.system, asset_id=asset.id)) == []
    assert read(units_and_cover(Actor("user", "nobody", {acme: frozenset({"asset.view"})}))) == []


def test_it_takes_two_statements_however_many_customers_there_are(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(house, 4, 6)
    asked: list[str] = []
    run = type(database.obj).execute_sql
    monkeypatch.setattr(
        type(database.obj), "execute_sql", lambda self, sql, *rest: asked.append(sql) or run(self, sql, *rest)
    )
    read(units_and_cover(world.system))
    assert len(asked) == 2


def test_whom_to_write_to(any_house: House) -> None:
    people = any_house.people()
    acme = people.owner.actor.customers
    assert acme is not None
    found = people_at(any_house.system, "contract.view", acme)
    assert {one.user_id for one in found} == {one.user.id for one in (people.owner, people.colleague, people.reader)}
    assert people_at(any_house.system, "asset.edit", acme) == [one for one in found if one.role != "reader"]
    assert people_at(people.stranger.actor, "contract.view", acme) == []


def test_a_day_is_the_customers(any_house: House) -> None:
    """A contract ends at midnight where the customer is, not in Greenwich."""
    with noon(START):
        for slug, zone in ZONES.items():
            any_house.customer(slug, time_zone=zone)
            any_house.asset(slug, f"SN-{slug}")
            given = {"customer": slug, "number": "C", "title": "Care", "starts_on": START - timedelta(days=9)}
            made = create_contract(any_house.system, {**given, "ends_on": START})
            add_line(any_house.system, made.id, {"everything": True})
        told = {row["label"]: row["covered"] for row in read(units_and_cover(any_house.system))}
    assert told == {"SN-acme": 0, "SN-globex": 1}, "it is tomorrow already in Kiritimati, and still today in Pago Pago"


def test_what_is_inside_of_others_is_at_their_site(any_house: House) -> None:
    any_house.people()
    create_site(any_house.system, {"customer": "acme", "name": "Hall"})
    rack = any_house.asset("acme", "RACK", site="Hall")
    switch = any_house.asset("acme", "SWITCH", parent=rack.id)
    any_house.asset("acme", "MODULE", parent=switch.id, slot="1")
    any_house.asset("acme", "ELSEWHERE")
    given = {"customer": "acme", "number": "C", "title": "Care", "starts_on": clock.today()}
    add_line(any_house.system, create_contract(any_house.system, given).id, {"site": "Hall"})
    told = {row["label"]: row["covered"] for row in read(units_and_cover(any_house.system))}
    assert told == {"RACK": 1, "SWITCH": 1, "MODULE": 1, "ELSEWHERE": 0}
