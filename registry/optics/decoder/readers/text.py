"""Printed texts: made plain before they are read, and the quantities within them."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from registry.optics.decoder.naming import dbm

LONGEST = 8_000_000  # characters of one text: some thousand modules
_WIDEST = 500  # characters of one line that count; what is measured stands well within them

_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_PAGING = re.compile(  # with what wipes it out: the line that follows begins right behind
    r"(?:-{1,8} ?\(?more(?: \d{1,3}%)?\)? ?-{1,8}(?:\(more \d{1,3}%\)-{1,8}|, next page: [^\r\n]{0,40}quit: q)?|"
    r"<--- More --->)(?:[\b\x7f]{1,80} {0,80}[\b\x7f]{0,80}| ?[\b\x7f]{1,80} {0,80}[\b\x7f]{0,80}|"
    r" ?\r(?: {0,80}\r)?|[^\S\n])?",
    re.IGNORECASE,
)
_PAGED = "\x07"  # stands for paging until it is known whether it was all of its line
_PAGED_LINE = re.compile(rf"^[^\S\n]{{0,8}}{_PAGED}[^\S\n]{{0,80}}\n", re.MULTILINE)
_PAGED_START = re.compile(rf"^[^\S\n]{{0,2}}{_PAGED}|{_PAGED}", re.MULTILINE)
_OVERTYPED = re.compile(r"[\b\x7f]+")
_LOGGED = re.compile(
    r"^.{0,120}%[A-Z][A-Z0-9_]{1,40}(?:-[A-Z0-9_]{1,40}){0,3}-[0-7]-[A-Z0-9_]{2,60} ?:.*\n?", re.MULTILINE
)
_STAMPED = re.compile(r"\[\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\] ?")
_QUOTED = re.compile(r"> ?")
_MARKUP = re.compile(r"^[^\S\n]{0,8}(?:</?(?:pre|code)>|```\w{0,10})[^\S\n]{0,8}$\n?", re.MULTILINE | re.IGNORECASE)
_LEAST_DOUBLED = 8  # lines of which every other one is blank by chance no more

# Not every bracket at the beginning of a line begins JSON: [root@host ~]# and {master:0} are prompts.
JSON_START = re.compile(r"^ *[\[{](?=\s{0,2000}[\[\]{}\"])", re.MULTILINE)
PROMPT = re.compile(r"^\s{0,3}(?:\S{1,60}@)?([A-Za-z][\w.-]{0,62})(?:\([\w/-]{1,40}\))?[#>] ?sh", re.MULTILINE)

NUMBER = r"[-+]?\d{1,12}(?:[.,]\d{1,12})?(?:[eE][-+]?\d{1,3})?"
_QUANTITY = re.compile(rf"^\s*({NUMBER})\s*(%|[A-Za-z]*)")
_DARK = re.compile(r"^\s*-\s?(?:inf|infinity|∞)", re.IGNORECASE)
_MARK = re.compile(r"(?:^|\s)(\+\+|--|\+|-)\s*$")
_POWERS = re.compile(rf"({NUMBER}|-\s?inf(?:inity)?)\s*(mW|uW|µW|dBm)", re.IGNORECASE)

MARKS = {"++": "high_alarm", "+": "high_warning", "-": "low_warning", "--": "low_alarm", "": "ok"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One printed quantity. `dark`: it says that there is no light. `mark`: ++ + - -- behind it."""

    value: float | None = None
    dark: bool = False
    mark: str = ""

    @property
    def reported(self) -> bool:
        return self.value is not None or self.dark


def plain(text: str) -> str:
    """`text` as the device printed it: without paging, colours, byte order mark, carriage returns, messages of its log
    between, and what a terminal or a mail puts before every line. Tabs become blanks."""
    text = re.sub(r"\r{1,8}\n", "\n", text.lstrip("\ufeff"))
    text = _PAGING.sub(_PAGED, _ESCAPES.sub("", text.replace(_PAGED, "")))
    text = text.replace("\r", "\n")
    text = _PAGED_START.sub("", _PAGED_LINE.sub("", text))
    text = _MARKUP.sub("", _LOGGED.sub("", _OVERTYPED.sub("\n", text)))
    text = text.replace("\t", "    ").replace("\xa0", " ").replace("\0", " ")
    return "\n".join(_bare(text.split("\n")))


def _bare(lines: list[str]) -> list[str]:
    """Lines without what stands before all of them: a time, a mail's mark, blanks; and without blank ones between."""
    if len(lines) >= _LEAST_DOUBLED and not any(line.strip() for line in lines[1::2]):
        lines = lines[::2]
    for before in (_STAMPED, _QUOTED):
        if all(before.match(line) for line in lines if line.strip()):
            lines = [before.sub("", line, count=1) for line in lines]
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return [line[margin:] for line in lines]


def lines_of(text: str) -> Iterator[str]:
    """Its lines, one at a time, without what is at the right; wider ones than any maker prints are cut off."""
    for line in text.split("\n"):
        yield line[:_WIDEST].rstrip()


def documents(text: str, hook: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Iterator[tuple[Any, str]]:
    """Every JSON document in a text, with what stands before it. `hook`: as in json.loads. Raises ValueError."""
    decoder, at = json.JSONDecoder(object_pairs_hook=hook, strict=False), 0
    while (start := JSON_START.search(text, at)) is not None:
        before = text[at : start.start()]
        document, at = decoder.raw_decode(text, start.end() - 1)
        yield document, before


def number(text: str) -> float | None:
    """The number that `text` begins with, whatever its unit; None where it is none: N/A, Unavailable, "" ..."""
    found = _QUANTITY.match(text[:60])
    return finite(found.group(1)) if found else None


def finite(text: str) -> float | None:
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) and abs(value) < 1e9 else None


def measure(text: str, *, floor: float | None = None) -> Measure:
    """A quantity with its mark. `floor`: what the maker prints, in dBm, where it measures no light."""
    text = text[:80].strip()
    if _DARK.match(text):
        return Measure(dark=True, mark=mark_of(text))
    value = number(text)
    if value is None:
        return Measure(mark=mark_of(text) if text.rstrip("+- ") else "")
    if floor is not None and value <= floor:
        return Measure(dark=True, mark=mark_of(text))
    return Measure(value, mark=mark_of(text))


def mark_of(text: str) -> str:
    found = _MARK.search(text)
    return found.group(1) if found else ""


def power(text: str) -> Measure:
    """Power printed with its units, "0.5268 mW / -2.78 dBm", in either order; what is printed in dBm is taken."""
    found = {unit.lower(): shown for shown, unit in _POWERS.findall(text[:120])}
    watts = next((_milliwatts(found[unit], unit) for unit in ("mw", "uw", "µw") if unit in found), None)
    if "dbm" in found:
        if "inf" in found["dbm"].lower() or watts == 0:
            return Measure(dark=True)
        return Measure(finite(found["dbm"]))
    if watts is None:
        return Measure(dark=bool(_DARK.match(text)))
    return Measure(dbm(watts), dark=watts == 0)


def _milliwatts(shown: str, unit: str) -> float | None:
    value = None if "inf" in shown.lower() else finite(shown)
    return value if value is None or unit == "mw" else value / 1000


def power_limit(text: str) -> float | None:
    """A threshold of power in dBm; None where it is no light at all, which limits nothing."""
    return power(text).value


def switch(text: str) -> bool | None:
    """On, Yes, True, 1 or Off, No, False, 0, None; None where it is neither."""
    word = text.strip().lower()
    if word in ("on", "yes", "true", "1", "enabled"):
        return True
    return False if word in ("off", "no", "false", "0", "none", "disabled") else None
