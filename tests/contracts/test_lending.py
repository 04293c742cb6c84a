"""Lists, filters, counts and charts say of every unit what its own page says, with all that contracts lend to it."""

from datetime import date, timedelta
from typing import Any

import pytest

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.assets.service import get_asset, set_cover_summary
from registry.contracts import lending, lines, service
from registry.contracts.models import ContractLine
from registry.customers.places import create_site
from registry.customers.service import customer_by
from registry.imports.service import undo_import
from registry.kernel.access import visible
from registry.warranty.claims import case_on, decision_on
from registry.warranty.coverage import union
from registry.warranty.covered import COVERED
from registry.warranty.decision import NO_FACTS
from registry.warranty.endings import ends_by_remedy
from registry.warranty.models import Coverage, Lent
from registry.warranty.service import start_warranty
from registry.warranty.summary import cover_counts
from registry.web.dashboard.figures import figures_of, house_figures
from tests.contracts.lending_world import START, World, noon
from tests.houses import House
from tests.imports.world import bring, table
from tests.ladder import API


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_lists_and_pages_agree_whatever_happens(any_house: House, seed: int) -> None:
    go_on(any_house, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 8))
def test_and_in_further_worlds(house: House, seed: int) -> None:
    """On one engine: what the statements mean on the other, the first worlds have shown."""
    go_on(house, seed)


def go_on(house: House, seed: int) -> None:
    with noon(START):
        world = World(house, seed, 10 if seed == 1 else 16)
        world.happen(30)
        seen = world.check()
    day = START
    for _ in range(2 if seed == 1 else 4):
        day += timedelta(days=world.dice.choice((1, 1, 29, 30, 90)))
        with noon(day):
            lending.lend_today()
            seen |= world.check()
            assert lending.lend_today() == 0
            world.happen(5)
            seen |= world.check()
    assert len(seen) > 1
    assert visible(Lent, world.system).count()


def contract_of(house: House, line: dict[str, Any], **values: Any) -> Any:
    agreed = {"customer": "acme", "number": "C-1", "title": "Care", "starts_on": date(2025, 1, 1), **values}
    made = service.create_contract(house.system, agreed)
    lines.add_line(house.system, made.id, {"terms": "on-site-support", **line})
    return made


def test_a_unit_that_a_customer_registers_or_moves_is_covered_at_once(any_house: House) -> None:
    """Through the wall: what is kept of the contract is written by somebody who sees his own company alone."""
    people = any_house.people()
    any_house.product("Switch", part_number="SW")
    create_site(any_house.system, {"customer": "acme", "name": "HQ"})
    with noon(START):
        contract_of(any_house, {"site": "HQ"}, ends_on=date(2025, 12, 31))
        values = {"customer": "acme", "product": "Switch", "site": "HQ"}
        made = people.owner.post(f"{API}/assets", {**values, "serial": "A1"})
        assert made.status_code == 201, made.json
        path = f"{API}/assets/{made.json['id']}"
        inner = people.owner.post(f"{API}/assets", {**values, "serial": "A2", "site": None, "parent": "A1"}).json
        elsewhere = people.owner.post(f"{API}/assets", {**values, "serial": "A3", "site": None}).json
        listed = people.owner.get(f"{API}/assets?covered=active").json["items"]
        assert [item["covered_until"] for item in listed] == ["2025-12-31"] * 2
        assert people.owner.get(f"{API}/assets?covered=none").json["items"][0]["id"] == elsewhere["id"]
        assert people.owner.patch(path, {"site": None}).status_code == 200
        assert people.owner.get(f"{API}/assets?covered=active").json["items"] == []
        assert people.owner.get(f"{API}/assets/{inner['id']}").json["covered_until"] is None
        assert people.stranger.get(f"{API}/assets?covered=active").json["items"] == []


def test_what_an_import_brings_or_moves_is_covered_at_once(any_house: House) -> None:
    """With all that is in it. An import of its own statements asks no verb of the assets room."""
    any_house.people()
    any_house.product("Switch", part_number="SW")
    for site in ("HQ", "Lab"):
        create_site(any_house.system, {"customer": "acme", "name": site})

    def covered() -> list[str]:
        rows = ASSETS.page(any_house.system, {"covered": "active"})["items"]
        return sorted(row["serial"] for row in rows)

    with noon(START):
        contract_of(any_house, {"site": "HQ"}, ends_on=date(2025, 12, 31))
        rows = ("A1", "Switch", "HQ", ""), ("A2", "Switch", "Lab", ""), ("A3", "Switch", "", "A1")
        bring(any_house, table(("serial", "model", "site", "parent"), *rows))
        assert covered() == ["A1", "A3"]
        bring(any_house, table(("serial", "site"), ("A1", "Lab")), mode="update")
        assert covered() == []
        moved = bring(any_house, table(("serial", "site"), ("A2", "HQ")), mode="update")
        assert covered() == ["A2"]
        undo_import(any_house.system, moved.id)
        assert covered() == []


@pytest.mark.parametrize(("renewal", "states"), [("none", ("expiring", "none")), ("tacit", ("expiring", "active"))])
def test_a_new_day_is_told_everywhere_without_anybody_writing(house: House, renewal: str, states: Any) -> None:
    house.people()
    house.asset("acme", "SN1")
    acme = customer_by(house.system, "acme")
    agreed = {"ends_on": date(2025, 3, 31), "renewal": renewal}
    with noon(date(2025, 3, 31)):
        contract_of(house, {"everything": True}, **agreed, **({"renewal_period": "P1Y"} if renewal == "tacit" else {}))
    for day, state in zip((date(2025, 3, 31), date(2025, 4, 1)), states, strict=True):
        with noon(day):
            assert (lending.lend_today() == 0) == (day.day == 31)
            figures = figures_of(acme, START)  # asked for as of one day, so that memory could answer
            assert figures.cover["hardware"][state] == 1 and figures.state(state) == 1
            assert house_figures(START).ends == ({f"{day:%Y-%m}": 1} if state == "expiring" else
                                                 {"2026-03": 1} if state == "active" else {})  # fmt: skip


def test_what_is_kept_is_made_again_when_it_is_missing_or_wrong(any_house: House) -> None:
    """A registry from before has none of it; whatever went past the verbs is put right on the next day."""
    any_house.people()
    one, two = any_house.asset("acme", "SN1"), any_house.asset("acme", "SN2")
    with noon(START):
        contract_of(any_house, {"everything": True})
        Asset.update(lent=None, lent_until=None, covered_until=None).execute()
        Lent.delete().execute()
        assert lending.lend_today() == 1
        assert {get_asset(any_house.system, unit.id).covered_until for unit in (one, two)} == {date(2025, 12, 31)}
        Asset.update(lent=None, lent_until=None, covered_until=None).where(Asset.id == one.id).execute()
        assert lending.lend_today() == 0
    with noon(START + timedelta(days=1)):
        assert lending.lend_today() == 1
        assert get_asset(any_house.system, one.id).covered_until == date(2025, 12, 31)


def test_units_that_the_same_lines_cover_share_one_row(house: House) -> None:
    house.people()
    units = [house.asset("acme", f"SN{number}") for number in range(5)]
    with noon(START):
        made = contract_of(house, {"asset": units[0].id})
        for unit in units[1:]:
            lines.add_line(house.system, made.id, {"asset": unit.id, "terms": "on-site-support"})
        shared = {get_asset(house.system, unit.id).lent for unit in units}
        assert len(shared) == 1 and None not in shared
        first = visible(ContractLine, house.system).order_by(ContractLine.id).first()
        lines.change_line(house.system, made.id, first.id, {"ends_on": date(2025, 5, 31)}, 1)
        untils = [get_asset(house.system, unit.id).covered_until for unit in units]
        assert untils == [date(2025, 5, 31), *[date(2025, 12, 31)] * 4]
        for line in list(visible(ContractLine, house.system)):
            lines.remove_line(house.system, made.id, line.id, line.version)
        assert {get_asset(house.system, unit.id).lent for unit in units} == {None}
        lending.lend_to_all(units[0].customer_id)
        assert visible(Lent, house.system).where(Lent.id.in_(shared)).count() == 0


@pytest.mark.parametrize(
    ("warranty", "term", "state"),
    [
        ((-10, 30), (-10, 200), "active"),  # what ends soon is followed, or surrounded, by the contract
        ((-10, 200), (-10, 30), "active"),
        ((31, 200), (-10, 30), "active"),  # day after day
        ((32, 200), (-10, 30), "expiring"),  # a day between them
        ((-200, -1), (0, 0), "expiring"),
        ((5, 200), (1, 300), "not_started"),  # a contract that begins tomorrow lends nothing yet
        ((-200, -1), (-200, -1), "expired"),
    ],
)
def test_warranty_and_contract_are_taken_together(any_house: House, warranty: Any, term: Any, state: str) -> None:
    any_house.people()
    asset = any_house.asset("acme", "SN1")
    first, last = (START + timedelta(days=days) for days in term)
    with noon(START):
        made = start_warranty(any_house.system, {"asset": asset.id, "terms": "hardware", "starts_on": START})
        starts, ends = (START + timedelta(days=days) for days in warranty)
        Coverage.update(starts_on=starts, ends_on=ends, holds_until=ends).where(Coverage.warranty == made.id).execute()
        set_cover_summary(asset.id, starts, ends)
        contract_of(any_house, {"asset": asset.id, "terms": "hardware"}, starts_on=first, ends_on=last)
        assert decision_on(any_house.system, asset, None, None, NO_FACTS).state == state
        assert [one for one in COVERED if ASSETS.page(any_house.system, {"covered": one})["items"]] == [state]
        counts = cover_counts(any_house.system, asset.customer_id)["hardware"]
        assert {name: number for name, number in counts.items() if number} == {state: 1}
        told = ends_by_remedy(any_house.system, asset.customer_id, Coverage.asset, date(2024, 1, 1), 36)
        assert told == ends_by_hand(any_house, asset)
        for month in {f"{START + timedelta(days=days[1]):%Y-%m}" for days in (warranty, term)}:
            asked = ASSETS.arguments().load({"ends_in": f"{month}:repair"})
            assert bool(ASSETS.page(any_house.system, asked)["items"]) == ("repair" in told.get(month, {})), month


def ends_by_hand(house: House, asset: Any) -> dict[str, dict[str, int]]:
    """month -> remedy -> 1, for each block of days on which the remedy is promised without a gap."""
    held: dict[str, list[Any]] = {}
    for facts in case_on(house.system, asset, START).warranties:
        for span in facts.live_spans:
            held.setdefault(span.remedy, []).append(span)
    found: dict[str, dict[str, int]] = {}
    for remedy, spans in held.items():
        for _first, last in union(spans):
            found.setdefault(f"{last:%Y-%m}", {})[remedy] = 1
    return found
