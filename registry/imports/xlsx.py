"""Rows of an XLSX sheet as a stream of texts.

openpyxl reads the parts; what a stranger's file could do to it is refused before (docs/notes.md). Digits,
dates and truth values come out as plain text; what would be lost is marked or reported.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from registry.imports.package import Package, broken, library_problems
from registry.imports.problems import RowProblem, UnreadableFile
from registry.kernel.language import _, quoted

if TYPE_CHECKING:
    from openpyxl.packaging.manifest import Manifest
    from openpyxl.reader.workbook import WorkbookParser

    from registry.imports.sheet import SheetRows

_STYLES = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_STRICT = "http://purl.oclc.org/ooxml/"


class Workbook:
    """An open workbook. `notices` says what was chosen for the reader, such as one sheet out of several."""

    def __init__(self, path: Path) -> None:
        self.notices: list[str] = []
        self._rows: SheetRows | None = None
        self._size = 0
        self._package = Package(path)
        try:
            with library_problems(), warnings.catch_warnings():
                # openpyxl warns of what it will not keep when it writes.
                warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
                self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._package.close()

    def progress(self) -> float:
        return self._rows.done / self._size if self._rows and self._size else 0.0

    def rows(self, sheet: str | None, max_columns: int) -> Iterator[tuple[int, list[str]] | RowProblem]:
        """The rows that hold a value, each with its number and its cells up to the last value."""
        return self._read(self._choose(sheet), max_columns)

    def _read(self, part: str, max_columns: int) -> Iterator[tuple[int, list[str]] | RowProblem]:
        from registry.imports.sheet import SheetRows, shared_texts

        with library_problems():
            self._size = self._package.getinfo(part).file_size
            shared = shared_texts(self._package, self._shared) if self._shared else []
            self._rows = SheetRows(self._book, shared, max_columns)
            yield from self._rows.read(self._package, part)

    def _open(self) -> None:
        # In pieces and not by load_workbook, which reads every sheet that does not state its size, and fails
        # over parts that nobody asked for. Imported here because few processes need it, and it takes time.
        from openpyxl.packaging.manifest import Manifest
        from openpyxl.reader.workbook import WorkbookParser
        from openpyxl.styles.stylesheet import apply_stylesheet
        from openpyxl.xml.constants import ARC_CONTENT_TYPES, ARC_STYLE, SHARED_STRINGS
        from openpyxl.xml.functions import fromstring

        if ARC_CONTENT_TYPES not in self._package.namelist():
            raise UnreadableFile(
                "wrong_type", _("The file is an archive but no .xlsx workbook. Save the table as .xlsx or .csv.")
            )
        manifest = Manifest.from_tree(fromstring(self._package.read(ARC_CONTENT_TYPES)))
        parser = WorkbookParser(self._package, _main_part(manifest), keep_links=False)
        parser.parse()
        self._sheets = _sheets(parser)
        self._book = parser.wb
        if (styles := manifest.find(_STYLES)) and styles.PartName != f"/{ARC_STYLE}":
            broken(f"its styles stand in {styles.PartName}")  # where openpyxl does not look, and dates depend on it
        apply_stylesheet(self._package, self._book)
        shared = manifest.find(SHARED_STRINGS)
        self._shared = shared.PartName.lstrip("/") if shared else ""

    def _choose(self, wanted: str | None) -> str:
        names = ", ".join(repr(name) for name, _, _ in self._sheets)
        if wanted is not None:
            for name, _shown, path in self._sheets:
                if name.casefold() == wanted.casefold():
                    return path
            raise UnreadableFile(
                "unknown_sheet",
                _("The workbook has no sheet %(wanted)s. Give one of %(names)s.", wanted=quoted(wanted), names=names),
            )
        visible = [(name, path) for name, shown, path in self._sheets if shown]
        if not visible:
            raise UnreadableFile("no_sheet", _("The workbook has no visible sheet. Show one, or give its name."))
        if len(visible) > 1:
            self.notices.append(
                _(
                    "The workbook has the sheets %(names)s; %(visible)s is read. Give sheet=... for another.",
                    names=names,
                    visible=quoted(visible[0][0]),
                )
            )
        return visible[0][1]


def _main_part(manifest: "Manifest") -> str:
    """The part that lists the sheets."""
    from openpyxl.xml.constants import XLSM, XLSX, XLTM, XLTX

    for kind in (XLSX, XLSM, XLTX, XLTM):
        if part := manifest.find(kind):
            return str(part.PartName).lstrip("/")
    raise UnreadableFile(
        "wrong_type", _("The file is an office document but no .xlsx workbook. Save the table as .xlsx.")
    )


def _sheets(parser: "WorkbookParser") -> list[tuple[str, bool, str]]:
    """Name, visible, and part of every sheet of cells (not of those that are a chart)."""
    if any(relation.Type.startswith(_STRICT) for relation in parser.rels.values()):
        raise UnreadableFile(
            "wrong_type",
            _(
                "The file is a Strict Open XML workbook, which is not read. Save it as an ordinary "
                "Excel workbook (.xlsx)."
            ),
        )
    return [
        (sheet.name, sheet.state == "visible", relation.target)
        for sheet, relation in parser.find_sheets()
        if relation.Type.endswith("/worksheet")
    ]
