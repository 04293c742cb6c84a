"""Lists as CSV, JSON and XLSX, written as a stream.

Cells that a spreadsheet would run as a formula get one leading apostrophe in CSV. So that nothing is lost, a
text that already looks guarded gets one more; `unguard` takes exactly one away (CWE-1236).
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import orjson

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "integer", "decimal", "boolean", "day", "moment"]
Rows = Iterable[Sequence[Any]]

CHUNK = 64 * 1024
SHEET_ROWS = 1_048_575  # under the header
SHEET_TEXT = 32_767
EXACT_DIGITS = 15  # that many a spreadsheet keeps

# What spreadsheet programs take for the beginning of a formula, the full-width forms of East Asia included.
FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_MAYBE_GUARDED = frozenset(FORMULA_STARTS + "'")
_GUARDED = re.compile(f"'+[{re.escape(FORMULA_STARTS)}]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: `name` for programs (JSON), `title` for people (CSV, XLSX).

    Kinds and their values: text str, integer int, decimal Decimal or float, boolean bool, day date, moment an
    aware datetime; None everywhere is an empty cell.
    """

    name: str
    title: str
    kind: Kind = "text"


# Moments and JSON are text already when they come out of a list.
_OF_LISTS: dict[str, Kind] = {"integer": "integer", "decimal": "decimal", "boolean": "boolean", "day": "day"}


def columns_of(shown: Sequence[Any]) -> list[Column]:
    """The columns of a list (kernel/listing.py) as those of a file."""
    return [Column(one.name, one.title, _OF_LISTS.get(one.kind, "text")) for one in shown]


def flat(shown: Sequence[Any], rows: Rows) -> Iterator[tuple[Any, ...]]:
    """Nested values as JSON text, for tables that know no nesting; nothing for an empty one."""
    nested = [at for at, one in enumerate(shown) if one.kind == "json"]
    for row in rows:
        values = list(row)
        for at in nested:
            values[at] = orjson.dumps(values[at]).decode() if values[at] else None
        yield tuple(values)


def guard(text: str) -> str:
    """The text as it may stand in a CSV file that a spreadsheet opens."""
    if text and text[0] in _MAYBE_GUARDED and (text[0] != "'" or _GUARDED.match(text)):
        return f"'{text}"
    return text


def unguard(text: str) -> str:
    """Undo `guard`: take the one apostrophe away that stands before something like a formula."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def write_csv(columns: Sequence[Column], rows: Rows, *, bom: bool = False) -> Iterator[bytes]:
    """UTF-8 CSV as RFC 4180 has it, in pieces of about 64 kB; the first piece is the headers alone.

    `bom` helps spreadsheet programs to see that it is UTF-8.
    """
    buffer = StringIO(newline="")
    write = csv.writer(buffer, lineterminator="\r\n").writerow
    if bom:
        buffer.write("\ufeff")
    write([guard(column.title) for column in columns])
    yield _drain(buffer)
    texts = [at for at, column in enumerate(columns) if column.kind == "text"]
    others = [(at, _CSV_FORMS[column.kind]) for at, column in enumerate(columns) if column.kind in _CSV_FORMS]
    for row in rows:
        cells = list(row)
        for at in texts:
            text = cells[at]
            if text and text[0] in _MAYBE_GUARDED:
                cells[at] = guard(text)
        for at, form in others:
            if cells[at] is not None:
                cells[at] = form(cells[at])
        write(cells)
        if buffer.tell() > CHUNK:
            yield _drain(buffer)
    if buffer.tell():
        yield _drain(buffer)


def _drain(buffer: StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()


def _decimal(value: Decimal | float) -> str:
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _boolean(value: bool) -> str:
    return "true" if value else "false"


_CSV_FORMS: dict[str, Callable[[Any], str]] = {"boolean": _boolean, "decimal": _decimal, "moment": _moment}


def write_json(columns: Sequence[Column], rows: Rows) -> Iterator[bytes]:
    """A JSON array of objects, in pieces. Decimals are strings, days and moments ISO 8601."""
    names = [column.name for column in columns]
    options = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_SUBCLASS
    before = b"["
    remaining = iter(rows)
    while batch := list(islice(remaining, 256)):
        data = orjson.dumps([dict(zip(names, row, strict=True)) for row in batch], _json_form, options)
        yield before + data[1:-1]
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _json_form(value: object) -> object:
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"a list cannot hold a {type(value).__name__}")


def write_xlsx(columns: Sequence[Column], rows: Rows, path: Path, *, sheet_rows: int = SHEET_ROWS) -> int:
    """Write a workbook to `path` with memory that does not grow; returns the number of rows.

    Further sheets follow after `sheet_rows` rows, each with the headers. Texts stay texts (no formulas, links
    or numbers are made of them); what a spreadsheet cannot hold exactly is written as text.
    """
    import xlsxwriter  # costs start-up time, and few processes need it

    # In a folder of its own, so that a failure leaves neither half a workbook nor temporary files.
    with TemporaryDirectory(dir=path.parent) as scratch:
        draft = Path(scratch, "draft.xlsx")
        book = xlsxwriter.Workbook(str(draft), {"constant_memory": True, "tmpdir": scratch})
        book.use_zip64()
        try:
            total = _fill_book(book, columns, iter(rows), sheet_rows)
        finally:
            book.close()
        draft.replace(path)
    return total


def _fill_book(
    book: "xlsxwriter.Workbook",
    columns: Sequence[Column],
    remaining: Iterator[Sequence[Any]],
    sheet_rows: int,
) -> int:
    cells = _Cells(book)
    put = [cells.put(column.kind) for column in columns]
    total = 0
    while True:
        sheet = _new_sheet(book, columns, cells.bold)
        written = _fill(sheet, put, islice(remaining, sheet_rows))
        total += written
        if written < sheet_rows or (following := next(remaining, None)) is None:
            break
        remaining = chain((following,), remaining)
    return total


def _new_sheet(book: "xlsxwriter.Workbook", columns: Sequence[Column], bold: "Format") -> "Worksheet":
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, _sheet_text(column.title), bold)
    return sheet


def _fill(sheet: "Worksheet", put: list[Callable[..., None]], rows: Rows) -> int:
    line = 0
    for line, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if value is not None:
                put[at](sheet, line, at, value)
    return line


def _sheet_text(text: str) -> str:
    if text[:1] == "'" and _GUARDED.match(text):
        text = f"'{text}"  # our import takes one away
    if len(text) > SHEET_TEXT:
        note = f" [cut: {len(text)} characters, the CSV export has all]"
        text = text[: SHEET_TEXT - len(note)] + note
    return text


class _Cells:
    """How a value of each kind is put into a cell."""

    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self.bold: Format = book.add_format({"bold": True})
        self._day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def put(self, kind: str) -> Callable[..., None]:
        forms: dict[str, Callable[..., None]] = {
            "integer": self.number,
            "decimal": self.number,
            "boolean": self.boolean,
            "day": self.day,
            "moment": self.moment,
        }
        return forms.get(kind, self.text)

    def text(self, sheet: "Worksheet", row: int, at: int, value: object) -> None:
        sheet.write_string(row, at, _sheet_text(str(value)))

    def number(self, sheet: "Worksheet", row: int, at: int, value: int | float | Decimal) -> None:
        if isinstance(value, Decimal):
            exact = value.is_finite() and len(value.as_tuple().digits) <= EXACT_DIGITS
        else:
            exact = math.isfinite(value) and (isinstance(value, float) or abs(value) < 10**EXACT_DIGITS)
        if exact:
            sheet.write_number(row, at, value)
        else:
            sheet.write_string(row, at, _decimal(value) if isinstance(value, Decimal) else str(value))

    def boolean(self, sheet: "Worksheet", row: int, at: int, value: bool) -> None:
        sheet.write_boolean(row, at, value)

    def day(self, sheet: "Worksheet", row: int, at: int, value: date) -> None:
        if value.year < 1900:  # before the first day a spreadsheet knows
            sheet.write_string(row, at, value.isoformat())
        else:
            sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), self._day)

    def moment(self, sheet: "Worksheet", row: int, at: int, value: datetime) -> None:
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        if plain.year < 1900:
            sheet.write_string(row, at, _moment(value))
        else:
            sheet.write_datetime(row, at, plain, self._moment)
