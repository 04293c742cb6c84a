"""?covered= and ?expires_before= say the same as the decision on each unit, gaps, voids and time zones included."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from registry.assets.listing import ASSETS
from registry.assets.service import get_asset
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.warranty.claims import decision_on, warranty_facts
from registry.warranty.covered import COVERED
from registry.warranty.decision import NO_FACTS
from registry.warranty.service import extend_warranty, start_warranty, transfer_warranty, void_warranty
from registry.warranty.summary import cover_counts
from registry.warranty.terms import TermsBody
from registry.warranty.terms_service import create_terms
from tests.houses import House
from tests.ladder import API

NOON = datetime(2025, 3, 1, 10, 30, tzinfo=UTC)
ZONES = {"acme": "Pacific/Kiritimati", "globex": "Pacific/Pago_Pago", "initech": "UTC"}
PERIODS = ("P1D", "P30D", "P90D", "P91D", "P1Y", "P3Y")
FILTERS = COVERED


class Fleet:
    """Units of three customers on three different days, with warranties of all fates around the present."""

    def __init__(self, house: House, number: int, seed: int) -> None:
        self.house, self.system = house, house.system
        self.dice = random.Random(seed)
        for slug, zone in ZONES.items():
            house.customer(slug, time_zone=zone)
        product = house.product("Switch").id
        for period in PERIODS:
            body = {
                "start_basis": "given",
                "coverages": [{"remedy": "repair", "period": period}],
                "covers_causes": ["wear"],
            }
            values = {"code": period.lower(), "name": period, "body": TermsBody.from_dict(body)}
            create_terms(self.system, values)
        self.assets = [house.asset(self.dice.choice(list(ZONES)), f"SN{n}", product=product) for n in range(number)]
        for asset in self.assets:
            for _ in range(self.dice.choice((0, 1, 1, 2, 3))):
                self._warranty(asset)

    def day(self, spread: int = 120) -> date:
        return NOON.date() + timedelta(days=self.dice.randint(-spread, spread))

    def _warranty(self, asset: Any) -> None:
        terms = self.dice.choice((*PERIODS, "hardware")).lower()
        starts = NOON.date() + timedelta(
            days=self.dice.choice((-400, -366, -365, -91, -90, -31, -30, -1, 0, 1, 2, 10, 40))
        )
        given = {"starts_on": None} if terms == "hardware" else {"starts_on": starts}
        made = start_warranty(self.system, {"asset": asset.id, "terms": terms, **given})
        fate = self.dice.randint(0, 9)
        if terms == "hardware" or fate > 2:
            return  # waits for a delivery that nobody knows of, or runs its course
        if fate == 0:
            void_warranty(self.system, made.id, on=self.day(), reason="r", version=0)
        elif fate == 1:
            extend_warranty(self.system, made.id, by=date(2025, 6, 15), remedies=None, reason="r", version=0) if (
                warranty_facts(self.system, asset)[-1].spans[0].ends_on < date(2025, 6, 15)
            ) else None
        else:
            same = [one for one in self.assets if one.customer_id == asset.customer_id and one.id != asset.id]
            ends = warranty_facts(self.system, asset)[-1].spans[0].ends_on
            if same:
                to = self.dice.choice(same).id
                on = min(self.day(), ends)
                transfer_warranty(self.system, made.id, asset=to, on=on, reason="", version=0)

    def listed(self, actor: Any, **query: Any) -> list[int]:
        """Ids, read page by page."""
        found, cursor = [], None
        while True:
            page = ASSETS.page(actor, {**query, "limit": 7, "cursor": cursor})
            found += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found

    def decided(self) -> dict[int, tuple[str, date | None]]:
        """id -> its state, and the end of the block that holds today."""
        found: dict[int, tuple[str, date | None]] = {}
        for asset in self.assets:
            decision = decision_on(self.system, get_asset(self.system, asset.id), None, None, NO_FACTS)
            found[asset.id] = decision.state, decision.until
        return found


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_list_and_the_decisions_agree(any_house: House, seed: int) -> None:
    fleet = Fleet(any_house, 60, seed)
    with clock.frozen(NOON):
        decided = fleet.decided()
        assert {state for state, _ in decided.values()} >= set(FILTERS) - ({"void"} if seed == 2 else set())
        _check_counts(fleet, decided)
        for wanted in FILTERS:
            listed = fleet.listed(fleet.system, covered=wanted)
            assert len(listed) == len(set(listed))
            assert sorted(listed) == [key for key, (state, _) in decided.items() if state == wanted], wanted
        for value in (
            date(2025, 2, 28),
            date(2025, 3, 1),
            date(2025, 3, 2),
            date(2025, 3, 31),
            date(2025, 6, 16),
            date(2026, 3, 2),
        ):
            listed = fleet.listed(fleet.system, expires_before=value)
            ends = {key: until for key, (state, until) in decided.items() if state in ("active", "expiring")}
            assert sorted(listed) == [key for key, until in ends.items() if until < value], value


def _check_counts(fleet: Fleet, decided: dict[int, tuple[str, date | None]]) -> None:
    """The dashboard's counts against one decision after the other."""
    for slug in ZONES:
        customer_id = customer_by(fleet.system, slug).id
        mine = [decided[asset.id][0] for asset in fleet.assets if asset.customer_id == customer_id]
        counts = cover_counts(fleet.system, customer_id)
        assert counts["hardware"] == {state: mine.count(state) for state in COVERED}, slug


def test_a_customer_sees_the_same_as_the_operator_sees_of_him(house: House) -> None:
    fleet = Fleet(house, 30, 3)
    people = {slug: house.person(f"x@{slug}.example", "reader", slug) for slug in ZONES}
    operator = house.person("e@operator.example", "engineer")
    with clock.frozen(NOON):
        for slug, person in people.items():
            for wanted in FILTERS:
                path = f"{API}/assets?covered={wanted}&limit=500"
                mine = person.get(path).json["items"]
                assert mine == operator.get(f"{path}&customer={slug}").json["items"], (slug, wanted)
    assert fleet.assets


def test_between_two_blocks_a_unit_is_covered_later_but_not_now(house: House) -> None:
    house.customer("acme")
    asset = house.asset("acme", "SN1")
    body = {"start_basis": "given", "coverages": [{"remedy": "repair", "period": "P30D"}], "covers_causes": ["wear"]}
    create_terms(house.system, {"code": "short", "name": "Short", "body": TermsBody.from_dict(body)})
    for starts in (date(2025, 1, 1), date(2025, 3, 1), date(2025, 3, 31)):
        start_warranty(house.system, {"asset": asset.id, "terms": "short", "starts_on": starts})
    expected = {
        date(2024, 12, 31): ["not_started"],
        date(2025, 1, 1): ["expiring"],
        date(2025, 1, 30): ["expiring"],
        date(2025, 1, 31): ["not_started"],
        date(2025, 2, 28): ["not_started"],
        date(2025, 3, 1): ["expiring"],
        date(2025, 4, 29): ["expiring"],
        date(2025, 4, 30): ["expired"],
    }
    for day in expected:
        with clock.frozen(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)):
            found = [value for value in FILTERS if ASSETS.page(house.system, {"covered": value})["items"]]
            assert found == expected[day], day
            state = decision_on(house.system, asset, None, None, NO_FACTS).state
            assert [state] == found, day


@pytest.mark.parametrize(("days", "called"), [(0, "active"), (1, "expiring")])
def test_blocks_that_touch_are_one_and_a_day_between_them_parts_them(any_house: House, days: int, called: str) -> None:
    any_house.customer("acme")
    asset = any_house.asset("acme", "SN1")
    body = {"start_basis": "given", "coverages": [{"remedy": "repair", "period": "P200D"}], "covers_causes": ["wear"]}
    create_terms(any_house.system, {"code": "long", "name": "Long", "body": TermsBody.from_dict(body)})
    first = NOON.date() - timedelta(days=150)
    for starts in (first, first + timedelta(days=200 + days)):
        start_warranty(any_house.system, {"asset": asset.id, "terms": "long", "starts_on": starts})
    with clock.frozen(NOON):
        assert decision_on(any_house.system, asset, None, None, NO_FACTS).state == called
        assert [value for value in FILTERS if ASSETS.page(any_house.system, {"covered": value})["items"]] == [called]
        before = {"expires_before": NOON.date() + timedelta(days=60)}
        assert bool(ASSETS.page(any_house.system, before)["items"]) is (called == "expiring")


def test_licences_are_filtered_alike(house: House) -> None:
    from registry.licences.service import create_licence

    people = house.people()
    house.product("Editor", "software")
    for number, starts in enumerate((None, date(2023, 1, 1), date(2024, 4, 1), date(2025, 2, 1))):
        values = {"customer": "acme", "product": "Editor", "name": f"L{number}", "metric": "device"}
        licence = create_licence(house.system, values)
        if starts:
            start_warranty(house.system, {"licence": licence.id, "terms": "software", "starts_on": starts})
    with clock.frozen(NOON):
        found = {
            value: [item["name"] for item in people.reader.get(f"{API}/licences?covered={value}").json["items"]]
            for value in FILTERS
        }
        assert found == {
            "active": ["L3"], "expiring": ["L2"], "not_started": [], "expired": ["L1"], "void": [], "none": ["L0"],
        }  # fmt: skip
        before = people.reader.get(f"{API}/licences?expires_before=2025-04-01").json["items"]
        assert [item["name"] for item in before] == ["L2"]
