"""Many rows at once, past the ORM. Names of tables and columns come from code, values are parameters."""

from collections.abc import Sequence
from typing import Any

from peewee import OperationalError, __exception_wrapper__  # type: ignore[attr-defined]  # its types leave it out

from registry.kernel.db import busy_or_same, database, is_sqlite, run_sql

MANY = 200  # rows from which on PostgreSQL takes them faster by COPY


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows at once, several times as fast as the ORM. `table` and `columns` come from code."""
    names = ", ".join(f'"{name}"' for name in columns)
    if len(rows) >= MANY and not is_sqlite() and database.in_transaction():
        _copy_in(table, names, rows)
        return
    marks = ", ".join("?" * len(columns))
    _run_many(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def _copy_in(table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    """By COPY, which goes through no row-level security, into a table beside, and from there in one statement."""
    try:
        run_sql(f'CREATE TEMP TABLE "load_{table}" ON COMMIT DROP AS SELECT {names} FROM "{table}" WITH NO DATA')  # noqa: S608
        with __exception_wrapper__, database.cursor().copy(f'COPY "load_{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        run_sql(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "load_{table}"')  # noqa: S608
        run_sql(f'DROP TABLE "load_{table}"')
    except OperationalError as error:
        raise busy_or_same(error) from error


def update_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """UPDATE by id, by executemany: each row holds the values of `columns`, then the id. Names come from code."""
    sets = ", ".join(f'"{name}" = ?' for name in columns)
    _run_many(f'UPDATE "{table}" SET {sets} WHERE id = ?', rows)  # noqa: S608


def _run_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    try:
        if len(rows) == 1:
            run_sql(sql, rows[0])
        elif rows:
            with __exception_wrapper__:
                database.cursor().executemany(sql if is_sqlite() else sql.replace("?", "%s"), rows)
    except OperationalError as error:
        raise busy_or_same(error) from error
