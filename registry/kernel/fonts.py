"""Letters of printed papers: which font has a character, how wide a text is, where a line may end.

Latin, Greek and Cyrillic letters come from one font, Chinese ones from another. A character that neither has is never
printed as a box: whoever prints asks `unprintable` first.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from registry.kernel.errors import Problem
from registry.kernel.language import _
from registry.kernel.paths import resource_dir
from registry.kernel.phrases import plain

FAMILIES = ("NotoSans", "NotoSansTC")  # asked in this order
_FACES = {False: "Regular", True: "Bold"}
# Scripts whose letters change with their neighbours: to print them one by one would be wrong, whatever a font has.
_JOINED = range(0x0590, 0x1000)
_loading = Lock()

_WIDE = r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u30ff\u3100-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENS, _SHUTS = r"（〔［｛〈《「『【“‘(\[", r"）〕］｝〉》」』】”’。，、．：；？！…)\],.:;?!%"
_TOKEN = re.compile(rf"\s+|[{_OPENS}]*[{_WIDE}][{_SHUTS}]*|(?:(?![{_WIDE}])\S)+")


class NotBuilt(Problem):
    status, code = 503, "not_built"


@cache
def _font(name: str) -> Any:
    from reportlab.pdfbase import pdfmetrics  # takes a while to load, and few processes print
    from reportlab.pdfbase.ttfonts import TTFont

    path = _path(name)
    if not path.is_file():
        raise NotBuilt(_("Papers cannot be printed here: the font %(file)s is missing. Run make assets.",
                         file=path.name))  # fmt: skip
    font = TTFont(name, str(path))
    pdfmetrics.registerFont(font)
    return font


def _path(name: str) -> Path:
    return resource_dir("static") / "dist" / f"{name}.ttf"


@cache
def _found(char: str, bold: bool) -> tuple[str, float] | None:
    """(font, width in thousandths of the size) of a character; None where no font has it."""
    code = ord(char)
    if code in _JOINED:
        return None
    for family in FAMILIES:  # a font takes memory: the next one is loaded when it is needed
        with _loading:
            font = _font(f"{family}-{_FACES[bold]}")
        if code in font.face.charToGlyph:
            return font.fontName, font.face.getCharWidth(code)
    return None


def written(text: str) -> str:
    """`text` as it is printed: composed letters, blanks for what steers terminals, and nothing for marks without width:
    those that turn the direction of text would make it say something else on a screen.
    """
    composed = unicodedata.normalize("NFC", plain(text)).replace("\t", " ")
    return composed if composed.isprintable() else "".join(c for c in composed if unicodedata.category(c) != "Cf")


def unprintable(text: str) -> list[str]:
    """The characters that no font has, each once. Raises NotBuilt where there are no fonts at all."""
    return [char for char in dict.fromkeys(text) if char != "\n" and _found(char, False) is None]


def runs(text: str, *, bold: bool = False) -> Iterator[tuple[str, str]]:
    """(font, piece) in order: pieces that one font can print. What no font has is left out."""
    piece, last = "", ""
    for char in text:
        found = _found(char, bold)
        if found is None:
            continue
        if found[0] != last and piece:
            yield last, piece
            piece = ""
        last, piece = found[0], piece + char
    if piece:
        yield last, piece


def width(text: str, size: float, *, bold: bool = False) -> float:
    """In points."""
    return sum(found[1] for char in text if (found := _found(char, bold))) * size / 1000


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """`text` in lines of at most `room` points: broken at blanks and between Chinese characters, in words only where
    one is longer than a line. At least one line."""
    return [line for part in text.split("\n") for line in _filled(part, room, size, bold)]


def _filled(text: str, room: float, size: float, bold: bool) -> list[str]:
    lines, line, used = [], "", 0.0
    for token in _tokens(text, room, size, bold):
        wide = width(token, size, bold=bold)
        if used + wide > room and line.strip() and not token.isspace():
            lines.append(line.rstrip())
            line, used = "", 0.0
        if line or not token.isspace():
            line, used = line + token, used + wide
    return [*lines, line.rstrip()]


def _tokens(text: str, room: float, size: float, bold: bool) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        if width(token, size, bold=bold) <= room:
            yield token
            continue
        piece, used = "", 0.0
        for char in token:
            wide = width(char, size, bold=bold)
            if piece and used + wide > room:
                yield piece
                piece, used = "", 0.0
            piece, used = piece + char, used + wide
        yield piece
