"""The database: one proxy for SQLite and PostgreSQL, transactions, and the fields every room shares."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    Database,
    DatabaseProxy,
    DateField,
    DateTimeField,
    IntegerField,
    IntegrityError,
    Model,
    NodeList,
    OperationalError,
    SqliteDatabase,
)
from playhouse.pool import MaxConnectionsExceeded

from registry.kernel.errors import Busy, Conflict, Invalid, Problem
from registry.kernel.language import _
from registry.kernel.wall import WalledPostgres

database: DatabaseProxy = DatabaseProxy()

# Threads that contend inside SQLite wait unfairly (p99 of 403 ms measured where one lock per process gave 49 ms),
# so a process lets one writer at a time reach BEGIN IMMEDIATE.
_writer = threading.RLock()

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "foreign_keys": 1,
    "cache_size": -32768,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 67108864,
}
BUSY_SECONDS = 15
STATEMENTS = 512  # kept prepared by a connection; preparing takes four times as long as asking for one row


def open_database(url: str, *, durable: bool = False) -> Database:
    """Point the proxy at `url` (sqlite:///PATH or postgresql://...) and answer the database behind it.

    `durable`: SQLite waits for the disk at every commit, so that a power cut loses nothing.
    """
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        extra = {"synchronous": "full"} if durable else {}
        db: Database = SqliteDatabase(
            path, pragmas={**SQLITE_PRAGMAS, **extra}, timeout=BUSY_SECONDS, cached_statements=STATEMENTS
        )
    elif url.startswith(("postgresql://", "postgres://")):
        # force_custom_plan: psycopg prepares a statement after five runs, and PostgreSQL's generic plan then made
        # trigram searches 170 times slower. jit: where a statement asks something of every row in sub-queries, it is
        # thought so dear that it is compiled first: 1.35 s for what then took 0.06 s.
        db = WalledPostgres(
            url.replace("postgres://", "postgresql://", 1),
            prefer_psycopg3=True,
            max_connections=20,
            timeout=10,
            stale_timeout=300,
            options="-c plan_cache_mode=force_custom_plan -c jit=off -c timezone=UTC -c lock_timeout=15000",
        )
    else:
        raise ValueError("ASSETCARE_DATABASE must start with sqlite:/// or postgresql://")
    database.initialize(db)
    return db


def is_sqlite() -> bool:
    return isinstance(database.obj, SqliteDatabase)


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing. Inside another transaction this is a savepoint.

    On SQLite the write lock is taken at once (IMMEDIATE): a transaction that reads first and writes later fails
    under load whatever the busy time-out says. Raises Busy when the lock cannot be had in time.
    """
    if database.in_transaction():
        with database.atomic():
            yield
        return
    try:
        if is_sqlite():
            with _writer, database.atomic("IMMEDIATE"):
                yield
        else:
            with database.atomic():
                yield
    except OperationalError as error:
        raise busy_or_same(error) from error


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read inside is as of one moment, however long it takes, and nobody waits for it. No writing inside.

    Not inside of a transaction.
    """
    with database.atomic("DEFERRED") if is_sqlite() else database.atomic():
        if not is_sqlite():
            run_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


_WAITING = ("locked", "lock timeout", "deadlock")
_AWAY = ("connection", "resolve host", "unable to open database", "starting up", "shutting down")


def busy_or_same(error: OperationalError) -> Exception:
    """Busy for a lock that could not be had in time and for a database that cannot be reached, else `error`."""
    text = str(error)
    if any(sign in text for sign in _WAITING):
        return Busy()
    return unreachable() if is_away(error) else error


def unreachable() -> Busy:
    return Busy(_("The database cannot be reached at present."))


def is_away(error: BaseException) -> bool:
    """Whether this is what is said of a database that cannot be reached."""
    return any(sign in str(error) for sign in _AWAY)


def connect() -> None:
    """Open this thread's connection unless it is open. Raises Busy when all of the pool are taken for too long."""
    try:
        database.connect(reuse_if_open=True)
    except MaxConnectionsExceeded:
        raise Busy() from None


def release() -> None:
    """Give the connection back. SQLite keeps one per thread, since opening costs more than a query."""
    if database.is_closed():
        return
    if is_sqlite():
        if database.in_transaction():
            database.rollback()
    else:
        database.close()


def hang_up() -> None:
    """Close this thread's connection before the thread ends: SQLite's too, which `release` keeps."""
    if database.obj is not None and not database.is_closed():
        release()
        database.close()


def close_all() -> None:
    """Close what this process has open: no connection may be carried over a fork, or two would speak through it."""
    database.close()
    if isinstance(database.obj, WalledPostgres):
        database.obj.close_all()


@contextmanager
def connection() -> Iterator[None]:
    """A connection for the length of a block: commands, jobs, tests. An open one is shared, and left open."""
    opened = database.is_closed()
    connect()
    try:
        yield
    finally:
        if opened:
            release()


def write_if_free(query: Any) -> bool:
    """Execute a write that may be left out, and tell whether it was done: a reader does not wait for a writer to
    note when he was last seen.
    """
    if not is_sqlite() or database.in_transaction():
        query.execute()
        return True
    if not _writer.acquire(blocking=False):
        return False
    try:
        run_sql("PRAGMA busy_timeout = 0")
        query.execute()
        return True
    except OperationalError as error:
        if isinstance(busy_or_same(error), Busy):
            return False
        raise
    finally:
        run_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        _writer.release()


class Instant(DateTimeField):
    """An instant: aware in Python, UTC in the table, so that both engines compare and sort alike."""

    def db_value(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        if value.tzinfo is None:
            raise ValueError(f"{self.name}: an instant needs a time zone")
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    def python_value(self, value: Any) -> datetime | None:
        if value is None:
            return None
        parsed = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return parsed.replace(tzinfo=UTC)


class Day(DateField):
    """A calendar date without a time."""

    def db_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def python_value(self, value: Any) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Id(BigAutoField):
    """An id that is never given out twice: history of a deleted row must not turn up under a new one."""

    def ddl(self, ctx: Any) -> Any:
        ddl = super().ddl(ctx)
        return NodeList((ddl, SQL("AUTOINCREMENT"))) if is_sqlite() else ddl


class Row(Model):
    """Every table's base: an integer id."""

    id = Id()

    class Meta:
        database = database
        legacy_table_names = False


def customer_column(*, null: bool = False) -> Any:
    """The tenant column. A plain integer with a foreign key, so that the kernel need not know the customers' room."""
    reference: list[Any] = [SQL('REFERENCES "customer" ("id")')]
    field: Any = IntegerField(null=True, constraints=reference) if null else IntegerField(constraints=reference)
    return field


def run_sql(sql: str, params: Sequence[Any] = ()) -> Any:
    """Execute hand-written SQL with ? for each parameter, on either engine. Hot paths only: no user text in `sql`."""
    return database.execute_sql(sql if is_sqlite() else sql.replace("?", "%s"), params)


def reserve_ids(table: str, count: int) -> Sequence[int]:
    """Ids for rows that are about to be inserted. Inside a transaction."""
    if not is_sqlite():
        sql = "SELECT nextval(pg_get_serial_sequence(?, 'id')) FROM generate_series(1, ?)"
        return [row[0] for row in run_sql(sql, (table, count)).fetchall()]
    found = run_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    first = (found[0] if found else 0) + 1
    return range(first, first + count)


_UNIQUE_SQLITE = re.compile(r"UNIQUE constraint failed: (.+)")
_UNIQUE_POSTGRES = re.compile(r'unique constraint "(\w+)"')  # behind a wall it does not say which columns


def _columns_of(index: str) -> list[str]:
    """The columns of a unique index, by its name."""
    todo: list[Any] = [Row]
    while todo:
        model = todo.pop()
        todo += model.__subclasses__()
        found = next((each for each in model._meta.fields_to_index() if each._name == index), None)
        if found is not None:
            return [one.name for one in found._expressions]
    return []


def problem_of(error: IntegrityError) -> Problem:
    """What a broken constraint means to the caller: a duplicate, something still in use, or a refused value."""
    text = str(error)
    if "UNIQUE" in text or "unique constraint" in text:
        listed, index = _UNIQUE_SQLITE.search(text), _UNIQUE_POSTGRES.search(text)
        columns = [c.strip().split(".")[-1] for c in listed[1].split(",")] if listed else []
        columns = _columns_of(index[1]) if index else columns
        fields = [c for c in columns if c != "customer_id"] or ["id"]
        return Conflict(
            _("This already exists."),
            code="duplicate",
            errors={name.removesuffix("_id"): [_("This value is already used; choose another.")] for name in fields},
        )
    if "FOREIGN KEY" in text or "foreign key" in text:
        text = _(
            "Something else still uses this, or what it names is gone. Take it away there first, or choose another."
        )
        return Conflict(text, code="in_use")
    return Invalid(_("A value is not allowed here. Check what you typed."))
