"""From when until when a line covers, and what its terms promise meanwhile."""

from datetime import date
from typing import Any

from registry.contracts.renewal import Agreement, Standing, in_force
from registry.warranty.coverage import CoverageSpan
from registry.warranty.periods import Period, anniversary, last_covered
from registry.warranty.terms import TermsBody


def holds(line: Any, on: date) -> bool:
    """`line`: anything with starts_on and ends_on."""
    return (line.starts_on is None or line.starts_on <= on) and (line.ends_on is None or on <= line.ends_on)


def within(line: Any, standing: Standing) -> tuple[date, date | None]:
    """From when until when the line covers in the contract's term; None: no end is known."""
    ends = [day for day in (standing.period_end, line.ends_on) if day is not None]
    starts = [day for day in (standing.period_start, line.starts_on) if day is not None]
    return max(starts), min(ends, default=None)


def term_of(line: Any, agreement: Agreement, on: date) -> tuple[date, date | None] | None:
    """The same for the term that the day is in, or None where it does not cover that day."""
    standing = in_force(agreement, on)
    return within(line, standing) if standing.in_force and holds(line, on) else None


def spans_of(body: TermsBody, since: date, until: date | None, on: date) -> list[CoverageSpan]:
    """What terms promise for as long as a line covers: how long is said by the contract, not by the terms."""
    return [
        CoverageSpan(coverage.remedy, since, until or _current_end(since, coverage.period, on), position)
        for position, coverage in enumerate(body.coverages)
    ]


def _current_end(since: date, period: Period, on: date) -> date:
    """An open-ended contract goes on: covered through the end of the period of the terms that the day is in."""
    start = since
    while last_covered(start, period) < on:
        start = anniversary(start, period)
    return last_covered(start, period)
