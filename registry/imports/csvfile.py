"""The records of a CSV stream, and what its faults mean for the person who has to correct them."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import NoReturn

from registry.imports.dialect import Dialect
from registry.imports.problems import RowProblem, UnreadableFile
from registry.kernel.language import _

MAX_CELL = 1024 * 1024
MAX_RECORD = 4 * 1024 * 1024

# A limit of the whole process in the csv module; nobody else in the product sets it.
csv.field_size_limit(MAX_CELL)


class CsvRecords:
    """Iterates the records with the physical line on which each begins."""

    def __init__(self, stream: io.TextIOWrapper, found: Dialect) -> None:
        self._stream = stream
        self._line_end = found.line_end
        self._skipped = 0
        if found.separator_line:
            stream.readline()
            self._skipped = 1
        self._size = 0
        self._reader = csv.reader(self._lines(), delimiter=found.delimiter, strict=True)

    def records(self) -> Iterator[tuple[int, list[str]] | RowProblem]:
        reader, skipped = self._reader, self._skipped + 1
        line = skipped
        try:
            for cells in reader:
                self._size = 0
                yield line, cells
                line = reader.line_num + skipped
        except csv.Error as problem:
            self._explain(str(problem), line, reader.line_num + self._skipped)

    def _lines(self) -> Iterator[str]:
        """Lines of the stream; a record that grows without end stops here and not when memory is full."""
        for text in iter(partial(self._stream.readline, MAX_RECORD + 1), ""):
            self._size += len(text)
            if self._size > MAX_RECORD:
                raise csv.Error("record larger than record limit")
            yield text

    def _explain(self, problem: str, begins: int, line: int) -> NoReturn:
        spans = (
            _("Line %(begins)s", begins=begins)
            if begins == line
            else _("The record that begins on line %(begins)s", begins=begins)
        )
        if "end of data" in problem:
            code, text = "open_quote", _("%(spans)s opens a double quote that is never closed. Close it.", spans=spans)
        elif "limit" in problem:
            code = "too_long"
            text = _(
                "%(spans)s has a cell of more than 1 MiB, or is longer than 4 MiB. Probably a double "
                "quote is never closed: close it, or shorten the text.",
                spans=spans,
            )
        elif "new-line" in problem:
            code = "stray_line_end"
            stray, usual = ("line feed (LF)", "CR") if self._line_end == "CR" else ("carriage return (CR)", "LF")
            usual = "CRLF" if self._line_end == "CRLF" else usual
            text = _(
                "Line %(line)s has a lone %(stray)s outside double quotes, while lines end with "
                "%(usual)s. Remove it, put the cell in double quotes, or save the file with one kind "
                "of line end.",
                line=line,
                stray=stray,
                usual=usual,
            )
        else:
            code = "stray_quote"
            text = _(
                "%(spans)s has text after a closing double quote (noticed on line %(line)s). Double "
                "the quotes inside a quoted cell, or close the quote that was opened too early.",
                spans=spans,
                line=line,
            )
        raise UnreadableFile(code, text, line=line if code == "stray_line_end" else begins)
