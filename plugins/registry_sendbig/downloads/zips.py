"""Several files as one archive, made while it leaves: no copy on a disk, and in memory one piece at a time."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from zipstream import ZIP_STORED, ZipStream

# What Windows does not let into a name; and what it takes for a device, with or without an ending.
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]')
# Characters that make a name look like another one: of direction, and without width.
MISLEADING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)", re.IGNORECASE)
LONGEST = 180  # bytes of a name: file systems take 255, and a number may have to be put in
DEEPEST = 20


class Entry(NamedTuple):
    folder: str
    name: str
    size: int
    sha256: str
    read: Callable[[], Iterator[bytes]]


class Archive:
    """Its length is known before its first byte is made."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.names = paths([(one.folder, one.name) for one in entries])
        self.entries = list(entries)
        self.size = len(self._stream())
        told = "".join(f"{name}\0{one.sha256}\0" for name, one in zip(self.names, self.entries, strict=True))
        self.etag = f"zip-{hashlib.sha256(told.encode()).hexdigest()[:32]}"

    def pieces(self) -> Iterator[bytes]:
        """Every byte of it, from the beginning."""
        yield from self._stream()

    def _stream(self) -> ZipStream:
        made = ZipStream(compress_type=ZIP_STORED, sized=True)
        for name, one in zip(self.names, self.entries, strict=True):
            made.add(_Once(one.read), name, size=one.size)
        return made


class _Once:
    """Opened when its turn has come, so that of a thousand files one is open."""

    def __init__(self, read: Callable[[], Iterator[bytes]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[bytes]:
        return self._read()


def paths(wanted: Sequence[tuple[str, str]]) -> list[str]:
    """For each (folder, name) a path that unpacks on every system to below where it is unpacked, and to a file of its
    own: equal ones, also but for the case of letters, are numbered."""
    folders: set[str] = set()
    cleaned = [_parts(folder, name) for folder, name in wanted]
    for parts in cleaned:
        folders |= {_key("/".join(parts[:depth])) for depth in range(1, len(parts))}
    taken: set[str] = set()
    return [_free("/".join(parts), taken, folders) for parts in cleaned]


def _parts(folder: str, name: str) -> list[str]:
    steps = [step for step in re.split(r"[/\\]", folder) if step.strip() not in ("", ".", "..")][:DEEPEST]
    last = re.split(r"[/\\]", name)[-1]
    return [*(clean(step) for step in steps), clean(last)]


def clean(name: str) -> str:
    """One step of a path, in any script, that no system takes for anything but a name."""
    text = MISLEADING.sub("", FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))).strip().rstrip(". ")
    text = _shortened(text) or "_"
    return f"_{text}" if DEVICES.match(text) or text.startswith("~") else text


def _shortened(text: str) -> str:
    """At most LONGEST bytes, with the ending that says what it is."""
    if len(text.encode()) <= LONGEST:
        return text
    stem, dot, ending = text.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = text, "", ""
    room = LONGEST - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room].decode(errors='ignore').rstrip('. ')}{dot}{ending}"


def _free(path: str, taken: set[str], folders: set[str]) -> str:
    head, slash, last = path.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    if not stem:
        stem, dot, ending = last, "", ""
    found, number = path, 1
    while _key(found) in taken or _key(found) in folders:
        number += 1
        found = f"{head}{slash}{stem} ({number}){dot}{ending}"
    taken.add(_key(found))
    return found


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
