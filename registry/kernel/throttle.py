"""Throttling by token buckets in the database, so that it holds across processes and restarts.

A bucket is one number: the instant at which it will be full again. Taking a token moves that instant on by the time
that a token needs to grow back; a bucket that is full, or that nobody has, is the same thing. Half of a limit may be
used at once, the rest grows back within its period, so that no period of that length ever sees more than the limit.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from peewee import BigIntegerField, CharField

from registry.kernel import clock
from registry.kernel.db import Row, database, run_sql, transaction, write_if_free
from registry.kernel.errors import Throttled
from registry.kernel.jobs import job
from registry.kernel.logs import log

SECOND = 1_000_000  # microseconds, in which buckets count
LONGEST = 86_400  # seconds


class Bucket(Row):
    """`key` is a hash: addresses of people and of their networks are not to be read here."""

    key = CharField(max_length=64, unique=True)
    full_at = BigIntegerField(index=True)  # microseconds since 1970

    class Meta:
        table_name = "bucket"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any `seconds`."""

    count: int
    seconds: int

    def __post_init__(self) -> None:
        if self.count < 1 or not 1 <= self.seconds <= LONGEST:
            raise ValueError("a limit needs a count of at least 1 and a period of up to a day")

    @property
    def burst(self) -> int:
        """How many may come at once."""
        return (self.count + 1) // 2

    @property
    def interval(self) -> int:
        """Microseconds until one token has grown back."""
        return -(-self.seconds * SECOND // (self.count + 1 - self.burst))


_TAKE = """
INSERT INTO bucket (key, full_at) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE
SET full_at = CASE WHEN bucket.full_at > ? THEN bucket.full_at ELSE ? END + ?
WHERE bucket.full_at <= ?
RETURNING full_at
"""


def take(purpose: str, key: str, limit: Limit, *, wait: bool = True) -> None:
    """Take a token for `purpose` from the bucket of `key`, before whatever it is that must not be tried too often.

    Raises Throttled with Retry-After. It is committed at once, whatever comes of the try: hence not inside of a
    transaction, whose rollback would give the token back. Without `wait` nothing is counted while SQLite's writer is
    busy: for what needs no exact count, but must not be held up.
    """
    if database.in_transaction():
        raise RuntimeError("take a token before the transaction begins: a rollback must not give it back")
    name = hashlib.sha256(f"{purpose}\0{key}".encode(errors="surrogatepass")).hexdigest()
    now = _now()
    latest = now + (limit.burst - 1) * limit.interval  # a bucket that is full later than this is empty
    _refuse_empty(purpose, name, latest)  # a flood is answered without a write
    query = _Take((name, now + limit.interval, now, now, limit.interval, latest))
    if not wait and not write_if_free(query):
        return
    if wait:
        with transaction():
            query.execute()
    if not query.taken:
        _refuse_empty(purpose, name, latest)
        raise Throttled(headers={"Retry-After": "1"})


class _Take:
    """The one statement that takes a token, or finds none: of many processes at once none gets another's."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values, self.taken = values, False

    def execute(self) -> None:
        self.taken = run_sql(_TAKE, self.values).fetchone() is not None


def _refuse_empty(purpose: str, name: str, latest: int) -> None:
    found = run_sql("SELECT full_at FROM bucket WHERE key = ?", (name,)).fetchone()
    if found is not None and found[0] > latest:
        log.warning("throttled", purpose=purpose)
        raise Throttled(headers={"Retry-After": str(-(-(found[0] - latest) // SECOND))})


def _now() -> int:
    return round(clock.now().timestamp() * SECOND)


def network_of(address: str | None) -> str:
    """Whom an address is counted as: itself, or for IPv6 its /64, of which one subscriber has all addresses."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


@job("throttle.forget", minutes=60)
def forget() -> int:
    """Delete buckets that are full, and those that a clock gone wrong would keep empty for longer than any limit."""
    now = _now()
    over = (Bucket.full_at <= now) | (Bucket.full_at > now + 2 * LONGEST * SECOND)
    return int(Bucket.delete().where(over).execute())
