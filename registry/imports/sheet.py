"""Texts of one sheet, row by row: openpyxl's parser reads the cells, what they show is written out here."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn
from xml.etree.ElementTree import Element

from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE, STRIP_RE
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook as Book
from openpyxl.worksheet._reader import (
    DATA_TAG,
    FORMULA_TAG,
    INLINE_STRING,
    ROW_TAG,
    VALUE_TAG,
    WorkSheetParser,
)
from openpyxl.xml.constants import SHEET_MAIN_NS

from registry.imports.package import Package, broken
from registry.imports.problems import LossyNumber, NumberText, RowProblem, UnreadableFile, column_letters
from registry.kernel.language import _, quoted

# Twice what a spreadsheet program lets into one cell.
MAX_CELL = 64 * 1024
MAX_SHARED_BYTES = 256 * 1024**2
MAX_SHARED_TEXTS = 5_000_000
MAX_ROWS = 1_048_576  # the format's own limit
EXACT = 10**15  # below, a spreadsheet keeps every digit

Moment = date | datetime | time | timedelta

# Date formats that stand for themselves in East Asian workbooks; openpyxl knows the western ones.
_EASTERN_DATES = {*range(27, 37), *range(50, 59)}

_TABLE, _ITEM, _PLAIN, _RUN = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("sst", "si", "t", "r"))
_RUNS = f"{_RUN}/{_PLAIN}"

# Kinds of cells beyond openpyxl's own.
_NO_RESULT, _NO_VALUE = "no result", "no value"


def shared_texts(package: Package, part: str) -> list[str]:
    """The texts that cells refer to by number, still escaped.

    openpyxl's own list undoes half of the escaping, so that two different texts would become one.
    """
    if package.getinfo(part).file_size > MAX_SHARED_BYTES:
        raise UnreadableFile(
            "too_large", _("The workbook's texts take more than 256 MiB. Save the sheet as CSV, or split it.")
        )
    texts: list[str] = []
    for _part, found in package.elements(part, _TABLE, _ITEM):
        texts.append(_joined(found) or "")
        if len(texts) > MAX_SHARED_TEXTS:
            raise UnreadableFile(
                "too_large",
                _("The workbook has more than 5,000,000 texts. Save the sheet as CSV, or split it."),
            )
    return texts


class _Parser(WorkSheetParser):
    """openpyxl's parser, which also tells of formulas without a result and of values that are none.

    It knows of no date formats: those are applied here, where a bad date can name its cell.
    """

    def parse_cell(self, element: Element) -> dict[str, Any]:
        if (inline := element.find(INLINE_STRING)) is not None:
            element.remove(inline)
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except (ValueError, IndexError, TypeError, OverflowError):
            if coordinate := element.get("r"):
                coordinate_to_tuple(coordinate)  # a cell without a place is worse than one without a value
            stored = element.findtext(VALUE_TAG) or ""
            return {"column": self.col_counter, "value": stored, "data_type": _NO_VALUE, "style_id": 0}
        if cell["value"] is None:
            if cell["data_type"] == "inlineStr":
                cell["data_type"], cell["value"] = "s", _joined(inline)
            elif _lacks_result(element):
                cell["data_type"], cell["value"] = _NO_RESULT, ""
        return cell


def _joined(item: Element | None) -> str | None:
    """The pieces of a rich text, without the hints for its pronunciation.

    openpyxl builds objects for the looks of every piece, which takes three times as long.
    """
    if item is None:
        return None
    return "".join(piece.text or "" for piece in item.findall(_PLAIN) or item.findall(_RUNS))


def _lacks_result(cell: Element) -> bool:
    """Whether it has a formula that was never computed. An empty text is a result: a value without a text."""
    return cell.find(FORMULA_TAG) is not None and (cell.get("t") != "str" or cell.find(VALUE_TAG) is None)


class SheetRows:
    """The rows of one sheet that hold a value; `done` counts the bytes read."""

    def __init__(self, book: Book, shared: list[str], max_columns: int) -> None:
        self.done = 0
        self._max_columns = max_columns
        self._epoch: datetime = book.epoch
        self._parser = _Parser(None, shared, data_only=True)
        self._dates, self._zeros = _styles(book)

    def read(self, package: Package, part: str) -> Iterator[tuple[int, list[str]] | RowProblem]:
        parser, last = self._parser, 0
        for self.done, element in package.elements(part, DATA_TAG, ROW_TAG):
            row, cells = parser.parse_row(element)
            parser.row_dimensions.clear()  # or they would gather
            if not last < row <= MAX_ROWS:
                broken(f"row {row} stands after row {last}, of at most {MAX_ROWS}")
            last = row
            try:
                texts = self._texts(row, cells)
            except _BadCell as problem:
                yield RowProblem(row, str(problem))
            else:
                if texts:
                    yield row, texts
        self.done = package.getinfo(part).file_size

    def _texts(self, row: int, cells: list[dict[str, Any]]) -> list[str]:
        """The texts of a row up to the last one; [] where there is none."""
        texts: list[str] = []
        last = 0
        for cell in cells:
            column = cell["column"]
            if column <= last:
                broken(f"row {row} has its cells out of order")
            last = column
            value = cell["value"]
            if value is None:
                continue
            text = value if cell["data_type"] == "s" and "_x" not in value else self._text(row, cell)
            if not text:
                continue
            if column > self._max_columns or len(text) > MAX_CELL:
                self._refuse(row, column)
            missing = column - 1 - len(texts)
            if missing:
                texts += [""] * missing
            texts.append(text)
        return texts

    def _text(self, row: int, cell: dict[str, Any]) -> str:
        value, kind = cell["value"], cell["data_type"]
        if kind == "n" or kind == "d":
            try:
                return self._number(value, cell["style_id"])
            except (ValueError, OverflowError):
                kind = _NO_VALUE
        if kind == "b":
            return "true" if value else "false"
        if kind == "e":
            advice = _("holds the error %(error)s. Correct the formula or empty the cell", error=value[:20])
        elif kind == _NO_RESULT:
            advice = _("holds a formula without a result. Save the file in a spreadsheet, or paste values")
        elif kind == _NO_VALUE:
            advice = _("holds %(value)s, which is no value of its kind. Type it again", value=quoted(str(value)[:40]))
        else:
            return str(unescape(value))
        raise _BadCell(
            _(
                "Line %(row)s: cell %(column)s%(row)s %(advice)s.",
                row=row,
                column=column_letters(cell["column"] - 1),
                advice=advice,
            )
        )

    def _number(self, value: int | float | Moment, style: int) -> str:
        """Whole numbers up to fifteen digits are plain text; others are NumberText, or LossyNumber."""
        if not isinstance(value, int | float):
            return _moment_text(value)
        if style in self._dates:
            if value < 0:
                raise ValueError(value)
            return _moment_text(from_excel(value, self._epoch))
        if isinstance(value, float) and not value.is_integer():
            short = format(value, ".15g")
            if not isfinite(value):
                raise ValueError(value)
            return LossyNumber(format(Decimal(short), "f")) if "e" in short else NumberText(short)
        text = str(int(value))
        return text.zfill(self._zeros.get(style, 0)) if abs(value) < EXACT else LossyNumber(text)

    def _refuse(self, row: int, column: int) -> NoReturn:
        if column > self._max_columns:
            raise UnreadableFile(
                "too_many_columns",
                _(
                    "Line %(row)s has a value in column %(column)s; at most %(max_columns)s columns can "
                    "be imported. Remove the columns beyond.",
                    row=row,
                    column=column_letters(column - 1),
                    max_columns=self._max_columns,
                ),
                line=row,
            )
        raise UnreadableFile(
            "too_long",
            _(
                "Cell %(column)s%(row)s holds more than %(max_cell)s characters. Shorten it.",
                column=column_letters(column - 1),
                row=row,
                max_cell=MAX_CELL,
            ),
            line=row,
        )


class _BadCell(Exception):
    """A cell whose value cannot be had; the message says which, and what to do."""


def _styles(book: Book) -> tuple[set[int], dict[int, int]]:
    """Which styles show a date, and which fill a number up with zeros, to how many digits.

    A length of time ([h]:mm) stays a number of days.
    """
    dates = set(book._date_formats) - set(book._timedelta_formats)
    zeros: dict[int, int] = {}
    for at, style in enumerate(book._cell_styles):
        own = style.numFmtId - BUILTIN_FORMATS_MAX_SIZE
        form = STRIP_RE.sub("", book._number_formats[own]) if own >= 0 else ""
        if len(form) > 1 and not form.strip("0"):
            zeros[at] = len(form)
        elif style.numFmtId in _EASTERN_DATES:
            dates.add(at)
    return dates, zeros


def _moment_text(value: Moment) -> str:
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
