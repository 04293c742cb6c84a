"""Versions in their natural order: 1.2 before 1.10, 15.2(4)E7 before 15.2(4)E10, 2.0-rc1 before 2.0.

key() makes a text of 0-9 and a-f alone, which every collation of a database sorts the same way, so that SQL compares
versions as Python does. Case and what stands between numbers and words do not count: 1.2, v1.2 and 1-2 are one version.
"""

import re

PART = re.compile(r"[0-9]+|[^\W\d_]+", re.UNICODE)
BEFORE = frozenset({"alpha", "beta", "rc", "pre", "preview", "dev", "snapshot"})  # comes before what has no such word
FIRST, END, WORD, NUMBER = "0", "1", "2", "3"
LONGEST = 64


def key(version: str) -> str:
    """The version as a text in whose plain order versions stand. At most 1,000 characters for 64 of a version."""
    parts = PART.findall(version.casefold())
    if len(parts) > 1 and parts[0] in ("v", "version") and parts[1].isdecimal():
        parts = parts[1:]
    return "".join(map(_part, parts)) + END


def _part(part: str) -> str:
    if part.isascii() and part.isdecimal():
        digits = part.lstrip("0")
        return f"{NUMBER}{len(digits):02d}{digits}"
    return f"{FIRST if part in BEFORE else WORD}{part.encode().hex()}00"


def sound(version: str) -> bool:
    """Whether there is anything in it to compare."""
    return bool(PART.search(version))


def affected(version_rank: str | None, from_rank: str, below_rank: str) -> bool:
    """Whether a unit with this version needs the patch: from `from_rank` on, before `below_rank` ("": whatever it has).
    An unknown version (None) may be any, so it counts."""
    if version_rank is None or not below_rank:
        return True
    return from_rank <= version_rank < below_rank
