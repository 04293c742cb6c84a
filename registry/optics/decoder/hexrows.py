"""Lines of a hexadecimal dump: offsets and bytes, in the forms that programs print."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_IN_A_ROW = 32
_OFFSET = re.compile(r"\s*(?:0x)?([0-9a-fA-F]{1,8})(h?\s*:|\s)\s*(\S.*)")
_USUAL = re.compile(  # sixteen pairs of digits, whatever stands behind: what nearly every row is
    r"\s*(?:0x)?(?:([0-9a-fA-F]{4,8}):?|([0-9a-fA-F]{2,3}):)\s+([0-9a-fA-F]{2}(?: {1,2}[0-9a-fA-F]{2}){15})"
    r"(?![^\s|]| [0-9a-fA-F]{2}(?: |$))"
)
_SPREAD = re.compile(
    r"\s*0x([0-9a-fA-F]{2,8})((?:\s{1,8}[0-9a-fA-F]{2}){1,32})\s*"
)  # no colon, and 0x at the offset only
_NAMED = re.compile(r"\s*(?:address|addr|offset)\s+(?=0x[0-9a-fA-F]{2,8}\s*:)", re.IGNORECASE)  # what stands before it
_FOURS = re.compile(r"(?:[0-9a-fA-F]{2} ){4}[.-] (?:[0-9a-fA-F]{2} ){4}")  # and a mark after every four bytes
_HALVES = re.compile(r"((?:[0-9a-fA-F]{2} ){8}): ((?:[0-9a-fA-F]{2}(?: |$)){8})")  # and a colon in the middle
_TIED = re.compile(r"\s*[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){6,}+\s*")  # 03:04:07 ...
_THREES = re.compile(r"\s*([0-9a-f]{7})((?:\s{1,3}[0-3][0-7]{2}){1,16})\s*")  # od -b, hexdump -b: bytes in octal
_SIXES = re.compile(r"\s*([0-7]{7})((?:\s[01][0-7]{5}){1,8})\s*")  # od alone: words in octal
_DECIMALS = re.compile(r"[^\[\d]{0,40}\[?((?:\s*+\d{1,3}\s*+,){15,}+\s*+\d{1,3})\s*+[\])]{0,3},?\s*")  # [3, 4, 7 ...]
_I2C_WORDS = re.compile(r"\s*0,8\s+1,9\s")  # i2cdump ... w: words, the second byte first
_LONE_OFFSET = re.compile(r"\s*([0-9a-fA-F]{6,8})\s*")
_BYTE = r"(?:0x|\\x)?[0-9a-fA-F]{2}[\s,]*+"  # takes all it can get: tried again, long lines would cost squares
_PAIRS = re.compile(rf"(?:{_BYTE}){{8,}}+[;}}\s]*")
_FEW = re.compile(rf"(?:{_BYTE})++[;}}\s]*")
_SOLID = re.compile(r"\s*[0-9a-fA-F]{16,}\s*")
_TOKEN = re.compile(r"(?:0x)?([0-9a-fA-F]{2}|[0-9a-fA-F]{4}|[0-9a-fA-F]{8})")
_GAP = re.compile(r"\s{2,}|\t")
_WORDS = re.compile(r"(?:[0-9a-fA-F]{4}\s{3,4}){7}[0-9a-fA-F]{4}\s*")  # hexdump -x
SHORTEST_BARE_OFFSET = 4  # digits of an offset that no colon follows; fewer are a byte


@dataclass(frozen=True, slots=True)
class Row:
    """`offset` as it is printed, "" where the row has none; `repeats`: a `*`, the row before once more and again."""

    offset: str = ""
    data: bytes = b""
    repeats: bool = False


def rows_of(lines: Sequence[str]) -> list[Row | None]:
    """The row in each of these lines, None where there is none. The last of a run without offsets may be short."""
    found: list[Row | None] = []
    before: Row | None = None
    words = False
    for line in lines:
        row = row_of(line)
        words = words or bool(_I2C_WORDS.match(line))
        if words and row and len(row.offset) == 2 and len(line.split()[1]) == 4:
            row = Row(row.offset, b"".join(row.data[at : at + 2][::-1] for at in range(0, len(row.data), 2)))
        if before and before.data and not before.offset and _FEW.fullmatch(line.strip()):
            row = Row(data=_joined(line))
        found.append(row)
        before = row
    return found


def row_of(line: str) -> Row | None:
    """The row in this line; None if it is something else.

    Understood: `ethtool -m ... hex on`, `hexdump -C`, `hexdump` (words of two bytes, the second first), `xxd`, `od -A x
    -t x1`, `i2cdump`, what SONiC, IOS-XE and the shells of Junos print, and bytes without offsets. A column of letters
    behind is left out.
    """
    if usual := _USUAL.match(line):
        return Row(usual.group(1) or usual.group(2), bytes.fromhex(usual.group(3)))
    if line.strip() == "*":
        return Row(repeats=True)
    if octal := _octal(line):
        return octal
    if spread := _SPREAD.fullmatch(line):
        return Row(spread.group(1), bytes.fromhex(spread.group(2)))
    name = _NAMED.match(line)
    found = _OFFSET.fullmatch(line[name.end() if name else 0 :].rstrip())
    if found and (":" in found.group(2) or len(found.group(1)) >= SHORTEST_BARE_OFFSET):
        data = _data(found.group(3), swapped=":" not in found.group(2))
        if data:
            return Row(found.group(1), data)
    if lone := _LONE_OFFSET.fullmatch(line):
        return Row(lone.group(1))
    return _bare(line)


def _bare(line: str) -> Row | None:
    """Bytes without an offset."""
    if _PAIRS.fullmatch(line.strip()):
        return Row(data=_joined(line))
    if _TIED.fullmatch(line):
        return Row(data=bytes.fromhex(re.sub(r"[\s:-]", "", line)))
    decimals = _DECIMALS.fullmatch(line)
    if decimals and (numbers := [int(number) for number in decimals.group(1).split(",")]) and max(numbers) < 256:
        return Row(data=bytes(numbers))
    if _SOLID.fullmatch(line) and len(line.strip()) % 2 == 0:
        return Row(data=bytes.fromhex(line.strip()))
    return None


def _octal(line: str) -> Row | None:
    if threes := _THREES.fullmatch(line):
        return Row(threes.group(1), bytes(int(token, 8) for token in threes.group(2).split()))
    if sixes := _SIXES.fullmatch(line):
        return Row(sixes.group(1), b"".join(int(token, 8).to_bytes(2, "little") for token in sixes.group(2).split()))
    return None


def _joined(line: str) -> bytes:
    return bytes.fromhex("".join(re.findall(r"(?:0x|\\x)?([0-9a-fA-F]{2})", line)))


def _data(text: str, *, swapped: bool) -> bytes:
    """The bytes at the beginning of a row's rest. `swapped`: words of four digits have their second byte first."""
    if halves := _HALVES.match(text):
        return bytes.fromhex(halves.group(1) + halves.group(2))
    if _FOURS.match(text):
        return _bytes([token for token in text.split() if token not in (".", "-")], swapped=False)
    if _WORDS.fullmatch(text):
        return _bytes(text.split(), swapped=swapped)
    if "|" in text:
        return _bytes(text.partition("|")[0].split(), swapped=swapped)
    parts = [part for part in _GAP.split(text.strip()) if part]
    found = _bytes(parts[0].split(), swapped=swapped)
    if len(parts) > 1 and len(found) <= 8 and all(len(token) == 2 for token in parts[0].split()):
        more = _bytes(parts[1].split(), swapped=swapped)
        if len(parts) > 2 or len(more) == len(parts[1].split()) == 8:  # a gap in the middle, and no letters
            found += more
    return found


def _bytes(tokens: list[str], *, swapped: bool) -> bytes:
    found = b""
    for token in tokens:
        matched = _TOKEN.fullmatch(token)
        if matched is None or len(found) >= MOST_IN_A_ROW:
            break
        word = bytes.fromhex(matched.group(1))
        found += word[::-1] if swapped and len(word) == 2 else word
    return found
