"""Dates and periods in cells: ISO 8601 always, other forms only when somebody has said how to read them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Literal

from registry.imports.cells import CellError, shown
from registry.kernel.language import _

DateOrder = Literal["ymd", "dmy", "mdy"]

_PARTS = re.compile(r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{1,4})")
_WITH_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9:.]+)(?:Z|[+-][0-9:]+)?")
_PERIOD = re.compile(
    r"P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?"
)
FIRST_YEAR, LAST_YEAR = 1900, 2199


def day(date_order: DateOrder | None = None, pivot: int = 70) -> Callable[[str], date | None]:
    """A date: ISO 8601 always; other forms only when `date_order` says how to read them.

    Two-digit years below `pivot` are 20xx, others 19xx.
    """
    from_iso = date.fromisoformat

    def parse(cell: str) -> date | None:
        cell = cell.strip()
        if len(cell) == 10 and cell[4] == "-" == cell[7]:
            try:
                found = from_iso(cell)
            except ValueError:
                raise CellError(_("%(cell)s is no day of the calendar; correct it", cell=shown(cell))) from None
        elif not cell:
            return None
        else:
            found = _other_day(cell, date_order, pivot)
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
        raise CellError(
            _(
                "%(found)s is outside %(first_year)s to %(last_year)s; correct the year, or leave the cell empty",
                found=found,
                first_year=FIRST_YEAR,
                last_year=LAST_YEAR,
            )
        )

    return parse


def _other_day(cell: str, order: DateOrder | None, pivot: int) -> date:
    stamp = _WITH_TIME.fullmatch(cell)
    if stamp:
        if stamp[2].strip("0:."):
            raise CellError(
                _(
                    "%(cell)s has a time of day; give the date alone, such as %(stamp)s",
                    cell=shown(cell),
                    stamp=stamp[1],
                )
            )
        return _calendar_day(stamp[1], *map(int, stamp[1].split("-")))
    parts = _PARTS.fullmatch(cell)
    if not parts:
        raise CellError(_("%(cell)s is no date; write it as YYYY-MM-DD, such as 2024-01-31", cell=shown(cell)))
    numbers = parts[1], parts[3], parts[4]
    if order is None:
        readings = [
            _("as %(name)s it is %(read)s", name=name, read=read)
            for name in ("mdy", "dmy", "ymd")
            if (read := _try(numbers, name, pivot))
        ]
        fits = f" ({', '.join(readings)})" if readings else ""
        raise CellError(
            _(
                "%(cell)s: which order? give date_order=mdy, dmy or ymd%(fits)s, or write YYYY-MM-DD",
                cell=cell,
                fits=fits,
            )
        )
    return _calendar_day(cell, *_year_month_day(cell, numbers, order, pivot))


def _try(numbers: tuple[str, str, str], order: str, pivot: int) -> date | None:
    try:
        return _calendar_day("", *_year_month_day("", numbers, order, pivot))
    except CellError:
        return None


def _year_month_day(cell: str, numbers: tuple[str, str, str], order: str, pivot: int) -> tuple[int, int, int]:
    year, month, month_day = (numbers[order.index(letter)] for letter in "ymd")
    if len(year) not in (2, 4) or len(month) > 2 or len(month_day) > 2:
        raise CellError(
            _(
                "%(cell)s does not fit date_order=%(order)s; correct it or write YYYY-MM-DD",
                cell=shown(cell),
                order=order,
            )
        )
    century = (2000 if int(year) < pivot else 1900) if len(year) == 2 else 0
    return century + int(year), int(month), int(month_day)


def _calendar_day(cell: str, year: int, month: int, month_day: int) -> date:
    try:
        return date(year, month, month_day)
    except ValueError:
        raise CellError(_("%(cell)s is no day of the calendar; correct it", cell=shown(cell))) from None


def period() -> Callable[[str], str | None]:
    """An ISO 8601 period as text: P3Y, P18M, P1Y6M, PT4H."""

    def parse(cell: str) -> str | None:
        cell = cell.strip()
        if not cell or _PERIOD.fullmatch(cell):
            return cell or None
        raise CellError(
            _("%(cell)s is no period; write P36M for 36 months, P3Y for 3 years, P90D for 90 days", cell=shown(cell))
        )

    return parse
