"""One label in the language of Zebra's printers: the printer draws the code and the letters itself.

Its built-in font surely has the letters of Western Europe; a line with any other is drawn here, and sent as a picture.
"""

from math import ceil

from registry.labels.layout import POINT, Layout, Line
from registry.labels.pictures import INCH, write

LARGEST_MODULE = 10  # dots: what ^BQ knows
# Dots that printers put a QR code below its origin: as many as bar codes are high, which an earlier job may have set.
SHIFT = 10
LATIN = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x100))}


def coarsest(dpi: int) -> float:
    """The largest module that a printer draws, in millimetres."""
    return LARGEST_MODULE * INCH / dpi


def zpl(layout: Layout, address: str, dpi: int, *, copies: int = 1) -> str:
    """The layout must have been made for dots of this size. `address`: what its code says."""
    dots = dpi / INCH
    module = round(layout.module * dots)
    if not 1 <= module <= LARGEST_MODULE:
        raise ValueError("lay it out with coarsest=coarsest(dpi)")
    left, top = round(layout.at[0] * dots), max(0, round(layout.at[1] * dots) - SHIFT)
    parts = [
        f"^XA^CI28^BY2,3,{SHIFT}",
        f"^PW{round(layout.wide * dots)}^LL{round(layout.high * dots)}^LH0,0",
        # Level Q; A for alphanumeric mode, said and not guessed, so that the code is as large as it was laid out.
        f"^FO{left},{top}^BQN,2,{module}^FDQM,A{address}^FS",
    ]
    parts += [_text(line, dots) if set(line.text) <= LATIN else _picture(line, dots) for line in layout.lines]
    return "\n".join([*parts, f"^PQ{copies}^XZ", ""])


def _text(line: Line, dots: float) -> str:
    size = max(1, round(line.size * POINT * dots))
    wide = _width(line.wide, dots, line.text, size)
    place = f"^FT{round(line.x * dots)},{round(line.y * dots)}"
    return f"{place}^A0N,{size},{wide}^FH^FD{_escaped(line.text)}^FS"


def _picture(line: Line, dots: float) -> str:
    from PIL import Image, ImageDraw

    size, base = line.size * POINT * dots, round(line.y * dots)
    above = min(base, ceil(size * 1.1))
    image = Image.new("1", (ceil(line.wide * dots) + 1, above + ceil(size * 0.35)))
    write(ImageDraw.Draw(image), line, 0, above, dots, ink=1)
    data = image.tobytes()
    row = len(data) // image.height
    place = f"^FO{round(line.x * dots)},{base - above}"
    return f"{place}^GFA,{len(data)},{len(data)},{row},{data.hex().upper()}^FS"


def _width(wide: float, dots: float, text: str, size: int) -> int:
    """The width of the printer's letters, so that a text is no wider than it was laid out: its font is narrower."""
    return max(1, min(size, round(wide * dots / max(1, len(text)) * 1.8)))


def _escaped(text: str) -> str:
    """With ^FH every byte may be written as _XX: nothing that somebody typed can become a command."""
    return "".join(char if char.isalnum() and char.isascii() or char in " .-" else _hex(char) for char in text)


def _hex(char: str) -> str:
    return "".join(f"_{byte:02X}" for byte in char.encode())
