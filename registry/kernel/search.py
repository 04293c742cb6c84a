"""Search by part of a serial, tag or name: FTS5 with trigrams on SQLite, a trigram index on PostgreSQL.

A room declares what can be found as a SearchSource; the statements that build its index are part of the migrations.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, Model

from registry.kernel.access import Actor, visible
from registry.kernel.db import is_sqlite, run_sql

SHORTEST_SUBSTRING = 3  # a trigram has three characters; shorter words are matched from the start only


@dataclass(frozen=True, slots=True)
class SearchSource:
    """What one table offers to search. `columns` are text columns of `model`; `permission` guards its results."""

    kind: str
    model: type[Model]
    columns: tuple[str, ...]
    permission: str

    @property
    def table(self) -> str:
        return str(self.model._meta.table_name)


SOURCES: dict[str, SearchSource] = {}


def declare(source: SearchSource) -> SearchSource:
    SOURCES[source.kind] = source
    return source


def index_statements(source: SearchSource, *, sqlite: bool) -> list[str]:
    """DDL for the index of one source."""
    return _sqlite_statements(source) if sqlite else _postgres_statements(source)


def _sqlite_statements(source: SearchSource) -> list[str]:
    table, columns = source.table, ", ".join(source.columns)
    return [
        f"CREATE VIRTUAL TABLE {table}_fts USING fts5({columns}, content='{table}', content_rowid='id', "
        "tokenize='trigram', columnsize=0)",
        _insert_trigger(source),
        f"CREATE TRIGGER {table}_fts_delete AFTER DELETE ON {table} BEGIN {_forget(source)} END",
        f"CREATE TRIGGER {table}_fts_update AFTER UPDATE OF {columns} ON {table} BEGIN "
        f"{_forget(source)} {_remember(source)} END",
    ]


def _insert_trigger(source: SearchSource) -> str:
    table = source.table
    return f"CREATE TRIGGER {table}_fts_insert AFTER INSERT ON {table} BEGIN {_remember(source)} END"


def _remember(source: SearchSource) -> str:
    new = ", ".join(f"new.{name}" for name in source.columns)
    return f"INSERT INTO {source.table}_fts(rowid, {', '.join(source.columns)}) VALUES (new.id, {new});"  # noqa: S608


def _forget(source: SearchSource) -> str:
    old = ", ".join(f"old.{name}" for name in source.columns)
    names = ", ".join(source.columns)
    fts = f"{source.table}_fts"
    return f"INSERT INTO {fts}({fts}, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608


def _document(source: SearchSource) -> str:
    return " || ' ' || ".join(f"coalesce({name}, '')" for name in source.columns)


def _postgres_statements(source: SearchSource) -> list[str]:
    return [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        f"CREATE INDEX {source.table}_search ON {source.table} USING gin (({_document(source)}) gin_trgm_ops)",
    ]


def matching(source: SearchSource, text: str) -> Any:
    """A condition on `source.model`: some column contains `text` (three characters and more) or begins with it."""
    wanted = " ".join(text.split())
    if len(wanted) < SHORTEST_SUBSTRING:
        return _prefix(source, wanted)
    if is_sqlite():
        fts = f"{source.table}_fts"
        quoted = '"' + wanted.replace('"', '""') + '"'
        found = SQL(f"(SELECT rowid FROM {fts} WHERE {fts} MATCH ?)", (quoted,))  # noqa: S608
        table: Any = source.model
        return table.id.in_(found)
    return SQL(f"({_qualified(source)}) ILIKE %s", (f"%{_escape(wanted)}%",))


def _qualified(source: SearchSource) -> str:
    return " || ' ' || ".join(f'coalesce("t1"."{name}", \'\')' for name in source.columns)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _prefix(source: SearchSource, text: str) -> Any:
    # SQLite folds the case of ASCII alone, so that other letters are tried as they are usually written.
    spellings = sorted({text, text.lower(), text.upper(), text.title()}) if is_sqlite() else [text]
    columns = (getattr(source.model, name) for name in source.columns)
    return reduce(or_, (column.startswith(one) for column in columns for one in spellings))


@contextmanager
def bulk_load(source: SearchSource) -> Iterator[None]:
    """Many inserts: on SQLite the insert trigger rests and new rows are indexed in one statement at the end.

    Live triggers made a bulk insert five times slower. Call inside the transaction of the load, so that a crash
    leaves the trigger where it was.
    """
    if not is_sqlite():
        yield
        return
    table, columns = source.table, ", ".join(source.columns)
    last = run_sql(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]  # noqa: S608
    run_sql(f"DROP TRIGGER {table}_fts_insert")
    yield
    run_sql(
        f"INSERT INTO {table}_fts(rowid, {columns}) SELECT id, {columns} FROM {table} WHERE id > ?",  # noqa: S608
        (last,),
    )
    run_sql(_insert_trigger(source))


def rebuild(source: SearchSource) -> None:
    """Make the index of `source` anew from its table. SQLite's keeps deleted words until then; PostgreSQL has none."""
    if is_sqlite():
        run_sql(f"INSERT INTO {source.table}_fts({source.table}_fts) VALUES ('rebuild')")  # noqa: S608


def find(
    actor: Actor, sources: Iterable[SearchSource], text: str, *, limit: int, customer_id: int | None = None
) -> list[dict[str, Any]]:
    """[{kind, id, customer_id, label}] of what the actor may see, at most `limit` of each source."""
    found: list[dict[str, Any]] = []
    for source in sources:
        if not actor.can_somewhere(source.permission):
            continue
        model: Any = source.model
        owner = model.customer_id if "customer_id" in model._meta.fields else model.id
        query = visible(model, actor.where(source.permission)).where(matching(source, text))
        if customer_id is not None:
            query = query.where(owner == customer_id)
        shown = query.select(model.id, owner, *(getattr(model, name) for name in source.columns))
        for row_id, owner_id, *texts in shown.order_by(model.id).limit(limit).tuples():
            label = " ".join(part for part in texts if part)
            found.append({"kind": source.kind, "id": row_id, "customer_id": owner_id, "label": label})
    return found
