"""Workbooks of strangers: what a sheet shows comes out as text, and nothing else changes."""

import math
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.imports.cells import restore
from registry.imports.problems import LossyNumber, NumberText
from registry.imports.reading import RowProblem, open_table
from registry.kernel.tabular import Column, write_xlsx
from tests.imports.files import TEXT, book, raw, read, refused


def test_values_come_out_as_text(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["Serial", "Seats", "Price", "Active", "Bought", "Changed", "Note"],
            ["SN-1", 12, 2266.13, True, date(2024, 2, 29), datetime(2024, 2, 29, 13, 30), " a\nb "],
            ["00123", -5, 0.1 + 0.2, False, date(1900, 1, 1), datetime(2024, 2, 29), "_x0041_"],
        ],
    )
    table, found = read(path)
    assert (table.kind, table.encoding, table.header_line) == ("xlsx", None, 1)
    assert found == [
        (2, ["SN-1", "12", "2266.13", "true", "2024-02-29", "2024-02-29T13:30:00", " a\nb "]),
        (3, ["00123", "-5", "0.3", "false", "1900-01-01", "2024-02-29", "_x0041_"]),
    ]
    assert type(found[0][1][1]) is str  # type: ignore[index]
    assert type(found[0][1][2]) is NumberText  # type: ignore[index]
    assert table.progress == 1.0


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (6377021234567890, "6377021234567890"),
        (1e15, "1000000000000000"),
        (1.5e-7, "0.00000015"),
        (2.0**60, None),
    ],
)
def test_numbers_whose_digits_may_be_gone_are_marked(tmp_path: Path, number: float, shown: str | None) -> None:
    found = read(book(tmp_path / "a.xlsx", [["Serial"], [number]]))[1]
    cell = found[0][1][0]  # type: ignore[index]
    assert type(cell) is LossyNumber
    assert shown is None or cell == shown


def test_fifteen_digits_are_kept(tmp_path: Path) -> None:
    found = read(book(tmp_path / "a.xlsx", [["Serial"], [999999999999999]]))[1]
    assert type(found[0][1][0]) is str  # type: ignore[index]


@pytest.mark.parametrize("form", ["000000", '"SN-"000000', "[$-407]000000"])
def test_leading_zeros_by_format_are_those_that_people_see(tmp_path: Path, form: str) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        page = workbook.add_worksheet()
        page.write_string(0, 0, "Tag")
        page.write_number(1, 0, 123, workbook.add_format({"num_format": form}))
    assert read(tmp_path / "a.xlsx")[1] == [(2, ["000123"])]


@pytest.mark.parametrize(
    ("form", "is_date"),
    [
        ("d. mmmm yyyy", True),
        ("[$-409]mmm-yy;@", True),
        ('#,##0 "days"', False),
        ("0.00E+00", False),
        ("[Red]0.0", False),
        ("[h]:mm", False),
        (r"0\d", False),
        ("General", False),
    ],
)
def test_which_formats_are_dates(tmp_path: Path, form: str, is_date: bool) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        page = workbook.add_worksheet()
        page.write_string(0, 0, "x")
        page.write_number(1, 0, 45351, workbook.add_format({"num_format": form}))
    assert read(tmp_path / "a.xlsx")[1] == [(2, ["2024-02-29" if is_date else "45351"])]


def test_dates_of_eastern_workbooks_have_no_format_of_their_own(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        page = workbook.add_worksheet()
        page.write_string(0, 0, "x")
        page.write_number(1, 0, 45351, workbook.add_format({"num_format": 31}))
    assert read(tmp_path / "a.xlsx")[1] == [(2, ["2024-02-29"])]


def test_times_and_dates_that_cannot_be(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        page = workbook.add_worksheet()
        form = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        page.write_column(0, 0, ["x", 0.75, -1, 2958466, 45351.5 + 1 / 86_400_000], form)
    found = read(tmp_path / "a.xlsx")[1]
    assert [found[0], found[3]] == [(2, ["18:00:00"]), (5, ["2024-02-29T12:00:00.001"])]
    assert "cell A3 holds '-1', which is no value of its kind" in found[1].message  # type: ignore[union-attr]
    assert "cell A4 holds '2958466'" in found[2].message  # type: ignore[union-attr]


@pytest.mark.parametrize("streamed", [False, True])
def test_escaped_and_literal_characters_stay_apart(tmp_path: Path, streamed: bool) -> None:
    texts = ["a\rb", "_x000D_", "x005F_", "_x005F_"]
    path = book(tmp_path / "a.xlsx", [["A"], *([text] for text in texts)], constant_memory=streamed)
    assert [record[1] for record in read(path)[1]] == [[text] for text in texts]  # type: ignore[index]


def test_the_other_epoch(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["Day"], [date(2024, 2, 29)]], date_1904=True)
    assert read(path)[1] == [(2, ["2024-02-29"])]


def test_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [[], [None, "a", "b"], [], [None, "1"], [None, None, "2"]])
    table, found = read(path)
    assert (table.headers, table.header_line) == (["", "a", "b"], 2)
    assert found == [(4, ["", "1", ""]), (5, ["", "", "2"])]


def test_a_value_beyond_the_headers(tmp_path: Path) -> None:
    found = read(book(tmp_path / "a.xlsx", [["a", "b"], ["1", "2", None, "x"], ["3"]]))[1]
    assert found[0] == RowProblem(
        2,
        "Line 2 has a value in column D, but line 1 has 2 headers. Write a header over it, or empty the cell.",
    )
    assert found[1] == (3, ["3", ""])


def test_error_values_are_reported_and_not_dropped(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as workbook:
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["a", "b"])
        page.write_string(1, 0, "x")
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(2, 0, "=1+1", None, 2)
        page.write_formula(2, 1, '="t"', None, "t")
    assert read(tmp_path / "a.xlsx")[1] == [
        RowProblem(2, "Line 2: cell B2 holds the error #DIV/0!. Correct the formula or empty the cell."),
        (3, ["2", "t"]),
    ]


def test_formulas_whose_result_is_no_text(tmp_path: Path) -> None:
    formula = '<c t="str"><f>IF(1,"")</f><v></v></c>'
    path = raw(
        tmp_path / "a.xlsx",
        f'<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c><v>5</v></c>{formula}</row>'
        "<row><c><f>A1</f><v></v></c></row>",
    )
    found = read(path)[1]
    assert found[0] == (2, ["5", ""])
    assert "cell A3 holds a formula without a result" in found[1].message  # type: ignore[union-attr]


def test_formulas_without_result_and_values_that_are_none(tmp_path: Path) -> None:
    path = raw(
        tmp_path / "a.xlsx",
        '<row><c t="s"><v>0</v></c></row><row><c><f>A1</f></c></row><row><c><v>abc</v></c></row>'
        '<row><c t="s"><v>99</v></c></row><row><c><v>5</v></c></row>',
    )
    found = read(path)[1]
    assert "cell A2 holds a formula without a result. Save the file" in found[0].message  # type: ignore[union-attr]
    assert "cell A3 holds 'abc', which is no value of its kind. Type it again." in found[1].message  # type: ignore[union-attr]
    assert "cell A4 holds '99'" in found[2].message  # type: ignore[union-attr]
    assert found[3] == (5, ["5"])


def test_rich_text_is_joined_and_phonetic_hints_left_out(tmp_path: Path) -> None:
    path = raw(
        tmp_path / "a.xlsx",
        '<row><c t="inlineStr"><is><r><t>Se</t></r><r><t>rial</t></r><rPh><t>zzz</t></rPh></is></c></row>'
        '<row><c r="A7"><v>1</v></c></row>',
    )
    table, found = read(path)
    assert (table.headers, found) == (["Serial"], [(2, ["1"])])


# sheets


def two_sheets(path: Path, hide_first: bool) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name in ("One", "Two"):
            workbook.add_worksheet(name).write_column(0, 0, [name, "x"])
        if hide_first:
            workbook.get_worksheet_by_name("Two").activate()
            workbook.get_worksheet_by_name("Two").set_first_sheet()
            workbook.get_worksheet_by_name("One").hide()
    return path


def test_the_first_visible_sheet_is_read_and_said(tmp_path: Path) -> None:
    table, _ = read(two_sheets(tmp_path / "a.xlsx", hide_first=False))
    assert table.headers == ["One"]
    assert table.notices == ["The workbook has the sheets 'One', 'Two'; 'One' is read. Give sheet=... for another."]
    table, _ = read(two_sheets(tmp_path / "b.xlsx", hide_first=True))
    assert (table.headers, table.notices) == (["Two"], [])


def test_a_sheet_by_name(tmp_path: Path) -> None:
    path = two_sheets(tmp_path / "a.xlsx", hide_first=True)
    assert read(path, sheet="one")[0].headers == ["One"]
    assert "no sheet 'Three'. Give one of 'One', 'Two'" in refused(path, sheet="Three").message


# against an independent writer, and against our own

CELLS = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.decimals(-10000, 10000, places=3).map(float)
    | st.dates(date(1900, 3, 1), date(2199, 1, 1))
)


def plain(value: Any) -> str:
    """What an independent writer was given, in our form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60, deadline=None
)
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8),
    streamed=st.booleans(),
)
def test_what_an_independent_writer_wrote_is_found(tmp_path: Path, rows: list[list[Any]], streamed: bool) -> None:
    """Streamed, its texts stand in the cells; else in a list of their own."""
    table = [["h1", "h2", "h3", "h4"], *([*row, "end"] for row in rows)]
    found = read(book(tmp_path / "a.xlsx", table, constant_memory=streamed))[1]
    assert [record[1] for record in found] == [[*map(plain, row), "end"] for row in rows]  # type: ignore[index]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60, deadline=None
)
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_what_we_export_is_imported_to_the_letter(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    columns = (Column("id", "Id", "integer"), Column("a", "A"), Column("b", "B"))
    write_xlsx(columns, ((number, *row) for number, row in enumerate(rows)), tmp_path / "a.xlsx")
    found = [tuple(map(restore, record[1][1:])) for record in read(tmp_path / "a.xlsx")[1]]  # type: ignore[index]
    assert found == rows


@pytest.mark.slow
def test_memory_does_not_grow_with_the_sheet(tmp_path: Path) -> None:
    def rows(count: int) -> Iterator[tuple[object, ...]]:
        return ((f"SN-{number}", number, math.pi) for number in range(count))

    columns = (Column("a", "A"), Column("b", "B", "integer"), Column("c", "C", "decimal"))

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.xlsx"
        write_xlsx(columns, rows(count), path)
        tracemalloc.start()
        try:
            assert len(read_lengths(path)) == count
            return tracemalloc.get_traced_memory()[1] - 16 * count
        finally:
            tracemalloc.stop()

    def read_lengths(path: Path) -> bytearray:
        with open_table(path, filename=path.name) as table:
            return bytearray(len(record[1]) for record in table)  # type: ignore[index]

    assert peak(20_000) < 1.3 * peak(4_000)
