"""Lists written as CSV, JSON and XLSX: nothing lost, nothing run as a formula, nothing held in memory."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from registry.kernel.tabular import (
    CHUNK,
    FORMULA_STARTS,
    SHEET_TEXT,
    Column,
    guard,
    unguard,
    write_csv,
    write_json,
    write_xlsx,
)

COLUMNS = (
    Column("serial", "Serial"),
    Column("seats", "Seats", "integer"),
    Column("price", "Price", "decimal"),
    Column("active", "Active", "boolean"),
    Column("delivered", "Delivered", "day"),
    Column("changed", "Changed", "moment"),
)
MOMENT = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)
ROW = ("SN-1", 12, Decimal("2266.10"), True, date(2024, 2, 29), MOMENT)
EMPTY = (None,) * 6
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1dA1"])
def test_guard_puts_an_apostrophe_before_formulas(text: str) -> None:
    assert guard(text) == f"'{text}"
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["", "'", "SN-1", "'quoted'", " =1", "a=1", "it's", "''", "'abc"])
def test_guard_leaves_other_texts_alone(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text


@given(st.text("'=+-@\t\r\n\uff1d ab1") | TEXT)
def test_guard_loses_nothing_and_leaves_no_formula(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in FORMULA_STARTS or not text


def test_csv_has_crlf_and_plain_forms_of_every_kind() -> None:
    data = b"".join(write_csv(COLUMNS, [ROW, EMPTY]))
    assert data.split(b"\r\n") == [
        b"Serial,Seats,Price,Active,Delivered,Changed",
        b"SN-1,12,2266.10,true,2024-02-29,2024-02-29T23:59:58Z",
        b",,,,,",
        b"",
    ]


def test_csv_guards_texts_and_titles_but_not_numbers() -> None:
    columns = (Column("note", "=Note"), Column("power", "Power", "decimal"))
    data = b"".join(write_csv(columns, [("=HYPERLINK(1)", Decimal("-2.5"))]))
    assert read_csv(data) == [["'=Note", "Power"], ["'=HYPERLINK(1)", "-2.5"]]


def test_csv_decimals_have_no_exponent() -> None:
    data = b"".join(write_csv((Column("a", "A", "decimal"),), [(Decimal("1E+3"),), (Decimal("1E-7"),)]))
    assert read_csv(data) == [["A"], ["1000"], ["0.0000001"]]


def test_csv_byte_order_mark_on_request() -> None:
    assert b"".join(write_csv(COLUMNS, [], bom=True)).startswith(b"\xef\xbb\xbfSerial")
    assert b"".join(write_csv(COLUMNS, [])).startswith(b"Serial")


def test_csv_headers_come_before_the_first_row_is_asked_for() -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        raise AssertionError("a row was asked for")
        yield ROW

    assert next(write_csv(COLUMNS, rows())).startswith(b"Serial")


def test_csv_comes_in_pieces() -> None:
    pieces = list(write_csv((Column("a", "A"),), (("x" * 99,) for _ in range(5_000))))
    assert sum(map(len, pieces)) == 3 + 5_000 * 101
    assert all(len(piece) < CHUNK + 200 for piece in pieces)
    assert len(pieces) >= 7


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_csv_is_read_back_to_the_letter(rows: list[tuple[str, str]]) -> None:
    data = b"".join(write_csv((Column("a", "A"), Column("b", "B")), rows))
    assert [tuple(map(unguard, row)) for row in read_csv(data)[1:]] == rows


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 600])
def test_json_is_valid_at_every_length(count: int) -> None:
    rows = [(f"SN-{number}", number, None, False, None, None) for number in range(count)]
    found = json.loads(b"".join(write_json(COLUMNS, rows)))
    assert [tuple(item.values()) for item in found] == rows


def test_json_forms() -> None:
    found = json.loads(b"".join(write_json(COLUMNS, [ROW])))
    assert found == [
        {
            "serial": "SN-1",
            "seats": 12,
            "price": "2266.10",
            "active": True,
            "delivered": "2024-02-29",
            "changed": "2024-02-29T23:59:58Z",
        }
    ]


def test_a_row_of_another_width_is_an_error_and_not_shifted() -> None:
    with pytest.raises(ValueError, match="zip"):
        list(write_json(COLUMNS, [("SN-1",)]))


def sheets(path: Path) -> list[list[list[Any]]]:
    """What a spreadsheet shows; a text that became a formula would be its result."""
    book = load_workbook(path, data_only=True)
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]


def test_xlsx_keeps_types(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    assert write_xlsx(COLUMNS, [ROW], path) == 1
    assert sheets(path) == [
        [
            ["Serial", "Seats", "Price", "Active", "Delivered", "Changed"],
            ["SN-1", 12, 2266.1, True, datetime(2024, 2, 29), datetime(2024, 2, 29, 23, 59, 58)],
        ]
    ]
    assert [item.name for item in tmp_path.iterdir()] == ["list.xlsx"]


@pytest.mark.parametrize("text", ["=1+1", "https://example.com", "00123", "6.37702E+15", "{=A1}", "true", " x "])
def test_xlsx_texts_stay_texts(tmp_path: Path, text: str) -> None:
    write_xlsx((Column("a", "A"),), [(text,)], tmp_path / "a.xlsx")
    assert sheets(tmp_path / "a.xlsx") == [[["A"], [text]]]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("integer", 10**15, "1000000000000000"),
        ("decimal", Decimal("1234567890.1234567"), "1234567890.1234567"),
        ("decimal", float("nan"), "nan"),
        ("day", date(1899, 12, 31), "1899-12-31"),
        ("moment", datetime(1850, 1, 1, tzinfo=UTC), "1850-01-01T00:00:00Z"),
    ],
)
def test_xlsx_writes_as_text_what_a_sheet_cannot_hold(tmp_path: Path, kind: Any, value: object, shown: str) -> None:
    write_xlsx((Column("a", "A", kind),), [(value,)], tmp_path / "a.xlsx")
    assert sheets(tmp_path / "a.xlsx") == [[["A"], [shown]]]


def test_xlsx_says_where_a_text_was_cut(tmp_path: Path) -> None:
    write_xlsx((Column("a", "A"),), [("x" * 40_000,)], tmp_path / "a.xlsx")
    shown = sheets(tmp_path / "a.xlsx")[0][1][0]
    assert len(shown) == SHEET_TEXT
    assert shown.endswith("xxx [cut: 40000 characters, the CSV export has all]")


@pytest.mark.parametrize(("count", "expected"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_xlsx_goes_on_with_further_sheets(tmp_path: Path, count: int, expected: list[int]) -> None:
    path = tmp_path / "a.xlsx"
    assert write_xlsx((Column("a", "A"),), ((str(n),) for n in range(count)), path, sheet_rows=3) == count
    found = sheets(path)
    assert [len(sheet) - 1 for sheet in found] == expected
    assert all(sheet[0] == ["A"] for sheet in found)
    assert [row[0] for sheet in found for row in sheet[1:]] == [str(n) for n in range(count)]


def test_a_failed_xlsx_leaves_nothing_behind(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[str]]:
        yield ("SN-1",)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_xlsx((Column("a", "A"),), rows(), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def peak(consume: Callable[[Iterable[tuple[object, ...]]], object], count: int) -> int:
    """Highest memory in bytes while `count` rows pass."""
    rows = ((f"SN-{n}", n, None, True, date(2024, 1, 1), MOMENT) for n in range(count))
    tracemalloc.start()
    try:
        consume(rows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_csv, write_json])
def test_memory_does_not_grow_with_the_list(write: Callable[..., Iterator[bytes]]) -> None:
    def consume(rows: Iterable[tuple[object, ...]]) -> None:
        for _ in write(COLUMNS, rows):
            pass

    consume([ROW])
    assert peak(consume, 40_000) < 1.3 * peak(consume, 4_000)


@pytest.mark.slow
def test_memory_of_xlsx_does_not_grow_with_the_list(tmp_path: Path) -> None:
    def consume(rows: Iterable[tuple[object, ...]]) -> None:
        write_xlsx(COLUMNS, rows, tmp_path / "a.xlsx")

    consume([ROW])
    assert peak(consume, 10_000) < 1.5 * peak(consume, 1_000)
