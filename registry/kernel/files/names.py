"""What files are called, and what every store of them promises.

A key is customer/<id>/<32 hex digits> (house/<32 hex digits> for the operator's own), with -e at its end when the file
is encrypted: names that people gave are columns of rows, never part of a path, and what belongs to a customer is found
by its beginning. What is under a key never changes.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from registry.kernel.errors import Busy

PIECE = 1024 * 1024
ENCRYPTED = "-e"
KEY = re.compile(rf"(customer/[1-9][0-9]{{0,18}}|house)/[0-9a-f]{{32}}({ENCRYPTED})?\Z")
PREFIX = re.compile(r"(customer/([1-9][0-9]{0,18}/)?|house/)?\Z")

Bytes = bytes | bytearray | memoryview
Unfinished = Iterator[tuple[str, str, datetime]]  # key, place, when it was begun


@dataclass(frozen=True, slots=True)
class Kept:
    """What was put: its key, bytes, and SHA-256 as 64 hex digits."""

    key: str
    size: int
    sha256: str


class Store(Protocol):
    """`keys` are in order. `open` raises NotFound; `delete` is content when there is nothing. Busy: out of reach.

    A store of a plugin may bring read(key, start, length) and size_of(key), too, as they are told at WholeStore: else
    a range is found by reading from the beginning."""

    def put(self, key: str, stream: IO[bytes]) -> Kept: ...
    def open(self, key: str) -> IO[bytes]: ...
    def delete(self, key: str) -> None: ...
    def keys(self, prefix: str = "") -> Iterator[str]: ...
    def exists(self, key: str) -> bool: ...
    def local(self, key: str) -> Path | None:
        """Where it lies on this machine, for servers that hand out files themselves."""


class Arriving(Protocol):
    """A file that comes in piece by piece, over days if need be. One writer at a time: whoever appends holds a lock of
    his own."""

    @property
    def size(self) -> int | None:
        """Declared when it was begun."""

    @property
    def readable(self) -> bool:
        """Whether pieces() works before it is finished."""

    @property
    def offset(self) -> int:
        """How many bytes, from the first one without a gap, are safely kept: asked of the store now."""

    def append(self, pieces: Iterable[Bytes]) -> int:
        """Go on at `offset`; answers the new one. What came is kept when `pieces` ends early or raises, too, and is
        durable when this returns. Raises NoRoom, TooLarge (more than was declared: so much of it is kept), Busy."""

    def cut(self, offset: int) -> None:
        """Take back what came after it. `offset` is where the last append() of this object began, or later."""

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """What has come so far. Raises NotImplementedError where the store cannot (`readable`)."""

    def finish(self) -> None:
        """It becomes the file `key`, whole. Again, it does no harm. Raises Conflict while bytes are missing."""

    def abort(self) -> None:
        """Nothing of it is left. Not for what is finished: that is a file, to be deleted as one."""


class WholeStore(Store, Protocol):
    """A store with all that the core can ask of one."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]: ...
    def size_of(self, key: str) -> int: ...
    def listed(self, prefix: str = "") -> Iterator[tuple[str, int]]: ...
    def begin(self, key: str, size: int | None, *, direct: bool = False) -> str: ...
    def arriving(self, key: str, place: str) -> Arriving: ...
    def join(self, key: str, parts: Sequence[tuple[str, int]], size: int) -> str: ...
    def abort(self, key: str, place: str) -> None: ...
    def unfinished(self) -> Unfinished: ...
    def presigned_get(self, key: str, *, name: str, media_type: str, seconds: int = 60) -> str | None: ...
    def presigned_part(self, key: str, place: str, number: int, *, seconds: int = 3600) -> str | None: ...
    def part_size(self, key: str, place: str) -> int | None: ...
    def direct_address(self) -> str | None: ...


def folder_of(customer_id: int | None) -> str:
    """The beginning of all keys of one customer."""
    return f"customer/{customer_id}/" if customer_id else "house/"


def new_key_of(customer_id: int | None, *, encrypted: bool) -> str:
    return f"{folder_of(customer_id)}{secrets.token_hex(16)}{ENCRYPTED if encrypted else ''}"


def owner_of(key: str) -> int:
    """The customer's id; 0 for the house."""
    return int(key.split("/")[1]) if key.startswith("customer/") else 0


def is_encrypted(key: str) -> bool:
    return key.endswith(ENCRYPTED)


def sound(key: str) -> str:
    if not KEY.match(key):
        raise ValueError(f"{key!r} is not a key of this store")
    return key


def sound_prefix(prefix: str) -> str:
    if not PREFIX.match(prefix):
        raise ValueError(f"{prefix!r} is not the beginning of a key: give customer/, customer/<id>/ or house/")
    return prefix


def flat(key: str) -> str:
    """A key as one name, without folders; `key_in` takes it back."""
    return sound(key).replace("/", ".")


def key_in(name: str) -> str | None:
    key = name.replace(".", "/")
    return key if KEY.match(key) else None


def copy_hashed(stream: IO[bytes], file: IO[bytes]) -> tuple[int, str]:
    """Copy to the end; answers how many bytes it was, and their SHA-256 in hex digits."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def flush_folder(folder: Path) -> None:
    """So that new names in it survive a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def out_of_reach(error: BaseException) -> Busy:
    return Busy(f"The file store (ASSETCARE_STORAGE) refuses or does not answer: {type(error).__name__}.")
