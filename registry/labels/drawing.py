"""Labels as PDF: vectors on the sheets of a printer. The same labels give the same bytes."""

from collections.abc import Iterable
from io import BytesIO
from itertools import islice
from typing import Any

from registry.kernel import fonts
from registry.kernel.language import _
from registry.labels.layout import POINT, Layout, Line
from registry.labels.sheets import Sheet

INSET, TEXT = 5, 14  # millimetres from the edges: where rulers begin, and where what is written beside them does


def pdf(sheet: Sheet, layouts: Iterable[Layout], *, start: int = 1, title: str = "Labels") -> bytes:
    """`start`: the place of the first label, where a sheet has been used before."""
    canvas, file = _canvas(sheet, title)
    labels, place = iter(layouts), start - 1
    while page := list(islice(labels, sheet.count - place)):
        for number, layout in enumerate(page, place):
            _draw(canvas, layout, *sheet.place(number), sheet.page[1])
        canvas.showPage()
        place = 0
    canvas.save()
    return file.getvalue()


def ruler(sheet: Sheet) -> bytes:
    """A page to measure a printer with: every label's outline, and rulers that count from the edges of the paper."""
    canvas, file = _canvas(sheet, sheet.name)
    high = sheet.page[1]
    canvas.setLineWidth(0.3)
    for number in range(sheet.count):
        x, y = sheet.place(number)
        canvas.rect(x / POINT, (high - y - sheet.high) / POINT, sheet.wide / POINT, sheet.high / POINT)
    _scale(canvas, sheet.page[0], high, lambda at, off: (at, off))
    _scale(canvas, sheet.page[1], high, lambda at, off: (off, at))
    said = _("%(sheet)s: left %(left)s mm, top %(top)s mm",
             sheet=sheet.name, left=f"{sheet.left:g}", top=f"{sheet.top:g}")  # fmt: skip
    size = min(7.0, 7 * (sheet.page[0] - TEXT) / (fonts.width(said, 7) * POINT))
    _write(canvas, Line(TEXT, TEXT + 6, said, size, False, 0), 0, 0, high)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _scale(canvas: Any, length: float, high: float, point: Any) -> None:
    """A mark for every millimetre, off the edge, where no printer reaches; every tenth with its number."""
    for at in range(INSET, int(length) + 1):
        (x0, y0), (x1, y1) = point(at, INSET), point(at, INSET + (3 if at % 10 == 0 else 2 if at % 5 == 0 else 1))
        canvas.line(x0 / POINT, (high - y0) / POINT, x1 / POINT, (high - y1) / POINT)
        if at % 10 == 0:
            x, y = point(at, INSET + 5)
            _write(canvas, Line(x - 1, y + 0.8, str(at), 5, False, 0), 0, 0, high)


def _canvas(sheet: Sheet, title: str) -> tuple[Any, BytesIO]:
    from reportlab.pdfgen.canvas import Canvas  # takes a while to load, and few processes print

    file = BytesIO()
    size = (sheet.page[0] / POINT, sheet.page[1] / POINT)
    canvas = Canvas(file, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Assetcare")
    # Printers that "fit to page" make every label smaller and put it elsewhere.
    canvas.setViewerPreference("PrintScaling", "None")
    return canvas, file


def _draw(canvas: Any, layout: Layout, x: float, y: float, high: float) -> None:
    module = layout.module / POINT
    left, top = (x + layout.at[0]) / POINT, (high - y - layout.at[1]) / POINT
    canvas.saveState()
    canvas.transform(module, 0, 0, -module, left, top)  # small whole numbers take a quarter of the room
    path = canvas.beginPath()
    for column, row, length in layout.bars():
        path.rect(column, row, length, 1)
    canvas.drawPath(path, stroke=0, fill=1)  # one path: no hairlines between its modules
    canvas.restoreState()
    for line in layout.lines:
        _write(canvas, line, x, y, high)


def _write(canvas: Any, line: Line, x: float, y: float, high: float) -> None:
    at, base = (x + line.x) / POINT, (high - y - line.y) / POINT
    for font, piece in fonts.runs(line.text, bold=line.bold):
        canvas.setFont(font, line.size)
        canvas.drawString(at, base, piece)
        at += fonts.width(piece, line.size, bold=line.bold)
