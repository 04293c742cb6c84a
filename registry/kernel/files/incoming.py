"""A file that grows on a disk of this host: its length is the truth about how much has come."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from registry.kernel.errors import Conflict, NoRoom, NotFound, TooLarge
from registry.kernel.files.names import PIECE, Bytes

WINDOW = 16 * PIECE  # written behind the caller's back as bytes come
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: OSError) -> bool:
    """Whether the disk is, or what this account may use of it."""
    return error.errno in _FULL


def fitting(pieces: Iterable[Bytes], held: int, size: int | None) -> Iterator[memoryview]:
    """No more than was declared: what goes beyond raises TooLarge, once all that fits was handed on."""
    for piece in pieces:
        view = memoryview(piece)
        room = len(view) if size is None else size - held
        if len(view) > room:
            if room:
                yield view[:room]
            raise TooLarge("More bytes came than were announced.")
        yield view
        held += len(view)


def unknown() -> NotFound:
    return NotFound("The store knows nothing of this upload.")


def missing(held: int, size: int | None) -> Conflict:
    return Conflict(f"Bytes are missing: {held} of {size} have come.", code="incomplete")


def finished() -> Conflict:
    return Conflict("This upload is finished.", code="finished")


class Finished:
    """An upload whose file has moved to another store since."""

    readable = False

    def __init__(self, size: int) -> None:
        self.size: int | None = size
        self.offset = size

    def append(self, pieces: Iterable[Bytes]) -> int:
        raise finished()

    def cut(self, offset: int) -> None:
        raise finished()

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        raise NotImplementedError("read the file")

    def finish(self) -> None:
        pass

    def abort(self) -> None:
        pass


class FolderArriving:
    """`deliver` takes the whole draft to where it belongs; `there` tells the size of the file that was made of it."""

    readable = True

    def __init__(
        self, draft: Path, size: int | None, deliver: Callable[[], None], there: Callable[[], int | None]
    ) -> None:
        self.draft, self.size = draft, size
        self._deliver, self._there = deliver, there
        self._must_be_known()

    def _must_be_known(self) -> None:
        if not self.draft.exists():
            self._finished_size()

    def _finished_size(self) -> int:
        """Of what has been finished before. Raises NotFound when there is no such file, or another one."""
        found = self._there()
        if found is None or (self.size is not None and found != self.size):
            raise unknown()
        return found

    @property
    def offset(self) -> int:
        """What a process has left behind that died before it told anybody is flushed first: it counts from now on."""
        try:
            handle = os.open(self.draft, os.O_RDWR)
        except FileNotFoundError:
            return self._finished_size()
        try:
            os.fdatasync(handle)
            return os.fstat(handle).st_size
        finally:
            os.close(handle)

    def append(self, pieces: Iterable[Bytes]) -> int:
        handle = self._opened(os.O_WRONLY | os.O_APPEND)
        try:
            begun = os.fstat(handle).st_size
            try:
                _write_all(handle, fitting(pieces, begun, self.size), begun)
            finally:
                _flush(handle, begun)
            return os.fstat(handle).st_size
        except OSError as error:
            if is_full(error):
                raise NoRoom() from error
            raise
        finally:
            os.close(handle)

    def _opened(self, flags: int) -> int:
        try:
            return os.open(self.draft, flags)
        except FileNotFoundError:
            self._finished_size()
            raise finished() from None

    def cut(self, offset: int) -> None:
        handle = self._opened(os.O_RDWR)
        try:
            if not 0 <= offset <= os.fstat(handle).st_size:
                raise ValueError(f"{offset} is beyond what has come")
            os.ftruncate(handle, offset)
            os.fdatasync(handle)
        finally:
            os.close(handle)

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        with os.fdopen(self._opened(os.O_RDONLY), "rb") as file:
            file.seek(start)
            while piece := file.read(PIECE):
                yield piece

    def finish(self) -> None:
        if not self.draft.exists():
            self._finished_size()
            return
        held = self.offset
        if self.size is not None and held != self.size:
            raise missing(held, self.size)
        try:
            self._deliver()
        except FileNotFoundError:  # somebody else was quicker
            self._finished_size()

    def abort(self) -> None:
        self.draft.unlink(missing_ok=True)


def _write_all(handle: int, pieces: Iterable[memoryview], begun: int) -> None:
    held = sent = begun
    for piece in pieces:
        _write(handle, piece)
        held += len(piece)
        if held - sent >= WINDOW:
            # The disk begins with this window, and the memory of the one before it is used again: twice as quick as
            # to leave gigabytes to the last moment, at half the processor time, and nobody else's files are pushed out.
            first = max(begun, sent - WINDOW)
            os.posix_fadvise(handle, first, held - first, os.POSIX_FADV_DONTNEED)
            sent = held


def _write(handle: int, piece: memoryview) -> None:
    done = 0
    while done < len(piece):
        done += os.write(handle, piece[done:])


def _flush(handle: int, begun: int) -> None:
    """What cannot be flushed does not count: nobody knows how much of it the disk has."""
    try:
        os.fdatasync(handle)
    except OSError:
        os.ftruncate(handle, begun)
        raise
