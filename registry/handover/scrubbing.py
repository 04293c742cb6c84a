"""What deleted rows leave behind in the files of the database, and how to be rid of it."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from registry.handover.belongings import models, table_of
from registry.kernel import search
from registry.kernel.db import database, is_sqlite, run_sql, transaction
from registry.kernel.errors import Busy, Problem
from registry.kernel.language import _

PATIENCE = 60.0  # seconds to wait for readers who still look at the database as it was


def scrub() -> None:
    """Write the database's files anew without what was deleted. Repeating it does no harm.

    SQLite: search index, the whole file, write-ahead log. PostgreSQL: each table (nobody can use it
    meanwhile). Raises Busy when readers do not let go, Problem when this account may not do it.
    """
    _scrub_sqlite() if is_sqlite() else _scrub_postgres()


def _scrub_sqlite() -> None:
    with transaction():
        there = set(models())
        for source in search.SOURCES.values():
            if source.model in there:
                search.rebuild(source)  # deleted words stay in an index until its parts are merged
    run_sql("VACUUM")
    deadline = time.monotonic() + PATIENCE
    while run_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > deadline:
            raise Busy(_("Other processes still read the database as it was before."))
        time.sleep(0.2)


def _scrub_postgres() -> None:
    import psycopg
    from psycopg import sql

    tables = [table_of(model) for model in models()]  # jobs and the like told of him, too; those tables are small
    with psycopg.connect(str(database.obj.database), autocommit=True) as opened:
        before = _files_of(opened, tables)
        for table in tables:
            opened.execute(sql.SQL("VACUUM (FULL, ANALYZE) {}").format(sql.Identifier(table)))
        same = sorted(table for table, file in _files_of(opened, tables).items() if file == before[table])
        opened.execute("CHECKPOINT") if _may_checkpoint(opened) else None
    if same:
        raise Problem(
            _(
                "The database account may not rewrite %(same)s (VACUUM FULL). Run as the owner of "
                "the tables: assetcare erase --resume",
                same=same[0],
            ),
            code="not_owner",
        )


def _files_of(opened: Any, tables: Iterable[str]) -> dict[str, int]:
    found = opened.execute(
        "SELECT relname, relfilenode FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    ).fetchall()
    known = dict(found)
    return {table: known[table] for table in tables}


def _may_checkpoint(opened: Any) -> bool:
    return bool(opened.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0])


def copies() -> int:
    """How many copies of the database lie beside it from before migrations: they hold what was then."""
    if not is_sqlite():
        return 0
    path = Path(str(database.obj.database))
    return len(list(path.parent.glob(f"{path.name}.before-*")))
