"""Calendar periods and the ends of terms.

A period starts on its start date and covers through the day before the anniversary. An anniversary that
does not exist (29 February, the 31st) is the first of the following month, so no day is ever lost:

    2024-02-29 + P1Y  covers through 2025-02-28      2025-01-31 + P1M  covers through 2025-02-28
"""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from registry.kernel.language import N_, _, ngettext, quoted

MAX_YEARS = 100
PATTERN = re.compile(r"P(?:([0-9]{1,5})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})W)?(?:([0-9]{1,5})D)?")
EXPECTED = N_("expected years, months, weeks and days as whole numbers, such as P1Y, P18M, P90D or P1Y6M")
ONE_DAY = timedelta(days=1)
TOO_FAR = N_("the period ends after the year 9999; give an earlier start or a shorter period")


@dataclass(frozen=True, slots=True)
class Period:
    """A length of calendar time: the date part of an ISO 8601 duration, never zero, at most 100 years."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        parts = (self.years, self.months, self.weeks, self.days)
        if any(type(part) is not int or part < 0 for part in parts):
            raise ValueError(_("A period is made of whole numbers of at least 0: %(expected)s.", expected=_(EXPECTED)))
        if not any(parts):
            raise ValueError(_("A period must be longer than zero: %(expected)s.", expected=_(EXPECTED)))
        # 365.25 days a year are 487/16 days a month: the bound stays in whole numbers.
        if self.total_months * 487 + self.total_days * 16 > MAX_YEARS * 12 * 487:
            raise ValueError(_("A period may be at most %(max_years)s years long.", max_years=MAX_YEARS))

    @property
    def total_months(self) -> int:
        return self.years * 12 + self.months

    @property
    def total_days(self) -> int:
        return self.weeks * 7 + self.days

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `P1Y6M`. Raises ValueError that says what is expected."""
        match = PATTERN.fullmatch(text) if isinstance(text, str) else None
        if match is None or not any(match.groups()):
            raise ValueError(
                _("%(text)s is not a period: %(expected)s.", text=quoted(str(text)[:40]), expected=_(EXPECTED))
            )
        return cls(*(int(part or 0) for part in match.groups()))

    def __str__(self) -> str:
        parts = ((self.years, "Y"), (self.months, "M"), (self.weeks, "W"), (self.days, "D"))
        return "P" + "".join(f"{number}{letter}" for number, letter in parts if number)

    def said(self) -> str:
        """1 year and 6 months."""
        parts = [
            ngettext("%(num)s year", "%(num)s years", num=self.years) if self.years else "",
            ngettext("%(num)s month", "%(num)s months", num=self.months) if self.months else "",
            ngettext("%(num)s week", "%(num)s weeks", num=self.weeks) if self.weeks else "",
            ngettext("%(num)s day", "%(num)s days", num=self.days) if self.days else "",
        ]
        *others, last = [part for part in parts if part]
        return _("%(parts)s and %(last)s", parts=_(", ").join(others), last=last) if others else last


def _month_later(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    try:
        return date(year, month + 1, start.day)
    except ValueError:
        # No such day in that month. December has 31 days, so the following month is in the same year.
        return date(year, month + 2, 1)


def anniversary(start: date, period: Period) -> date:
    """The first day after the period. Raises ValueError beyond the year 9999."""
    if (start.year * 12 + start.month - 1 + period.total_months) // 12 > MAXYEAR:
        raise ValueError(
            _("From %(start)s for %(period)s: %(too_far)s.", start=start, period=period, too_far=_(TOO_FAR))
        )
    try:
        return _month_later(start, period.total_months) + timedelta(days=period.total_days)
    except OverflowError:
        raise ValueError(
            _("From %(start)s for %(period)s: %(too_far)s.", start=start, period=period, too_far=_(TOO_FAR))
        ) from None


def last_covered(start: date, period: Period) -> date:
    """The last day of a period that starts on `start`: the day before the anniversary."""
    return anniversary(start, period) - ONE_DAY


def local_day(instant: datetime, tz: str | tzinfo) -> date:
    """The calendar day that `instant` (with a zone) is in the time zone of a customer: his 'today'."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(_("The instant must carry its time zone."))
    try:
        zone = ZoneInfo(tz) if isinstance(tz, str) else tz
        return instant.astimezone(zone).date()
    except OverflowError:
        raise ValueError(_("%(instant)s is outside the calendar in the zone %(tz)s.", instant=instant, tz=tz)) from None
    except (LookupError, ValueError, OSError):
        raise ValueError(_("%(tz)s is not a known time zone, such as Asia/Hong_Kong.", tz=quoted(tz))) from None
