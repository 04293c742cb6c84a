"""Open a CSV or XLSX file of strangers and yield its rows with bounded memory.

Nothing is guessed that cannot be known: bytes that are no UTF-8, two fitting delimiters, stray quotes or line
ends and headers that are blank or double are errors that say where and what to do.
"""

import io
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePath
from types import TracebackType
from typing import NoReturn, Self

from registry.imports import dialect, xlsx
from registry.imports.csvfile import CsvRecords
from registry.imports.problems import (
    LossyNumber,
    NumberText,
    RowProblem,
    Suggestion,
    UnreadableFile,
    column_letters,
)
from registry.kernel.language import N_, _, quoted

__all__ = [
    "LossyNumber",
    "NumberText",
    "Record",
    "RowProblem",
    "Suggestion",
    "Table",
    "UnreadableFile",
    "open_table",
]

MAX_COLUMNS = 500

Record = tuple[int, list[str]] | RowProblem

_TEXT_SUFFIXES = {".csv", ".tsv", ".tab", ".txt", ""}
_XLSX_SUFFIXES = {".xlsx", ".xlsm", ""}
_SIGNATURES = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": N_("an old or password-protected Excel workbook"),
    b"%PDF": N_("a PDF document"),
    b"\x1f\x8b": N_("a gzip archive"),
    b"\x89PNG": N_("a picture"),
    b"\xff\xd8\xff": N_("a picture"),
    b"7z\xbc\xaf": N_("a 7z archive"),
    b"Rar!": N_("a RAR archive"),
    b"SQLite format 3\0": N_("a database"),
}


class Table:
    """The rows under one line of headers. Iterate once; use as a context manager or call close().

    Iterating yields `(line, cells)`, cells being as many texts as `headers`, or `RowProblem(line, message)`.
    `line` is the physical line on which the record begins (for XLSX the row of the sheet). Raises
    UnreadableFile where the rest of the file cannot be trusted any more. A header of "" is a column without
    header or values.
    """

    def __init__(
        self,
        records: Iterator[Record],
        *,
        kind: str,
        close: Callable[[], None],
        progress: Callable[[], float],
        encoding: str | None = None,
        delimiter: str | None = None,
        line_end: str | None = None,
        notices: Iterable[str] = (),
    ) -> None:
        self.kind, self.encoding, self.delimiter, self.line_end = kind, encoding, delimiter, line_end
        self.notices = list(notices)
        self._close, self._progress = close, progress
        self.header_line, first = _header(records)
        self._given = len(first)
        self.headers = _checked(self.header_line, first)
        self._blank = [at for at, name in enumerate(first) if not name]
        self.notices += [
            _("Column %(column)s has no header; it is ignored because it is empty.", column=column_letters(at))
            for at in self._blank
            if at < len(self.headers)
        ]
        self._rows = self._checked_rows(_at_least_one(records))

    @property
    def progress(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(1.0, self._progress())

    def __iter__(self) -> Iterator[Record]:
        return self._rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; iterating ends."""
        self._rows.close()
        self._close()

    def _checked_rows(self, records: Iterable[Record]) -> Generator[Record, None, None]:
        given, blank = self._given, self._blank
        for record in records:
            if isinstance(record, RowProblem):
                yield record
                continue
            cells = record[1]
            if len(cells) != given:
                if len(cells) > given:
                    yield self._too_wide(record[0], cells)
                    continue
                cells += [""] * (given - len(cells))
            if not cells[0].strip() and not "".join(cells).strip():
                continue
            if blank:
                self._require_blank(*record)
            yield record

    def _too_wide(self, line: int, cells: list[str]) -> RowProblem:
        if self.kind == "xlsx":
            where = _("a value in column %(column)s", column=column_letters(len(cells) - 1))
            advice = _("Write a header over it, or empty the cell.")
        else:
            where = _("%(count)s cells", count=len(cells))
            advice = _("Put cells that contain the delimiter in double quotes, or remove what is too much.")
        return RowProblem(
            line,
            _(
                "Line %(line)s has %(where)s, but line %(header_line)s has %(given)s headers. %(advice)s",
                line=line,
                where=where,
                header_line=self.header_line,
                given=self._given,
                advice=advice,
            ),
        )

    def _require_blank(self, line: int, cells: list[str]) -> None:
        for at in self._blank:
            if cells[at].strip():
                raise UnreadableFile(
                    "blank_header",
                    _(
                        "Column %(column)s has no header in line %(header_line)s, but line %(line)s has the "
                        "value %(cells)s there. Write a header over it, or empty the column.",
                        column=column_letters(at),
                        header_line=self.header_line,
                        line=line,
                        cells=quoted(cells[at][:40]),
                    ),
                    line=line,
                )
        del cells[len(self.headers) :]


def _header(records: Iterator[Record]) -> tuple[int, list[str]]:
    for record in records:
        if isinstance(record, RowProblem):
            raise UnreadableFile("bad_header", record.message, line=record.line)
        line, cells = record
        if any(cell.strip() for cell in cells):
            return line, [str(cell).strip() for cell in cells]
    raise UnreadableFile("empty", _("The file is empty. Expected a line of headers and at least one row."))


def _checked(line: int, cells: list[str]) -> list[str]:
    """The headers up to the last one that is not blank."""
    last = max(at for at, name in enumerate(cells) if name)
    if last >= MAX_COLUMNS:
        raise UnreadableFile(
            "too_many_columns",
            _(
                "Line %(line)s has %(last)s columns; at most %(max_columns)s can be imported. Remove "
                "columns, or check the delimiter.",
                line=line,
                last=last + 1,
                max_columns=MAX_COLUMNS,
            ),
            line=line,
        )
    seen: dict[str, int] = {}
    for at, name in enumerate(cells[: last + 1]):
        first = seen.setdefault(name.casefold(), at) if name else at
        if first != at:
            raise UnreadableFile(
                "duplicate_header",
                _(
                    "The header %(name)s stands over columns %(column)s and %(column2)s. Rename or remove one of them.",
                    name=quoted(name),
                    column=column_letters(first),
                    column2=column_letters(at),
                ),
                line=line,
            )
    return cells[: last + 1]


def _at_least_one(records: Iterator[Record]) -> Iterator[Record]:
    for record in records:
        if isinstance(record, RowProblem) or "".join(record[1]).strip():
            return chain((record,), records)
    raise UnreadableFile("no_rows", _("The file has headers but no rows. Expected at least one row under the headers."))


def open_table(
    path: Path,
    *,
    filename: str,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Table:
    """Open the file at `path`, which its owner calls `filename`, and check its headers.

    `encoding` and `delimiter` are for CSV, `sheet` for XLSX. Raises UnreadableFile.
    """
    kind = _kind(path, filename)
    if kind == "xlsx":
        return _open_xlsx(path, sheet)
    return _open_csv(path, dialect.detect(path, encoding, delimiter))


def _kind(path: Path, filename: str) -> str:
    suffix = PurePath(filename).suffix.lower()
    with path.open("rb") as file:
        head = file.read(16)
    found = next((kind for mark, kind in _SIGNATURES.items() if head.startswith(mark)), "csv")
    name = PurePath(filename).name
    if found not in ("csv", "xlsx"):
        _wrong_type(_("%(name)s is %(found)s.", name=name, found=_(found)))
    if found == "xlsx" and suffix not in _XLSX_SUFFIXES:
        _wrong_type(
            _(
                "%(name)s is a workbook or another archive, though its name ends in %(suffix)s.",
                name=name,
                suffix=suffix,
            )
        )
    if found == "csv" and suffix in _XLSX_SUFFIXES - {""}:
        _wrong_type(_("%(name)s is no Excel workbook, though its name ends in %(suffix)s.", name=name, suffix=suffix))
    if found == "csv" and suffix not in _TEXT_SUFFIXES:
        _wrong_type(_("Files of type %(suffix)s cannot be imported.", suffix=suffix))
    return found


def _wrong_type(reason: str) -> NoReturn:
    raise UnreadableFile(
        "wrong_type", _("%(reason)s Save the table as .xlsx or as .csv in UTF-8 and try again.", reason=reason)
    )


def _open_xlsx(path: Path, sheet: str | None) -> Table:
    workbook = xlsx.Workbook(path)
    try:
        return Table(
            workbook.rows(sheet, MAX_COLUMNS),
            kind="xlsx",
            close=workbook.close,
            progress=workbook.progress,
            notices=workbook.notices,
        )
    except BaseException:
        workbook.close()
        raise


def _open_csv(path: Path, found: dialect.Dialect) -> Table:
    binary = path.open("rb")
    try:
        size = path.stat().st_size
        binary.seek(found.skip)
        # Only the file's own line end ends a line: a stray one then is an error and never a row.
        newline = "\r" if found.line_end == "CR" else "\n"
        stream = io.TextIOWrapper(binary, encoding=found.encoding, errors="strict", newline=newline)
        return Table(
            CsvRecords(stream, found).records(),
            kind="csv",
            close=stream.close,
            progress=lambda: binary.tell() / size,
            encoding=found.encoding,
            delimiter=found.delimiter,
            line_end=found.line_end,
        )
    except BaseException:
        binary.close()
        raise
