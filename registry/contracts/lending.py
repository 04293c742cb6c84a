"""What the lines of contracts lend to which units, worked out for all of them together and kept for the lists.

Which promises cover a unit does not depend on the day: it is told when a line or a unit changes. What the promises
say does: it is told when a contract changes, and on each new day of the customer's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from peewee import Value

from registry.assets.models import Asset
from registry.contracts.line_days import spans_of, term_of
from registry.contracts.models import Contract, ContractLine
from registry.contracts.standing import agreements
from registry.contracts.whereabouts import inside, site_of, sites_of
from registry.customers.models import Customer
from registry.customers.service import today_of
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.db import database, transaction
from registry.kernel.jobs import job
from registry.kernel.logs import log
from registry.licences.models import Licence
from registry.warranty.coverage import CoverageSpan
from registry.warranty.lent import UNITS, give, key_of, lent_by, make, say, sweep, together
from registry.warranty.models import Lent, TermsVersion
from registry.warranty.terms_service import body_of

NAMED = ("asset", "licence", "product", "site")


class Promise(NamedTuple):
    """What a line says, whichever units it is about: lines that say the same are one promise."""

    contract: int
    starts_on: date | None
    ends_on: date | None
    terms_version: int


Promises = frozenset[Promise]
NOTHING: Promises = frozenset()


class Lending:
    """The lines with terms of one customer: what they lend to whom, and (`spans`) from when until when."""

    def __init__(self, customer_id: int) -> None:
        self.customer_id = customer_id
        self.here = Actor.system(customer_id)
        self._by: dict[str, dict[int, Promises]] = {name: defaultdict(frozenset) for name in NAMED}
        self._everything = NOTHING
        self._there: dict[tuple[int, int | None], Promises] = {}
        self._lent: dict[Promises, Lent] = {}
        for line in visible(ContractLine, self.here).where(ContractLine.terms_version.is_null(False)):
            promise = frozenset({Promise(line.contract_id, line.starts_on, line.ends_on, line.terms_version_id)})
            if line.everything:
                self._everything |= promise
            else:
                self._by[line.covers][line.__data__[line.covers]] |= promise
        self.any = bool(self._everything or any(self._by.values()))
        self.by_site = bool(self._by["site"])

    def of(self, model: Any, unit: int, product: int, site: int | None) -> Promises:
        """The promises that cover a unit at that site."""
        own = self._by["asset" if model is Asset else "licence"].get(unit)
        place = product, site
        if place not in self._there:
            by_product, by_site = self._by["product"].get(product, NOTHING), self._by["site"].get(site or 0, NOTHING)
            self._there[place] = self._everything | by_product | by_site
        return self._there[place] | own if own else self._there[place]

    def lent(self, promises: Promises) -> Lent:
        """The stored row of these promises."""
        if promises not in self._lent:
            told = plain(promises)
            found = lent_by(self.here, self.customer_id, key_of(told))
            self._lent[promises] = found or make(self.here, self.customer_id, told, self.spans(promises), self.today)
        return self._lent[promises]

    @cached_property
    def today(self) -> date:
        return today_of(self.here, self.customer_id)

    @cached_property
    def _facts(self) -> tuple[Mapping[int, Any], Mapping[int, Any]]:
        """Agreements and bodies of terms, by id."""
        named = visible(ContractLine, self.here, ContractLine.contract, ContractLine.terms_version).where(
            ContractLine.terms_version.is_null(False)
        )
        rows = list(named.distinct().tuples())
        contracts = visible(Contract, self.here).where(Contract.id.in_({row[0] for row in rows}))
        versions = visible(TermsVersion, self.here).where(TermsVersion.id.in_({row[1] for row in rows}))
        return agreements(self.here, contracts), {row.id: body_of(row) for row in versions}

    def spans(self, promises: Iterable[Promise]) -> list[CoverageSpan]:
        """What they lend today, one span for each remedy."""
        agreed, bodies = self._facts
        found: list[CoverageSpan] = []
        for promise in promises:
            if promise.contract in agreed and promise.terms_version in bodies:  # else its last line is gone
                term = term_of(promise, agreed[promise.contract], self.today)
                found += spans_of(bodies[promise.terms_version], *term, self.today) if term else []
        return together(found)


def plain(promises: Promises) -> list[list[Any]]:
    """As JSON, in one order."""
    rows = [[p.contract, _text(p.starts_on), _text(p.ends_on), p.terms_version] for p in promises]
    return sorted(rows, key=repr)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def promises_of(lent: Lent) -> list[Promise]:
    return [Promise(row[0], _day(row[1]), _day(row[2]), row[3]) for row in lent.promises]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def lend(customer_id: int, model: Any, which: Any = None) -> None:
    """Say anew what is lent to these of the customer's units (a condition; None: to all). Inside a transaction."""
    lending = Lending(customer_id)
    wanted = model.customer_id == customer_id
    wanted = wanted if which is None else wanted & which
    held = model.lent.is_null(False) | model.lent_until.is_null(False)
    wanted = wanted if lending.any else wanted & held
    units: dict[Promises, list[tuple[int, Any, Any]]] = defaultdict(list)
    for unit, product, site, number, until in _units(lending, model, wanted):
        units[lending.of(model, unit, product, site)].append((unit, number, until))
    for promises, some in units.items():
        lent = lending.lent(promises) if promises else None
        right = (lent.id, lent.until and str(lent.until)) if lent else (None, None)
        give(model, [unit for unit, number, until in some if (number, until and str(until)) != right], lent)


def _units(lending: Lending, model: Any, wanted: Any) -> Iterator[tuple[Any, ...]]:
    """(id, product, the site that it is at, lent, lent_until) of each, as the driver tells it: there may be many."""
    site = model.site if model is Asset else Value(None)
    query = visible(model, lending.here, model.id, model.product, site, model.lent, model.lent_until).where(wanted)
    within = sites_of(lending.here, wanted & Asset.parent.is_null(False)) if lending.by_site and model is Asset else {}
    for unit, product, own, *held in database.execute_sql(*query.sql()).fetchall():
        yield unit, product, own or within.get(unit), *held


def lend_to_all(customer_id: int) -> None:
    """Everything anew: what came, went and moved since, and what holds today."""
    with transaction():
        tell(customer_id)
        for model in UNITS:
            lend(customer_id, model)
        sweep(Actor.system(customer_id), customer_id)


def tell(customer_id: int) -> None:
    """A contract of his was changed, or a new day has begun: what its promises say today. Units follow."""
    lending = Lending(customer_id)
    for lent in list(visible(Lent, lending.here)):
        say(lending.here, lent, lending.spans(promises_of(lent)), lending.today)
    if lending.any:
        lending.lent(NOTHING)  # whoever has that row was looked at


def line_changed(line: ContractLine) -> None:
    """A line was added, changed or is gone: those that it is about are told. Inside the transaction."""
    if line.terms_version_id is None:
        return
    if line.everything or line.product_id is not None:
        which = None if line.everything else line.product_id
        for model in UNITS:
            lend(line.customer_id, model, None if which is None else model.product == which)
    elif line.licence_id is not None:
        lend(line.customer_id, Licence, Licence.id == line.licence_id)
    else:  # who is at a site, only a look at all of them tells
        lend(line.customer_id, Asset, None if line.asset_id is None else Asset.id == line.asset_id)


def asset_placed(asset: Asset, new: bool) -> None:
    """A unit is there, or elsewhere with everything inside."""
    if new:
        _first(Asset, asset)
    else:
        lend(asset.customer_id, Asset, Asset.id.in_(inside(Actor.system(asset.customer_id), asset)))


def licence_placed(licence: Licence, new: bool) -> None:
    if new:
        _first(Licence, licence)
    else:
        lend(licence.customer_id, Licence, Licence.id == licence.id)


def _first(model: Any, unit: Any) -> None:
    """To a unit that is new, and nothing in it: imports bring many, so no statement more than it takes."""
    lending = Lending(unit.customer_id)
    site = unit.site_id if model is Asset else None
    if lending.by_site and model is Asset and unit.parent_id is not None:
        site = site_of(lending.here, unit)
    promises = lending.of(model, unit.id, unit.product_id, site)
    if promises:
        give(model, [unit.id], lending.lent(promises))


@job("contracts.lend", minutes=5)
def lend_today() -> int:
    """For customers whose day has changed since: contracts begin, renew and end. Answers for how many."""
    house, told = Actor.system(name="contracts", kind="job"), 0
    known: dict[int, date] = {}
    for customer_id, day in visible(Lent, house, Lent.customer_id, Lent.known_on).distinct().tuples():
        known[customer_id] = min(known.get(customer_id, day), day)
    with_terms = visible(ContractLine, house, ContractLine.customer_id).where(ContractLine.terms_version.is_null(False))
    for customer_id, zone in (
        visible(Customer, house, Customer.id, Customer.time_zone)
        .where(Customer.id.in_({*known, *(row[0] for row in with_terms.distinct().tuples())}))
        .tuples()
    ):
        if known.get(customer_id) == clock.today(zone):
            continue
        try:
            lend_to_all(customer_id)
            told += 1
        except Exception:  # one customer's trouble is not the others'
            log.exception("lending_failed", customer_id=customer_id)
    return told
