"""Bytes of an upload: one writer at a time over all processes, kept as they come, with a running CRC-32C.

Where an upload stands is asked of the store, never of our table: what it says is there is there, after any crash.
Whoever comes while another one sends is served first: that one is asked to stop, keeps what it has and answers. A phone
that has changed networks does not wait for a connection that is dead already.
"""

import hashlib
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from crc32c import crc32c

from registry.sdk import Actor, Invalid, NoRoom, NotFound, Taken, _, at_length, clock, db_again, files, held, visible
from registry_sendbig.models import Upload
from registry_sendbig.uploads import quotas, sizes
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.problems import (
    Complete,
    Final,
    Gone,
    Locked,
    NoSpace,
    TooMuch,
    WrongChecksum,
    WrongOffset,
)

TRIES, PAUSE = 4, 0.5  # seconds: two in all until somebody who was asked to stop must have done so
REMEMBER = 5.0  # seconds between two notes of how far the running checksum is


class Checksum(NamedTuple):
    algorithm: str
    digest: bytes


class _Crc32:
    """zlib's CRC-32 with the interface of hashlib; its digest is big-endian, as it is written."""

    def __init__(self) -> None:
        self._sum = 0

    def update(self, piece: Any) -> None:
        self._sum = zlib.crc32(piece, self._sum)

    def digest(self) -> bytes:
        return self._sum.to_bytes(4)


def _plain(name: str) -> Callable[[], Any]:
    return lambda: hashlib.new(name, usedforsecurity=False)


ALGORITHMS: dict[str, Callable[[], Any]] = {
    "sha1": _plain("sha1"), "sha256": _plain("sha256"), "md5": _plain("md5"), "crc32": _Crc32,
}  # fmt: skip


@contextmanager
def sole(upload_id: int, *, ask: bool = True) -> Iterator[None]:
    """Nobody else goes on with this upload meanwhile. `ask`: whoever does is asked to stop. Raises Locked."""
    with ExitStack() as stack:
        for number in range(TRIES + 1 if ask else 1):
            try:
                stack.enter_context(held(f"upload-{upload_id}", patience=PAUSE if number else 0))
                break
            except Taken:
                if ask:
                    Upload.update(stop_asked_at=clock.now()).where(Upload.id == upload_id).execute()
        else:
            raise Locked()
        yield


def offset(upload: Upload) -> int:
    """The byte at which to go on. Raises Locked, and Gone when the store has lost it."""
    if upload.whole_at is not None:
        return int(upload.size or 0)
    with sole(upload.id):
        upload = uploads.again(upload.id)
        stands = int(upload.size or 0) if upload.whole_at else arriving(upload).offset
    if stands == upload.size:  # the process ended between the last byte and writing down that it was the last
        uploads.arrived_whole(upload.id)
    return stands


def arriving(upload: Upload) -> Any:
    try:
        return files.arriving(upload.key, upload.place)
    except NotFound:
        raise Gone() from None


def receive(
    upload: Upload, begins: int, body: Any, *, size: int | None = None, checksum: Checksum | None = None
) -> int:
    """Go on with `upload` at the byte `begins`; answers where it stands afterwards, which is less than was sent when
    the connection broke or somebody else asked for it.

    Raises WrongOffset, WrongChecksum (nothing of this body is kept), TooMuch, NoSpace (what fitted is kept), Locked,
    Gone, Final, Complete.
    """
    with sole(upload.id):
        upload = uploads.again(upload.id)
        _must_take_more(upload, begins)
        if size is not None:
            upload = sizes.declare_size(upload, size)
        stands = _continued(upload, begins, body, checksum)
    if stands == upload.size:
        uploads.arrived_whole(upload.id)
    return stands


def _must_take_more(upload: Upload, begins: int) -> None:
    if upload.concat:
        raise Final()
    if upload.settled_at is not None or (upload.whole_at is not None and begins != upload.size):
        raise Complete() if begins == upload.size else WrongOffset()


def _continued(upload: Upload, begins: int, body: Any, checksum: Checksum | None) -> int:
    if upload.whole_at is not None:
        if body.length != 0:
            raise TooMuch()
        return int(upload.size or 0)
    incoming = arriving(upload)
    if incoming.offset != begins:
        raise WrongOffset()
    most = sizes.left(upload, begins)
    if body.length is not None and body.length > most:
        raise TooMuch()
    quotas.must_fit_on_disk(body.length or 0)
    if upload.stop_asked_at is not None:  # that was meant for somebody before us
        Upload.update(stop_asked_at=None).where(Upload.id == upload.id).execute()
    return _Flow(upload, incoming, body, checksum, begins, most).run()


class _Flow:
    """One body on its way into the store."""

    def __init__(
        self, upload: Upload, incoming: Any, body: Any, checksum: Checksum | None, begins: int, most: int
    ) -> None:
        self.upload, self.incoming, self.body, self.most = upload, incoming, body, most
        self.checksum = checksum
        self.digest = ALGORITHMS[checksum.algorithm]() if checksum else None
        self.begins, self.taken, self.over = begins, 0, False
        self.crc, self.crc_known = int(upload.crc32c), upload.crc_at == begins
        self.noted = time.monotonic()

    def run(self) -> int:
        full: NoRoom | None = None
        with at_length():
            self.catch_up()
            before = self.crc
            try:
                self.incoming.append(self.pieces())
            except NoRoom as error:
                full = error
            wrong = self.is_wrong()
            if wrong or (self.checksum and self.body.outcome != "whole"):  # what cannot be verified is not kept
                self.incoming.cut(self.begins)
                self.taken, self.crc = 0, before
            stands = int(self.incoming.offset)
        self.remember(stands)
        if wrong:
            raise WrongChecksum()
        if full is not None:
            raise NoSpace() from full
        if self.over:
            raise TooMuch()
        return stands

    def is_wrong(self) -> bool:
        if self.checksum is None or self.digest is None or self.body.outcome != "whole":
            return False
        return self.digest.digest() != self.checksum.digest  # type: ignore[no-any-return]

    def pieces(self) -> Iterator[memoryview]:
        for piece in self.body.pieces(stop=self.asked_to_stop):
            room = self.most - self.taken
            if len(piece) > room:
                piece, self.over = piece[:room], True
            if self.crc_known:
                self.crc = crc32c(piece, self.crc)
            if self.digest is not None:
                self.digest.update(piece)
            self.taken += len(piece)
            if piece:
                yield piece
            if self.over:
                return

    def catch_up(self) -> None:
        """What arrived after the checksum was last noted, before a process was killed: read back where that can be."""
        first = int(self.upload.crc_at)
        if self.crc_known or first < 0 or not self.incoming.readable:
            return
        if first > self.begins:  # less is there than was noted: the machine lost power
            first, self.crc = 0, 0
        at = first
        for piece in self.incoming.pieces(first):
            self.crc = crc32c(piece, self.crc)
            at += len(piece)
        self.crc_known = at == self.begins

    def asked_to_stop(self) -> bool:
        """Looked at about once a second."""
        with db_again():
            mine = Upload.id == self.upload.id
            found = visible(Upload, Actor.system(), Upload.stop_asked_at).where(mine).tuples().first()
            if self.crc_known and time.monotonic() > self.noted + REMEMBER:
                self.noted = time.monotonic()
                at = self.begins + self.taken
                Upload.update(arrived=at, crc32c=self.crc, crc_at=at, last_at=clock.now()).where(mine).execute()
            if self.upload.size is None:
                self.most = self.taken + self.room_now()
        return found is None or found[0] is not None

    def room_now(self) -> int:
        """Of an upload whose size nobody knows: others may be filling the same space at this moment."""
        at = self.begins + self.taken
        Upload.update(arrived=at).where(Upload.id == self.upload.id).execute()
        try:
            quotas.must_fit_on_disk(0)
            return sizes.left(self.upload, at)
        except (TooMuch, NoSpace):
            return 0

    def remember(self, stands: int) -> None:
        known: dict[str, Any] = {"crc_at": -1}  # to be seen again when the whole is read
        if self.taken == 0 and stands == self.begins and self.upload.crc_at == stands:
            known = {"crc32c": self.upload.crc32c, "crc_at": stands}
        elif self.crc_known and stands == self.begins + self.taken:
            known = {"crc32c": self.crc, "crc_at": stands}
        elif 0 <= self.upload.crc_at <= stands:
            known = {"crc32c": self.upload.crc32c, "crc_at": self.upload.crc_at}
        now = clock.now()
        values = {"arrived": stands, "last_at": now, "expires_at": uploads.expiry(), "stop_asked_at": None, **known}
        Upload.update(values).where(Upload.id == self.upload.id).execute()


def read_checksum(header: str) -> Checksum | None:
    """`sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`, or nothing. Raises Invalid for what is not known here."""
    import base64
    import binascii

    if not header:
        return None
    name, _blank, encoded = header.partition(" ")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if name not in ALGORITHMS or len(digest) != len(ALGORITHMS[name]().digest()):
        text = _("Upload-Checksum must be one of %(names)s and its Base64 value.", names=", ".join(ALGORITHMS))
        raise Invalid(text, code="checksum_header")
    return Checksum(name, digest)
