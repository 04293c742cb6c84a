"""What terms promise as dated spans, and the state of a warranty on any day, derived from them alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from registry.kernel.codes import Codes
from registry.kernel.language import _, quoted

from .periods import ONE_DAY, TOO_FAR, Period, last_covered
from .terms import TermsBody

EXPIRING_DAYS = 90
Block = tuple[date, date]


@dataclass(frozen=True, slots=True)
class CoverageSpan:
    """A remedy promised from `starts_on` through `ends_on`, both included; `position`: place in the terms."""

    remedy: str
    starts_on: date
    ends_on: date
    position: int = 0

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(
                _(
                    "Coverage of %(remedy)s would end on %(ends_on)s, before %(starts_on)s.",
                    remedy=self.remedy,
                    ends_on=self.ends_on,
                    starts_on=self.starts_on,
                )
            )

    def covers(self, on: date) -> bool:
        return self.starts_on <= on <= self.ends_on


def materialise(start: date, body: TermsBody) -> list[CoverageSpan]:
    """The spans of all coverages from `start`. ValueError beyond the year 9999."""
    return [
        CoverageSpan(coverage.remedy, start, last_covered(start, coverage.period), position)
        for position, coverage in enumerate(body.coverages)
    ]


def after_repair(repaired_on: date, body: TermsBody) -> list[CoverageSpan]:
    """The warranty that a repair starts: repair for the period of the terms; nothing if they give none."""
    if body.repair_warranty is None:
        return []
    return [CoverageSpan("repair", repaired_on, last_covered(repaired_on, body.repair_warranty))]


def _later_end(span: CoverageSpan, by: Period | date) -> date:
    if isinstance(by, date):
        return max(span.ends_on, by)
    if span.ends_on == date.max:
        raise ValueError(
            _("From %(ends_on)s for %(by)s: %(too_far)s.", ends_on=span.ends_on, by=by, too_far=_(TOO_FAR))
        )
    return last_covered(span.ends_on + ONE_DAY, by)


def extend(
    spans: Sequence[CoverageSpan], by: Period | date, remedies: Iterable[str] | None = None
) -> list[CoverageSpan]:
    """Longer spans: by a period that follows the old end without a gap, or through a date. Never shortens.

    `remedies` limits it to some remedies; one that the spans do not hold raises ValueError.
    """
    held = {span.remedy for span in spans}
    wanted = held if remedies is None else set(remedies)
    if wanted - held:
        raise ValueError(
            _("Nothing to extend: %(known)s is not covered.", known=Codes(tuple(sorted(wanted - held)), "remedy"))
        )
    return [replace(span, ends_on=_later_end(span, by)) if span.remedy in wanted else span for span in spans]


def close(spans: Iterable[CoverageSpan], on: date) -> list[CoverageSpan]:
    """Spans of a warranty that ends early: they cover through the day before `on`."""
    return [span if span.ends_on < on else replace(span, ends_on=on - ONE_DAY) for span in spans if span.starts_on < on]


def transfer(
    spans: Iterable[CoverageSpan], on: date, rule: str, days: int | None, body: TermsBody
) -> list[CoverageSpan]:
    """Spans for the replacement unit from `on`, by the rule of the terms.

    `remaining`: the rest of each span, nothing for one that is over. `full_new`: the terms afresh.
    `max_remaining`: each remedy through its old end or for `days` days, whichever is later.
    """
    if rule == "full_new":
        return materialise(on, body)
    if rule == "remaining":
        least = date.min
    elif rule == "max_remaining" and days is not None and days >= 1:
        least = _day_after(on, days - 1)
    else:
        raise ValueError(_("The rule %(rule)s is not known or lacks its days (at least 1).", rule=quoted(rule)))
    moved = [(span, max(on, span.starts_on), max(span.ends_on, least)) for span in spans]
    return [replace(span, starts_on=start, ends_on=end) for span, start, end in moved if start <= end]


def _day_after(on: date, days: int) -> date:
    try:
        return on + timedelta(days=days)
    except OverflowError:
        raise ValueError(
            _("From %(on)s for %(days)s days: %(too_far)s.", on=on, days=days, too_far=_(TOO_FAR))
        ) from None


def union(spans: Iterable[CoverageSpan]) -> list[Block]:
    """Blocks of days without a gap, in order: spans that overlap or touch are one block."""
    blocks: list[Block] = []
    for start, end in sorted((span.starts_on, span.ends_on) for span in spans):
        if blocks and (start - blocks[-1][1]).days <= 1:
            blocks[-1] = (blocks[-1][0], max(blocks[-1][1], end))
        else:
            blocks.append((start, end))
    return blocks


def covered_until(spans: Iterable[CoverageSpan], on: date) -> date | None:
    """Last day of the block that holds `on`; outside of blocks the last end of all; None without spans."""
    blocks = union(spans)
    if not blocks:
        return None
    return next((end for start, end in blocks if start <= on <= end), blocks[-1][1])


def state(
    spans: Sequence[CoverageSpan], on: date, void_on: date | None = None, expiring_days: int = EXPIRING_DAYS
) -> str:
    """`void | none | active | expiring | not_started | expired` on a day.

    Between two blocks the state is `not_started`: more is to come. `expiring`: the block that holds the day
    ends at most `expiring_days` days later.
    """
    if void_on is not None and on >= void_on:
        return "void"
    if not spans:
        return "none"
    blocks = union(spans if void_on is None else close(spans, void_on))
    held = next((end for start, end in blocks if start <= on <= end), None)
    if held is not None:
        return "expiring" if (held - on).days <= expiring_days else "active"
    return "not_started" if not blocks or blocks[-1][0] > on else "expired"
