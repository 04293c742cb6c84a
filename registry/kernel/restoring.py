"""Putting a backup back: everything is looked over and laid ready first, then swapped by renames under a written plan.

Until the plan is written, the old installation is whole. From then on the new one is: whoever comes next carries the
plan out, should the restore have been killed. What was there before is kept beside, under a name with the time.
"""

import json
import os
import secrets
import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path

from registry.kernel import archive, backup, clock, copying, jobs, migrate, presence
from registry.kernel.archive import DATABASE, SECRET, Archive, BadArchive
from registry.kernel.backup import Place, Tell, tidy
from registry.kernel.files import flush_folder
from registry.kernel.secrets import check_secret

PLAN = "restore-plan.json"
BEGUN = "restore-begun"  # with PostgreSQL: which archive's files are in place, while its rows are not all yet
STAGED, ASIDE = ".restoring-", ".before-restore-"

Step = tuple[str | None, str, str]  # what was laid ready (None: nothing), where it belongs, where the old one goes


def unfinished(data: Path) -> bool:
    return (data / PLAN).exists()


def finish(data: Path) -> None:
    """Carry out what is left of a plan. Each step may have been done already."""
    plan = data / PLAN
    if not plan.exists():
        return
    for staged, final, aside in json.loads(plan.read_text()):
        _swap(Path(staged) if staged else None, Path(final), Path(aside))
    plan.unlink()
    flush_folder(data)


def _swap(staged: Path | None, final: Path, aside: Path) -> None:
    waiting = staged is not None and staged.exists()
    if (waiting or staged is None) and final.exists() and not aside.exists():
        final.rename(aside)
    if staged is not None and waiting:
        staged.rename(final)
    if final.parent.is_dir():
        flush_folder(final.parent)


def restore(path: Path, place: Place, *, force: bool, trust: bool, tell: Tell, incomplete: bool = False) -> Path | None:
    """Put the backup at `path` in the place of what is there; answers where that was kept, if there was anything.

    Raises BadArchive when the archive is not sound, and then nothing has changed. `force`: replace an installation that
    holds something. `trust`: take an archive without this installation's mark. `incomplete`: leave out
    the tables of plugins that are not here.
    """
    place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with presence.alone(place.data):
        finish(place.data)
        for final in _finals(place):
            tidy(final.parent, f"{final.name}{STAGED}*")
        with archive.opened(path, place.key) as packed:
            _check_free(place, force or (not place.embedded and _begun(place.data) == packed.digest))
            _check_trust(packed, place, trust)
            archive.need_room(place.data, packed.manifest.bytes)
            return Restore(packed, place, tell, incomplete=incomplete).run()


def _finals(place: Place) -> list[Path]:
    """What a restore replaces."""
    files = [place.files] if place.files else []
    return [_database_of(place), *files, place.data / "imports", place.data / SECRET]


def _database_of(place: Place) -> Path:
    """Where the database file belongs; with PostgreSQL, where it waits to be copied."""
    return place.database if place.embedded else place.data / DATABASE


def _check_free(place: Place, force: bool) -> None:
    taken = place.database if place.embedded else place.files
    if taken and taken.exists() and (taken.is_file() or any(taken.iterdir())) and not force:
        raise BadArchive(f"There is an installation already: {taken}. To replace it (it is kept beside): --force")
    if not place.embedded:
        copying.must_be_free(place.database_url)


def _begun(data: Path) -> str:
    return (data / BEGUN).read_text() if (data / BEGUN).exists() else ""


def _check_trust(packed: Archive, place: Place, trust: bool) -> None:
    if not packed.ours and not trust:
        why = "another installation's, or it was edited" if place.key else "not known to this new installation"
        raise BadArchive(
            f"The mark on this archive is {why}. Give the ASSETCARE_SECRET that it was made with, or, if you trust "
            "where it comes from: --trust"
        )


class Restore:
    """One archive on its way into one place."""

    def __init__(self, packed: Archive, place: Place, tell: Tell, *, incomplete: bool) -> None:
        self.packed, self.place, self.tell, self.incomplete = packed, place, tell, incomplete
        self.stamp = f"{clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.plan: list[Step] = []

    def run(self) -> Path | None:
        database = self._staged(_database_of(self.place))
        try:
            self._lay_ready(database)
            if not self.place.embedded:
                (self.place.data / BEGUN).write_text(self.packed.digest)
            _write_plan(self.place.data, self.plan)
            finish(self.place.data)
            if not self.place.embedded:
                self._to_postgres(database)
                (self.place.data / BEGUN).unlink()
        finally:
            for final in _finals(self.place):
                tidy(final.parent, f"{final.name}{STAGED}{self.stamp}*")
        return next((Path(aside) for _, _, aside in self.plan if Path(aside).exists()), None)

    def _staged(self, final: Path) -> Path:
        """Beside where it belongs: a rename does not leave the disk."""
        return final.with_name(f"{final.name}{STAGED}{self.stamp}")

    def _lay_ready(self, database: Path) -> None:
        """Extract and look over everything; write down what has to be renamed to what."""
        self.tell("reading the archive")
        self.packed.extract(DATABASE, database)
        self.tell("database: looking it over")
        backup.look_over(database, self.packed, incomplete=self.incomplete)
        if self.place.files and not self.packed.manifest.files_elsewhere:
            _forget_moves(database)  # its files come along, and go to where the settings say
        if self.place.embedded:
            self._plan_database(database)
        if self.place.files and not self.packed.manifest.files_elsewhere:
            self._folder("files/", self.place.files)
        if self.packed.names("imports/"):
            self._folder("imports/", self.place.data / "imports")
        if SECRET in self.packed.manifest.entries:
            self._secret()

    def _plan_database(self, staged: Path) -> None:
        """And away with what belonged to the old one: its log, and a queue that speaks of its jobs."""
        queue = self.place.data / "jobs.db"
        self._plan(staged, self.place.database)
        self._plan(None, queue)
        for each, end in product((self.place.database, queue), ("-wal", "-shm")):
            self.plan.append((None, f"{each}{end}", f"{self._aside(each)}{end}"))  # a log is known by its name only

    def _folder(self, beginning: str, final: Path) -> None:
        staged = self._staged(final)
        staged.mkdir(parents=True, mode=0o700)
        self._plan(staged, final)
        for number, name in enumerate(self.packed.names(beginning), 1):
            self.packed.extract(name, staged / name.removeprefix(beginning))
            if number % 1000 == 0:
                self.tell(f"{beginning} {number}")

    def _secret(self) -> None:
        staged = self._staged(self.place.data / SECRET)
        self.packed.extract(SECRET, staged)
        check_secret(staged.read_text())
        self._plan(staged, self.place.data / SECRET)

    def _plan(self, staged: Path | None, final: Path) -> None:
        self.plan.append((str(staged) if staged else None, str(final), str(self._aside(final))))

    def _aside(self, final: Path) -> Path:
        return final.with_name(f"{final.name}{ASIDE}{self.stamp}")

    def _to_postgres(self, database: Path) -> None:
        self.tell("database: copying to PostgreSQL")
        source = f"sqlite:///{database}"
        with copying.bound(source):
            migrate.migrate()  # the archive may be older than this version
            for look in migrate.LOOKING:
                look(may_migrate=True)
        copying.copy(source, self.place.database_url, tell=self.tell, incomplete=self.incomplete)
        jobs.lay_out(self.place.database_url)


def _forget_moves(database: Path) -> None:
    with closing(sqlite3.connect(database)) as opened, opened:
        if opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'file_move'").fetchone():
            opened.execute("DELETE FROM file_move")


def _write_plan(data: Path, plan: list[Step]) -> None:
    """From the moment that this file has its name, the new installation is the one that stands."""
    draft = data / f"{PLAN}{STAGED}"
    with draft.open("w") as file:
        json.dump(plan, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(data / PLAN)
    flush_folder(data)
