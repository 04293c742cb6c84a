"""What a store of a plugin cannot do by itself: ranges, and files that come in piece by piece.

The pieces wait in a folder of this host, and go to the store as a whole. Behind several hosts an upload therefore has
to come back to the one where it was begun.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from registry.kernel.errors import NotFound
from registry.kernel.files.folder import FolderStore, declared, pieces_of
from registry.kernel.files.incoming import FolderArriving
from registry.kernel.files.names import PIECE, Kept, Store, Unfinished


class Spooled:
    """`store` with all that the core can ask of one."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self._spool = store, FolderStore(folder)

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        return self.store.put(key, stream)

    def open(self, key: str) -> IO[bytes]:
        return self.store.open(key)

    def delete(self, key: str) -> None:
        self.store.delete(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self.store.keys(prefix)

    def exists(self, key: str) -> bool:
        return self.store.exists(key)

    def local(self, key: str) -> Path | None:
        return self.store.local(key)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        own = getattr(self.store, "read", None)
        if own is not None:
            yield from own(key, start, length)
            return
        with self.open(key) as file:
            _skip(file, start)
            yield from pieces_of(file, length)

    def size_of(self, key: str) -> int:
        own = getattr(self.store, "size_of", None)
        if own is not None:
            return int(own(key))
        near = self.local(key)
        if near is not None and near.is_file():
            return near.stat().st_size
        with self.open(key) as file:
            return sum(len(piece) for piece in pieces_of(file, None))

    def listed(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        for key in self.keys(prefix):
            with suppress(NotFound):
                yield key, self.size_of(key)

    def begin(self, key: str, size: int | None, *, direct: bool = False) -> str:
        return self._spool.begin(key, size)

    def arriving(self, key: str, place: str) -> FolderArriving:
        draft = self._spool.draft_of(key, place)
        return FolderArriving(
            draft, declared(place), lambda: self._deliver(key, draft), lambda: self._size_if_there(key)
        )

    def _deliver(self, key: str, draft: Path) -> None:
        with draft.open("rb") as file:
            self.store.put(key, file)
        draft.unlink(missing_ok=True)

    def _size_if_there(self, key: str) -> int | None:
        try:
            return self.size_of(key) if self.exists(key) else None
        except NotFound:
            return None

    def join(self, key: str, parts: Sequence[tuple[str, int]], size: int) -> str:
        place = self.begin(key, size)
        joined = self.arriving(key, place)
        for part, length in parts:
            joined.append(self.read(part, 0, length))
        return place

    def abort(self, key: str, place: str) -> None:
        self._spool.abort(key, place)

    def unfinished(self) -> Unfinished:
        return self._spool.unfinished()

    def presigned_get(self, key: str, *, name: str, media_type: str, seconds: int = 60) -> str | None:
        return None

    def presigned_part(self, key: str, place: str, number: int, *, seconds: int = 3600) -> str | None:
        return None

    def part_size(self, key: str, place: str) -> int | None:
        return None

    def direct_address(self) -> str | None:
        return None


def _skip(file: IO[bytes], count: int) -> None:
    while count > 0 and (piece := file.read(min(PIECE, count))):
        count -= len(piece)
