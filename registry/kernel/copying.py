"""A whole database into another one, SQLite or PostgreSQL in either direction, and the proof that nothing was lost.

The source is read as of one moment. The target takes it in batches, each noted with its rows, so that a copy that was
cut off goes on where it was. Until the end has been proved nothing serves from the target.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from registry.kernel import audit, db, migrate, schema, wall
from registry.kernel.canonical import NotCopied, Raw, checksum, columns_of, converted, converters
from registry.kernel.errors import Problem
from registry.kernel.sides import PROGRESS, STEP, AnySide, open_side, shown

Tell = Callable[[str], None]


@dataclass
class Copied:
    """What a copy did. `checksums`: table -> [rows, SHA-256], the same on both sides. Times in seconds."""

    source: str
    target: str
    checksums: dict[str, tuple[int, str]] = field(default_factory=dict)
    chains: int = 0
    faults: list[str] = field(default_factory=list)  # of the audit chains; they were in the source, too
    resumed: bool = False
    again: list[str] = field(default_factory=list)  # tables that had changed since a run that was cut off
    left_out: list[str] = field(default_factory=list)  # tables that are not ours
    source_changed: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(rows for rows, _ in self.checksums.values())

    def told(self) -> dict[str, Any]:
        tables = {name: {"rows": rows, "checksum": text} for name, (rows, text) in self.checksums.items()}
        return {**asdict(self), "rows": self.rows, "checksums": tables}


def copy(
    source_url: str, target_url: str, *, tell: Tell = lambda _text: None, step: int = STEP, incomplete: bool = False
) -> Copied:
    """Copy and prove. Raises Problem, and then nothing serves from the target: another run goes on, or says why not.

    `incomplete`: without the tables of plugins that are not loaded here; otherwise they are a reason not to copy.
    """
    if source_url == target_url:
        raise Problem("Source and target are the same database.", code="same_database")
    report = Copied(shown(source_url), shown(target_url))
    if target_url.startswith("sqlite:///"):
        with suppress(OSError):  # where there is no making it, opening it says so
            os.close(os.open(target_url.removeprefix("sqlite:///"), os.O_CREAT, 0o600))
    source = open_side(source_url)
    try:
        look_into(source_url)
        if not incomplete:
            _must_know(source)
        source.snapshot()
        with bound(target_url), wall.everywhere():
            _prepare(source, target_url)
            target = open_side(target_url, writing=True)
            try:
                Copy(source, target, report, tell, step).run()
            finally:
                target.close()
            _verify(report)
        heads = source.heads()
    finally:
        source.close()
    report.source_changed = heads != _heads_now(source_url)
    return report


@contextmanager
def bound(url: str) -> Iterator[None]:
    """Everything inside works on the database at `url`."""
    before = db.database.obj
    db.close_all() if before is not None else None
    db.open_database(url)
    try:
        with db.connection():
            yield
    finally:
        db.close_all()
        if before is not None:
            db.database.initialize(before)


def _prepare(source: AnySide, target_url: str) -> None:
    """The target has the tables of this version and nothing in them; the source is of this version, too."""
    _must_be_whole(source)
    known = {f"{owner.name}/{path.stem}" for owner in migrate.OWNERS for path in owner.folder.glob("[0-9]*.py")}
    run = migrations(source)
    if run != known:
        missing, strange = sorted(known - run), sorted(run - known)
        told = (
            f"lacks {', '.join(missing)}" if missing else f"has {', '.join(strange)}, which this version does not know"
        )
        raise Problem(f"The source {told}. Bring it to this version first: assetcare migrate", code="not_migrated")
    must_be_free(target_url)  # before it is touched: it may be somebody's, of an older version
    migrate.migrate()


def _must_be_whole(source: AnySide) -> None:
    if source.has(PROGRESS):
        text = "The source is itself the target of an unfinished copy: rows are missing. Finish that copy first."
        raise Problem(text, code="unfinished_copy")


def look_into(url: str) -> None:
    """Whose tables are there: the core's, and those of plugins that are loaded here and of the same version."""
    if migrate.LOOKING:
        with bound(url), wall.everywhere():
            ours = db.database.table_exists(migrate.OWNERS[0].table)
            for look in migrate.LOOKING if ours else ():
                look(may_migrate=False)


def _must_know(source: AnySide) -> None:
    _must_be_whole(source)
    histories = {name for name in source.tables() if name.startswith(migrate.HISTORY)}
    strange = sorted(histories - {owner.table for owner in migrate.OWNERS})
    if strange:
        names = ", ".join(name.removeprefix(migrate.HISTORY) for name in strange)
        raise Problem(
            f"The database holds tables of plugins that do not work here: {names}. The copy would lack them. "
            "See assetcare plugin list, and make them work, or end their data by assetcare plugin drop-data; or leave "
            "them out by --without-plugins.",
            code="plugin_missing",
        )


def migrations(side: AnySide) -> set[str]:
    tables = side.tables()
    found = set()
    for owner in migrate.OWNERS:
        if owner.table in tables:
            found |= {f"{owner.name}/{row[0]}" for row in side.all(f'SELECT name FROM "{owner.table}"')}  # noqa: S608
    return found


class Copy:
    """One run over all tables."""

    def __init__(self, source: AnySide, target: AnySide, report: Copied, tell: Tell, step: int) -> None:
        self.source, self.target, self.report, self.tell, self.step = source, target, report, tell, step
        self.models: dict[str, Any] = {str(model._meta.table_name): model for model in schema.models()}
        self.noted: dict[str, Any] = {}

    def run(self) -> None:
        self.target.claim()
        self._begin()
        with _timed(self.report, "copying"):
            for table in self.models:
                self._fill(table)
        with _timed(self.report, "comparing"):
            for table in self.models:
                self.report.checksums[table] = self._compared(table)
        with _timed(self.report, "indexing"):
            self._finish()
        self.report.left_out = sorted(self._strangers())

    def _begin(self) -> None:
        """Begin, or go on with what was begun - if it is the same source, unchanged."""
        mark = _mark(self.source)
        self.noted = self.target.noted()
        if not self.noted:
            _must_be_empty(self.target)
            self._lay_aside(mark)
        elif self.noted.get("source") != mark:
            raise Problem(
                "The target holds an unfinished copy of another source, or the source has changed since. Empty the "
                "target (drop and create the database, or delete the file) and start again.",
                code="other_source",
            )
        else:
            self.report.resumed = True
        self.noted = self.target.noted()

    def _lay_aside(self, mark: str) -> None:
        self.target.begin()
        self.target.all_done(f"CREATE TABLE {PROGRESS} (name VARCHAR(100) PRIMARY KEY, told TEXT NOT NULL)")
        self.target.note("source", mark)
        self.target.note("aside", self.target.lay_aside(set(self.models)))
        self.target.commit()

    def _fill(self, table: str) -> None:
        model, at = self.models[table], int(self.noted.get(f"table {table}", 0))
        columns, convert = columns_of(model), converters(model)
        done = 0
        for rows in self.source.batches(table, columns, self.step, at):
            self.target.begin()
            try:
                self.target.fill(table, columns, converted(rows, convert))
            except Exception as error:
                raise NotCopied(f"{table}, ids {rows[0][0]} to {rows[-1][0]}: {error}") from error
            self.target.note(f"table {table}", rows[-1][0])
            self.target.commit()
            done += len(rows)
            self.tell(f"{table}: {done}")

    def _compared(self, table: str) -> tuple[int, str]:
        """(rows, checksum), which both sides agree on. What an earlier run filled may have changed since: once more."""
        wanted, found = self._sum(self.source, table), self._sum(self.target, table)
        if wanted != found and self.report.resumed:
            self.report.again.append(table)
            self.target.begin()
            self.target.all_done(f'DELETE FROM "{table}"')  # noqa: S608 - our models' names
            self.target.note(f"table {table}", 0)
            self.target.commit()
            self.noted.pop(f"table {table}", None)
            self._fill(table)
            found = self._sum(self.target, table)
        if wanted != found:
            raise Problem(
                f"{table} differs: {wanted[0]} rows with checksum {wanted[1][:12]} in the source, {found[0]} with "
                f"{found[1][:12]} in the target.",
                code="copy_differs",
            )
        return wanted

    def _sum(self, side: AnySide, table: str) -> tuple[int, str]:
        model = self.models[table]
        return checksum(model, side.batches(table, columns_of(model), self.step))

    def _finish(self) -> None:
        """Indexes, references and triggers come back, ids go on where they were, all at once."""
        self.target.begin()
        for statement in self.noted["aside"]:
            self.target.all_done(statement)
        for table in self.models:
            self.target.go_on_from(table, self.source.next_id(table))
        self.target.all_done(f"DROP TABLE {PROGRESS}")
        broken = self.target.broken_references()
        if broken:
            raise Problem(f"The source is damaged: {'; '.join(broken[:5])}", code="broken_reference")
        self.target.commit()
        self.target.settle()

    def _strangers(self) -> set[str]:
        ours = {*self.models, *(owner.table for owner in migrate.OWNERS)}
        return {name for name in self.source.tables() - ours if not name.startswith("sqlite_") and "_fts" not in name}


def _must_be_empty(target: AnySide) -> None:
    there = target.tables() & {str(model._meta.table_name) for model in schema.models()}
    full = sorted(table for table in there if target.count(table))
    if full:
        raise Problem(
            f"The target is not empty: there are rows in {', '.join(full[:5])}. Give it an empty database; "
            "this command makes the tables.",
            code="not_empty",
        )


def must_be_free(url: str) -> None:
    """Raises Problem unless the database at `url` is empty, or holds a copy that was cut off."""
    side = open_side(url)
    try:
        if not side.has(PROGRESS):
            _must_be_empty(side)
    finally:
        side.close()


def _mark(source: AnySide) -> str:
    """Tells this source, as it is now, from any other: by the installation and by its history."""
    told = [source.all("SELECT value FROM installation ORDER BY name"), source.heads()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _heads_now(url: str) -> list[Raw]:
    side = open_side(url)
    try:
        return side.heads()
    finally:
        side.close()


def _verify(report: Copied) -> None:
    with _timed(report, "verifying"):
        states = list(audit.verify())
    report.chains = len(states)
    report.faults = [f"chain {state.customer_id}: {state.fault}" for state in states if state.fault]


@contextmanager
def _timed(report: Copied, name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    report.seconds[name] = round(time.perf_counter() - began, 2)


def unfinished() -> bool:
    """Whether the open database is the target of a copy that has not ended."""
    return PROGRESS in db.database.get_tables()
