"""Files in a folder that only this account reads. Written beside, flushed to the disk, then moved into place."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from registry.kernel.errors import NoRoom, NotFound
from registry.kernel.files.incoming import FolderArriving, is_full, unknown
from registry.kernel.files.names import (
    KEY,
    PIECE,
    Kept,
    Unfinished,
    copy_hashed,
    flat,
    flush_folder,
    key_in,
    sound,
    sound_prefix,
)

INCOMING = "incoming"
PLACE = re.compile(r"[a-z0-9.-]+_[0-9]*_[0-9a-f]{8}\Z")  # flat key, declared size, something of its own


class FolderStore:
    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        target = self._path(key)
        draft = self._drafts() / _draft_name(key, None)
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                size, sha256 = copy_hashed(stream, file)
                file.flush()
                os.fsync(file.fileno())
            move(draft, target)
        except BaseException as error:
            draft.unlink(missing_ok=True)
            if isinstance(error, OSError) and is_full(error):
                raise NoRoom() from error
            raise
        return Kept(key, size, sha256)

    def open(self, key: str) -> IO[bytes]:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("This file is not kept any more.") from None

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        with self.open(key) as file:
            file.seek(start)
            yield from pieces_of(file, length)

    def size_of(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise NotFound("This file is not kept any more.") from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # others are in it, or it is gone already
            path.parent.rmdir()

    def keys(self, prefix: str = "") -> Iterator[str]:
        base = self.root / sound_prefix(prefix)
        for folder, names, files in os.walk(base):
            names.sort()
            for name in sorted(files):
                key = (Path(folder) / name).relative_to(self.root).as_posix()
                if KEY.match(key):
                    yield key

    def listed(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        for key in self.keys(prefix):
            with suppress(NotFound):  # deleted in between
                yield key, self.size_of(key)

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def local(self, key: str) -> Path | None:
        return self._path(key)

    # --- What comes in piece by piece: its length is the truth ---

    def begin(self, key: str, size: int | None, *, direct: bool = False) -> str:
        drafts, name = self._drafts(), _draft_name(key, size)
        if size is not None and size > shutil.disk_usage(drafts).free:
            raise NoRoom()
        os.close(os.open(drafts / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        flush_folder(drafts)
        return name

    def arriving(self, key: str, place: str) -> FolderArriving:
        draft, target = self.draft_of(key, place), self._path(key)
        return FolderArriving(draft, declared(place), lambda: move(draft, target), lambda: self._size_if_there(key))

    def join(self, key: str, parts: Sequence[tuple[str, int]], size: int) -> str:
        """By the file system itself, which may share the blocks instead of copying them."""
        place = self.begin(key, size)
        try:
            with (self._drafts() / place).open("r+b") as target:
                for part, length in parts:
                    with self.open(part) as source:
                        _copy(source, target, length)
                os.fdatasync(target.fileno())
        except BaseException as error:
            self.abort(key, place)
            if isinstance(error, OSError) and is_full(error):
                raise NoRoom() from error
            raise
        return place

    def abort(self, key: str, place: str) -> None:
        self.draft_of(key, place).unlink(missing_ok=True)

    def unfinished(self) -> Unfinished:
        """What put() is at is among them. The moment: when something was last added."""
        folder = self.root / INCOMING
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            key = key_in(path.name.split("_")[0])
            with suppress(FileNotFoundError):
                if key:
                    yield key, path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def presigned_get(self, key: str, *, name: str, media_type: str, seconds: int = 60) -> str | None:
        return None

    def presigned_part(self, key: str, place: str, number: int, *, seconds: int = 3600) -> str | None:
        return None

    def part_size(self, key: str, place: str) -> int | None:
        return None

    def direct_address(self) -> str | None:
        return None

    def _path(self, key: str) -> Path:
        return self.root / sound(key)

    def _drafts(self) -> Path:
        folder = self.root / INCOMING
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def draft_of(self, key: str, place: str) -> Path:
        if not PLACE.match(place) or place.split("_")[0] != flat(key):
            raise unknown()
        return self.root / INCOMING / place

    def _size_if_there(self, key: str) -> int | None:
        try:
            return self.size_of(key)
        except NotFound:
            return None


def _draft_name(key: str, size: int | None) -> str:
    return f"{flat(key)}_{'' if size is None else size}_{secrets.token_hex(4)}"


def declared(place: str) -> int | None:
    size = place.split("_")[1]
    return int(size) if size else None


def pieces_of(file: IO[bytes], length: int | None) -> Iterator[bytes]:
    """What a file holds from here on, up to `length` bytes."""
    while (length is None or length > 0) and (piece := file.read(PIECE if length is None else min(PIECE, length))):
        yield piece
        length = length if length is None else length - len(piece)


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    done = 0
    while done < length:
        try:
            step = os.copy_file_range(source.fileno(), target.fileno(), min(length - done, 1 << 30))
        except OSError:  # not on this file system, or between two
            step = os.sendfile(target.fileno(), source.fileno(), done, min(length - done, 1 << 30))
            source.seek(done + step)
        if not step:
            raise NotFound("A part of this file is not whole.")
        done += step


def move(draft: Path, target: Path) -> None:
    """Into its folder, which goes with its last file: perhaps just now."""
    for again in (True, True, False):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            draft.replace(target)
            flush_folder(target.parent)
        except FileNotFoundError:
            if not again or not draft.exists():
                raise
        else:
            return
