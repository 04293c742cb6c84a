"""Files in a bucket. Large ones go up in parts, so that memory stays flat; a broken upload is taken back."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from registry.kernel.errors import NotFound, TooLarge
from registry.kernel.files import s3_notes
from registry.kernel.files.names import KEY, PIECE, Kept, Unfinished, sound, sound_prefix
from registry.kernel.files.s3_arriving import S3Arriving
from registry.kernel.files.s3_bucket import Bucket, crc_of
from registry.kernel.files.s3_notes import MOST_PARTS, Note, Place

PART = 16 * PIECE  # of what put() sends: held in memory, the same size each time as some stores demand


class S3Store:
    """`spool`: a folder of this host for the part that is being filled."""

    def __init__(self, bucket: str, *, endpoint: str | None, region: str | None, spool: Path | None = None) -> None:
        self.bucket = Bucket(bucket, endpoint=endpoint, region=region)
        self.spool = spool or Path(tempfile.gettempdir())

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        sound(key)
        digest = hashlib.sha256()
        first = _filled(stream, PART)
        digest.update(first)
        if len(first) < PART:
            self.bucket.put(key, first, crc_of(first))
            return Kept(key, len(first), digest.hexdigest())
        upload = self.bucket.begin(key, checked=True)
        try:
            size, parts = self._send_parts(key, upload, first, stream, digest)
            self.bucket.complete(key, upload, parts)
        except BaseException:
            with suppress(Exception):  # the cause matters more than the tidying up
                self.bucket.call("abort_multipart_upload", Key=key, UploadId=upload)
            raise
        return Kept(key, size, digest.hexdigest())

    def _send_parts(
        self, key: str, upload: str, piece: bytes, stream: IO[bytes], digest: Any
    ) -> tuple[int, list[dict[str, Any]]]:
        size = 0
        parts: list[dict[str, Any]] = []
        while piece:
            number = len(parts) + 1
            if number > MOST_PARTS:
                raise TooLarge("The store takes files of up to 156 GiB.")
            parts.append(self.bucket.send_part(key, upload, number, piece, crc_of(piece)))
            size += len(piece)
            piece = _filled(stream, PART)
            digest.update(piece)
        return size, parts

    def open(self, key: str) -> IO[bytes]:
        body: IO[bytes] = self.bucket.call("get_object", Key=sound(key))["Body"]
        return body

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        return self.bucket.fetch(sound(key), start, length)

    def size_of(self, key: str) -> int:
        return int(self.bucket.call("head_object", Key=sound(key))["ContentLength"])

    def delete(self, key: str) -> None:
        self.bucket.call("delete_object", Key=sound(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (key for key, _ in self.listed(prefix))

    def listed(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        found = self.bucket.objects(sound_prefix(prefix))
        return ((one["Key"], one["Size"]) for one in found if KEY.match(one["Key"]))

    def exists(self, key: str) -> bool:
        try:
            self.size_of(key)
        except NotFound:
            return False
        return True

    def local(self, key: str) -> Path | None:
        return None

    # --- What comes in piece by piece ---

    def begin(self, key: str, size: int | None, *, direct: bool = False) -> str:
        return s3_notes.begin(self.bucket, sound(key), size, direct=direct)

    def arriving(self, key: str, place: str) -> S3Arriving:
        return S3Arriving(self.bucket, sound(key), Place.read(place), self.spool)

    def join(self, key: str, parts: Sequence[tuple[str, int]], size: int) -> str:
        """Through this host, as its parts begin elsewhere than theirs."""
        place = self.begin(key, size)
        try:
            self.arriving(key, place).take_over(parts)
        except BaseException:
            self.abort(key, place)
            raise
        return place

    def abort(self, key: str, place: str) -> None:
        s3_notes.abort(self.bucket, sound(key), Place.read(place))

    def unfinished(self) -> Unfinished:
        """What put() is at is among them, and what is left of uploads that somebody else ended."""
        return s3_notes.unfinished(self.bucket)

    # --- Past this program ---

    def presigned_get(self, key: str, *, name: str, media_type: str, seconds: int = 60) -> str | None:
        plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
        shown = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        asked = {"ResponseContentDisposition": shown, "ResponseContentType": media_type,
                 "ResponseCacheControl": "no-store"}  # fmt: skip
        return self._signed("get_object", seconds, Key=sound(key), **asked)

    def presigned_part(self, key: str, place: str, number: int, *, seconds: int = 3600) -> str | None:
        if not 1 <= number <= MOST_PARTS:
            return None
        note, begun = self._note(key, place), Place.read(place)
        if note is None or not note.direct or begun.size is None:
            return None
        length = min(note.part, begun.size - (number - 1) * note.part)
        if length <= 0:
            return None
        # The length is signed, too: whoever has the address can put no more there than was declared.
        asked = {"UploadId": begun.upload, "PartNumber": number, "ContentLength": length}
        return self._signed("upload_part", seconds, Key=sound(key), **asked)

    def part_size(self, key: str, place: str) -> int | None:
        note = self._note(key, place)
        return note.part if note else None

    def _note(self, key: str, place: str) -> Note | None:
        """None: it is finished, or nobody knows it."""
        try:
            return s3_notes.read_note(self.bucket, sound(key), Place.read(place))[0]
        except NotFound:
            return None

    def direct_address(self) -> str | None:
        return f"{str(self.bucket.client.meta.endpoint_url).rstrip('/')}/{self.bucket.name}"

    def _signed(self, name: str, seconds: int, **arguments: Any) -> str:
        wanted = {"Bucket": self.bucket.name, **arguments}
        return str(self.bucket.client.generate_presigned_url(name, Params=wanted, ExpiresIn=seconds))


def _filled(stream: IO[bytes], size: int) -> bytes:
    """So many bytes, unless the stream ends before: one read may bring less."""
    pieces, missing = [], size
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
