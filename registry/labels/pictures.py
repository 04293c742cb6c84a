"""One label as a picture: SVG to look at, PNG for printers that take nothing else. The same label, the same bytes."""

from functools import cache
from html import escape
from io import BytesIO
from typing import Any

from registry.kernel import fonts
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.paths import resource_dir
from registry.labels.layout import POINT, Layout, Line, bars_of, matrix_of

RESOLUTIONS = (203, 300, 600)  # dots per inch of label printers
LARGEST = 40_000_000  # dots
INCH = 25.4


def svg(layout: Layout) -> str:
    """Millimetres throughout. Text is text: what shows it needs a font that has its letters."""
    wide, high = f"{layout.wide:g}", f"{layout.high:g}"
    dark = _path(layout.bars(), *layout.at, layout.module)
    texts = "".join(
        f'<text x="{line.x:.3f}" y="{line.y:.3f}" font-size="{line.size * POINT:.3f}" textLength="{line.wide:.3f}"'
        f' lengthAdjust="spacingAndGlyphs"{" font-weight=" + chr(34) + "700" + chr(34) if line.bold else ""}>'
        f"{escape(line.text)}</text>"
        for line in layout.lines
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}">'
        f'<rect width="{wide}" height="{high}" fill="#fff"/><path d="{dark}"/>'
        f'<g font-family="Noto Sans, Noto Sans TC, sans-serif">{texts}</g></svg>'
    )


def code_svg(address: str, quiet: int = 4) -> bytes:
    """The QR code alone, for screens."""
    matrix = matrix_of(address)
    side = len(matrix) + 2 * quiet
    dark = _path(bars_of(matrix), quiet, quiet, 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * 4}" height="{side * 4}"'
        f' shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{dark}"/></svg>'
    ).encode()


def _path(bars: list[tuple[int, int, int]], left: float, top: float, module: float) -> str:
    def written(value: float) -> str:
        return f"{value:.4f}".rstrip("0").rstrip(".")

    step = written(module)
    return "".join(
        f"M{written(left + x * module)} {written(top + y * module)}h{written(length * module)}v{step}"
        f"h-{written(length * module)}z"
        for x, y, length in bars
    )


def dot_of(dpi: int) -> float:
    """Millimetres of a printer's dot."""
    if dpi not in RESOLUTIONS:
        raise Invalid.field("dpi", _("Choose one of: %(known)s.", known=", ".join(map(str, RESOLUTIONS))))
    return INCH / dpi


def png(layout: Layout, dpi: int) -> bytes:
    """Black and white, dot by dot as the printer prints it. The layout must have been made for dots of this size."""
    from PIL import Image, ImageDraw

    dots = dpi / INCH
    size = (round(layout.wide * dots), round(layout.high * dots))
    if size[0] * size[1] > LARGEST:
        raise Invalid.field("dpi", _("This picture would be too large; choose fewer dots."))
    image = Image.new("1", size, 1)
    draw = ImageDraw.Draw(image)
    module = round(layout.module * dots)
    left, top = round(layout.at[0] * dots), round(layout.at[1] * dots)
    for x, y, length in layout.bars():
        corner = (left + x * module, top + y * module)
        draw.rectangle((*corner, corner[0] + length * module - 1, corner[1] + module - 1), fill=0)
    for line in layout.lines:
        write(draw, line, line.x * dots, line.y * dots, dots)
    file = BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def write(draw: Any, line: Line, x: float, y: float, dots: float, ink: int = 0) -> None:
    """The text of a line, its base line beginning at (x, y). `dots`: for a millimetre. `ink`: the bit of a dark one."""
    for font, piece in fonts.runs(line.text, bold=line.bold):
        draw.text((x, y), piece, font=_font(font, line.size * POINT * dots), fill=ink, anchor="ls")
        x += fonts.width(piece, line.size, bold=line.bold) * POINT * dots


def _font(name: str, size: float) -> Any:
    return _face(name).font_variant(size=size)


@cache
def _face(name: str) -> Any:
    from PIL import ImageFont

    basic = ImageFont.Layout.BASIC  # the same wherever it runs, whether or not a shaping library is there
    return ImageFont.truetype(str(resource_dir("static") / "dist" / f"{name}.ttf"), 12, layout_engine=basic)
