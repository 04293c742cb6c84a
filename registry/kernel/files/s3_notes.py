"""What is noted about an upload to a bucket, in an object beside it: s3_arriving.py says what for."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace

from registry.kernel.errors import NotFound
from registry.kernel.files.incoming import unknown
from registry.kernel.files.names import KEY, PIECE, Unfinished, flat, key_in
from registry.kernel.files.s3_bucket import Bucket, crc_of

MOST_PARTS = 10_000
PLANNED_PARTS = 9_000
LEAST_PART = 16 * PIECE
UNDECLARED_PART = 64 * PIECE
NOTES = "incoming/"
LOOK = 64 * 1024  # of a note: its line is shorter, unless thousands of parts were taken back


@dataclass(frozen=True, slots=True)
class Place:
    """<declared size, or nothing>_<the server's name of the upload>."""

    size: int | None
    upload: str

    @classmethod
    def read(cls, text: str) -> "Place":
        size, _, upload = text.partition("_")
        if not upload or (size and not (size.isascii() and size.isdigit())):
            raise unknown()
        return cls(int(size) if size else None, upload)

    def __str__(self) -> str:
        return f"{self._size}_{self.upload}"

    @property
    def _size(self) -> str:
        return "" if self.size is None else str(self.size)

    def note_of(self, key: str) -> str:
        return f"{NOTES}{flat(key)}_{self._size}_{self.mark}"

    @property
    def mark(self) -> str:
        """Of an upload whose name nobody knows any more the mark alone is left: ~<mark>."""
        if self.upload.startswith("~"):
            return self.upload[1:]
        return hashlib.sha256(self.upload.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Note:
    """`start`: where the bytes after the line belong, `crc` their CRC-32C."""

    part: int
    direct: bool
    start: int = 0
    crc: int = 0
    stale: dict[str, list[str]] = field(default_factory=dict)  # number -> ETags

    def line(self) -> bytes:
        told = {"part": self.part, "direct": self.direct, "start": self.start, "crc": self.crc, "stale": self.stale}
        return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def part_for(size: int | None) -> int:
    if size is None:
        return UNDECLARED_PART
    needed = -(-size // PLANNED_PARTS)
    return max(LEAST_PART, -(-needed // PIECE) * PIECE)


def begin(bucket: Bucket, key: str, size: int | None, *, direct: bool) -> str:
    place = Place(size, bucket.begin(key, checked=not direct))
    line = Note(part_for(size), direct).line()
    bucket.put(place.note_of(key), line, crc_of(line))
    return str(place)


def read_note(bucket: Bucket, key: str, place: Place) -> tuple[Note, int, int]:
    """The note, the bytes of its line, and how many follow. Raises NotFound."""
    length = LOOK
    while True:
        found = bucket.call("get_object", Key=place.note_of(key), Range=f"bytes=0-{length - 1}")
        total = int(str(found.get("ContentRange") or found["ContentLength"]).rpartition("/")[2])
        with found["Body"] as body:
            line, end, _ = body.read().partition(b"\n")
        if end:
            return Note(**json.loads(line)), len(line) + 1, total - len(line) - 1
        if length >= total:
            raise unknown()
        length *= 16


def abort(bucket: Bucket, key: str, place: Place) -> None:
    if not place.upload.startswith("~"):
        with suppress(NotFound):
            bucket.call("abort_multipart_upload", Key=key, UploadId=place.upload)
    bucket.call("delete_object", Key=place.note_of(key))


def unfinished(bucket: Bucket) -> Unfinished:
    notes = {}
    for one in bucket.objects(NOTES):
        name, _, mark = str(one["Key"]).removeprefix(NOTES).rpartition("_")
        owner, _, size = name.rpartition("_")
        if key := key_in(owner):
            notes[key, mark] = (Place(int(size) if size else None, f"~{mark}"), one["LastModified"])
    for one in bucket.uploads():
        place = Place(None, one["UploadId"])
        found = notes.pop((one["Key"], place.mark), None)
        if KEY.match(one["Key"]):
            yield one["Key"], str(replace(place, size=found[0].size if found else None)), one["Initiated"]
    for (key, _mark), (place, last) in notes.items():
        yield key, str(place), last
