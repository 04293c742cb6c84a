"""Parsers of one cell: text of a file in, a value or CellError out.

Every parser takes the text of a cell and strips white space around it; an empty cell is None, whatever the
kind. Nothing is repaired silently: a CellError says what is wrong and what to write instead, as a text that
reads on after the column's name. The factories are called once per column, the parsers once per cell.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from registry.imports.problems import LossyNumber, NumberText
from registry.kernel.language import _
from registry.kernel.tabular import unguard as restore

__all__ = [
    "CellError",
    "Parser",
    "boolean",
    "choice",
    "code",
    "email",
    "integer",
    "restore",
    "text",
]

T = TypeVar("T")
Parser = Callable[[str], Any]

_EXPONENT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*(?:[eE][+-]?)|[eE][+-])[0-9]+")
_WHOLE = re.compile(r"([+-]?[0-9]{1,18})(?:\.0{1,2})?")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "是"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "否"), False),
}


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
            raise CellError(
                _("has %(count)s characters; shorten it to %(max_length)s", count=len(cell), max_length=max_length)
            )
        if not cell.isprintable():
            _refuse_controls(cell, lines)
        return cell

    return parse


def _refuse_controls(cell: str, lines: bool) -> None:
    for at, char in enumerate(cell, 1):
        if char in "\r\n" and not lines:
            raise CellError(_("has a line break; write it on one line"))
        if char not in "\t\r\n" and unicodedata.category(char) in ("Cc", "Cs"):
            raise CellError(
                _(
                    "has the control character U+%(char)s at position %(at)s; remove it",
                    char=format(ord(char), "04X"),
                    at=at,
                )
            )


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
            raise CellError(
                _("has %(count)s characters; shorten it to %(max_length)s", count=len(cell), max_length=max_length)
            )
        if ("E" in cell or "e" in cell) and _EXPONENT.fullmatch(cell):
            raise CellError(
                _(
                    "%(cell)s is a number that a spreadsheet has rounded; format the column as text and "
                    "enter the original again",
                    cell=cell,
                )
            )
        return cell

    return parse


def _refuse_number(cell: str) -> None:
    why = _("has more digits than a spreadsheet keeps") if isinstance(cell, LossyNumber) else _("has decimals")
    raise CellError(
        _(
            "%(cell)s is stored as a number and %(why)s, so it may not be what was typed; format "
            "the column as text and enter the original again",
            cell=cell,
            why=why,
        )
    )


def _refuse_invisible(cell: str) -> None:
    for at, char in enumerate(cell, 1):
        if char in "\r\n":
            raise CellError(_("has a line break inside; give one code in a cell, on one line"))
        if not char.isprintable():
            raise CellError(
                _(
                    "has the invisible character U+%(char)s at position %(at)s; type it again",
                    char=format(ord(char), "04X"),
                    at=at,
                )
            )


def integer(low: int = -(2**53), high: int = 2**53) -> Callable[[str], int | None]:
    """A whole number from `low` to `high`; `12.0` as other programs write it is 12, `1,000` is refused."""

    def parse(cell: str) -> int | None:
        cell = cell.strip()
        if not cell:
            return None
        found = _WHOLE.fullmatch(cell)
        if not found:
            raise CellError(_("%(cell)s is no whole number; write digits only, such as 1000", cell=shown(cell)))
        number = int(found[1])
        if not low <= number <= high:
            raise CellError(
                _(
                    "%(number)s is out of range; give a number from %(low)s to %(high)s",
                    number=number,
                    low=low,
                    high=high,
                )
            )
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
            raise CellError(_("%(word)s is neither yes nor no; write yes or no", word=shown(word))) from None

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
            raise CellError(
                _("%(cell)s is not known here; write one of: %(listed)s", cell=shown(cell), listed=listed)
            ) from None

    return parse


def email() -> Callable[[str], str | None]:
    """One e-mail address."""

    def parse(cell: str) -> str | None:
        cell = restore(cell.strip())
        if not cell:
            return None
        if len(cell) > 254 or not cell.isprintable() or not _EMAIL.fullmatch(cell):
            raise CellError(
                _("%(cell)s is no e-mail address; write one address such as name@example.com", cell=shown(cell))
            )
        return cell

    return parse


def shown(cell: str) -> str:
    """A cell as a message quotes it."""
    return repr(cell if len(cell) <= 40 else f"{cell[:37]}...")
