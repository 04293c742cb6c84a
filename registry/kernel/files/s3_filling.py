"""The part of an upload to a bucket that is being filled, in a file of this host."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Protocol

from registry.kernel.files.names import PIECE, out_of_reach
from registry.kernel.files.s3_bucket import crc_of
from registry.kernel.files.s3_notes import Note


class Sender(Protocol):
    """Who knows the bucket."""

    size: int | None

    def send(self, number: int, body: IO[bytes], crc: int, note: Note) -> Note: ...
    def write_note(self, note: Note, tail: Iterable[bytes]) -> None: ...


class Filling:
    """`tail`: what is in it already, so many bytes."""

    def __init__(
        self, sender: Sender, note: Note, file: IO[bytes], *, full: int, tail: Iterable[bytes], held: int
    ) -> None:
        self._sender, self._file, self.note = sender, file, note
        self._number = full + 1
        self.held = self._crc = 0
        for piece in tail:
            self._add(memoryview(piece))
        if self.held != held or (held and self._crc != note.crc):
            raise out_of_reach(ValueError())
        self._changed = False

    def _add(self, piece: memoryview) -> None:
        self._file.write(piece)
        self._crc = crc_of(piece, self._crc)
        self.held += len(piece)
        self._changed = True

    def read(self, length: int) -> Iterator[bytes]:
        self._file.seek(0)
        while length and (piece := self._file.read(min(PIECE, length))):
            yield piece
            length -= len(piece)
        self._file.seek(self.held)

    def take(self, pieces: Iterator[memoryview]) -> BaseException | None:
        """Until they end; answers what broke them off. What the server refuses is raised at once."""
        while True:
            try:
                piece = next(pieces)
            except StopIteration:
                return None
            except BaseException as error:
                return error
            while piece:
                room = self.note.part - self.held
                self._add(piece[:room])
                piece = piece[room:]
                if self.held == self.note.part:
                    self.send_as_part()

    def send_as_part(self) -> None:
        self._file.truncate(self.held)
        self.note = self._sender.send(self._number, self._file, self._crc, self.note)
        self._number += 1
        self._file.seek(0)
        self._file.truncate()
        self.held = self._crc = 0
        self._changed = False

    def keep_rest(self) -> int:
        """Answers the offset from now on."""
        start = (self._number - 1) * self.note.part
        held = start + self.held
        if self.held and held == self._sender.size:
            self.send_as_part()
        elif self._changed:
            note = replace(self.note, start=start, crc=self._crc)
            self._sender.write_note(note, self.read(self.held))
        return held
