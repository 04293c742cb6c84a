"""What the first pages count: of one customer, and of all of them. Counted by the filters of the lists they lead to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import SQL, fn

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.contracts.listing import contracts_on
from registry.contracts.overdue import Overdue, overdue_duties
from registry.customers.models import Contact, Customer, Site
from registry.customers.service import customers, without_manager
from registry.kernel import clock, remembered
from registry.kernel.access import Actor, visible
from registry.kernel.db import is_sqlite
from registry.kernel.listing import Listing
from registry.licences.listing import LICENCES, OVER_USED
from registry.licences.models import Licence
from registry.warranty.coverage import EXPIRING_DAYS
from registry.warranty.endings import ends_by_month, ends_by_remedy, month_after
from registry.warranty.lent import lent_mark
from registry.warranty.listing import WARRANTIES
from registry.warranty.models import Coverage
from registry.warranty.summary import Counts, cover_counts

MONTHS = 24
SOON = timedelta(days=EXPIRING_DAYS)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one customer on one day. `cover`: states by kind; `ends`: month -> remedy -> units. The rest count rows."""

    cover: Counts
    ends: Mapping[str, Mapping[str, int]]
    units_ending: Mapping[str, int]  # month -> units on which anything ends
    overdue: tuple[Overdue, ...]
    contracts_ending: int
    licences_ending: int
    over_used: int
    unused: int
    waiting: int
    without_site: int
    same_serial: int
    sites: int
    contacts: int

    def state(self, name: str) -> int:
        """How many assets (licences apart) are in that state of coverage."""
        return sum(counts[name] for kind, counts in self.cover.items() if kind != "licence")

    @property
    def licences_expiring(self) -> int:
        """Licences whose cover ends soon, whenever they end themselves."""
        return sum(counts["expiring"] for kind, counts in self.cover.items() if kind == "licence")

    @property
    def assets(self) -> int:
        return sum(sum(counts.values()) for kind, counts in self.cover.items() if kind != "licence")


def figures_of(customer: Customer, today: date) -> Figures:
    """As Assetcare itself counts them: whoever shows them asks what the reader may see."""
    key = "figures", today, lent_mark(Actor.system(customer.id))
    return remembered.of_customer(customer.id, key, lambda: _counted(customer.id, today))


def _counted(customer_id: int, today: date) -> Figures:
    here = Actor.system(customer_id)
    first = today.replace(day=1)

    def number(listing: Listing, **filters: Any) -> int:
        found = listing.fitting(here, filters).select(listing.model.id)
        return int(found.order_by().count())

    return Figures(
        cover=cover_counts(here, customer_id),
        ends=ends_by_remedy(here, customer_id, Coverage.asset, first, MONTHS),
        units_ending=ends_by_month(here, customer_id, Coverage.asset, first, MONTHS),
        overdue=tuple(overdue_duties(here, lambda _customer: today, customer_id)),
        contracts_ending=number(contracts_on(today), state="active", ends_before=today + SOON),
        licences_ending=number(LICENCES, ends_from=today, ends_before=today + SOON),
        over_used=number(LICENCES, over_used=True),
        unused=number(LICENCES, unused=True),
        waiting=number(WARRANTIES, waiting=True),
        without_site=number(ASSETS, without_site=True),
        same_serial=number(ASSETS, same_serial=True),
        sites=visible(Site, here).count(),
        contacts=visible(Contact, here).count(),
    )


@dataclass(frozen=True, slots=True)
class Load:
    """What one customer has to see to."""

    slug: str
    name: str
    manager: bool
    overdue: int
    over_used: int
    contracts_ending: int
    ending: int
    bare: int

    @property
    def weight(self) -> tuple[int, ...]:
        """The largest first: what was promised and not done, what is short, who cares for nobody, what ends."""
        return self.overdue, self.over_used, int(not self.manager), self.contracts_ending, self.ending, self.bare


@dataclass(frozen=True, slots=True)
class HouseFigures:
    """Of all customers. `ends`: month -> assets whose last covered day lies in it. `places`: id -> slug and name."""

    places: Mapping[int, tuple[str, str]]
    loads: tuple[Load, ...]
    ends: Mapping[str, int]
    customers: int
    unmanaged: int
    contracts_ending: int
    overdue: tuple[Overdue, ...]
    over_used: int
    ending: int
    bare: int
    without_site: int
    waiting: int
    same_serial: int


def house_figures(today: date) -> HouseFigures:
    return remembered.of_house(("figures", today, lent_mark(Actor.system())), lambda: _of_house(today))


def _of_house(today: date) -> HouseFigures:
    house = Actor.system()
    places = {one.id: one for one in customers(house)}
    zones = {zone: clock.today(zone) for zone in {one.time_zone for one in places.values()}}
    overdue = overdue_duties(house, lambda customer_id: zones[places[customer_id].time_zone])
    contracts = contracts_on(today)
    soon: Any = {"state": "active", "ends_before": today + SOON}
    until = Asset.covered_until
    counts = {
        "overdue": Counter(one.customer_id for one in overdue),
        "over_used": _by_customer(visible(Licence, house).where(OVER_USED), Licence),
        "contracts_ending": _by_customer(contracts.fitting(house, soon), contracts.model),
        "ending": _by_customer(visible(Asset, house).where((until >= today) & (until < today + SOON)), Asset),
        "bare": _by_customer(ASSETS.fitting(house, {"covered": "none"}), Asset),
    }
    unmanaged = {row.id for row in without_manager(house)}
    loads = [
        Load(one.slug, one.name, one.id not in unmanaged, **_each(counts, one.id))
        for one in places.values()
        if one.active
    ]
    sums = {name: sum(found.values()) for name, found in counts.items() if name != "overdue"}
    return HouseFigures(
        places={one.id: (one.slug, one.name) for one in places.values()},
        loads=tuple(sorted(loads, key=lambda load: load.weight, reverse=True)),
        ends=_ends_of_all(house, today.replace(day=1)),
        customers=len(loads),
        unmanaged=len(unmanaged),
        overdue=tuple(overdue),
        without_site=ASSETS.fitting(house, {"without_site": True}).select(Asset.id).count(),
        same_serial=ASSETS.fitting(house, {"same_serial": True}).select(Asset.id).count(),
        waiting=WARRANTIES.fitting(house, {"waiting": True}).select(WARRANTIES.model.id).count(),
        **sums,
    )


def _each(counts: Mapping[str, Mapping[int, int]], key: int) -> dict[str, int]:
    return {name: found.get(key, 0) for name, found in counts.items()}


def _by_customer(query: Any, model: Any) -> dict[int, int]:
    column = model.customer_id
    return dict(query.select(column, fn.COUNT(model.id)).group_by(column).tuples())


def _ends_of_all(house: Actor, first: date) -> dict[str, int]:
    until = Asset.covered_until
    month = fn.SUBSTR(until, 1, 7) if is_sqlite() else fn.TO_CHAR(until, "YYYY-MM")
    within = (until >= first) & (until < month_after(first, MONTHS))
    rows = visible(Asset, house, month, fn.COUNT(Asset.id)).where(within).group_by(SQL("1"))
    return dict(rows.tuples())
