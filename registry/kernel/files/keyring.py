"""The keys that files are encrypted with: one for each customer and one for the house, sealed in a table. Without its
row nobody reads a customer's files again, wherever copies of them lie.

The form: AES-256 in counter mode; the file's key and its first counter are the 48 bytes of HKDF-SHA256 from the
customer's key, with "file <key of the file>" as its info. Each stretch of what came piece by piece (stretches.py) has a
key and a counter of its own instead, with "file <key of the file> from <start> <salt>" as the info.
"""

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from peewee import IntegerField, IntegrityError, TextField

from registry.kernel import clock, wall
from registry.kernel.db import Instant, Row, connection, transaction
from registry.kernel.errors import NotFound
from registry.kernel.files import stretches
from registry.kernel.files.names import Bytes, owner_of, sound
from registry.kernel.files.stretches import Stretched, Turner, Turning
from registry.kernel.secrets import vault

BLOCK = 16


class FileKey(Row):
    """Of one customer, or (0) of the house."""

    SECRET = frozenset({"sealed"})
    LEFT_OUT = "keys that files are encrypted with in this installation; in the package they are readable"

    customer_id = IntegerField(unique=True)
    sealed = TextField()
    made_at = Instant(default=clock.now)

    class Meta:
        table_name = "file_key"


class Cipherer:
    """AES-256 in counter mode with a key of the file's own, or of a stretch's: any range can be read by itself.

    There is no mark of authenticity in it: whether a file is as it was put is told by its SHA-256."""

    def __init__(self, secret: bytes, key: str, *, stretch: tuple[int, str] | None = None) -> None:
        info = f"file {sound(key)}" if stretch is None else f"file {sound(key)} from {stretch[0]} {stretch[1]}"
        found = HKDF(SHA256(), 32 + BLOCK, salt=None, info=info.encode()).derive(secret)
        self._key, self._first = found[:32], int.from_bytes(found[32:])

    def at(self, offset: int) -> CipherContext:
        """What turns bytes from `offset` on into the others, whichever way."""
        counter = (self._first + offset // BLOCK) % 2 ** (8 * BLOCK)
        turning = Cipher(algorithms.AES256(self._key), modes.CTR(counter.to_bytes(BLOCK))).encryptor()
        turning.update(bytes(offset % BLOCK))
        return turning


def turned(turning: Turning, piece: Bytes) -> bytes:
    return turning.update(bytes(piece) if isinstance(piece, bytearray) else piece)


def to_write(key: str) -> Cipherer:
    """For a new file. The customer's key is made with his first one."""
    return Cipherer(_secret_of(owner_of(key)) or _made(owner_of(key)), key)


def to_read(key: str) -> Turner:
    """Raises NotFound when the key is gone: then the file is, too, for everybody."""
    secret = _secret_of(owner_of(key))
    if secret is None:
        raise NotFound("This file is not kept any more.")
    found = stretches.of(key)
    if not found:
        return Cipherer(secret, key)
    turners: list[Turner] = [Cipherer(secret, key), *(_Lazy(secret, key, one) for one in found)]
    return Stretched([0, *(start for start, _ in found)], turners)


class _Lazy:
    """Of a file in thousands of stretches few are read at a time."""

    def __init__(self, secret: bytes, key: str, stretch: tuple[int, str]) -> None:
        self._secret, self._key, self._stretch = secret, key, stretch

    def at(self, offset: int) -> Turning:
        return Cipherer(self._secret, self._key, stretch=self._stretch).at(offset - self._stretch[0])


def _secret_of(customer_id: int) -> bytes | None:
    with connection(), wall.everywhere():
        row: Any = FileKey.get_or_none(FileKey.customer_id == customer_id)
    return base64.b64decode(vault().open(row.sealed)) if row else None


def _made(customer_id: int) -> bytes:
    secret = secrets.token_bytes(32)
    try:
        with connection(), wall.everywhere(), transaction():
            FileKey.create(customer_id=customer_id, sealed=vault().seal(base64.b64encode(secret).decode()))
    except IntegrityError:  # somebody else made it at the same moment
        return _secret_of(customer_id) or b""
    return secret


def drop(customer_id: int) -> int:
    """From now on nobody reads what was encrypted for this customer. Answers how many keys that were: 1 or 0."""
    with connection(), wall.everywhere(), transaction():
        return int(FileKey.delete().where(FileKey.customer_id == customer_id).execute())
