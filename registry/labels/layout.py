"""One label, laid out: where its QR code stands and where each line of text. What draws it need not think.

A label is either as it should be or refused: Invalid says why. Nothing is printed that a telephone cannot read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import NamedTuple

from registry.kernel import fonts
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.paper import Unprintable

QUIET = 4  # modules around a code that stay white: what the standard asks for
FINEST = 0.25  # millimetres that a module must have: below, cameras of telephones begin to fail; docs/notes.md
COARSEST = 0.8
LARGE = 45.0  # millimetres of the shorter edge: beyond, code and letters grow with the label
POINT = 25.4 / 72  # millimetres
LARGEST_TEXT, SMALLEST_TEXT, SMALLEST_WHOLE = 11.0, 4.5, 4.0  # points
LEAD = 1.22
EDGE = 0.7  # millimetres at the right and below that text keeps away from
ELLIPSIS = "…"

Matrix = tuple[tuple[bool, ...], ...]


class Said(NamedTuple):
    """A line that is to stand on a label. `whole`: of no use in part, so that it is left out before it is cut."""

    text: str
    bold: bool = False
    whole: bool = False


class Line(NamedTuple):
    """Text whose base line begins at (x, y), millimetres from the upper left corner. `size` in points."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    wide: float  # millimetres


@dataclass(frozen=True, slots=True)
class Layout:
    """`at`: the upper left corner of the first dark module. `module`: its edge. All in millimetres."""

    wide: float
    high: float
    matrix: Matrix
    at: tuple[float, float]
    module: float
    lines: tuple[Line, ...]

    def bars(self) -> list[tuple[int, int, int]]:
        """(x, y, length) in modules: dark ones that lie side by side are one."""
        return bars_of(self.matrix)


@lru_cache(maxsize=8)
def matrix_of(text: str) -> Matrix:
    """The QR code of one of our addresses: level Q, in alphanumeric mode, without its quiet zone."""
    import qrcode  # only here: few processes print
    from qrcode.util import MODE_ALPHA_NUM, QRData

    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0)
    made.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)  # raises for what this mode does not know
    made.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in made.modules)


def bars_of(matrix: Matrix) -> list[tuple[int, int, int]]:
    found = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            found.append((start, y, x - start))
    return found


def lay_out(
    wide: float,
    high: float,
    address: str,
    lines: Sequence[Said],
    *,
    dot: float = 0,
    coarsest: float = inf,
    large: bool = True,
) -> Layout:
    """A label of `wide` by `high` millimetres. `lines`: the most important first.

    `dot`: millimetres of a printer's dot, of which a module must be a whole number; 0 for any size. `coarsest`: the
    largest module that whatever draws it can draw. `large`: whether code and letters grow with a large label; not where
    the lines were broken for letters of the usual size.
    Raises Unprintable for characters that no font has, Invalid where a code would be too small to be read.
    """
    matrix = matrix_of(address)
    across = len(matrix) + 2 * QUIET
    scale = max(1.0, min(wide, high) / LARGE) if large else 1.0
    coarsest = min(coarsest, COARSEST * scale)
    tall = high > wide
    room = min(wide, high * 0.55) if tall else min(high, wide * (0.5 if lines else 1))
    module = _module(min(room / across, coarsest), dot)
    if module < FINEST:  # rather a code without text than text without a code
        room = min(wide, high)
        module = _module(min(room / across, coarsest), dot)
    if module < FINEST:
        raise _too_small(module, across)
    side = module * across
    if tall:
        at, text_at = ((wide - side) / 2, 0.0), (3 * EDGE, side, wide - 6 * EDGE, high - side - EDGE)
    else:
        at, text_at = (0.0, (high - side) / 2), (side, EDGE / 2, wide - side - EDGE, high - EDGE)
    corner = (at[0] + QUIET * module, at[1] + QUIET * module)
    texts = _set(lines, *text_at, largest=LARGEST_TEXT * scale, middle=not tall)
    return Layout(wide, high, matrix, corner, module, tuple(texts))


def _module(most: float, dot: float) -> float:
    """The largest module that fits: of a laser printer any, of a printer with few dots a whole number of them."""
    return int(most / dot + 1e-9) * dot if dot else most


def _too_small(module: float, across: int) -> Invalid:
    return Invalid.field(
        "sheet",
        _("The code would be too small to be read: its modules would have %(module)s mm, and telephones need "
          "%(finest)s mm. Take labels of at least %(least)s mm, or a shorter address in ASSETCARE_PUBLIC_URL.",
          module=f"{module:.2f}", finest=FINEST, least=f"{across * FINEST:.1f}"),
    )  # fmt: skip


def _set(
    lines: Sequence[Said], x: float, y: float, wide: float, high: float, *, largest: float, middle: bool
) -> list[Line]:
    """The lines one below the other, as large as all fit; in the middle of their room, or from its top."""
    ready = [line for line in (said._replace(text=_checked(said.text)) for said in lines) if _has_room(line, wide)]
    if wide < 5 or not ready:
        return []
    ready = ready[: max(1, int(high / (SMALLEST_TEXT * LEAD * POINT)))]
    size = min(largest, high / (len(ready) * LEAD * POINT))
    step = size * LEAD * POINT
    top = y + (high - len(ready) * step) / 2 if middle else y
    placed = []
    for number, line in enumerate(ready):
        shown, fitting = _fitted(line, wide, size if line.bold else min(size, largest * 0.8))
        base = top + (number + 0.78) * step
        placed.append(Line(x, base, shown, fitting, line.bold, fonts.width(shown, fitting, bold=line.bold) * POINT))
    return placed


def _has_room(line: Said, wide: float) -> bool:
    return not line.whole or fonts.width(line.text, SMALLEST_WHOLE, bold=line.bold) * POINT <= wide


def _checked(text: str) -> str:
    ready = fonts.written(text).replace("\n", " ")
    missing = fonts.unprintable(ready)
    if missing:
        raise Unprintable(missing)
    return ready


def _fitted(line: Said, wide: float, size: float) -> tuple[str, float]:
    """The text made smaller until it fits, and, where it would be too small to be read, cut."""
    text, bold = line.text, line.bold
    needed = fonts.width(text, size, bold=bold) * POINT
    if needed <= wide:
        return text, size
    smaller = size * wide / needed
    if line.whole or smaller >= SMALLEST_TEXT:
        return text, smaller
    room = wide / POINT
    while text and fonts.width(text + ELLIPSIS, SMALLEST_TEXT, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS, SMALLEST_TEXT
