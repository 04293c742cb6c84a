"""The filters by coverage that lists of assets and licences get: the same states as a decision, asked in SQL."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from marshmallow import fields, validate
from peewee import Case, fn

from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.db import is_sqlite
from registry.kernel.listing import Filter
from registry.kernel.shapes import Date
from registry.warranty.coverage import EXPIRING_DAYS
from registry.warranty.models import Coverage, LentSpan, Warranty
from registry.warranty.periods import ONE_DAY

COVERED = ("active", "expiring", "not_started", "expired", "void", "none")


def covered(model: Any, owner: Any) -> Filter:
    """?covered=STATE, the state of a decision today where each customer is. Every unit is in one of them.

    `none` has no day of coverage at all; `expired` had, and none is to come; `void` has none that holds, but would
    have, had nobody voided it. The summary on the row narrows by index, the coverages decide.
    """

    def on(value: str, day: date, actor: Actor) -> Any:
        soon, lent = day + timedelta(days=EXPIRING_DAYS), _lends(actor)
        if value in ("expired", "none", "void"):
            void, until = _void(model, owner, actor, day), model.covered_until
            return void if value == "void" else (until < day if value == "expired" else until.is_null()) & ~void
        if value == "not_started":
            return (
                model.id.in_(_later(owner, actor, day))
                & (model.covered_until >= day)
                & ~_holds(model, owner, day, lent)
            )
        if value == "active":
            ends = _ends_between(model, owner, day, soon, lent)
            return (model.covered_until > soon) & _holds(model, owner, day, lent) & ~ends
        return _ends(model, owner, day, soon, lent)

    def condition(actor: Actor, value: str) -> Any:
        return _where_it_is(model, actor, lambda day: on(value, day, actor), _NARROWER[value])

    return Filter(fields.String(validate=validate.OneOf(COVERED)), condition, order="covered_until")


# What is known of the summary on whichever of several days it is.
_NARROWER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("active", "expiring", "not_started"), lambda until, days: until >= min(days)),
    "expired": lambda until, days: until < max(days),
    "none": lambda until, _days: until.is_null(),
    "void": lambda until, days: until.is_null() | (until < max(days)),
}


def expires_before(model: Any, owner: Any) -> Filter:
    """?expires_before=DATE: covered today, but no longer without a gap through that day."""

    def condition(actor: Actor, value: date) -> Any:
        last, lent = value - ONE_DAY, _lends(actor)
        return _where_it_is(model, actor, lambda day: _ends(model, owner, day, last, lent), _NARROWER["active"])

    return Filter(Date(), condition, order="covered_until")


def state_on(model: Any, owner: Any, actor: Actor, day: date) -> Any:
    """The state of every unit on `day` as an expression: what the filter says, for a scan of all of them.

    Where nothing starts later, the summary alone tells: whatever holds through a day to come covers the day as well.
    """
    soon, void = day + timedelta(days=EXPIRING_DAYS), _void(model, owner, actor, day)
    lent = _lends(actor)
    ends = _ends_between(model, owner, day, soon, lent)
    gaps = [(~_holds(model, owner, day, lent), "not_started"), (ends, "expiring")]
    until = model.covered_until
    states: list[tuple[Any, Any]] = [(void, "void"), (until.is_null(), "none"), (until < day, "expired")]
    states += [(model.id.in_(_later(owner, actor, day)), Case(None, gaps, "active")), (until <= soon, "expiring")]
    return Case(None, states, "active")


def _where_it_is(
    model: Any, actor: Actor, condition: Callable[[date], Any], narrower: Callable[[Any, Any], Any]
) -> Any:
    """`condition` for the day that it is at each customer: at any moment there are three of them at most."""
    days: dict[date, list[str]] = {}
    for (zone,) in visible(Customer, actor, Customer.time_zone).distinct().tuples():
        days.setdefault(clock.today(zone), []).append(zone)
    if len(days) < 2:
        return condition(next(iter(days), clock.today()))
    parts = [Customer.time_zone.in_(zones) & condition(day) for day, zones in days.items()]
    return narrower(model.covered_until, days) & reduce(or_, parts)


# The sub-queries below that look at one unit look no further: the outer query has scoped it. With a customer in them
# as well, an engine without statistics walks all that he has, for each unit again.


def _ends(model: Any, owner: Any, day: date, last: date, lent: bool) -> Any:
    """Covered on `day`, and the days covered without a gap from then on end on `last` at the latest."""
    ends = _ends_between(model, owner, day, last, lent)
    return (model.covered_until >= day) & _holds(model, owner, day, lent) & ends


def _holds(model: Any, owner: Any, day: date, lent: bool) -> Any:
    on_it = (owner == model.id) & (Coverage.starts_on <= day) & (Coverage.holds_until >= day)
    if not lent:
        return fn.EXISTS(visible(Coverage, Actor.system(), Coverage.id).where(on_it))
    # Not EXISTS: beside an OR, PostgreSQL would read the coverages of everybody into memory for a page of fifty.
    one = visible(Coverage, Actor.system(), Coverage.id).where(on_it).limit(1)
    return _lent(model, model.lent_until >= day) | (fn.COALESCE(one, 0) > 0)


def _lends(actor: Actor) -> bool:
    """Whether contracts lend anything where he looks: without, the statements need not speak of it."""
    return bool(visible(LentSpan, actor, LentSpan.id).limit(1).tuples().first())


def _lent(model: Any, condition: Any) -> Any:
    """True or false of every unit, also of those that no contract lends anything: what is lent holds today."""
    return model.lent_until.is_null(False) & condition


def _ends_between(model: Any, owner: Any, first: date, last: date, lent: bool) -> Any:
    """Some coverage ends from `first` (today) to `last`, or what contracts lend does, and nothing else covers the day
    after."""
    later: Any = Coverage.alias("later")

    def goes_on(until: Any) -> Any:
        mine = getattr(later, owner.name) == model.id
        reaches = (later.holds_until > until) & (later.starts_on <= day_after(until))
        return fn.EXISTS(later.select(later.id).where(mine & reaches))

    until = Coverage.holds_until
    ends = (owner == model.id) & until.between(first, last) & (until >= Coverage.starts_on)
    ends &= ~goes_on(until)
    if not lent:
        return fn.EXISTS(visible(Coverage, Actor.system(), Coverage.id).where(ends))
    ends &= ~_lent(model, model.lent_until > until)
    own = model.lent_until.between(first, last) & ~goes_on(model.lent_until)
    return _lent(model, own) | fn.EXISTS(visible(Coverage, Actor.system(), Coverage.id).where(ends))


def day_after(column: Any) -> Any:
    return fn.DATE(column, "+1 day") if is_sqlite() else column + 1


def _later(owner: Any, actor: Actor, day: date) -> Any:
    """Units on which something is promised from a day to come."""
    to_come = (Coverage.starts_on > day) & (Coverage.holds_until >= Coverage.starts_on)
    return visible(Coverage, actor, owner).where(to_come & owner.is_null(False))


def _void(model: Any, owner: Any, actor: Actor, day: date) -> Any:
    """Nothing holds or is to come, and something voided would hold; or there never was anything else."""
    about = getattr(Warranty, owner.name)
    voided = visible(Warranty, actor).where((Warranty.void_on <= day) & about.is_null(False))
    would = (Coverage.starts_on <= day) & (Coverage.ends_on >= day) & Coverage.warranty.in_(voided.select(Warranty.id))
    until = model.covered_until
    over = (until < day) & model.id.in_(visible(Coverage, Actor.system(), owner).where(would))
    return model.id.in_(voided.select(about)) & (until.is_null() | over)
