"""What a duty asks for until when, and its state on a day: derived from its schedule and from what was done.

A duty is owed once (due_on), every so often (due_on, then every period), so many times in each contract
year (per_year), or all the time (none of them). What is done counts for the earliest part still open on that
day: work done late makes good what was missed, and work beyond what a year asks for is not saved up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from registry.contracts.renewal import ONE_DAY, boundary, completed
from registry.kernel.language import _
from registry.warranty.periods import Period

STATES = ("done", "due", "overdue", "not_yet")
LEAD = timedelta(days=30)  # so long before its day something counts as due
YEAR = Period(years=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`starts_on` and `last` are the contract's first and (if it is known) last day in force."""

    starts_on: date
    last: date | None = None
    due_on: date | None = None
    every: Period | None = None
    per_year: int | None = None

    @property
    def standing(self) -> bool:
        return self.due_on is None and self.per_year is None


class Part(NamedTuple):
    """One thing to do: from when it can be done, the last day for it, and how many more fall due that day."""

    opens_on: date
    due_on: date
    more: int = 0


class DutyState(NamedTuple):
    """`due_on`: of the first part not done. `missing`: how many parts are open, or late when overdue."""

    state: str
    due_on: date | None
    missing: int
    reason: str


def part(schedule: Schedule, number: int) -> Part | None:
    """The part with this number (from 0), or None when the contract ends before it is owed."""
    if schedule.per_year is not None:
        return _of_year(schedule, schedule.per_year, number)
    if schedule.due_on is None or (schedule.every is None and number > 0):
        return None
    if schedule.every is None or number == 0:
        return _unless_over(schedule, Part(min(schedule.starts_on, schedule.due_on), schedule.due_on))
    before = boundary(schedule.due_on, schedule.every, number - 1)
    return _unless_over(schedule, Part(before + ONE_DAY, boundary(schedule.due_on, schedule.every, number)))


def _unless_over(schedule: Schedule, found: Part) -> Part | None:
    return None if schedule.last is not None and found.due_on > schedule.last else found


def _of_year(schedule: Schedule, per_year: int, number: int) -> Part | None:
    """Years count from the contract's first day. A year cut short owes its share, rounded down."""
    year, place = divmod(number, per_year)
    first, following = boundary(schedule.starts_on, YEAR, year), boundary(schedule.starts_on, YEAR, year + 1)
    end = following - ONE_DAY
    owed = per_year
    if schedule.last is not None and schedule.last < end:
        served = (schedule.last - first).days + 1
        owed, end = max(0, per_year * served // (following - first).days), schedule.last
    return Part(first, end, owed - place - 1) if place < owed else None


def done_parts(schedule: Schedule, done: Sequence[date]) -> int:
    """How many parts the work of these days completes."""
    number = 0
    for day in sorted(done):
        open_part = part(schedule, number)
        if open_part is not None and open_part.opens_on <= day:
            number += 1
    return number


def state_on(schedule: Schedule, done: Sequence[date], on: date) -> DutyState:
    """The state of a duty on a day, from what had been done by then."""
    if schedule.standing:
        return _standing(schedule, on)
    number = done_parts(schedule, [day for day in done if day <= on])
    open_part = part(schedule, number)
    if open_part is None:
        text = _("All of it is done.") if number else _("Nothing of it falls within the contract.")
        return DutyState("done" if number else "not_yet", None, 0, text)
    if open_part.opens_on > on:
        text = _("Done for now.") if number else _("Its time has not come.")
        return DutyState("done" if number else "not_yet", open_part.due_on, 0, text)
    return _open(schedule, open_part, number, on)


def _standing(schedule: Schedule, on: date) -> DutyState:
    if on < schedule.starts_on:
        return DutyState("not_yet", None, 0, _("It is owed from the first day of the contract on."))
    if schedule.last is not None and on > schedule.last:
        return DutyState("done", None, 0, _("The contract is over."))
    return DutyState("due", None, 0, _("It is owed at any time while the contract is in force."))


def _open(schedule: Schedule, open_part: Part, number: int, on: date) -> DutyState:
    missing, due_on = open_part.more + 1, open_part.due_on
    if on > due_on:
        missing = _missed(schedule, number, on)
        return DutyState("overdue", due_on, missing, _("%(missing)s not done by the day it was due.", missing=missing))
    days = due_on - on
    near = days <= LEAD if schedule.per_year is None else _pressing(schedule.per_year, missing, days)
    text = _("%(missing)s to be done by %(due_on)s.", missing=missing, due_on=due_on)
    return DutyState("due" if near else "not_yet", due_on, missing, text)


def _pressing(per_year: int, missing: int, left: timedelta) -> bool:
    """Each takes its share of the year: is what is left of it no more than the shares that are missing?"""
    return left.days * per_year <= missing * 366


def _missed(schedule: Schedule, number: int, on: date) -> int:
    """How many parts from `number` on were due before `on`."""
    if schedule.per_year is not None:
        return _missed_in_years(schedule, schedule.per_year, number, on)
    if schedule.every is None or schedule.due_on is None:
        return 1
    by = on if schedule.last is None else min(on, schedule.last + ONE_DAY)
    return completed(schedule.due_on, schedule.every, by - ONE_DAY) + 1 - number


def _missed_in_years(schedule: Schedule, per_year: int, number: int, on: date) -> int:
    over = schedule.last is not None and on > schedule.last
    by = schedule.last + ONE_DAY if over and schedule.last is not None else on
    years = completed(schedule.starts_on, YEAR, by)
    short_year = part(schedule, years * per_year) if over else None
    return years * per_year + (short_year.more + 1 if short_year else 0) - number
