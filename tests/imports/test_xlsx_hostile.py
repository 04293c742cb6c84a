"""Workbooks that are broken or made to harm: refused, before they cost memory or the process."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.imports import package, sheet
from registry.imports.reading import UnreadableFile
from tests.imports.files import MAIN, book, raw, read, refused

STRICT = "http://purl.oclc.org/ooxml/officeDocument"


def test_two_far_cells_cost_nothing(tmp_path: Path) -> None:
    """A reader that lays the sheet out as a rectangle would need hundreds of gigabytes for this one."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    problem = refused(raw(tmp_path / "a.xlsx", far))
    assert problem.code == "too_many_columns"
    assert "Line 1048576 has a value in column XFD; at most 500" in problem.message
    near = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'
    assert read(raw(tmp_path / "b.xlsx", near))[1] == [(1048576, ["2"])]


@pytest.mark.parametrize("part", ["sheet1", "sharedStrings", "workbook", "styles"])
def test_document_types_are_refused_in_every_part(tmp_path: Path, part: str) -> None:
    entity = f'<!DOCTYPE x [<!ENTITY e "{"boom" * 50}">]><x>&e;</x>'
    path = raw(tmp_path / "a.xlsx", "<row><c><v>1</v></c></row>", **{part: entity})
    if part == "sheet1":
        path = raw(tmp_path / "a.xlsx", "<row><c><v>1</v></c></row>", before="<!DOCTYPE x>")
    assert refused(path).code == "doctype"


def test_sizes_are_checked_before_anything_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/a.xml", b" " * (70 * 1024**2))
    assert refused(path).code == "too_compressed"
    monkeypatch.setattr(package, "MAX_TOTAL", 1024)
    assert "at most 5000 parts" in refused(path).message


def test_only_the_usual_packing_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("[Content_Types].xml", "<x/>" * 100)
    assert "packed in an unusual way" in refused(path).message


def test_a_part_that_lies_about_its_size_is_not_followed(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", '<row><c t="s"><v>0</v></c></row>' + "<row><c><v>1</v></c></row>" * 100_000)
    with zipfile.ZipFile(path) as made:
        real = made.getinfo("xl/worksheets/sheet1.xml").file_size
    data = path.read_bytes().replace(real.to_bytes(4, "little"), (9_000).to_bytes(4, "little"))
    path.write_bytes(data)
    assert refused(path).code == "broken_workbook"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>',
        '<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row><c r="ABCD1"><v>1</v></c></row>',
        '<row><c r="?1"><v>1</v></c></row>',
        "<row><c><v>1</v></row>",
        "<row>&unknown;</row>",
    ],
)
def test_broken_sheets(tmp_path: Path, rows: str) -> None:
    problem = refused(raw(tmp_path / "a.xlsx", rows))
    assert problem.code == "broken_workbook"
    assert "save it" in problem.message


def test_a_cell_has_an_end(tmp_path: Path) -> None:
    rows = f'<row><c t="inlineStr"><is><t>{"x" * (sheet.MAX_CELL + 1)}</t></is></c></row>'
    assert refused(raw(tmp_path / "a.xlsx", rows)).code == "too_long"


@pytest.mark.parametrize(
    "rows",
    [
        "<row>" + "<c/>" * 100_000 + "</row>",
        f'<row><c t="inlineStr"><is><t>{"x" * 400_000}</t></is></c></row>',
        "<row>" + "<c>" * 100_000,
        "<x/>" * 100_000,
    ],
    ids=["cells", "text", "depth", "between"],
)
def test_a_row_is_not_gathered_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str) -> None:
    monkeypatch.setattr(package, "MAX_PIECE", 256 * 1024)
    assert refused(raw(tmp_path / "a.xlsx", "<row><c><v>1</v></c></row>" + rows)).code == "too_long"


@pytest.mark.slow
def test_rows_without_cells_are_not_gathered(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", "<row><c><v>1</v></c></row>" + '<row ht="9"/>' * 50_000)
    refused(path)
    tracemalloc.start()
    try:
        assert refused(path).code == "no_rows"
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024**2
    finally:
        tracemalloc.stop()


def test_parts_that_are_held_whole_have_an_end(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", "<row/>", styles=f"<styleSheet {MAIN}>{' ' * 3 * 1024**2}</styleSheet>")
    assert "xl/styles.xml of the workbook takes more than 2 MiB" in refused(path).message


def test_a_checksum_that_fails_after_the_rows_counts(tmp_path: Path) -> None:
    """One flipped digit is still a table, and another one than was sent."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(raw(path, "<row><c><v>1</v></c></row><row><c><v>987123</v></c></row>")) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    assert read(path)[1] == [(2, ["987123"])]
    path.write_bytes(path.read_bytes().replace(b"987123", b"987124"))
    assert refused(path).code == "broken_workbook"


def test_strict_workbooks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(raw(path, "<row/>")) as made:
        relations = made.read("xl/_rels/workbook.xml.rels").decode()
    strict = relations.replace("http://schemas.openxmlformats.org/officeDocument/2006", STRICT)
    assert "Strict Open XML" in refused(raw(path, "<row/>", **{"workbook.xml": strict})).message


def test_styles_in_another_place_are_not_overlooked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(raw(path, "<row/>")) as made:
        types = made.read("[Content_Types].xml").decode()
    moved = types.replace("/xl/styles.xml", "/xl/styles2.xml")
    assert "styles stand in /xl/styles2.xml" in refused(raw(path, "<row/>", **{"[Content_Types]": moved})).message


def test_a_workbook_without_styles_is_read_in_silence(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c></row><row><c><v>2</v></c></row>"
    assert read(raw(tmp_path / "a.xlsx", rows, styles=f"<styleSheet {MAIN}/>"))[1] == [(2, ["2"])]


@pytest.mark.parametrize("name", ["[Content_Types].xml", "mimetype", "xl/workbook.bin"])
def test_archives_that_are_no_workbook(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(name, "x")
    assert refused(path).code in ("wrong_type", "broken_workbook")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(data=st.data())
def test_a_damaged_workbook_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    good = bytearray(book(tmp_path / "a.xlsx", [["a", "b"], ["x", 1.5], ["y", 2]]).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(4, len(good) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "b.xlsx").write_bytes(good[: data.draw(st.integers(4, len(good)))])
    try:
        read(tmp_path / "b.xlsx")
    except UnreadableFile as problem:
        assert problem.message
