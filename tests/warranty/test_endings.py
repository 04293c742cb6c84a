"""When which promise ends: the filters and the counts of the first page against looking at one unit after the other."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from registry.assets.listing import ASSETS
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.warranty.claims import warranty_facts
from registry.warranty.endings import ends_by_month, ends_by_remedy, month_after
from registry.warranty.models import Coverage
from registry.warranty.service import start_warranty, void_warranty
from tests.houses import House
from tests.ladder import API
from tests.warranty.test_filters import NOON, ZONES, Fleet

FIRST = date(2024, 6, 1)
MONTHS = 30


class Promises(Fleet):
    """The fleet, with terms of several remedies on top, that end on different days."""

    def __init__(self, house: House, number: int, seed: int) -> None:
        super().__init__(house, number, seed)
        for asset in self.dice.sample(self.assets, number // 2):
            starts = NOON.date() - timedelta(days=self.dice.randint(0, 900))
            terms = self.dice.choice(("optical-module", "hardware", "on-site-support"))
            made = start_warranty(self.system, {"asset": asset.id, "terms": terms, "starts_on": starts})
            if self.dice.random() < 0.2:
                void_warranty(self.system, made.id, on=self.day(), reason="r", version=0)

    def ends(self, asset: Any) -> set[tuple[str, str]]:
        """(month, remedy) of every end of a promise after which the same is not promised any more, by hand."""
        held: dict[str, set[date]] = {}
        for facts in warranty_facts(self.system, asset):
            for span in facts.live_spans:
                days = (span.ends_on - span.starts_on).days + 1
                held.setdefault(span.remedy, set()).update(span.starts_on + timedelta(days=n) for n in range(days))
        one = timedelta(days=1)
        return {
            (f"{day:%Y-%m}", remedy) for remedy, days in held.items() for day in days
            if day + one not in days and FIRST <= day < month_after(FIRST, MONTHS)
        }  # fmt: skip


@pytest.mark.parametrize("seed", [5])
def test_counted_by_month_and_by_hand_it_is_the_same(any_house: House, seed: int) -> None:
    with clock.frozen(NOON):
        fleet = Promises(any_house, 40, seed)
        for slug in ZONES:
            customer_id = customer_by(fleet.system, slug).id
            found = [end for asset in fleet.assets if asset.customer_id == customer_id for end in fleet.ends(asset)]
            by_hand: dict[str, dict[str, int]] = {}
            for (month, remedy), count in Counter(found).items():
                by_hand.setdefault(month, {})[remedy] = count
            counted = ends_by_remedy(fleet.system, customer_id, Coverage.asset, FIRST, MONTHS)
            assert counted == by_hand and len(by_hand) > 3
            units = Counter(
                month for asset in fleet.assets if asset.customer_id == customer_id
                for month in {month for month, _remedy in fleet.ends(asset)}
            )  # fmt: skip
            assert ends_by_month(fleet.system, customer_id, Coverage.asset, FIRST, MONTHS) == units
            _check_lists(slug, counted, units)


def _check_lists(slug: str, counted: dict[str, dict[str, int]], units: dict[str, int]) -> None:
    """What a bar leads to is as long as the bar is high."""
    shape = ASSETS.arguments()

    def listed(value: str) -> int:
        asked = shape.load({"ends_in": value, "customer": slug, "limit": "500"})
        return len(ASSETS.page(Actor.system(), asked)["items"])

    for month, remedies in list(counted.items())[:6]:
        assert listed(month) == units[month]
        for remedy, count in remedies.items():
            assert listed(f"{month}:{remedy}") == count, (month, remedy)


def test_a_promise_that_goes_on_does_not_end(house: House) -> None:
    house.customer("acme")
    asset = house.asset("acme", "SN1")
    for starts in (date(2024, 1, 1), date(2025, 1, 1)):  # hardware: repair for a year, then the next one
        start_warranty(house.system, {"asset": asset.id, "terms": "hardware", "starts_on": starts})
    acme = customer_by(house.system, "acme").id
    found = ends_by_remedy(house.system, acme, Coverage.asset, date(2024, 12, 1), 14)
    assert set(found) == {"2025-12"} and found["2025-12"]["repair"] == 1


def test_the_last_covered_day_is_asked_for_from_and_before(house: House) -> None:
    people = house.people()
    for serial, starts in (("A", date(2024, 3, 1)), ("B", date(2024, 4, 1)), ("C", date(2024, 5, 1))):
        asset = house.asset("acme", serial)
        start_warranty(house.system, {"asset": asset.id, "terms": "hardware", "starts_on": starts})
    path = f"{API}/assets?covered_until_from=2025-03-31&covered_until_before=2025-04-30"
    assert [item["serial"] for item in people.reader.get(path).json["items"]] == ["B"]
    assert people.stranger.get(path).json["items"] == []


@pytest.mark.parametrize(
    "value", ["2025", "2025-13", "2025-3", "2025-03:", "2025-03:gift", "1800-01", "2025-03:repair "]
)
def test_a_month_that_is_none_is_refused_in_words(house: House, value: str) -> None:
    answer = house.people().reader.get(f"{API}/assets?ends_in={value}")
    assert answer.status_code == 422
    assert "2027-03:repair" in answer.json["errors"]["ends_in"][0]
