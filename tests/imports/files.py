"""Files for the tests of reading: written, opened, read to the end, or refused."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import strategies as st

from registry.imports.reading import Record, Table, UnreadableFile, open_table

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

# Every text a database can hold, and often such as make trouble in tables.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.text("'=+-@\t\r\n\",;_x041ab ")


def read(path: Path, **options: Any) -> tuple[Table, list[Record]]:
    with open_table(path, filename=path.name, **options) as table:
        return table, list(table)


def refused(path: Path, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    assert caught.value.message == str(caught.value)
    return caught.value


def text_file(folder: Path, data: bytes | str) -> Path:
    path = folder / "file.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read_text(folder: Path, data: bytes | str, **options: Any) -> tuple[Table, list[Record]]:
    return read(text_file(folder, data), **options)


def refused_text(folder: Path, data: bytes | str, **options: Any) -> UnreadableFile:
    return refused(text_file(folder, data), **options)


def book(path: Path, rows: list[list[Any]], **options: Any) -> Path:
    """A workbook as a spreadsheet program would write it."""
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": datetime(2024, 1, 1)})  # the same bytes at any time
        day, moment = (workbook.add_format({"num_format": form}) for form in ("dd/mm/yyyy", "yyyy-mm-dd hh:mm"))
        page = workbook.add_worksheet()
        for line, row in enumerate(rows):
            for at, value in enumerate(row):
                if isinstance(value, datetime | time):
                    page.write_datetime(line, at, value, moment)
                elif isinstance(value, date):
                    page.write_datetime(line, at, value, day)
                elif isinstance(value, str):
                    page.write_string(line, at, value)
                elif value is not None:
                    page.write(line, at, value)
    return path


def raw(path: Path, rows: str, before: str = "", **parts: str) -> Path:
    """A workbook whose sheet is written by hand."""
    book(path.with_suffix(".good.xlsx"), [["a"], ["b"]])
    with zipfile.ZipFile(path.with_suffix(".good.xlsx")) as good, zipfile.ZipFile(path, "w", 8) as made:
        for name in good.namelist():
            data = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = f"{before}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode()
            made.writestr(name, parts.get(Path(name).stem, data))
    return path
