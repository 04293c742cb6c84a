"""What copying needs of either engine: reading one moment of a source, filling a target, laying aside what slows that.

Each side has a connection of its own beside the application's pool.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg.types.string import TextLoader

from registry.kernel import locks, search, wall
from registry.kernel.canonical import Raw
from registry.kernel.errors import Problem

STEP = 5000
PROGRESS = "copy_progress"


def shown(url: str) -> str:
    """The address of a database without its password."""
    if url.startswith("sqlite:"):
        return url
    parts = urlsplit(url)
    return f"postgresql://{parts.username or ''}@{parts.hostname or ''}:{parts.port or 5432}{parts.path}"


class Side:
    """One database of a copy. `mark` is how its parameters are written."""

    mark = "?"
    connection: Any

    def all(self, sql: str, *values: Any) -> list[Raw]:
        return self.connection.execute(sql.replace("?", self.mark), values).fetchall()  # type: ignore[no-any-return]

    def batches(self, table: str, columns: Sequence[str], step: int = STEP, after: int = 0) -> Iterator[list[Raw]]:
        """The rows of a table by id, a few thousand at a time. `id` is among the columns, first of them."""
        names = ", ".join(f'"{name}"' for name in columns)
        sql = f'SELECT {names} FROM "{table}" WHERE id > ? ORDER BY id LIMIT ?'  # noqa: S608 - names come from models
        while rows := self.all(sql, after, step):
            yield rows
            after = rows[-1][0]

    def count(self, table: str) -> int:
        return int(self.all(f'SELECT count(*) FROM "{table}"')[0][0])  # noqa: S608

    def heads(self) -> list[Raw]:
        return self.all("SELECT customer_id, seq, hash FROM chain_head ORDER BY customer_id")

    def has(self, table: str) -> bool:
        return table in self.tables()

    def tables(self) -> set[str]:
        raise NotImplementedError

    def next_id(self, table: str) -> int:
        """The id that the next row of the table will get."""
        raise NotImplementedError

    def close(self) -> None:
        self.connection.close()

    # --- Progress of a copy, kept in the target so that it ends and starts with its rows

    def noted(self) -> dict[str, Any]:
        if not self.has(PROGRESS):
            return {}
        return {name: json.loads(text) for name, text in self.all("SELECT name, told FROM copy_progress")}

    def note(self, name: str, told: Any) -> None:
        sql = "INSERT INTO copy_progress VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET told = excluded.told"
        self.all_done(sql, name, json.dumps(told))

    def all_done(self, sql: str, *values: Any) -> None:
        self.connection.execute(sql.replace("?", self.mark), values)


class SqliteSide(Side):
    def __init__(self, url: str, *, writing: bool = False) -> None:
        self.path = path = url.removeprefix("sqlite:///")
        self._lock: IO[str] | None = None
        if not writing and not Path(path).is_file():
            raise Problem(f"There is no database {path}.", code="no_database")
        mode = "rwc" if writing else "rw"
        self.connection = sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, isolation_level=None, timeout=15)
        self.connection.execute("PRAGMA foreign_keys = OFF")
        if not writing:
            self.connection.execute("PRAGMA query_only = ON")

    def snapshot(self) -> None:
        """From here on everything is read as of one moment, whoever writes meanwhile."""
        self.connection.execute("BEGIN")
        self.all("SELECT count(*) FROM sqlite_master")  # the moment is that of the first look

    def tables(self) -> set[str]:
        return {row[0] for row in self.all("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def next_id(self, table: str) -> int:
        found = self.all("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
        return (found[0][0] if found else 0) + 1

    def begin(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def claim(self) -> None:
        """Nobody else may fill this database meanwhile."""
        self._lock = locks.lock_file(Path(f"{self.path}.copy-lock"))
        if self._lock is None:
            raise Problem("Another copy into this database is under way.", code="in_use")

    def close(self) -> None:
        super().close()
        if self._lock:
            Path(self._lock.name).unlink(missing_ok=True)
            self._lock.close()

    def lay_aside(self, tables: set[str]) -> list[str]:
        """Drop indexes and triggers; answer the statements that bring them back, in order."""
        found = self.all(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') "
            "AND sql IS NOT NULL ORDER BY type, rootpage, name"
        )
        mine = [row for row in found if row[2] in tables]
        for kind, name, _, _ in mine:
            self.connection.execute(f'DROP {kind} "{name}"')
        sources = sorted(source.table for source in search.SOURCES.values())
        rebuilt = [f"INSERT INTO {table}_fts({table}_fts) VALUES ('rebuild')" for table in sources]  # noqa: S608
        statements = [(kind, sql) for kind, _, _, sql in mine]
        return [
            *(sql for kind, sql in statements if kind == "index"),
            *rebuilt,
            *(sql for kind, sql in statements if kind == "trigger"),
        ]

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608

    def go_on_from(self, table: str, following: int) -> None:
        """Ids below `following` are never given out again."""
        self.all_done("DELETE FROM sqlite_sequence WHERE name = ?", table)
        self.all_done("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, following - 1)

    def broken_references(self) -> list[str]:
        return [f"{row[0]} {row[1]} refers to a {row[2]} that is gone" for row in self.all("PRAGMA foreign_key_check")]

    def settle(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgresSide(Side):
    mark = "%s"

    def __init__(self, url: str, *, writing: bool = False) -> None:
        try:
            self.connection = psycopg.connect(
                url.replace("postgres://", "postgresql://", 1),
                autocommit=True,
                connect_timeout=10,
                options="-c timezone=UTC -c plan_cache_mode=force_custom_plan",
            )
        except psycopg.OperationalError as error:
            raise Problem(f"{shown(url)}: {str(error).strip().splitlines()[0]}", code="no_database") from None
        wall.bring(self.connection, wall.EVERYWHERE)
        for kind in ("json", "jsonb"):  # as it is written: whoever needs to, reads it
            self.connection.adapters.register_loader(kind, TextLoader)

    def snapshot(self) -> None:
        self.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.all("SELECT 1")

    def tables(self) -> set[str]:
        return {row[0] for row in self.all("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}

    def next_id(self, table: str) -> int:
        [(name,)] = self.all("SELECT pg_get_serial_sequence(?, 'id')", table)
        [(last, used)] = self.all(f"SELECT last_value, is_called FROM {name}")  # noqa: S608 - the server's own name
        return int(last) + bool(used)

    def begin(self) -> None:
        self.connection.execute("BEGIN")

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def claim(self) -> None:
        if not self.all("SELECT pg_try_advisory_lock(4711203)")[0][0]:
            raise Problem("Another copy into this database is under way.", code="in_use")

    def lay_aside(self, tables: set[str]) -> list[str]:
        """Drop references and indexes, and let the owner through the wall (COPY does not go through one)."""
        walls = self.all(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relnamespace = current_schema()::regnamespace"
        )
        references = self.all(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname"
        )
        indexes = self.all(
            "SELECT tablename, indexname, indexdef FROM pg_indexes i WHERE schemaname = current_schema() AND NOT "
            "EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = (quote_ident(i.schemaname) || '.' || "
            "quote_ident(i.indexname))::regclass AND c.contype IN ('p', 'u', 'x')) ORDER BY indexname"
        )
        back = []
        for table, name, definition in references:
            if table.strip('"') in tables:
                self.connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table, name, definition in indexes:
            if table in tables:
                self.connection.execute(f'DROP INDEX "{name}"')
                back.insert(0, definition)
        for (table,) in walls:
            if table in tables:
                self.connection.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
                back.append(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        return back

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        with self.connection.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def go_on_from(self, table: str, following: int) -> None:
        self.all("SELECT setval(pg_get_serial_sequence(?, 'id'), ?, false)", table, following)

    def broken_references(self) -> list[str]:
        return []  # bringing the references back has looked at each

    def settle(self) -> None:
        with suppress(psycopg.Error):  # only the owner may, and whoever is not loses nothing but a moment
            self.connection.execute("ANALYZE")


AnySide = SqliteSide | PostgresSide


def open_side(url: str, *, writing: bool = False) -> AnySide:
    if url.startswith("sqlite:///"):
        return SqliteSide(url, writing=writing)
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresSide(url, writing=writing)
    raise Problem("A database is named sqlite:///PATH or postgresql://USER@HOST/NAME.", code="no_database")
