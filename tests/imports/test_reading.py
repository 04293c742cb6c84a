"""CSV files of strangers: read to the letter, or refused with the line and what to do."""

import itertools
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.imports.cells import CellError, restore
from registry.imports.days import day
from registry.imports.reading import Record, RowProblem, Table, UnreadableFile, open_table
from registry.kernel.tabular import Column, write_csv
from tests.imports.files import TEXT, read_text, refused_text

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "csv"


# line ends and quotes in odd places


def test_line_ends_in_quotes_are_data_and_lines_are_counted(tmp_path: Path) -> None:
    found = read_text(tmp_path, 'a,b\r\n1,"x\r\ny\nz\rw"\r\n\r\n2,q\r\n')[1]
    assert found == [(2, ["1", "x\r\ny\nz\rw"]), (6, ["2", "q"])]


def test_a_header_over_two_lines(tmp_path: Path) -> None:
    table, found = read_text(tmp_path, '"Serial\rnumber",b\n1,2\n')
    assert (table.line_end, table.headers) == ("LF", ["Serial\rnumber", "b"])
    assert found == [(2, ["1", "2"])]


@pytest.mark.parametrize(
    ("data", "line", "stray", "usual"),
    [
        ("a,b\n1,2\n3,x\ry\n", 3, "carriage return (CR)", "LF"),
        ("a,b\r\n1,2\r\n3,x\r4,y\r\n", 3, "carriage return (CR)", "CRLF"),
        ("a,b\r1,2\r3,x\n4,y\r", 3, "line feed (LF)", "CR"),
    ],
)
def test_a_stray_line_end_is_no_row(tmp_path: Path, data: str, line: int, stray: str, usual: str) -> None:
    problem = refused_text(tmp_path, data)
    assert (problem.code, problem.line) == ("stray_line_end", line)
    assert f"Line {line} has a lone {stray} outside double quotes, while lines end with {usual}." in problem.message
    assert "put the cell in double quotes" in problem.message


def test_an_open_quote_is_named_with_its_line(tmp_path: Path) -> None:
    problem = refused_text(tmp_path, 'a,b\n1,2\n3,"x\n4,y\n5,z\n')
    assert (problem.code, problem.line) == ("open_quote", 3)
    assert "The record that begins on line 3 opens a double quote that is never closed. Close it." in problem.message


def test_text_after_a_closing_quote(tmp_path: Path) -> None:
    problem = refused_text(tmp_path, 'a,b\n1,2\n3,"13" wide"\n')
    assert (problem.code, problem.line) == ("stray_quote", 3)
    assert "Double the quotes inside" in problem.message


def test_an_inch_sign_is_only_a_character(tmp_path: Path) -> None:
    assert read_text(tmp_path, 'a,b 13"\n1,13" and 15""\n')[1] == [(2, ["1", '13" and 15""'])]


@pytest.mark.parametrize("body", ["x" * 1_100_000, '"' + "line\n" * 300_000, ",".join("y" * 50_000 for _ in range(90))])
def test_cells_and_records_have_an_end(tmp_path: Path, body: str) -> None:
    problem = refused_text(tmp_path, f"a,b\n1,2\n{body}\n")
    assert (problem.code, problem.line) == ("too_long", 3)
    assert "more than 1 MiB" in problem.message
    assert "shorten the text" in problem.message


def test_a_record_of_endless_columns_stops_before_memory_does(tmp_path: Path) -> None:
    assert refused_text(tmp_path, "a,b\n1" + ',"\n"' * 1_200_000).code == "too_long"


# headers and widths


@pytest.mark.parametrize("data", ["", "\n\n", "  \r\n", "\ufeff", ",,\n,,\n"])
def test_an_empty_file(tmp_path: Path, data: str) -> None:
    problem = refused_text(tmp_path, data)
    assert problem.code == "empty"
    assert "Expected a line of headers and at least one row" in problem.message


@pytest.mark.parametrize("data", ["a,b", "a,b\n", "a,b\n,\n\n"])
def test_headers_without_rows(tmp_path: Path, data: str) -> None:
    assert "at least one row under the headers" in refused_text(tmp_path, data).message


def test_blank_lines_before_the_headers_and_between_rows(tmp_path: Path) -> None:
    table, found = read_text(tmp_path, "\n,\n a , b \n\n1,2\n , \n3,4\n")
    assert (table.headers, table.header_line) == (["a", "b"], 3)
    assert found == [(5, ["1", "2"]), (7, ["3", "4"])]


def test_an_empty_column_without_header_is_ignored_with_a_notice(tmp_path: Path) -> None:
    table, found = read_text(tmp_path, "a,,b,,\n1,,2,,\n3, ,4,,\n")
    assert table.headers == ["a", "", "b"]
    assert [record[1][2] for record in found] == ["2", "4"]  # type: ignore[index]
    assert {len(record[1]) for record in found} == {3}  # type: ignore[index]
    assert table.notices == ["Column B has no header; it is ignored because it is empty."]


@pytest.mark.parametrize(("data", "column"), [("a,,b\n1,,2\n3,x,4\n", "B"), ("a,b,\n1,2,\n3,4,x\n", "C")])
def test_a_column_with_values_needs_a_header(tmp_path: Path, data: str, column: str) -> None:
    problem = refused_text(tmp_path, data)
    assert (problem.code, problem.line) == ("blank_header", 3)
    assert f"Column {column} has no header in line 1, but line 3 has the value 'x' there." in problem.message
    assert "Write a header over it" in problem.message


def test_headers_twice(tmp_path: Path) -> None:
    problem = refused_text(tmp_path, "Serial,Name, SERIAL \n1,2,3\n")
    assert problem.code == "duplicate_header"
    assert "The header 'SERIAL' stands over columns A and C. Rename or remove one" in problem.message


def test_too_many_columns(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(501))
    assert "Line 1 has 501 columns; at most 500" in refused_text(tmp_path, f"{wide}\n1\n").message
    table, _ = read_text(tmp_path, "a,b" + "," * 600 + "\n1,2\n")
    assert table.headers == ["a", "b"]


def test_short_rows_are_filled_and_long_rows_reported(tmp_path: Path) -> None:
    _, found = read_text(tmp_path, "a,b,c\n1\n1,Name, Inc,x\n1,2,3,\n4,5,6\n")
    assert found[0] == (2, ["1", "", ""])
    assert [type(item) for item in found[1:3]] == [RowProblem, RowProblem]
    assert found[1].line == 3  # type: ignore[union-attr]
    assert "Line 3 has 4 cells, but line 1 has 3 headers. Put cells that contain" in found[1].message  # type: ignore[union-attr]
    assert found[3] == (5, ["4", "5", "6"])


# the whole


def test_progress_and_closing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a,b\n" + "1,2\n" * 50_000)
    with open_table(path, filename="x.CSV") as table:
        seen = [table.progress for _ in itertools.islice(table, 0, None, 5_000)]
        assert seen == sorted(seen)
        assert 0 < seen[0] < 0.5
        assert table.progress == 1.0
    with open_table(path, filename="x.csv") as table:
        next(iter(table))
    assert list(table) == []


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "old or password-protected Excel workbook"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0", "old or password-protected Excel workbook"),
        ("book.csv", b"PK\x03\x04", "its name ends in .csv"),
        ("text.xlsx", b"a,b\n1,2\n", "is no Excel workbook"),
        ("page.html", b"<html>", "type .html cannot be imported"),
        ("list.pdf", b"%PDF-1.7", "a PDF document"),
        ("list.csv", b"\x1f\x8b\x08", "a gzip archive"),
    ],
)
def test_files_of_another_type(tmp_path: Path, name: str, head: bytes, words: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(head)
    with pytest.raises(UnreadableFile, match="Save the table as .xlsx or as .csv in UTF-8") as caught:
        open_table(path, filename=name)
    assert caught.value.code == "wrong_type"
    assert words in caught.value.message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1))
def test_what_we_export_is_imported_to_the_letter(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    columns = (Column("id", "Id", "integer"), Column("a", "A"), Column("b", "B"))
    data = b"".join(write_csv(columns, ((number, *row) for number, row in enumerate(rows)), bom=True))
    _, found = read_text(tmp_path, data, delimiter=",")
    assert [tuple(map(restore, record[1][1:])) for record in found] == rows  # type: ignore[index]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.binary(max_size=200) | st.text('",;\r\n\tab\0=').map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    try:
        table, found = read_text(tmp_path, data)
    except UnreadableFile as problem:
        assert problem.code
        return
    width = len(table.headers)
    assert all(isinstance(record, RowProblem) or len(record[1]) == width for record in found)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / str(count)
        with path.open("w") as file:
            file.write("Serial,Name,Note\n")
            file.writelines(f"SN-{number},Switch {number},some note\n" for number in range(count))
        tracemalloc.start()
        try:
            with open_table(path, filename="a.csv") as table:
                assert sum(1 for _ in table) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # Both are larger than the piece in which bytes are checked, so that only growth can make a difference.
    assert peak(400_000) < 1.1 * peak(60_000)


# real files


def sample(name: str) -> tuple[Table, list[Record]]:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the real sample {name} is not beside this checkout")
    with open_table(path, filename=name) as table:
        return table, list(table)


@pytest.mark.parametrize(
    ("name", "rows", "columns", "first"),
    [
        ("snipeit_assets-sample.csv", 22, 21, "Company"),
        ("snipeit_licenses-sample.csv", 50, 20, "Full Name"),
        ("snipeit_locations-sample.csv", 19, 10, "name"),
        ("snipeit_models-sample.csv", 20, 9, "Name"),
        ("snipeit_users-sample.csv", 100, 23, "First Name"),
    ],
)
def test_real_files_are_read_whole(name: str, rows: int, columns: int, first: str) -> None:
    table, found = sample(name)
    assert (table.encoding, table.delimiter, table.line_end) == ("utf-8", ",", "LF")
    assert table.headers[0] == first  # and not the byte order mark before it
    assert len(table.headers) == columns
    assert len(found) == rows
    assert not any(isinstance(record, RowProblem) for record in found)


def test_embedded_newlines_of_a_real_file_stay_in_one_record() -> None:
    table, found = sample("snipeit_licenses-sample.csv")
    notes = table.headers.index("notes")
    assert any("\n" in record[1][notes] for record in found)  # type: ignore[index]
    lines = [record[0] for record in found]  # type: ignore[index]
    source = (SAMPLES / "snipeit_licenses-sample.csv").read_text().split("\n")
    assert all(source[line - 1].startswith(record[1][0]) for line, record in zip(lines, found, strict=True))  # type: ignore[index]
    assert lines[-1] > 51


@pytest.mark.parametrize(
    ("name", "column"),
    [("snipeit_assets-sample.csv", "Purchase Date"), ("snipeit_licenses-sample.csv", "purchase date")],
)
def test_us_dates_of_a_real_file_are_asked_for(name: str, column: str) -> None:
    table, found = sample(name)
    at = table.headers.index(column)
    cells = [record[1][at] for record in found if record[1][at]]  # type: ignore[index]
    assert len(cells) > 10
    for cell in cells:
        with pytest.raises(CellError, match="give date_order=mdy, dmy or ymd"):
            day()(cell)
        assert day("mdy")(cell) is not None
