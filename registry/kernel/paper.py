"""Papers: text, facts, tables and QR codes on A4 pages, as PDF.

    paper = Paper("Warranty certificate", author="Northgate IT", language="en")
    paper.title("Warranty certificate", "SN-1")
    paper.facts([("Serial number", "SN-1")])
    data = paper.pdf()

What is drawn is laid out first, so that a paper is either whole or refused: a character that no font has makes no
box, it makes `pdf` raise Unprintable. The same contents give the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple

from registry.kernel import fonts
from registry.kernel.errors import Problem
from registry.kernel.language import _

WIDTH, HEIGHT = 595.0, 842.0  # A4, in points
LEFT, RIGHT, TOP, BOTTOM = 50.0, 545.0, 794.0, 56.0
BODY, SMALL, LEAD = 9.0, 7.5, 1.42
BLACK, GREY, RULE, BAND = 0.0, 0.36, 0.72, 0.93  # shades
MOST_LINES = 12  # of a cell: a longer text is cut
GAP, BELOW = 8.0, 5.0  # right of a cell, below a row


class Unprintable(Problem):
    """The paper holds characters that no font has."""

    status, code = 422, "unprintable"

    def __init__(self, characters: Sequence[str]) -> None:
        named = ", ".join(f"{char} (U+{ord(char):04X})" for char in characters[:10])
        super().__init__(_("This cannot be printed, since our fonts lack these characters: %(named)s. Take them out of "
                           "the texts, and print again.", named=named))  # fmt: skip
        self.characters = list(characters)


class Text(NamedTuple):
    x: float
    y: float
    text: str
    size: float = BODY
    bold: bool = False
    shade: float = BLACK


class Box(NamedTuple):
    x: float
    y: float
    wide: float
    high: float
    shade: float


@dataclass(frozen=True, slots=True)
class Col:
    """A column of a table; `share`: its part of the width."""

    title: str
    share: float
    bold: bool = False


@dataclass
class Paper:
    """`author`: whose paper it is; stands at the foot of each page. `language`: a BCP 47 tag."""

    name: str
    author: str = ""
    language: str = "en"
    _pages: list[list[Text | Box]] = field(default_factory=lambda: [[]])
    _y: float = TOP
    _missing: dict[str, None] = field(default_factory=dict)

    # --- What stands on it ---------------------------------------------------------------------------------

    def title(self, text: str, below: str = "", *, room: float = RIGHT - LEFT) -> None:
        self.text(text, 19, bold=True, room=room)
        if below:
            self.text(below, 11, shade=GREY, room=room)
        self.skip(10)

    def heading(self, text: str, *, keep: float = 40) -> None:
        """Never the last line of a page: `keep` points follow it there."""
        self.skip(8)
        self._need(12 * LEAD + keep)
        self.text(text, 12, bold=True)
        self.skip(2)

    def text(
        self, text: str, size: float = BODY, *, bold: bool = False, shade: float = BLACK, room: float = RIGHT - LEFT,
        x: float = LEFT,
    ) -> None:  # fmt: skip
        for line in fonts.wrapped(self._checked(text), room, size, bold=bold):
            self._need(size * LEAD)
            self._y -= size * LEAD
            self._put(Text(x, self._y, line, size, bold, shade))

    def bullets(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._need(BODY * LEAD)
            self._put(Text(LEFT + 2, self._y - BODY * LEAD, "•"))
            self.text(text, x=LEFT + 12, room=RIGHT - LEFT - 12)

    def facts(self, pairs: Iterable[tuple[str, str]], *, label: float = 120, room: float = RIGHT - LEFT) -> None:
        """What is called how; a pair without a value is left out."""
        for name, value in pairs:
            if value:
                shown = [Col(name, label), Col("", room - label)]
                self._row(shown, [name, value], (GREY, BLACK), room, indent=0, below=1.5)

    def table(self, columns: Sequence[Col], rows: Iterable[Sequence[str]]) -> None:
        """With its head repeated on every page. A row of a single text is a heading within the table."""
        self._head(columns)
        for row in rows:
            pages = len(self._pages)
            if len(row) == 1:
                self._need(BODY * LEAD * 3.5)
            high = self._height(columns, row)
            self._need(high)
            if len(self._pages) > pages:
                self._head(columns)
            if len(row) == 1:
                self._put(Box(LEFT, self._y - high, RIGHT - LEFT, high, BAND))
                self._row([Col("", 1, bold=True)], row)
            else:
                self._row(columns, row)
                self._put(Box(LEFT, self._y, RIGHT - LEFT, 0.4, RULE))

    def code(self, text: str, size: float = 84) -> None:
        """A QR code at the upper right of the first page."""
        import qrcode

        made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
        made.add_data(text)
        made.make()
        dots = made.get_matrix()
        step = size / len(dots)
        self._pages[0] += [
            Box(RIGHT - size + x * step, TOP - (y + 1) * step, step * 1.02, step * 1.02, BLACK)
            for y, line in enumerate(dots) for x, dark in enumerate(line) if dark
        ]  # fmt: skip

    def skip(self, points: float) -> None:
        self._y -= points

    # --- How it gets there ---------------------------------------------------------------------------------

    def _checked(self, text: str) -> str:
        ready = fonts.written(text)
        self._missing.update(dict.fromkeys(fonts.unprintable(ready)))
        return ready

    def _put(self, thing: Text | Box) -> None:
        self._pages[-1].append(thing)

    def _need(self, points: float) -> None:
        if self._y - points < BOTTOM and self._y < TOP:
            self._pages.append([])
            self._y = TOP

    def _lines(self, text: str, room: float, bold: bool) -> list[str]:
        lines = fonts.wrapped(self._checked(text), room, BODY, bold=bold)
        return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"]

    def _cells(self, columns: Sequence[Col], row: Sequence[str], room: float) -> list[tuple[float, list[str]]]:
        """(x, lines) of each cell."""
        whole, x, found = sum(column.share for column in columns), LEFT, []
        for column, text in zip(columns, row, strict=True):
            wide = room * column.share / whole
            found.append((x, self._lines(text, wide - GAP, column.bold)))
            x += wide
        return found

    def _height(self, columns: Sequence[Col], row: Sequence[str]) -> float:
        shown = columns if len(row) > 1 else [Col("", 1, bold=True)]
        most = max(len(lines) for _x, lines in self._cells(shown, row, RIGHT - LEFT))
        return most * BODY * LEAD + BELOW

    def _row(
        self, columns: Sequence[Col], row: Sequence[str], shades: Sequence[float] = (), room: float = RIGHT - LEFT,
        *, indent: float = 3, below: float = BELOW,
    ) -> None:  # fmt: skip
        cells = self._cells(columns, row, room)
        high = max(len(lines) for _x, lines in cells) * BODY * LEAD + below
        self._need(high)
        for at, (x, lines) in enumerate(cells):
            for number, line in enumerate(lines, 1):
                y = self._y - number * BODY * LEAD
                self._put(Text(x + indent, y, line, BODY, columns[at].bold, shades[at] if shades else BLACK))
        self._y -= high

    def _head(self, columns: Sequence[Col]) -> None:
        self._need(BODY * LEAD * 3.5)
        self._row([Col(column.title, column.share, bold=True) for column in columns], [c.title for c in columns])
        self._put(Box(LEFT, self._y, RIGHT - LEFT, 1, BLACK))

    # --- The file --------------------------------------------------------------------------------------------

    def pdf(self) -> bytes:
        """Raises Unprintable, naming every character that no font has."""
        feet = [self._checked(self._foot(number)) for number in range(1, len(self._pages) + 1)]
        self._checked(self.name)
        if self._missing:
            raise Unprintable(list(self._missing))
        from reportlab.pdfgen.canvas import Canvas

        file = BytesIO()
        canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang=self.language)
        canvas.setTitle(self.name)
        canvas.setAuthor(self.author)
        canvas.setCreator("Assetcare")
        for page, foot in zip(self._pages, feet, strict=True):
            for thing in [*page, Text(LEFT, BOTTOM - 22, foot, SMALL, shade=GREY)]:
                _draw(canvas, thing)
            canvas.showPage()
        canvas.save()
        return file.getvalue()

    def _foot(self, number: int) -> str:
        place = _("Page %(page)s of %(pages)s", page=number, pages=len(self._pages))
        return " · ".join(part for part in (self.author, self.name, place) if part)


def _draw(canvas: Any, thing: Text | Box) -> None:
    canvas.setFillGray(thing.shade)
    if isinstance(thing, Box):
        canvas.rect(thing.x, thing.y, thing.wide, thing.high, stroke=0, fill=1)
        return
    x = thing.x
    for font, piece in fonts.runs(thing.text, bold=thing.bold):
        canvas.setFont(font, thing.size)
        canvas.drawString(x, thing.y, piece)
        x += fonts.width(piece, thing.size, bold=thing.bold)
