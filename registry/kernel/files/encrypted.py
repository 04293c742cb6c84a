"""Streams and uploads that are encrypted on their way into the store, and decrypted on their way out."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import IO, Any

from registry.kernel.files import keyring, stretches
from registry.kernel.files.keyring import turned
from registry.kernel.files.names import Arriving, Bytes
from registry.kernel.files.stretches import Turner


class Encrypting(io.RawIOBase):
    """What `stream` brings, encrypted. `size` and `sha256` tell of what went in."""

    def __init__(self, stream: IO[bytes], cipherer: Turner) -> None:
        self._stream, self._turning = stream, cipherer.at(0)
        self._digest, self.size = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._digest.update(piece)
        self.size += len(piece)
        return turned(self._turning, piece)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Decrypting(io.RawIOBase):
    """What `stream` brings, decrypted."""

    def __init__(self, stream: IO[bytes], cipherer: Turner) -> None:
        self._stream, self._cipherer, self._turning = stream, cipherer, cipherer.at(0)

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        piece = self._stream.read(len(target))
        target[: len(piece)] = turned(self._turning, piece)
        return len(piece)

    def seekable(self) -> bool:
        found = getattr(self._stream, "seekable", None)
        return bool(found and found())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        reached = self._stream.seek(offset, whence)
        self._turning = self._cipherer.at(reached)
        return reached

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def decrypted(pieces: Iterator[bytes], cipherer: Turner, start: int) -> Iterator[bytes]:
    turning = cipherer.at(start)
    for piece in pieces:
        yield turned(turning, piece)


class EncryptedArriving:
    """Offsets are the same on both sides: a byte stays a byte. What is appended is a stretch of its own each time.
    Raises NotFound when the key of the customer is gone."""

    def __init__(self, inner: Arriving, key: str) -> None:
        self._inner, self._key = inner, key
        keyring.to_read(key)

    @property
    def size(self) -> int | None:
        return self._inner.size

    @property
    def readable(self) -> bool:
        return self._inner.readable

    @property
    def offset(self) -> int:
        return self._inner.offset

    def append(self, pieces: Iterable[Bytes]) -> int:
        return self._inner.append(self._turned(pieces, self._inner.offset))

    def _turned(self, pieces: Iterable[Bytes], start: int) -> Iterator[bytes]:
        turning = None
        for piece in pieces:
            if turning is None:
                stretches.begin(self._key, start)
                turning = keyring.to_read(self._key).at(start)
            yield turned(turning, piece)

    def cut(self, offset: int) -> None:
        self._inner.cut(offset)

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        return decrypted(self._inner.pieces(start), keyring.to_read(self._key), start)

    def finish(self) -> None:
        self._inner.finish()

    def abort(self) -> None:
        self._inner.abort()
