"""What comes after an end: a contract that goes on covering a unit, or units that nothing covers any more."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import fn

from registry.assets.models import Asset
from registry.assets.statuses import gone
from registry.contracts.lending import Promise, promises_of
from registry.contracts.line_days import holds, term_of
from registry.contracts.models import Contract
from registry.contracts.standing import agreements
from registry.kernel.access import Actor, visible
from registry.warranty.lent import UNITS
from registry.warranty.models import Lent
from registry.warranty.periods import ONE_DAY

End = tuple[int, date]  # id of what ends, and its last day


def carried_on(actor: Actor, model: Any, ends: Iterable[End]) -> dict[End, str]:
    """For those units (`model`: Asset or Licence) that a contract covers on the day after: its number.

    A handful of statements, however many units.
    """
    wanted = list(ends)
    some = model.id.in_({unit for unit, _day in wanted}) & model.lent.is_null(False)
    lent = dict(visible(model, actor, model.id, model.lent).where(some).tuples())
    rows = visible(Lent, actor).where(Lent.id.in_(set(lent.values()))) if lent else ()
    promises = {row.id: promises_of(row) for row in rows}
    named = {promise.contract for each in promises.values() for promise in each}
    contracts = {row.id: row for row in visible(Contract, actor).where(Contract.id.in_(named))} if named else {}
    agreed = agreements(actor, contracts.values())

    def covers(promise: Promise, day: date) -> bool:
        return promise.contract in agreed and term_of(promise, agreed[promise.contract], day) is not None

    found: dict[End, str] = {}
    for unit, day in wanted:
        theirs = [one for one in promises.get(lent.get(unit, 0), ()) if covers(one, day + ONE_DAY)]
        if theirs:
            found[unit, day] = str(contracts[theirs[0].contract].number)
    return found


def left_uncovered(actor: Actor, ends: Iterable[End]) -> dict[End, int]:
    """For contracts of one customer that end, or part of which does: on how many of the units that they cover until
    then nothing is promised afterwards. Units that are retired or lost are not counted."""
    wanted = set(ends)
    covering: dict[End, set[int]] = {end: set() for end in wanted}
    for lent in visible(Lent, actor):
        for promise in promises_of(lent):
            for contract, day in wanted:
                if promise.contract == contract and holds(promise, day):
                    covering[contract, day].add(lent.id)
    counted = _by_last_day(actor, {day for _contract, day in wanted})
    sums = {end: sum(counted.get((lent, end[1]), 0) for lent in rows) for end, rows in covering.items()}
    return {end: count for end, count in sums.items() if count}


def _by_last_day(actor: Actor, days: set[date]) -> dict[tuple[int, date], int]:
    """(what is lent, last covered day) -> how many units."""
    found: dict[tuple[int, date], int] = {}
    for model in UNITS:
        until = model.covered_until
        query = visible(model, actor, model.lent, until, fn.COUNT(model.id))
        query = query.where(model.lent.is_null(False) & until.in_(sorted(days)))
        query = query.where(model.status.not_in(gone())) if model is Asset else query
        for lent, day, count in query.group_by(model.lent, until).tuples():
            found[lent, day] = found.get((lent, day), 0) + count
    return found
