"""Backups: the whole installation in one file, made while it is used; looked over; put back whole or not at all."""

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import DatabaseError
from playhouse.migrations import Runner

from registry.kernel import archive, audit, clock, copying, db, migrate, saved_chains, strangers, wall
from registry.kernel.archive import DATABASE, SECRET, Archive, BadArchive, Manifest, Writer
from registry.kernel.errors import NotFound
from registry.kernel.files import Store
from registry.kernel.secrets import derive
from registry.kernel.sides import PROGRESS, SqliteSide
from registry.kernel.strangers import distrusted

Tell = Callable[[str], None]
PAGES = 2000  # of the database, copied at a time


@dataclass(frozen=True, slots=True)
class Place:
    """An installation as backups see it. `files`: the folder of the store, None when it is elsewhere."""

    data: Path
    database_url: str
    files: Path | None
    secret: str | None  # None: a new place without one
    version: str

    @property
    def embedded(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def database(self) -> Path:
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def key(self) -> bytes | None:
        return derive(self.secret, "backups") if self.secret else None


def make(
    place: Place,
    store: Store,
    target: Path,
    *,
    with_secret: bool = False,
    chains: bool = True,
    incomplete: bool = False,
    tell: Tell,
) -> Manifest:
    """Write a backup to `target`, which must not exist. It appears there whole or not at all.

    `chains`: look over the audit chains. What is wrong with them keeps nobody from a backup; the manifest tells.
    `incomplete`: of PostgreSQL also when tables of plugins have to be left out.
    """
    if target.exists():
        raise BadArchive(f"{target} is there already; name another file.")
    if place.key is None:
        raise BadArchive("This installation has no secret yet.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copy = Path(folder) / DATABASE
        tell("database: copying")
        manifest = _copied(place, copy, tell, incomplete=incomplete)
        if chains:
            tell("audit chains: looking them over")
            manifest.broken = saved_chains.broken_in(copy)
        writer = Writer(draft, manifest)
        try:
            _write(writer, place, store, copy, with_secret, tell)
            writer.finish(place.key)
        except BaseException:
            writer.abandon()
            raise
    draft.rename(target)
    return manifest


def _write(writer: Writer, place: Place, store: Store, copy: Path, with_secret: bool, tell: Tell) -> None:
    tell("database: packing")
    with copy.open("rb") as stream:
        writer.add(DATABASE, stream, pack=True)
    writer.manifest.files_elsewhere = place.files is None
    for number, key in enumerate(store.keys() if place.files else (), 1):
        try:
            with store.open(key) as stream:
                writer.add(f"files/{key}", stream)
        except NotFound:
            writer.manifest.gone += 1
        if number % 1000 == 0:
            tell(f"files: {number}")
    for path in _old_imports(place.data):
        with path.open("rb") as stream:
            writer.add(f"imports/{path.name}", stream)
    if with_secret and place.secret:
        with tempfile.TemporaryFile() as stream:
            stream.write(place.secret.encode())
            stream.seek(0)
            writer.add(SECRET, stream)


def _old_imports(data: Path) -> list[Path]:
    """Files that version 0.1 kept, beside the scratch folder."""
    folder = data / "imports"
    found = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    return [path for path in found if archive.NAME.fullmatch(f"imports/{path.name}")]


def _copied(place: Place, copy: Path, tell: Tell, *, incomplete: bool) -> Manifest:
    """A copy of the database as of one moment, as a SQLite file by itself."""
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))
    if place.embedded:
        _snapshot(place.database, copy, tell)
    else:
        copying.copy(place.database_url, f"sqlite:///{copy}", tell=tell, incomplete=incomplete)
    side = SqliteSide(f"sqlite:///{copy}", writing=True)
    try:
        side.all_done("PRAGMA journal_mode = DELETE")
        if side.has(PROGRESS):
            raise BadArchive("This database is the target of an unfinished copy. Run copy-db again, then back it up.")
        migrations = sorted(copying.migrations(side))
        heads = [list(row) for row in side.heads()]
    finally:
        side.close()
    engine = "sqlite" if place.embedded else "postgresql"
    return Manifest(place.version, clock.now().isoformat(timespec="seconds"), engine, migrations, heads)


def _snapshot(source: Path, copy: Path, tell: Tell) -> None:
    """By SQLite's own backup, page by page. The read transaction holds the moment, so that writers neither wait nor
    make it start again."""
    reading, writing = sqlite3.connect(source, isolation_level=None), sqlite3.connect(copy)

    def progress(_status: int, remaining: int, total: int) -> None:
        tell(f"database: {total - remaining} of {total} pages")

    try:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES, progress=progress, sleep=0.0)
    finally:
        reading.close()
        writing.close()


# --- Looking over ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a sound archive. `ours`: the mark is this installation's; None: it has no secret to tell."""

    manifest: Manifest
    ours: bool | None
    entries: int
    chains: int


def verify(path: Path, place: Place, *, tell: Tell) -> Verdict:
    """Read every entry and look over the database. Raises BadArchive with what is wrong."""
    with (
        archive.opened(path, place.key) as packed,
        tempfile.TemporaryDirectory(prefix=".verify-", dir=place.data) as work,
    ):
        archive.need_room(place.data, packed.manifest.entries[DATABASE][0])
        packed.extract(DATABASE, Path(work) / DATABASE)
        for number, name in enumerate(packed.names(), 1):
            if name != DATABASE:
                packed.read(name)
            if number % 1000 == 0:
                tell(f"files: {number}")
        tell("database: looking it over")
        chains = look_over(Path(work) / DATABASE, packed)
        return Verdict(packed.manifest, packed.ours if place.key else None, len(packed.manifest.entries), chains)


def look_over(database: Path, packed: Archive, *, incomplete: bool = False) -> int:
    """The database is sound in itself, has the tables of a known version and nothing else, and its chains verify.
    Answers how many chains there are. `incomplete`: tables of plugins that are not here are taken out first."""
    try:
        _sound_file(database)
        if incomplete:
            strangers.leave_out(database)
        run = _known_migrations(database, packed.manifest)
        if gone := strangers.found_in(database):
            raise BadArchive(
                f"The database holds tables of plugins that are not installed here: {', '.join(gone)}. Install "
                "them, or restore without them: --without-plugins"
            )
        _same_schema(database, run)
        return _sound_chains(database, packed)
    except (sqlite3.Error, DatabaseError) as error:
        raise BadArchive(f"{DATABASE} is damaged: {error}") from None


def _sound_file(database: Path) -> None:
    with distrusted(database) as side:
        told = [row[0] for row in side.execute("PRAGMA integrity_check(5)")]
        if told != ["ok"]:
            raise BadArchive(f"{DATABASE} is damaged: {'; '.join(map(str, told))}")
        lost = [f"{row[0]} {row[1]} to {row[2]}" for row in side.execute("PRAGMA foreign_key_check").fetchmany(5)]
        if lost:
            raise BadArchive(f"{DATABASE} has references to what is gone: {', '.join(lost)}")


def _known_migrations(database: Path, manifest: Manifest) -> dict[str, str]:
    """owner -> name of the last migration that has run in it."""
    found = {}
    with distrusted(database) as side:
        for owner in migrate.everybody():
            try:
                run = sorted(row[0] for row in side.execute(f'SELECT name FROM "{owner.table}"'))  # noqa: S608
            except sqlite3.OperationalError:
                continue
            known = sorted(path.stem for path in owner.folder.glob("[0-9]*.py"))
            if not run or run != known[: len(run)]:
                raise BadArchive(
                    f"The database is of another version ({manifest.version}): {owner.name} has run {', '.join(run)}."
                )
            found[owner.name] = run[-1]
    if not found:
        raise BadArchive(f"{DATABASE} is not a database of Assetcare.")
    return found


# Whatever there is, under whatever name; but for three tables that SQLite makes by itself.
_MADE = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL "
    "AND NOT (type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'))"
)


def _same_schema(database: Path, run: dict[str, str]) -> None:
    """Its tables, indexes and triggers are those that the migrations make, word for word: nobody put in his own."""
    with tempfile.TemporaryDirectory(prefix="assetcare-") as folder, copying.bound(f"sqlite:///{folder}/model.db"):
        for owner in migrate.everybody():
            if owner.name in run:
                Runner(db.database.obj, str(owner.folder), owner.table).up(run[owner.name])
        wanted = set(db.run_sql(_MADE).fetchall())
    with distrusted(database) as side:
        found = set(side.execute(_MADE).fetchall())
    odd = sorted({name for _, name, _, _ in wanted ^ found})
    if odd:
        raise BadArchive(f"The database is not as the migrations make it: {', '.join(odd[:5])}")


def _sound_chains(database: Path, packed: Archive) -> int:
    faults, count, heads = _faults_in(database)
    known = packed.manifest.broken if packed.ours else None  # by our own word they were broken when they were saved
    if faults != (known or []):
        raise BadArchive(f"The audit chain does not verify: {'; '.join(saved_chains.told_of(faults)[:5])}")
    if heads != packed.manifest.heads:
        raise BadArchive("The audit chains are not those that the manifest tells of.")
    return count


def _faults_in(database: Path) -> tuple[list[list[Any]], int, list[list[Any]]]:
    """([chain, what is wrong with it], how many chains there are, their heads) in a database file by itself."""
    with copying.bound(f"sqlite:///{database}"), wall.everywhere():
        states = list(audit.verify())
        heads = [list(row) for row in db.run_sql("SELECT customer_id, seq, hash FROM chain_head ORDER BY 1").fetchall()]
        db.run_sql("PRAGMA journal_mode = DELETE")
    return [[state.customer_id, state.fault] for state in states if state.fault], len(states), heads


def tidy(folder: Path, pattern: str) -> None:
    """Remove what a run that was cut off has left."""
    for path in folder.glob(pattern):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
