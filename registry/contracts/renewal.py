"""When a contract is in force: agreed terms, renewals that nobody had to agree to, notice and termination.

Nothing here knows of tables or of today. The last day of a term belongs to it, as everywhere in the registry.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from registry.kernel.language import N_, _, ngettext
from registry.warranty.periods import Period, anniversary

RENEWALS = ("none", "by_notice", "tacit")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """From its first to its last day; `ends_on` None is open-ended. `tacit`: nobody had to agree to it."""

    starts_on: date
    ends_on: date | None
    tacit: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """The facts that decide. `terms` follow each other without a gap; only the last may be open-ended.

    Notice is in time when it is given `notice_days` before the last day of a term or earlier.
    `terminated_on` is the last day, whatever the terms say.
    """

    terms: tuple[Term, ...]
    renewal: str = "none"
    renewal_period: Period | None = None
    notice_days: int = 0
    notice_on: date | None = None
    terminated_on: date | None = None

    @property
    def starts_on(self) -> date:
        return self.terms[0].starts_on

    @property
    def agreed_until(self) -> date | None:
        return self.terms[-1].ends_on

    @property
    def rolling(self) -> tuple[date, Period] | None:
        """The first day of the first tacit renewal and the length of each; None without tacit renewal."""
        if self.renewal != "tacit" or self.renewal_period is None or self.agreed_until is None:
            return None
        return self.agreed_until + ONE_DAY, self.renewal_period


class Standing(NamedTuple):
    """Whether a contract is in force on a day, in which term, and why."""

    in_force: bool
    period_start: date | None
    period_end: date | None
    reason: str


class Span(Period):
    """The sum of many periods: unlike one period it may be longer than a century."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Made of periods that were checked."""


def boundary(start: date, period: Period, times: int) -> date:
    """The first day after `times` periods, counted in one step: month after month, a 31st would drift."""
    if times == 0:
        return start
    return anniversary(start, Span(months=period.total_months * times, days=period.total_days * times))


def completed(start: date, period: Period, on: date) -> int:
    """How many whole periods lie between `start` and the beginning of `on`; 0 before the first has passed."""
    if on <= start:
        return 0
    shortest = period.total_months * 28 + period.total_days
    at_most = (on - start).days // shortest + 1
    return bisect_right(range(1, at_most + 1), on, key=lambda times: boundary(start, period, times))


def last_day(agreement: Agreement) -> date | None:
    """The last day in force as far as is known; None while it goes on until somebody ends it."""
    ends = [day for day in (_natural_end(agreement), agreement.terminated_on) if day is not None]
    return min(ends, default=None)


def _natural_end(agreement: Agreement) -> date | None:
    until, notice, rolling = agreement.agreed_until, agreement.notice_on, agreement.rolling
    if until is not None and rolling is None:
        return until
    if notice is None:
        return None
    effective = notice + timedelta(days=agreement.notice_days)
    # Open-ended, it ends when the time of notice is over; rolling, with the term that is running then.
    return effective if rolling is None else _end_after(*rolling, effective)


def _end_after(first: date, period: Period, day: date) -> date:
    """The end of the term that is not over before `day`: the agreed one before `first`, or a tacit one."""
    return boundary(first, period, 0 if day < first else completed(first, period, day) + 1) - ONE_DAY


def tacit_terms(agreement: Agreement, on: date) -> list[Term]:
    """The tacit renewals that have begun by `on`, in order, each to its full length."""
    if agreement.rolling is None:
        return []
    first, period = agreement.rolling
    by = min(on, last_day(agreement) or on)
    begun = completed(first, period, by) + 1 if by >= first else 0
    days = [boundary(first, period, times) for times in range(begun + 1)]
    return [Term(day, following - ONE_DAY, tacit=True) for day, following in zip(days, days[1:], strict=False)]


def in_force(agreement: Agreement, on: date) -> Standing:
    """Whether the contract holds on a day: (in force, first and last day of the term it is in, reason)."""
    last = last_day(agreement)
    if last is not None and on > last:
        return Standing(False, None, None, _why_over(agreement, last))
    if on < agreement.starts_on:
        return Standing(False, None, None, _("It starts on %(starts_on)s.", starts_on=agreement.starts_on))
    term, reason = _term_on(agreement, on)
    end = term.ends_on if last is None or term.ends_on is None else min(term.ends_on, last)
    return Standing(True, term.starts_on, end or last, reason)


def _term_on(agreement: Agreement, on: date) -> tuple[Term, str]:
    for number, term in enumerate(agreement.terms, 1):
        if term.ends_on is None or on <= term.ends_on:
            told = N_("Term %(number)s, renewed tacitly.") if term.tacit else N_("Term %(number)s, as agreed.")
            return term, _(told, number=number)
    if agreement.rolling is None:
        raise ValueError(f"no term covers {on}")
    first, period = agreement.rolling
    times = completed(first, period, on)
    term = Term(boundary(first, period, times), boundary(first, period, times + 1) - ONE_DAY, tacit=True)
    often = ngettext("once", "%(num)s times", times + 1)
    return term, _(
        "Renewed tacitly %(often)s after %(until)s: no notice was given in time.",
        often=often,
        until=agreement.agreed_until,
    )


def _why_over(agreement: Agreement, last: date) -> str:
    if agreement.terminated_on == last:
        return _("It was terminated on %(last)s.", last=last)
    if agreement.notice_on is not None and (agreement.rolling or agreement.agreed_until is None):
        return _("It ended on %(last)s, after notice given on %(notice_on)s.", last=last, notice_on=agreement.notice_on)
    return _("It ended on %(last)s and was not renewed.", last=last)


def notice_by(agreement: Agreement, on: date) -> date | None:
    """The next day, `on` included, by which notice would end a tacit contract with its term; else None."""
    if agreement.rolling is None or last_day(agreement) is not None:
        return None
    ahead = timedelta(days=agreement.notice_days)
    return _end_after(*agreement.rolling, max(on, agreement.starts_on) + ahead) - ahead
