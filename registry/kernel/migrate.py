"""Migrations: one history per owner (the core, each plugin), under a lock, with a copy of the SQLite file first."""

import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playhouse.migrations import Runner

from registry.kernel import clock, wall
from registry.kernel.db import connection, database, is_sqlite, run_sql
from registry.kernel.logs import log
from registry.kernel.paths import PACKAGE

HISTORY = "schema_migration_"  # and the owner's name: the table of what has run
LOCK_NUMBER = 4_711_202  # any number, the same in every process


@dataclass(frozen=True, slots=True)
class Owner:
    name: str
    folder: Path

    @property
    def table(self) -> str:
        return f"{HISTORY}{self.name}"


OWNERS = [Owner("core", PACKAGE / "migrations")]  # and each plugin whose tables are there
INSTALLED: list[Owner] = []  # plugins with tables, whether or not the open database holds them
LOOKING: list[Callable[..., object]] = []  # look(may_migrate=...) finds out who else has tables in the open database


def everybody() -> list[Owner]:
    """Everybody who may have tables in a database of this version."""
    here = {owner.name for owner in OWNERS}
    return [*OWNERS, *(owner for owner in INSTALLED if owner.name not in here)]


def pending(owners: Sequence[Owner] | None = None) -> list[str]:
    """Names of migrations that have not run, as owner/name. `owners`: whose; default: of everybody."""
    with connection():
        return [
            f"{owner.name}/{one.name}"
            for owner in (OWNERS if owners is None else owners)
            for one in _runner(owner).status()
            if not one.applied
        ]


def _runner(owner: Owner) -> Runner:
    return Runner(database.obj, str(owner.folder), owner.table)


def migrate(owners: Sequence[Owner] | None = None) -> list[str]:
    """Run what is pending, one process at a time; answer what ran. Each migration is all or nothing."""
    chosen = OWNERS if owners is None else owners
    with connection(), wall.everywhere(), alone():
        waiting = pending(chosen)
        if not waiting:
            return []
        copy = _copy_first()
        log.info("migrating", pending=waiting, copy=str(copy) if copy else None)
        return [f"{owner.name}/{name}" for owner in chosen for name in _runner(owner).up()]


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time changes the tables; the others wait."""
    if not is_sqlite():
        [waits] = run_sql("SHOW lock_timeout").fetchone()
        run_sql("SELECT set_config('lock_timeout', '0', false)")  # another one's migration may take its time
        run_sql("SELECT pg_advisory_lock(?)", (LOCK_NUMBER,))
        try:
            yield
        finally:
            run_sql("SELECT pg_advisory_unlock(?), set_config('lock_timeout', ?, false)", (LOCK_NUMBER, waits))
        return
    path = str(database.obj.database)
    if path == ":memory:":
        yield
        return
    with open(f"{path}.migrate-lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _copy_first() -> Path | None:
    """A consistent copy beside the SQLite file, so that a failed upgrade can be taken back. Nothing for a new file."""
    if not is_sqlite() or not database.get_tables():
        return None
    path = Path(database.obj.database)
    copy = path.with_name(f"{path.name}.before-{clock.now():%Y%m%dT%H%M%S.%fZ}")
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise OSError(f"not enough room beside {path} for a copy before migrating")
    with sqlite3.connect(copy) as target:
        database.connection().backup(target)
    target.close()
    return copy


def run_statements(folder: Path, name: str) -> None:
    """Execute the frozen DDL in `folder`/`name`.sqlite.sql or .postgresql.sql, one statement a line."""
    engine = "sqlite" if is_sqlite() else "postgresql"
    for line in (folder / f"{name}.{engine}.sql").read_text().splitlines():
        if line and not line.startswith("--"):
            database.execute_sql(line)
