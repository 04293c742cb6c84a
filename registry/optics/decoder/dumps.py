"""Hexadecimal dumps: from a text to the memories in it, with every page in its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.optics.decoder.hexrows import Row, rows_of
from registry.optics.decoder.memory import HALF, SFP_IDENTIFIERS, WHOLE, Memory, memory_of

LEAST = 64  # bytes of one memory: fewer are something else that looks like a dump
LONGEST_LINE = 200_000  # a whole memory may stand in one
LONGEST_TITLE = 400
MOST_LINES = 200_000
IMAGE = "image"  # the title of a block that names no page: one image from its beginning

_DIGITS = {16: re.compile(r"[0-9a-fA-F]+"), 8: re.compile(r"[0-7]+"), 10: re.compile(r"[0-9]+")}  # of offsets, by base
_PORT = re.compile(
    r"(?:hexdump for port|ethtool\s+(?:-m|--module-info|--dump-module-eeprom)|idprom interface|for interface|"
    r"idprom for transceiver|eeprom details for xcvr|q?sfp name|"
    r"^\s*interface|^\s*port(?!\s+status))"
    r"\s*[:=]?\s*([A-Za-z][\w./:-]*)", re.IGNORECASE,
)  # fmt: skip
_ADDRESS = re.compile(r"\b(?:0x)?a([02])h?\b|\b(?:i2c\w*|2-wire)\b.*\b0x5([01])\b", re.IGNORECASE)
_LOWER = re.compile(r"\blower\s+(?:page|memory|half)|^\W*lower\b", re.IGNORECASE)
_PAGE = re.compile(r"\bpage\s*[:#=]?\s*(0x)?([0-9a-f]{1,2})(h?)\b", re.IGNORECASE)
_IDPROM = re.compile(r"\bideeprom\s*(\(diag\w*\))?\s*:?\s*$", re.IGNORECASE)  # the upper page 00h, or the lower half
_BANK = re.compile(r"\bbank\s*[:#=]?\s*(?:0x)?([0-9])h?\b", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """Rows that follow one another. `title`: a page's name, IMAGE, or "" for a page that is not kept."""

    title: str
    upper: bool
    start: int
    data: bytearray = field(default_factory=bytearray)
    port: str = ""
    new_port: bool = False
    closed: bool = False  # more followed, whose place nobody knows


@dataclass(slots=True)
class _Place:
    """Where the next rows belong, by the last line that named a page."""

    title: str = IMAGE
    upper: bool = False
    port: str = ""
    new_port: bool = False


def memories_of(text: str) -> list[Memory]:
    """The memories that this text dumps, in their order; none if it is no dump."""
    lines = [line[:LONGEST_LINE] for line in text.splitlines()[:MOST_LINES]]
    rows = rows_of(lines)
    base = _base([row for row in rows if row and row.offset])
    found: list[_Building] = []
    for block in _blocks(lines, rows, base):
        if not found or found[-1].finished_by(block):
            found.append(_Building(block.port))
        found[-1].take(block)
    return [memory for building in found if (memory := building.memory()) is not None]


def _base(rows: list[Row]) -> int:
    """In which base offsets are printed: the one in which most rows follow one another (od prints octal ones)."""
    best, most = 16, -1
    for base, digits in _DIGITS.items():
        if not all(digits.fullmatch(row.offset) for row in rows):
            continue
        pairs = zip(rows, rows[1:], strict=False)
        following = sum(int(one.offset, base) + len(one.data) == int(two.offset, base) for one, two in pairs)
        if following > most:
            best, most = base, following
    return best


def _blocks(lines: list[str], rows: list[Row | None], base: int) -> Iterator[Block]:
    place, block, repeating = _Place(), None, False
    for line, row in zip(lines, rows, strict=True):
        if row is None:
            if line.strip() and _named(line, place):
                if block:
                    yield block
                block = None
        elif row.repeats:
            repeating = True
        else:
            at = int(row.offset, base) if row.offset else None
            if block and repeating:
                _fill(block, at)
            repeating = False
            if block is None or (at is not None and at != block.start + len(block.data)):
                if block:
                    yield block
                    place.title = IMAGE if not row.data else place.title
                    place.new_port = False
                block = Block(place.title, place.upper, at or 0, bytearray(), place.port, place.new_port)
                place.new_port = False
            block.data += b"" if block.closed else row.data
    if block:
        yield block


def _fill(block: Block, until: int | None) -> None:
    """The row before a `*` once more, until the offset behind it. Without one nobody knows where the rest belongs."""
    if until is None:
        block.closed = True
        return
    last, missing = bytes(block.data[-16:]), until - block.start - len(block.data)
    if last and 0 < missing <= WHOLE * WHOLE:
        block.data += (last * (missing // len(last) + 1))[:missing]


def _named(line: str, place: _Place) -> bool:
    """Take a page's or a port's name from a line; whether there was one."""
    named, line = False, line[:LONGEST_TITLE]
    if port := _PORT.search(line):
        place.port, place.new_port, named = port.group(1).rstrip(":."), True, True
        place.title, place.upper = IMAGE, False
    if title := _title(line):
        place.title, place.upper, named = title[0], title[1], True
    return named


def _title(line: str) -> tuple[str, bool] | None:
    """The page that a line names, and whether it says that its upper half follows."""
    upper = "upper" in line.lower()
    page = _PAGE.search(line)
    number = 0
    if page:  # ethtool's arguments are decimal unless they say 0x; headings are hexadecimal
        decimal = "ethtool" in line and not page.group(1) and page.group(2).isdigit()
        number = int(page.group(2), 10 if decimal else 16)
    if address := _ADDRESS.search(line):
        first = (address.group(1) or address.group(2)) in ("0", None)
        return ("A0" if first else "A2" if number == 0 else "", upper)
    if _LOWER.search(line):
        return "lower", False
    if found := _IDPROM.search(line):
        return ("lower", False) if found.group(1) else ("00", True)
    if page:
        bank = _BANK.search(line)
        return f"{number:02x}" + (f"/{bank.group(1)}" if bank and bank.group(1) != "0" else ""), upper
    return None


class _Building:
    """One memory, from its blocks."""

    def __init__(self, port: str) -> None:
        self.port = port
        self.pages: dict[str, bytearray] = {}
        self.lost = False

    def finished_by(self, block: Block) -> bool:
        """Whether a block begins another module: another port, or a page that this one already has."""
        if block.new_port and block.port != self.port:
            return True
        if block.title == IMAGE:
            whole = IMAGE in self.pages and block.start == 0
            return whole and not (self._sfp() and "A2" not in self.pages and not self._begins(block))
        if block.title == "A0" or (block.title == "lower" and block.start == 0):
            return bool(self.pages.keys() & {block.title, IMAGE})
        return False

    def _sfp(self) -> bool:
        first = self.pages.get(IMAGE, b"")
        return bool(first) and first[0] in SFP_IDENTIFIERS and len(first) <= WHOLE

    def _begins(self, block: Block) -> bool:
        """Whether a block looks like A0h of an SFP: its base sum is right."""
        return len(block.data) >= LEAST and sum(block.data[:63]) & 0xFF == block.data[63] and any(block.data[:63])

    def take(self, block: Block) -> None:
        title, start, data = block.title, block.start, block.data
        self.lost = self.lost or block.closed
        if title in ("A0", "A2"):
            self._put(title, start % WHOLE, data)  # IOS-XR counts on from A0h to A2h
        elif title == "lower":
            self._put("lower", start, data[:HALF])
            self._put("00", 0, data[HALF:])
        elif title == IMAGE:
            self._take_image(block)
        elif title == "":
            self.lost = self.lost or bool(data)
        elif start >= HALF:
            self._put(title, start - HALF, data[:HALF])
        elif len(data) > HALF:
            self._put("lower", start, data[: HALF - start])
            self._put(title, 0, data[HALF - start : WHOLE - start])
        else:
            lower = title == "00" and not block.upper and "lower" not in self.pages
            self._put("lower" if lower else title, start, data)

    def _take_image(self, block: Block) -> None:
        known = self.pages.get(IMAGE)
        if known is not None and block.start == 0:
            self._put("A2", 0, block.data)
        elif known is None and block.start == HALF:
            self._put("00" if "lower" in self.pages or not self.pages else "", 0, block.data[:HALF])
        else:
            self._put(IMAGE, block.start, block.data)

    def _put(self, page: str, start: int, data: bytes | bytearray) -> None:
        """Bytes behind those that are there. What leaves a hole before it, or is there already, is lost."""
        if not data:
            return
        kept = self.pages.setdefault(page, bytearray()) if page and start <= len(self.pages.get(page, b"")) else None
        if kept is None:
            self.lost = True
        else:
            kept += data[len(kept) - start :]

    def memory(self) -> Memory | None:
        """What was found; None if it is too little to be a memory."""
        if sum(len(page) for page in self.pages.values()) < LEAST:
            return None
        image = bytes(self.pages.pop(IMAGE, b""))
        pages = dict(memory_of(image).pages) if image else {}
        pages |= {name: bytes(page) for name, page in self.pages.items() if page}
        return Memory(pages, self.port, self.lost)
