"""A file that comes to a bucket over days: parts of one size, and a note beside them.

Part n holds the same range of bytes however often it is sent, so that sending it again does no harm. What counts are
the parts without a gap from the first one on, as the server lists them - never what this program remembers. The note is
an object of its own, incoming/<key>_<declared size>_<hash of the upload>: one line of JSON, then the bytes that do not
fill a part yet. It is replaced as a whole, so bytes short of a part are never without a place. `stale`: parts that were
taken back; the server cannot forget them alone.
"""

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from registry.kernel.errors import NotFound, TooLarge
from registry.kernel.files.incoming import finished, fitting, missing, unknown
from registry.kernel.files.names import PIECE, Bytes, out_of_reach
from registry.kernel.files.s3_bucket import Bucket, crc_of, told_of
from registry.kernel.files.s3_filling import Filling
from registry.kernel.files.s3_notes import MOST_PARTS, Note, Place, abort, read_note


@dataclass(frozen=True, slots=True)
class Standing:
    """What the server has. `full`: parts of the whole size, without a gap; `tail`: bytes of the note that go on."""

    note: Note
    line: int  # bytes of the note before the tail
    listed: dict[int, list[dict[str, Any]]]
    full: int
    tail: int
    offset: int


def _part(listed: dict[int, list[dict[str, Any]]], note: Note, number: int, size: int) -> dict[str, Any] | None:
    """The newest of this number and size that was not taken back."""
    stale = note.stale.get(str(number), ())
    return next((one for one in listed.get(number, ()) if one["Size"] == size and one["ETag"] not in stale), None)


def _told(listed: dict[int, list[dict[str, Any]]], found: Standing) -> Iterator[dict[str, Any]]:
    size = found.note.part
    for number, start in enumerate(range(0, found.offset, size), 1):
        part = _part(listed, found.note, number, min(size, found.offset - start))
        if part is None:
            raise unknown()
        yield told_of(number, part)


class S3Arriving:
    readable = False

    def __init__(self, bucket: Bucket, key: str, place: Place, spool: Path) -> None:
        self._bucket, self._key, self._place, self._spool = bucket, key, place, spool
        self.size = place.size
        self._begun: tuple[int, IO[bytes]] | None = None  # where the last append began, and the tail that was there
        self._look()

    # --- What is there ---

    def _look(self) -> Standing | None:
        """None: it is finished. Raises NotFound when there is neither an upload nor the file that it should be."""
        try:
            note, line, tail = read_note(self._bucket, self._key, self._place)
            listed = self._bucket.parts(self._key, self._place.upload)
        except NotFound:
            self._finished_size()
            return None
        full = 0
        while _part(listed, note, full + 1, note.part):
            full += 1
        held = full * note.part
        last = self.size - held if self.size is not None else 0
        if 0 < last < note.part and _part(listed, note, full + 1, last):
            return Standing(note, line, listed, full, 0, held + last)
        tail = tail if note.start == held else 0
        return Standing(note, line, listed, full, tail, held + tail)

    def _finished_size(self) -> int:
        try:
            found = int(self._bucket.call("head_object", Key=self._key)["ContentLength"])
        except NotFound:
            raise unknown() from None
        if self.size is not None and found != self.size:
            raise unknown()
        return found

    @property
    def offset(self) -> int:
        found = self._look()
        return found.offset if found else self._finished_size()

    # --- What comes ---

    def append(self, pieces: Iterable[Bytes]) -> int:
        found = self._still()
        if found.offset == self.size:  # the last part stands, and is no whole one perhaps
            for _ in fitting(pieces, found.offset, self.size):
                pass
            return found.offset
        with tempfile.TemporaryFile(dir=self._folder()) as file:
            filling = self._filling(found, file)
            self._remember(found.offset, filling)
            broken = filling.take(fitting(pieces, found.offset, self.size))
            held = filling.keep_rest()
        if broken:
            raise broken
        return held

    def _still(self) -> Standing:
        found = self._look()
        if found is None:
            raise finished()
        return found

    def _folder(self) -> Path:
        self._spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._spool

    def _remember(self, offset: int, filling: Filling) -> None:
        copy = tempfile.TemporaryFile(dir=self._folder())  # noqa: SIM115 - closed with this object
        weakref.finalize(self, copy.close)
        if self._begun:
            self._begun[1].close()
        for piece in filling.read(filling.held):
            copy.write(piece)
        self._begun = (offset, copy)

    def _filling(self, found: Standing, file: IO[bytes]) -> Filling:
        return Filling(self, found.note, file, full=found.full, tail=self._fetch_tail(found), held=found.tail)

    def _fetch_tail(self, found: Standing) -> Iterator[bytes]:
        if found.tail:
            yield from self._bucket.fetch(self._place.note_of(self._key), found.line, found.tail)

    def send(self, number: int, body: IO[bytes], crc: int, note: Note) -> Note:
        """A part, acknowledged. Answers the note, which must not call it stale any more."""
        if number > MOST_PARTS:
            raise TooLarge("This upload has more parts than a store accepts.")
        body.seek(0)
        checked = None if note.direct else crc
        sent = self._bucket.send_part(self._key, self._place.upload, number, body, checked)
        if sent["ETag"] in note.stale.get(str(number), ()):
            left = {**note.stale, str(number): [etag for etag in note.stale[str(number)] if etag != sent["ETag"]]}
            note = replace(note, start=number * note.part, crc=0, stale=left)
            self.write_note(note, ())
        return note

    def write_note(self, note: Note, tail: Iterable[bytes]) -> None:
        line = note.line()
        with tempfile.TemporaryFile(dir=self._folder()) as file:
            crc = crc_of(line)
            file.write(line)
            for piece in tail:
                file.write(piece)
                crc = crc_of(piece, crc)
            file.seek(0)
            self._bucket.put(self._place.note_of(self._key), file, crc)

    def cut(self, offset: int) -> None:
        found = self._still()
        if offset == found.offset:
            return
        if not 0 <= offset < found.offset:
            raise ValueError(f"{offset} is beyond what has come")
        start = offset // found.note.part * found.note.part
        with tempfile.TemporaryFile(dir=self._folder()) as file:
            crc = self._tail_before(offset, start, found, file)
            stale = {
                **found.note.stale,
                **{str(number): [each["ETag"] for each in sent] for number, sent in found.listed.items()
                   if number > start // found.note.part},
            }  # fmt: skip
            note = replace(found.note, start=start, crc=crc, stale=stale)
            file.seek(0)
            self.write_note(note, iter(lambda: file.read(PIECE), b""))

    def _tail_before(self, offset: int, start: int, found: Standing, file: IO[bytes]) -> int:
        """The bytes of the part that is cut, up to there: of the tail, or of the one that append() found."""
        crc, left = 0, offset - start
        if left and not (found.tail and start == found.note.start):
            if self._begun is None or self._begun[0] != offset:
                raise ValueError(f"{offset} is not where the last append began")
            self._begun[1].seek(0)
            source = iter(lambda: self._begun[1].read(PIECE) if self._begun else b"", b"")
        else:
            source = self._fetch_tail(found) if left else iter(())
        for piece in source:
            file.write(piece[:left])
            crc = crc_of(piece[:left], crc)
            left -= min(left, len(piece))
        return crc

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        raise NotImplementedError("a bucket does not give back what is not finished")

    # --- The end ---

    def finish(self) -> None:
        found = self._look()
        if found is not None:
            if self.size is not None and found.offset != self.size:
                raise missing(found.offset, self.size)
            self._complete(found)
            if self._finished_size() != found.offset:
                raise out_of_reach(ValueError())
        self._bucket.call("delete_object", Key=self._place.note_of(self._key))

    def _complete(self, found: Standing) -> None:
        if not found.offset:
            self._bucket.put(self._key, b"", 0)
            self._bucket.call("abort_multipart_upload", Key=self._key, UploadId=self._place.upload)
            return
        if found.tail:
            with tempfile.TemporaryFile(dir=self._folder()) as file:
                self._filling(found, file).send_as_part()
        try:
            listed = self._bucket.parts(self._key, self._place.upload)
            self._bucket.complete(self._key, self._place.upload, list(_told(listed, found)))
        except NotFound:  # somebody else was quicker, or the answer to us was lost
            self._finished_size()

    def abort(self) -> None:
        abort(self._bucket, self._key, self._place)

    # --- Joining ---

    def take_over(self, sources: Sequence[tuple[str, int]]) -> None:
        """All of `sources`, (key, bytes), one after the other."""
        self.append(piece for key, length in sources for piece in self._bucket.fetch(key, 0, length))
