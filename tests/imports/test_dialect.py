"""Encodings, delimiters and line ends: every way to write a file is read, none is guessed."""

import csv
import io
from pathlib import Path

import pytest

from registry.imports.reading import UnreadableFile, open_table
from tests.imports.files import read_text, refused_text


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("line_end", "name"), [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")])
def test_every_way_to_write_a_file(
    tmp_path: Path, encoding: str, mark: bool, delimiter: str, line_end: str, name: str
) -> None:
    rows = [
        ["Serial", "Név", "备注"],
        ["SN-1", "Süd", "a\nb"],
        ["SN-2", "", 'say "x"'],
        ["SN-3", f"q{delimiter}q", "e"],
    ]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    data = ("\ufeff" * mark + buffer.getvalue()).encode(encoding)
    given_encoding = None if mark or encoding == "utf-8" else encoding
    table, found = read_text(tmp_path, data, encoding=given_encoding)
    assert (table.kind, table.encoding, table.delimiter, table.line_end) == ("csv", encoding, delimiter, name)
    assert table.headers == rows[0]
    assert [record[1] for record in found] == rows[1:]  # type: ignore[index]


@pytest.mark.parametrize("last", ["", "\r"])
def test_a_file_of_an_old_mac_is_read(tmp_path: Path, last: str) -> None:
    table, found = read_text(tmp_path, f"Serial,Name\rA,1\rB,2{last}")
    assert table.line_end == "CR"
    assert found == [(2, ["A", "1"]), (3, ["B", "2"])]


def test_unmarked_latin_bytes_are_never_guessed(tmp_path: Path) -> None:
    data = b"Serial,Place\nSN-1,Bonn\nSN-2,Besan\xe7on\n"
    problem = refused_text(tmp_path, data)
    assert (problem.code, problem.line) == ("wrong_encoding", 3)
    assert "Line 3: the bytes E7 6F 6E 0A are not UTF-8. Give encoding=..." in problem.message
    samples = dict(problem.suggestions)
    assert samples["cp1252"] == "SN-2,Besançon"
    assert samples["mac_roman"] == "SN-2,BesanÁon"
    assert "cp1252 reads 'SN-2,Besançon'" in problem.message
    assert read_text(tmp_path, data, encoding="cp1252")[1][1] == (3, ["SN-2", "Besançon"])
    assert read_text(tmp_path, data, encoding="Latin-1")[0].encoding == "iso8859-1"


@pytest.mark.parametrize(
    ("encoding", "place"),
    [("mac_roman", "Zürich"), ("gb18030", "上海机房"), ("big5", "臺北機房"), ("shift_jis", "東京ビル")],
)
def test_the_encoding_that_was_used_is_among_the_suggestions(tmp_path: Path, encoding: str, place: str) -> None:
    problem = refused_text(tmp_path, f"Serial,Place\nSN-1,{place}\n".encode(encoding))
    assert place in dict(problem.suggestions)[encoding]
    assert read_text(tmp_path, f"Serial,Place\nSN-1,{place}\n".encode(encoding), encoding=encoding)[1] == [
        (2, ["SN-1", place])
    ]


def test_a_wrong_byte_late_in_a_large_file_is_found_at_once(tmp_path: Path) -> None:
    data = b"Serial,Name\n" + b"SN,n\xc3\xa4me of some length\n" * 100_000 + b"SN,\xff\n"
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile) as caught:
        open_table(path, filename="a.csv")
    assert caught.value.line == 100_002


def test_a_character_across_the_border_of_two_pieces_is_whole(tmp_path: Path) -> None:
    data = "Serial,Name\nSN-1," + "x" * (1024 * 1024 - 18) + "ä\n"
    assert read_text(tmp_path, data)[1][0][1][1].endswith("xä")  # type: ignore[index]


def test_a_cut_character_at_the_end_is_an_error(tmp_path: Path) -> None:
    assert refused_text(tmp_path, "Serial,Name\nSN-1,ä".encode()[:-1]).line == 2


def test_a_given_encoding_is_strict(tmp_path: Path) -> None:
    problem = refused_text(tmp_path, "a,b\n1,上\n".encode("gb18030"), encoding="ascii")
    assert (problem.code, problem.line) == ("wrong_encoding", 2)


@pytest.mark.parametrize("name", ["klingon", "rot13", "unicode_escape", "zip", "idna", "", "utf-7"])
def test_an_encoding_nobody_should_give(tmp_path: Path, name: str) -> None:
    assert "Give one such as utf-8" in refused_text(tmp_path, "a,b\n1,2\n", encoding=name).message


def test_a_mark_and_another_encoding_contradict(tmp_path: Path) -> None:
    problem = refused_text(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n", encoding="latin-1")
    assert problem.code == "encoding_conflict"
    assert "Leave the encoding out" in problem.message
    assert read_text(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n", encoding="utf-8-sig")[0].headers == ["a", "b"]
    assert read_text(tmp_path, "\ufeffa,b\n1,2\n".encode("utf-16-le"), encoding="utf-16")[0].headers == [
        "a",
        "b",
    ]


def test_nul_bytes_are_no_text(tmp_path: Path) -> None:
    problem = refused_text(tmp_path, b"a,b\n1,2\n3,\x004\n")
    assert (problem.code, problem.line) == ("nul_byte", 3)
    assert "Remove it" in problem.message
    problem = refused_text(tmp_path, "a,b\n1,2\n".encode("utf-16-le"))
    assert problem.suggestions[0] == ("utf-16-le", "a,b 1,2")
    assert "Give encoding=utf-16-le" in problem.message


def test_delimiters_that_cannot_be_told_apart(tmp_path: Path) -> None:
    data = "Serial;Price,EUR\nA1;12,50\n"
    problem = refused_text(tmp_path, data)
    assert problem.code == "ambiguous_delimiter"
    assert "Line 1 can be split by" in problem.message
    assert "Give delimiter=" in problem.message
    assert read_text(tmp_path, data, delimiter=";")[1] == [(2, ["A1", "12,50"])]


def test_delimiter_given(tmp_path: Path) -> None:
    assert read_text(tmp_path, "a^b\n1^2\n", delimiter="^")[1] == [(2, ["1", "2"])]
    assert read_text(tmp_path, "a\tb\n1\t2\n", delimiter="tab")[1] == [(2, ["1", "2"])]
    assert "no single character" in refused_text(tmp_path, "a,b\n1,2\n", delimiter=",,").message
    assert "no single character" in refused_text(tmp_path, "a,b\n1,2\n", delimiter='"').message


def test_the_delimiter_is_looked_for_outside_quotes(tmp_path: Path) -> None:
    data = '"Last, First, Middle";Serial\n"a, b, c";1\n"d, e, f";2\n'
    assert read_text(tmp_path, data)[0].delimiter == ";"


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    assert read_text(tmp_path, "Serial\nA\nB\n")[1] == [(2, ["A"]), (3, ["B"])]


def test_the_separator_line_of_a_spreadsheet_program(tmp_path: Path) -> None:
    table, found = read_text(tmp_path, "sep=;\r\na;b,c\r\n1;2,3\r\n")
    assert (table.headers, table.header_line) == (["a", "b,c"], 2)
    assert found == [(3, ["1", "2,3"])]
