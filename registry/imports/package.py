"""The zip around a workbook of a stranger: sizes first, no document types, large parts as a stream."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, NoReturn
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse as parse_safely

from registry.imports.problems import UnreadableFile
from registry.kernel.language import _

MAX_PARTS = 5_000
MAX_TOTAL = 1024**3
MAX_RATIO = 200
RATIO_MATTERS_FROM = 64 * 1024**2
MAX_WHOLE = 2 * 1024**2  # of a part that is held in memory: the list of sheets, the styles
MAX_PIECE = 2 * 1024**2  # of one row or text, and of what stands before the first
PROLOG = 64 * 1024


class Package(zipfile.ZipFile):
    """The parts of an XLSX file. zipfile never inflates more than the sizes checked here."""

    def __init__(self, path: Path) -> None:
        with library_problems():
            super().__init__(path)
        try:
            _check_sizes(self.infolist(), path.stat().st_size)
        except BaseException:
            self.close()
            raise

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """A whole part, as openpyxl asks for the small ones."""
        if self.getinfo(str(name)).file_size > MAX_WHOLE:
            raise UnreadableFile(
                "too_large",
                _(
                    "%(name)s of the workbook takes more than %(max_whole)s MiB. Save the sheet as CSV, "
                    "or copy its values into a new workbook.",
                    name=name,
                    max_whole=MAX_WHOLE // 1024**2,
                ),
            )
        data = super().read(name, pwd)
        _refuse_document_type(data[:PROLOG])
        return data

    def elements(self, part: str, inside: str, tag: str) -> Iterator[tuple[int, ElementTree.Element]]:
        """Every `tag` inside of `inside`, with the bytes read so far; each is forgotten after its turn."""
        with self.open(part) as stream:
            _refuse_document_type(stream.read(PROLOG))
        with self.open(part) as stream:
            source = _Metered(stream)
            above: list[ElementTree.Element] = []
            # The C parser, twice as fast as defusedxml's; without a document type there are no entities.
            for event, element in ElementTree.iterparse(source, ("start", "end")):  # noqa: S314
                if event == "start":
                    above.append(element)
                    continue
                above.pop()
                if element.tag == tag and above:
                    yield source.total, element
                    source.piece = 0
                    above[-1].clear()
                elif element.tag == inside:
                    break
            while stream.read(PROLOG):  # to the end, where the checksum is compared
                pass


class _Metered:
    """A stream that ends an element which goes on and on, before it fills the memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.total = self.piece = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.total += len(data)
        self.piece += len(data)
        if self.piece > MAX_PIECE:
            raise UnreadableFile(
                "too_long",
                _(
                    "A row or a text of the workbook takes more than %(max_piece)s MiB. Shorten it.",
                    max_piece=MAX_PIECE // 1024**2,
                ),
            )
        return data


@contextmanager
def library_problems() -> Iterator[None]:
    """Whatever zipfile, expat and openpyxl raise over a damaged workbook is one refusal for the reader.

    They raise KeyError, TypeError, AttributeError and more of their own accord, so nothing less than
    Exception will do. The first cause stays attached.
    """
    try:
        yield
    except (UnreadableFile, MemoryError):
        raise
    except DefusedXmlException as problem:
        raise UnreadableFile(
            "doctype",
            _("The workbook declares a document type, which no spreadsheet program writes. It is refused."),
        ) from problem
    except Exception as problem:
        broken(" ".join(str(problem).split())[:200] or type(problem).__name__)


def broken(reason: str) -> NoReturn:
    raise UnreadableFile(
        "broken_workbook",
        _(
            "The workbook cannot be read (%(reason)s). Open it in a spreadsheet program and save it again.",
            reason=reason,
        ),
    )


def _refuse_document_type(head: bytes) -> None:
    """It can only stand before the first element, which therefore must begin in `head`."""
    next(parse_safely(BytesIO(head), ("start",), forbid_dtd=True))


def _check_sizes(parts: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or total > MAX_TOTAL:
        raise UnreadableFile(
            "too_large",
            _(
                "The workbook has %(count)s parts and unpacks to %(total)s MiB; at most "
                "%(max_parts)s parts and %(max_total)s MiB are read. Save the sheet as CSV, or split "
                "it.",
                count=len(parts),
                total=total // 1024**2,
                max_parts=MAX_PARTS,
                max_total=MAX_TOTAL // 1024**2,
            ),
        )
    if total > RATIO_MATTERS_FROM and total > packed * MAX_RATIO:
        raise UnreadableFile(
            "too_compressed",
            _(
                "The workbook unpacks to %(total)s times its size, which no table does. Save the "
                "sheet as CSV and import that.",
                total=total // max(packed, 1),
            ),
        )
    if not {part.compress_type for part in parts} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        broken("its parts are packed in an unusual way")
