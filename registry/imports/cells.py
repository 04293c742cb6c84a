"""Parsers of one cell: text of a file in, a value or CellError out.

Every parser takes the text of a cell and strips white space around it; an empty cell is None, whatever the
kind. Nothing is repaired silently: a CellError says what is wrong and what to write instead, as a text that
reads on after the column's name. The factories are called once per column, the parsers once per cell.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal, TypeVar

from registry.imports.problems import LossyNumber, NumberText
from registry.kernel.tabular import unguard as restore

__all__ = [
    "CellError",
    "DateOrder",
    "Parser",
    "boolean",
    "choice",
    "code",
    "day",
    "email",
    "integer",
    "period",
    "restore",
    "text",
]

T = TypeVar("T")
Parser = Callable[[str], Any]
DateOrder = Literal["ymd", "dmy", "mdy"]

_EXPONENT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*(?:[eE][+-]?)|[eE][+-])[0-9]+")
_WHOLE = re.compile(r"([+-]?[0-9]{1,18})(?:\.0{1,2})?")
_PARTS = re.compile(r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{1,4})")
_WITH_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9:.]+)(?:Z|[+-][0-9:]+)?")
_PERIOD = re.compile(
    r"P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?"
)
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "是"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "否"), False),
}
FIRST_YEAR, LAST_YEAR = 1900, 2199


class CellError(ValueError):
    """A cell that cannot be taken; `str()` says why and what to do."""


def text(max_length: int = 255, *, lines: bool = True) -> Callable[[str], str | None]:
    """Any text of at most `max_length` characters; `lines` allows line breaks inside."""

    def parse(cell: str) -> str | None:
        cell = cell.strip()
        if not cell:
            return None
        if cell[0] == "'":
            cell = restore(cell)
        if len(cell) > max_length:
            raise CellError(f"has {len(cell)} characters; shorten it to {max_length}")
        if not cell.isprintable():
            _refuse_controls(cell, lines)
        return cell

    return parse


def _refuse_controls(cell: str, lines: bool) -> None:
    for at, char in enumerate(cell, 1):
        if char in "\r\n" and not lines:
            raise CellError("has a line break; write it on one line")
        if char not in "\t\r\n" and unicodedata.category(char) in ("Cc", "Cs"):
            raise CellError(f"has the control character U+{ord(char):04X} at position {at}; remove it")


def code(max_length: int = 100) -> Callable[[str], str | None]:
    """A serial number, tag or part number: kept to the letter, refused where a spreadsheet has changed it."""

    def parse(cell: str) -> str | None:
        if isinstance(cell, NumberText):
            _refuse_number(cell)
        cell = cell.strip()
        if not cell:
            return None
        if cell[0] == "'":
            cell = restore(cell)
        if not cell.isprintable():
            _refuse_invisible(cell)
        if len(cell) > max_length:
            raise CellError(f"has {len(cell)} characters; shorten it to {max_length}")
        if ("E" in cell or "e" in cell) and _EXPONENT.fullmatch(cell):
            raise CellError(
                f"{cell} is a number that a spreadsheet has rounded; "
                "format the column as text and enter the original again"
            )
        return cell

    return parse


def _refuse_number(cell: str) -> None:
    why = "has more digits than a spreadsheet keeps" if isinstance(cell, LossyNumber) else "has decimals"
    raise CellError(
        f"{cell} is stored as a number and {why}, so it may not be what was typed; "
        "format the column as text and enter the original again"
    )


def _refuse_invisible(cell: str) -> None:
    for at, char in enumerate(cell, 1):
        if char in "\r\n":
            raise CellError("has a line break inside; give one code in a cell, on one line")
        if not char.isprintable():
            raise CellError(f"has the invisible character U+{ord(char):04X} at position {at}; type it again")


def integer(low: int = -(2**53), high: int = 2**53) -> Callable[[str], int | None]:
    """A whole number from `low` to `high`; `12.0` as other programs write it is 12, `1,000` is refused."""

    def parse(cell: str) -> int | None:
        cell = cell.strip()
        if not cell:
            return None
        found = _WHOLE.fullmatch(cell)
        if not found:
            raise CellError(f"{_shown(cell)} is no whole number; write digits only, such as 1000")
        number = int(found[1])
        if not low <= number <= high:
            raise CellError(f"{number} is out of range; give a number from {low} to {high}")
        return number

    return parse


def boolean() -> Callable[[str], bool | None]:
    """yes / no, true / false, on / off, y / n, 1 / 0, 是 / 否."""

    def parse(cell: str) -> bool | None:
        word = cell.strip().casefold()
        if not word:
            return None
        try:
            return _TRUTH[word]
        except KeyError:
            raise CellError(f"{_shown(word)} is neither yes nor no; write yes or no") from None

    return parse


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
                raise CellError(f"{_shown(cell)} is no day of the calendar; correct it") from None
        elif not cell:
            return None
        else:
            found = _other_day(cell, date_order, pivot)
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
        raise CellError(f"{found} is outside {FIRST_YEAR} to {LAST_YEAR}; correct the year, or leave the cell empty")

    return parse


def _other_day(cell: str, order: DateOrder | None, pivot: int) -> date:
    stamp = _WITH_TIME.fullmatch(cell)
    if stamp:
        if stamp[2].strip("0:."):
            raise CellError(f"{_shown(cell)} has a time of day; give the date alone, such as {stamp[1]}")
        return _calendar_day(stamp[1], *map(int, stamp[1].split("-")))
    parts = _PARTS.fullmatch(cell)
    if not parts:
        raise CellError(f"{_shown(cell)} is no date; write it as YYYY-MM-DD, such as 2024-01-31")
    numbers = parts[1], parts[3], parts[4]
    if order is None:
        readings = [f"as {name} it is {read}" for name in ("mdy", "dmy", "ymd") if (read := _try(numbers, name, pivot))]
        fits = f" ({', '.join(readings)})" if readings else ""
        raise CellError(f"{cell}: which order? give date_order=mdy, dmy or ymd{fits}, or write YYYY-MM-DD")
    return _calendar_day(cell, *_year_month_day(cell, numbers, order, pivot))


def _try(numbers: tuple[str, str, str], order: str, pivot: int) -> date | None:
    try:
        return _calendar_day("", *_year_month_day("", numbers, order, pivot))
    except CellError:
        return None


def _year_month_day(cell: str, numbers: tuple[str, str, str], order: str, pivot: int) -> tuple[int, int, int]:
    year, month, month_day = (numbers[order.index(letter)] for letter in "ymd")
    if len(year) not in (2, 4) or len(month) > 2 or len(month_day) > 2:
        raise CellError(f"{_shown(cell)} does not fit date_order={order}; correct it or write YYYY-MM-DD")
    century = (2000 if int(year) < pivot else 1900) if len(year) == 2 else 0
    return century + int(year), int(month), int(month_day)


def _calendar_day(cell: str, year: int, month: int, month_day: int) -> date:
    try:
        return date(year, month, month_day)
    except ValueError:
        raise CellError(f"{_shown(cell)} is no day of the calendar; correct it") from None


def period() -> Callable[[str], str | None]:
    """An ISO 8601 period as text: P3Y, P18M, P1Y6M, PT4H."""

    def parse(cell: str) -> str | None:
        cell = cell.strip()
        if not cell or _PERIOD.fullmatch(cell):
            return cell or None
        raise CellError(f"{_shown(cell)} is no period; write P36M for 36 months, P3Y for 3 years, P90D for 90 days")

    return parse


def choice(options: Mapping[str, T]) -> Callable[[str], T | None]:
    """One of `options`: what may be written (upper or lower case) -> the value."""
    known = {" ".join(key.split()).casefold(): value for key, value in options.items()}
    listed = ", ".join(list(options)[:12]) + (", ..." if len(options) > 12 else "")

    def parse(cell: str) -> T | None:
        cell = restore(cell.strip())
        if not cell:
            return None
        try:
            return known[" ".join(cell.split()).casefold()]
        except KeyError:
            raise CellError(f"{_shown(cell)} is not known here; write one of: {listed}") from None

    return parse


def email() -> Callable[[str], str | None]:
    """One e-mail address."""

    def parse(cell: str) -> str | None:
        cell = restore(cell.strip())
        if not cell:
            return None
        if len(cell) > 254 or not cell.isprintable() or not _EMAIL.fullmatch(cell):
            raise CellError(f"{_shown(cell)} is no e-mail address; write one address such as name@example.com")
        return cell

    return parse


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else f"{cell[:37]}...")
