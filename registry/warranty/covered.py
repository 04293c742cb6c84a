"""The filters by coverage that lists of assets and licences get: the same states as a decision, asked in SQL."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from marshmallow import fields, validate
from peewee import fn

from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.db import is_sqlite
from registry.kernel.listing import Filter
from registry.kernel.shapes import Date
from registry.warranty.coverage import EXPIRING_DAYS
from registry.warranty.models import Coverage
from registry.warranty.periods import ONE_DAY

COVERED = ("active", "expiring", "expired", "none")


def covered(model: Any, owner: Any) -> Filter:
    """?covered=active|expiring|expired|none, today where each customer is.

    `none` has no day of coverage at all; `expired` had, and none is to come. What is covered later but not today is
    in neither of them. The summary on the row narrows by index, the coverages decide.
    """

    def on(value: str, day: date, actor: Actor) -> Any:
        soon = day + timedelta(days=EXPIRING_DAYS)
        if value == "expired":
            return model.covered_until < day
        if value == "active":
            ends = _ends_between(model, owner, actor, day, soon)
            return (model.covered_until > soon) & _holds(model, owner, actor, day) & ~ends
        return _ends(model, owner, actor, day, soon)

    def condition(actor: Actor, value: str) -> Any:
        if value == "none":
            return model.covered_until.is_null()
        return _where_it_is(model, actor, lambda day: on(value, day, actor), value != "expired")

    return Filter(fields.String(validate=validate.OneOf(COVERED)), condition, order="covered_until")


def expires_before(model: Any, owner: Any) -> Filter:
    """?expires_before=DATE: covered today, but no longer without a gap through that day."""

    def condition(actor: Actor, value: date) -> Any:
        return _where_it_is(model, actor, lambda day: _ends(model, owner, actor, day, value - ONE_DAY), True)

    return Filter(Date(), condition, order="covered_until")


def _where_it_is(model: Any, actor: Actor, condition: Callable[[date], Any], still: bool) -> Any:
    """`condition` for the day that it is at each customer: at any moment there are three of them at most."""
    days: dict[date, list[str]] = {}
    for (zone,) in visible(Customer, actor, Customer.time_zone).distinct().tuples():
        days.setdefault(clock.today(zone), []).append(zone)
    if len(days) < 2:
        return condition(next(iter(days), clock.today()))
    parts = [Customer.time_zone.in_(zones) & condition(day) for day, zones in days.items()]
    narrowed = model.covered_until >= min(days) if still else model.covered_until < max(days)
    return narrowed & reduce(or_, parts)


def _ends(model: Any, owner: Any, actor: Actor, day: date, last: date) -> Any:
    """Covered on `day`, and the days covered without a gap from then on end on `last` at the latest."""
    ends = _ends_between(model, owner, actor, day, last)
    return (model.covered_until >= day) & _holds(model, owner, actor, day) & ends


def _holds(model: Any, owner: Any, actor: Actor, day: date) -> Any:
    on_it = (owner == model.id) & (Coverage.starts_on <= day) & (Coverage.holds_until >= day)
    return fn.EXISTS(visible(Coverage, actor, Coverage.id).where(on_it))


def _ends_between(model: Any, owner: Any, actor: Actor, first: date, last: date) -> Any:
    """Some coverage ends from `first` to `last`, and no other one covers the day after."""
    later: Any = Coverage.alias("later")
    next_day = fn.DATE(Coverage.holds_until, "+1 day") if is_sqlite() else Coverage.holds_until + 1
    goes_on = later.select(later.id).where(  # of a unit that the outer query has found, so scoped with it
        (getattr(later, owner.name) == model.id)
        & (later.holds_until > Coverage.holds_until)
        & (later.starts_on <= next_day)
    )
    ends = Coverage.holds_until.between(first, last) & (Coverage.holds_until >= Coverage.starts_on)
    return fn.EXISTS(visible(Coverage, actor, Coverage.id).where((owner == model.id) & ends & ~fn.EXISTS(goes_on)))
