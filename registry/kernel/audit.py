"""The audit chain: every write leaves a row in its own transaction, chained by hash per customer.

A row's hash covers the row before it, so an edited, removed or re-ordered row shows. Chain 0 is the house's own
(users, catalogue). The table has no foreign keys: history outlives what it tells of.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import orjson
from peewee import SQL, BigIntegerField, CharField, IntegerField, TextField

from registry.kernel import clock, discreet
from registry.kernel.access import Actor
from registry.kernel.bulk import insert_rows
from registry.kernel.db import Instant, Row, is_sqlite, run_sql

HOUSE = 0
GENESIS = "0" * 64


class AuditEntry(Row):
    HOUSE_ROWS = ("INSERT",)  # who signs in is written down before anybody knows him

    customer_id = IntegerField()
    seq = BigIntegerField()
    at = CharField(max_length=32)  # ISO text: what is hashed must come back byte for byte
    actor_kind = CharField(max_length=16)
    actor_id = IntegerField(null=True)
    actor_name = CharField()
    address = CharField(max_length=64, null=True)
    request_id = CharField(max_length=64, null=True)
    action = CharField(max_length=64)
    object_type = CharField(max_length=64)
    object_id = BigIntegerField(null=True)
    label = CharField(max_length=255)
    batch_id = BigIntegerField(null=True)
    before = TextField(null=True)
    after = TextField(null=True)
    hash = CharField(max_length=64)

    class Meta:
        table_name = "audit_entry"
        indexes = (
            (("customer_id", "seq"), True),
            (("customer_id", "id"), False),
            (("object_type", "object_id", "id"), False),
        )


AuditEntry.add_index(AuditEntry.batch_id, AuditEntry.id, where=SQL("batch_id IS NOT NULL"), name="audit_entry_batch")


class ChainHead(Row):
    HOUSE_ROWS = ("SELECT", "INSERT", "UPDATE")

    customer_id = IntegerField(unique=True)
    seq = BigIntegerField()
    hash = CharField(max_length=64)
    changed_at = Instant(null=True)
    verified_seq = BigIntegerField(null=True)  # how far it was last recomputed, and found sound
    verified_hash = CharField(max_length=64, null=True)
    verified_at = Instant(null=True)

    class Meta:
        table_name = "chain_head"


_batch: ContextVar[int | None] = ContextVar("audit_batch", default=None)


@contextmanager
def batch(batch_id: int) -> Iterator[None]:
    """Everything recorded inside belongs to this batch, which can be read - and undone - as a whole."""
    token = _batch.set(batch_id)
    try:
        yield
    finally:
        _batch.reset(token)


COLUMNS = (
    "customer_id", "seq", "at", "actor_kind", "actor_id", "actor_name", "address", "request_id", "action",
    "object_type", "object_id", "label", "batch_id", "before", "after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to one row. `before` and `after` are JSON-ready; None where there is none."""

    action: str
    object_type: str
    object_id: int | None
    label: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    person: int | None = None  # the account that it is about: the house's chain names no strangers


def record(actor: Actor, customer_id: int | None, entries: Iterable[Entry]) -> int:
    """Append `entries` to the customer's chain (None: the house's). Call inside the transaction of the change."""
    chain = customer_id or HOUSE
    seq, last = _lock_head(chain)
    at = clock.now().isoformat(timespec="microseconds")
    name = actor.name if chain else discreet.name_of(actor)
    fixed = (at, actor.kind, actor.user_id, name[:255], actor.address, actor.request_id)
    rows = []
    for entry in entries if chain else (_discreet(actor, one) for one in entries):
        seq += 1
        row = (
            chain, seq, *fixed, str(entry.action), entry.object_type, entry.object_id, entry.label[:255],
            _batch.get(), _text(entry.before), _text(entry.after),
        )  # fmt: skip
        last = digest(last, row)
        rows.append((*row, last))
    _insert(rows)
    run_sql(
        "UPDATE chain_head SET seq = ?, hash = ?, changed_at = ? WHERE customer_id = ?",
        (seq, last, at[:26].replace("T", " "), chain),
    )
    return len(rows)


def _discreet(actor: Actor, entry: Entry) -> Entry:
    if not discreet.hides(actor, entry.person):
        return entry
    label = discreet.hidden_label(entry.object_type, entry.object_id)
    before, after = discreet.without_words(entry.before), discreet.without_words(entry.after)
    return Entry(entry.action, entry.object_type, entry.object_id, label, before, after)


def _text(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()


def digest(previous: str, row: Sequence[Any]) -> str:
    """SHA-256 over the hash before and the row's columns, as one JSON array (no two rows share a text)."""
    return hashlib.sha256(previous.encode() + orjson.dumps(row)).hexdigest()


def hold(customer_id: int | None) -> None:
    """Let nobody else write to this chain until the transaction ends: long batches take turns from the start."""
    _lock_head(customer_id or HOUSE)


def _lock_head(chain: int) -> tuple[int, str]:
    """The chain's last number and hash, locked until the transaction ends so that no two rows follow the same one."""
    query = "SELECT seq, hash FROM chain_head WHERE customer_id = ?" + ("" if is_sqlite() else " FOR UPDATE")  # noqa: S608 - constant texts
    found = run_sql(query, (chain,)).fetchone()
    if found is None:
        run_sql(
            "INSERT INTO chain_head (customer_id, seq, hash) VALUES (?, 0, ?) ON CONFLICT DO NOTHING", (chain, GENESIS)
        )
        found = run_sql(query, (chain,)).fetchone()
    return found[0], found[1]


def _insert(rows: list[tuple[Any, ...]]) -> None:
    insert_rows("audit_entry", (*COLUMNS, "hash"), rows)


@dataclass(frozen=True, slots=True)
class ChainState:
    """What verification found for one chain. `fault` is None for a sound chain, else says which row and why."""

    customer_id: int
    length: int
    head: str
    fault: str | None = None


def verify(customer_id: int | None = None) -> Iterator[ChainState]:
    """Recompute every chain (or one) and compare. An edited, removed or re-ordered row is named."""
    # Only what the first release had: a backup is looked over before it is brought up to this version.
    found: Any = ChainHead.select(ChainHead.customer_id, ChainHead.seq, ChainHead.hash).order_by(ChainHead.customer_id)
    heads = {head.customer_id: head for head in found}
    known: Any = AuditEntry.select(AuditEntry.customer_id).distinct().tuples()
    chains = set(heads) | {row[0] for row in known}
    for chain in sorted(chains):
        if customer_id is None or chain == customer_id:
            yield _verify_chain(chain, heads.get(chain))


def _verify_chain(chain: int, head: ChainHead | None) -> ChainState:
    def length_now() -> int | None:
        now = ChainHead.select(ChainHead.seq).where(ChainHead.customer_id == chain).first()
        return now.seq if now else None

    return judged(chain, rows_of(chain), (head.seq, head.hash) if head else None, length_now)


def judged(
    chain: int, rows: Iterable[Sequence[Any]], head: tuple[int, str] | None, length_now: Callable[[], int | None]
) -> ChainState:
    """What the entries `rows` (as of rows_of) are worth, given the head (number, hash) that was read before them.
    `length_now`: the head's number once they have been read."""
    seq, last, width = 0, GENESIS, len(COLUMNS)
    for row in rows:
        if row[1] != seq + 1:
            return ChainState(chain, seq, last, f"entry {seq + 1} is missing before entry {row[1]} (row {row[-1]})")
        stored = row[width]
        if digest(last, row[:width]) != stored:
            return ChainState(chain, seq, last, f"entry {row[1]} (row {row[-1]}) was changed after it was written")
        seq, last = row[1], stored
        if head is not None and seq == head[0] and last != head[1]:
            return ChainState(chain, seq, last, f"the head has another hash for entry {seq} (row {row[-1]})")
    # Entries may have come while we read, so the end is compared with the head as it is now.
    now = length_now()
    if now is None or not (head[0] if head else 0) <= seq <= now:
        known = "nothing" if now is None else f"{now} entries"
        return ChainState(chain, seq, last, f"the head knows {known}, the table ends at entry {seq}")
    return ChainState(chain, seq, last)


def rows_of(
    chain: int, step: int = 5000, *, after: int = -(2**63), run: Callable[..., Any] = run_sql
) -> Iterator[tuple[Any, ...]]:
    """Every entry of a chain in order, beyond the number `after`: the values of COLUMNS, its hash, its id.

    A few thousand at a time, so that a million need no more memory than these. By default they begin with whatever
    number somebody has given a row of his own. `run`: executes a statement, on another database than ours.
    """
    columns = ", ".join(f'"{name}"' for name in (*COLUMNS, "hash", "id"))
    sql = f"SELECT {columns} FROM audit_entry WHERE customer_id = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
    while rows := run(sql, (chain, after, step)).fetchall():
        yield from rows
        after = rows[-1][1]


def signed_head(state: ChainState, secret: bytes) -> str:
    """One line to keep elsewhere: chain, length, hash, and an HMAC-SHA256 over them that only this house can make."""
    line = f"{state.customer_id} {state.length} {state.head}"
    return f"{line} {hmac.new(secret, line.encode(), hashlib.sha256).hexdigest()}"


def snapshot(row: Any, *fields: str) -> dict[str, Any]:
    """The row's columns as JSON-ready values (all, or the named ones), without columns declared secret."""
    hidden: frozenset[str] = getattr(row, "SECRET", frozenset())
    names = fields or tuple(row._meta.sorted_field_names)
    return {name: row.__data__.get(name) for name in names if name not in hidden}
