"""Stretches of an encrypted file that came piece by piece: each has a key stream of its own, used once.

A stretch begins wherever bytes are appended, and is noted, with a salt drawn for it, before its first byte leaves. What
is taken back (a checksum that is wrong, a disk that is full, a part that a store has lost) and comes again, perhaps as
other bytes, is therefore never turned with the stream that was used there before. Files without such notes, as put()
writes them in one go and older versions wrote all of them, have the one stream that is derived from their key.
"""

import secrets
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Protocol

from peewee import BigIntegerField, CharField, IntegerField

from registry.kernel import wall
from registry.kernel.db import Row, connection, database, transaction
from registry.kernel.files.names import owner_of


class FileStretch(Row):
    """`start`: the byte of the file at which it begins; it ends where the next one does. Of one customer, or (0) of
    the house."""

    LEFT_OUT = "says how files are encrypted in this installation; in the package they are readable"

    customer_id = IntegerField()
    key = CharField(max_length=80)
    start = BigIntegerField()
    salt = CharField(max_length=32)

    class Meta:
        table_name = "file_stretch"
        indexes = ((("customer_id", "key", "start"), True),)


class Turning(Protocol):
    def update(self, data: bytes | memoryview, /) -> bytes: ...


class Turner(Protocol):
    def at(self, offset: int) -> Turning: ...


class Stretched:
    """`starts` in order, the first one 0, and what turns bytes from each on."""

    def __init__(self, starts: Sequence[int], turners: Sequence[Turner]) -> None:
        self._starts, self._turners = starts, turners

    def at(self, offset: int) -> Turning:
        return _Across(self, offset)

    def stretch(self, offset: int) -> tuple[Turning, int | None]:
        """What turns bytes from `offset` on, and how many at most (None: all)."""
        number = bisect_right(self._starts, offset) - 1
        following = self._starts[number + 1] if number + 1 < len(self._starts) else None
        return self._turners[number].at(offset), None if following is None else following - offset


class _Across:
    def __init__(self, file: Stretched, offset: int) -> None:
        self._file, self._at = file, offset
        self._turning, self._left = file.stretch(offset)

    def update(self, data: bytes | memoryview) -> bytes:
        done, rest = [], memoryview(data)
        while rest:
            if self._left == 0:
                self._turning, self._left = self._file.stretch(self._at)
            now = rest if self._left is None else rest[: self._left]
            done.append(self._turning.update(now))
            rest = rest[len(now) :]
            self._at += len(now)
            self._left = None if self._left is None else self._left - len(now)
        return b"".join(done)


def of(key: str) -> list[tuple[int, str]]:
    """(start, salt) of each, in order."""
    with connection(), wall.everywhere():
        rows: Any = FileStretch.select(FileStretch.start, FileStretch.salt).where(_of(key))
        return [(start, salt) for start, salt in rows.order_by(FileStretch.start).tuples()]


def begin(key: str, start: int) -> None:
    """Bytes are about to come from `start` on: what was noted of there and beyond is no more. It is committed at once:
    hence not inside of a transaction, whose rollback would leave bytes that nobody can read."""
    if database.in_transaction():
        raise RuntimeError("send bytes before the transaction begins: a rollback would make them unreadable")
    with connection(), wall.everywhere(), transaction():
        FileStretch.delete().where(_of(key) & (FileStretch.start >= start)).execute()
        FileStretch.create(customer_id=owner_of(key), key=key, start=start, salt=secrets.token_hex(16))


def forget(key: str) -> None:
    """The file is deleted."""
    with connection(), wall.everywhere(), transaction():
        FileStretch.delete().where(_of(key)).execute()


def _of(key: str) -> Any:
    return (FileStretch.customer_id == owner_of(key)) & (FileStretch.key == key)
