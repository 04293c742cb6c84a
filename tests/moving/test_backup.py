"""Backups: made while the house is used, looked over by somebody who trusts nobody, put back whole or not at all."""

import hashlib
import io
import json
import os
import select
import shutil
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playhouse.migrations import Runner

from registry import __version__
from registry.kernel import archive, backup, copying, db, files, migrate, presence, restoring, wall
from registry.kernel.archive import DATABASE, MANIFEST, MARK, BadArchive
from registry.kernel.backup import Place
from registry.kernel.copying import bound
from registry.kernel.errors import Problem
from registry.kernel.migrate import OWNERS
from registry.kernel.secrets import derive
from tests.houses import SECRET, House
from tests.moving.world import close, files_in, found_in, fresh_postgres
from tests.postgres import Cluster
from tests.programs import run_module, start_module

OTHER_SECRET = "b7d3f08264e6a1c5b95f2c9a1e7b3d8046c1e5a9"


def quiet(_text: str) -> None:
    pass


def place_at(data: Path, url: str = "", secret: str | None = SECRET) -> Place:
    return Place(data, url or f"sqlite:///{data / 'assetcare.db'}", data / "files", secret, __version__)


def save(place: Place, target: Path, **options: Any) -> archive.Manifest:
    store = files.FolderStore(place.files or place.data)
    return backup.make(place, store, target, **{"tell": quiet, **options})


def put_back(path: Path, place: Place, **options: Any) -> Path | None:
    return restoring.restore(path, place, **{"force": False, "trust": False, "tell": quiet, **options})


@pytest.fixture(scope="module")
def standing(furnished_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation with everything in it, to be read only, and a backup of it."""
    data = tmp_path_factory.mktemp("standing") / "data"
    shutil.copytree(furnished_data, data)
    store = files.FolderStore(data / "files")
    for number in range(5):
        store.put(files.new_key(number or None), io.BytesIO(f"file {number}".encode() * 1000))
    (data / "imports").mkdir(exist_ok=True)
    (data / "imports" / "a1b2.csv").write_text("old import")
    (data / "secret").write_text(SECRET)
    (data / "secret").chmod(0o600)
    save(place_at(data), data.parent / "backup.zip")
    return data


@pytest.fixture
def saved(standing: Path) -> Path:
    return standing.parent / "backup.zip"


@pytest.fixture
def home(standing: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own, with the same in it."""
    data = tmp_path / "data"
    shutil.copytree(standing, data)
    return data


def content(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = found_in(f"sqlite:///{data / 'assetcare.db'}")
    found["files"] = list(files_in(data / "files"))
    found["imports"] = list(files_in(data / "imports"))
    return found


def rename_first(data: Path, name: str) -> None:
    with sqlite3.connect(data / "assetcare.db") as side:
        side.execute("UPDATE asset SET name = ? WHERE id = 1", (name,))
    side.close()


# --- Made ---------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back_whole(home: Path, tmp_path: Path) -> None:
    was = content(home)
    save(place_at(home), tmp_path / "b.zip")
    rename_first(home, "changed since")
    for path in (home / "files").rglob("*"):
        if path.is_file():
            path.write_text("changed, too")
    (home / "jobs.db").write_text("jobs of rows that will not be there")
    kept = put_back(tmp_path / "b.zip", place_at(home), force=True)
    assert content(home) == was and len(was["files"]) > 5 and len(was["imports"]) == 1
    assert not (home / "jobs.db").exists() and not list(home.glob(f"*{restoring.STAGED}*"))
    assert kept and kept.exists(), "what was there is kept beside"
    stamp = kept.name.rpartition(restoring.ASIDE)[2]
    with bound(f"sqlite:///{home / f'assetcare.db{restoring.ASIDE}{stamp}'}"):
        assert db.run_sql("SELECT name FROM asset WHERE id = 1").fetchone() == ("changed since",)
    assert {body for _, body in files_in(home / f"files{restoring.ASIDE}{stamp}")} == {b"changed, too"}


def test_into_an_empty_folder(saved: Path, standing: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "new" / "place"
    assert put_back(saved, place_at(fresh)) is None
    assert content(fresh) == content(standing)
    for path in fresh.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077 or path.is_dir(), path


def test_only_the_owner_reads_it_and_the_secret_is_not_in_it(home: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        save(place_at(home), tmp_path / "without.zip")
        save(place_at(home), tmp_path / "with.zip", with_secret=True)
    finally:
        os.umask(before)
    for name in ("without.zip", "with.zip"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        with zipfile.ZipFile(tmp_path / name) as packed:
            found = any(SECRET.encode() in packed.read(entry) for entry in packed.namelist())
            assert found is (name == "with.zip")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], "nothing is left lying about"
    other = place_at(tmp_path / "other", secret=None)
    put_back(tmp_path / "with.zip", other, trust=True)
    assert (tmp_path / "other" / "secret").read_text() == SECRET
    assert stat.S_IMODE((tmp_path / "other" / "secret").stat().st_mode) == 0o600


def test_it_never_overwrites_and_leaves_nothing_when_it_fails(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(place_at(home), tmp_path / "b.zip")
    with pytest.raises(BadArchive, match="there already"):
        save(place_at(home), tmp_path / "b.zip")

    def full(*_given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Writer, "finish", full)
    with pytest.raises(OSError, match="No space"):
        save(place_at(home), tmp_path / "c.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "data"]


def test_a_file_that_goes_meanwhile_is_left_out(home: Path, tmp_path: Path) -> None:
    class Going(files.FolderStore):
        def open(self, key: str) -> Any:
            if key.startswith("house"):
                gone.append(key)
                self.delete(key)
            return super().open(key)

    gone: list[str] = []
    made = backup.make(place_at(home), Going(home / "files"), tmp_path / "b.zip", tell=quiet)
    kept = [name for name in made.entries if name.startswith("files/")]
    assert made.gone == len(gone) > 0 and len(kept) > 4 and not any("house/" in name for name in kept)
    backup.verify(tmp_path / "b.zip", place_at(home), tell=quiet)


def test_it_is_made_while_others_write(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, with a write between any two pages: sound, and as of one moment."""
    house.customer("acme")
    product = house.product().id
    for number in range(20):
        house.asset("acme", f"S{number}", product=product)
    house.close()
    data, written, stop = house.settings.data, [0], threading.Event()

    def write() -> None:
        with db.connection():
            while not stop.is_set():
                house.asset("acme", f"W{written[0]}", product=product)
                written[0] += 1

    monkeypatch.setattr(backup, "PAGES", 2)
    seen: list[int] = []
    pages: list[int] = []

    def tell(text: str) -> None:
        if "pages" in text:
            seen.append(written[0])
            pages.append(int(text.split()[1]))
            until = time.monotonic() + 60
            while written[0] == seen[-1] and time.monotonic() < until and len(seen) < 40:
                time.sleep(0.001)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        save(place_at(data), tmp_path / "b.zip", tell=tell)
    finally:
        stop.set()
        thread.join()
    assert seen[-1] > seen[0] + 10, "others were writing all the time"
    assert pages == sorted(set(pages)) and len(pages) > 20, "and it never had to start again"
    monkeypatch.undo()
    found = backup.verify(tmp_path / "b.zip", place_at(data), tell=quiet)
    assert found.chains == 2


# --- Looked over --------------------------------------------------------------------------------------------


def rewritten(saved: Path, target: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """The archive with other contents, and a manifest that agrees with them, but not its mark."""
    with zipfile.ZipFile(saved) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(parts.pop(MANIFEST))
    change(parts, manifest)
    mark = parts.pop(MARK)
    for name, body in parts.items():
        manifest["entries"][name] = [len(body), hashlib.sha256(body).hexdigest()]
    manifest["entries"] = {name: told for name, told in manifest["entries"].items() if name in parts}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in {**parts, MANIFEST: json.dumps(manifest).encode(), MARK: mark}.items():
            packed.writestr(name, body)
    return target


def in_database(parts: dict[str, bytes], folder: Path, *statements: str) -> None:
    path = folder / "edited.db"
    path.write_bytes(parts[DATABASE])
    side = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        side.execute(statement)
    side.close()
    parts[DATABASE] = path.read_bytes()


NO_GUARD = "DROP TRIGGER audit_entry_no_update"
GUARD = (
    "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
)
DISHONEST: dict[str, tuple[list[str], str]] = {
    "an edited entry": ([NO_GUARD, "UPDATE audit_entry SET label = 'x' WHERE id = 3", GUARD], r"row 3\) was changed"),
    "a trigger": (["CREATE TRIGGER evil AFTER INSERT ON asset BEGIN DELETE FROM contract; END"], "evil"),
    "a view for a table": (
        ["ALTER TABLE site RENAME TO s", "CREATE VIEW site AS SELECT * FROM s"],
        "not as the migrations",
    ),
    "another table": (["CREATE TABLE more (x)"], "more"),
    "a trigger that is called as if it were SQLite's": (
        ["CREATE TRIGGER sqliteevil AFTER INSERT ON asset BEGIN DELETE FROM contract; END"],
        "sqliteevil",
    ),
    "a trigger by a forbidden name": (
        [
            "CREATE TRIGGER evil AFTER INSERT ON asset BEGIN DELETE FROM contract; END",
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET name = 'sqlite_evil', sql = replace(sql, 'TRIGGER evil', 'TRIGGER sqlite_evil') "
            "WHERE name = 'evil'",
        ],
        "sqlite_evil",
    ),
    "a trigger behind a table's name": (
        [
            "CREATE TRIGGER mail AFTER INSERT ON asset BEGIN DELETE FROM contract; END",
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET rowid = rowid + 1000 WHERE tbl_name = 'mail'",
        ],
        "mail",
    ),
    "a lost table": (["DROP TABLE mail"], "mail"),
    "no guard": ([NO_GUARD], "audit_entry_no_update"),
    "another index": (["DROP INDEX asset_slot", "CREATE INDEX asset_slot ON asset (slot)"], "asset_slot"),
    "a later version": (["INSERT INTO schema_migration_core (name, applied) VALUES ('0099_later', '')"], "0099_later"),
    "no version": (["DELETE FROM schema_migration_core"], "another version"),
    "a lost reference": (["PRAGMA foreign_keys = OFF", "DELETE FROM customer WHERE id = 1"], "what is gone"),
    "a shorter chain with a head that fits": (
        [
            "DROP TRIGGER audit_entry_no_delete",
            "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry WHERE customer_id = 1)",
            "UPDATE chain_head SET seq = seq - 1, hash = (SELECT hash FROM audit_entry e WHERE e.customer_id = 1 "
            "AND e.seq = chain_head.seq - 1) WHERE customer_id = 1",
            "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        ],
        "not those that the manifest tells of",
    ),
    "a shorter chain": (
        [
            "DROP TRIGGER audit_entry_no_delete",
            "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
            "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        ],
        "the table ends",
    ),
}


@pytest.mark.parametrize("what", DISHONEST)
def test_a_database_that_somebody_has_been_at_is_refused(saved: Path, tmp_path: Path, what: str) -> None:
    """Even by whoever trusts the archive: its checksums agree, but not the database with itself."""
    statements, said = DISHONEST[what]
    path = rewritten(saved, tmp_path / "b.zip", lambda parts, _: in_database(parts, tmp_path, *statements))
    with pytest.raises(BadArchive, match=said):
        put_back(path, place_at(tmp_path / "new"), trust=True)
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "in-use"], "nothing was put there"


def test_an_edited_row_without_history_shows_in_the_mark(saved: Path, tmp_path: Path) -> None:
    edit = "UPDATE app_user SET email = 'mallory@evil.example' WHERE id = 1"
    path = rewritten(saved, tmp_path / "b.zip", lambda parts, _: in_database(parts, tmp_path, edit))
    for secret, said in ((SECRET, "was edited"), (OTHER_SECRET, "was edited"), (None, "not known")):
        with pytest.raises(BadArchive, match=said):
            put_back(path, place_at(tmp_path / "new", secret=secret))
    assert backup.verify(path, place_at(tmp_path / "new"), tell=quiet).ours is False
    assert backup.verify(saved, place_at(tmp_path / "new"), tell=quiet).ours is True
    put_back(path, place_at(tmp_path / "new"), trust=True)


def junk(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    parts[DATABASE] = b"SQLite format 3\0" + os.urandom(5000)


def cut(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    parts[DATABASE] = parts[DATABASE][:-20480]


def scratched(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    body = bytearray(parts[DATABASE])
    for at in range(40_000, len(body), 30_000):
        body[at : at + 200] = os.urandom(200)
    parts[DATABASE] = bytes(body)


@pytest.mark.parametrize("incomplete", [False, True])
@pytest.mark.parametrize("change", [junk, cut, scratched])
def test_a_damaged_database_is_refused(saved: Path, tmp_path: Path, change: Any, incomplete: bool) -> None:
    archive = rewritten(saved, tmp_path / "b.zip", change)
    with pytest.raises(BadArchive, match=r"damaged|not a database|not as the migrations"):
        put_back(archive, place_at(tmp_path / "new"), trust=True, incomplete=incomplete)


def parts_of(saved: Path) -> list[tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(saved) as packed:
        return [(info, packed.read(info)) for info in packed.infolist()]


def with_entry(name: str, body: bytes = b"x", **more: Any) -> Callable[[Path, Path], None]:
    """The archive with one entry more, which the manifest knows if that is all it takes."""

    def build(saved: Path, target: Path) -> None:
        def add(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
            parts[name] = body

        rewritten(saved, target, add)
        if more:
            change_list(saved, target, name, more)

    return build


def change_list(_saved: Path, target: Path, name: str, more: dict[str, Any]) -> None:
    there = parts_of(target)
    with zipfile.ZipFile(target, "w") as packed:
        for info, body in there:
            if info.filename == name:
                for key, value in more.items():
                    setattr(info, key, value)
            packed.writestr(info, body)


def twice(saved: Path, target: Path) -> None:
    shutil.copy(saved, target)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as packed:
        packed.writestr(MANIFEST, b"{}")


def truncated(saved: Path, target: Path) -> None:
    target.write_bytes(saved.read_bytes()[:-1000])


def beginning_only(saved: Path, target: Path) -> None:
    target.write_bytes(saved.read_bytes()[:5000])


def flipped(saved: Path, target: Path) -> None:
    body = bytearray(saved.read_bytes())
    body[len(body) // 3] ^= 0xFF
    target.write_bytes(bytes(body))


def replaced(saved: Path, target: Path) -> None:
    """A file of the same size in the place of another, with nothing else touched."""
    with zipfile.ZipFile(target, "w") as packed:
        for info, body in parts_of(saved):
            packed.writestr(info, bytes(len(body)) if info.filename.startswith("files/customer") else body)


def lying_size(saved: Path, target: Path) -> None:
    """A bomb: the list says few bytes, the entry unpacks to many."""
    bomb = b"\0" * 50_000_000

    def add(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        parts["imports/bomb"] = bomb

    rewritten(saved, target, add)
    body = target.read_bytes()
    small, large = struct.pack("<L", 100), struct.pack("<L", len(bomb))
    assert body.count(large) >= 2
    target.write_bytes(body.replace(large, small))


def huge(saved: Path, target: Path) -> None:
    """A manifest that tells of more than the disk holds."""

    def lie(_parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["entries"]["imports/x"] = [2**60, "0" * 64]

    rewritten(saved, target, lie)
    there = parts_of(target)
    with zipfile.ZipFile(target, "w") as packed:
        for info, body in there:
            if info.filename == MANIFEST:
                manifest = json.loads(body)
                manifest["entries"]["imports/x"] = [2**60, "0" * 64]
                body = json.dumps(manifest).encode()
            packed.writestr(info.filename, body)


def manifest_of(text: bytes) -> Callable[[Path, Path], None]:
    def build(saved: Path, target: Path) -> None:
        there = parts_of(saved)
        with zipfile.ZipFile(target, "w") as packed:
            for info, body in there:
                packed.writestr(info.filename, text if info.filename == MANIFEST else body)

    return build


def without(name: str) -> Callable[[Path, Path], None]:
    def build(saved: Path, target: Path) -> None:
        with zipfile.ZipFile(target, "w") as packed:
            for info, body in parts_of(saved):
                if info.filename != name:
                    packed.writestr(info.filename, body)

    return build


SYMLINK = (stat.S_IFLNK | 0o777) << 16
HOSTILE: dict[str, Callable[[Path, Path], None]] = {
    "climbing": with_entry("files/../../../../tmp/evil"),
    "absolute": with_entry("/tmp/evil"),
    "climbing imports": with_entry("imports/..%2fevil/../x"),
    "backslashes": with_entry("files\\..\\evil"),
    "a program": with_entry("plugins/evil.py"),
    "hidden": with_entry("imports/.bashrc"),
    "a folder": with_entry("files/customer/1/", b""),
    "a nul": with_entry("imports/a\0b"),
    "another store's key": with_entry("files/customer/0/" + "a" * 32),
    "a link": with_entry("imports/link", b"/etc/passwd", external_attr=SYMLINK),
    "a device": with_entry("imports/device", external_attr=(stat.S_IFCHR | 0o600) << 16),
    "another packing": with_entry("imports/x", compress_type=zipfile.ZIP_LZMA),
    "twice": twice,
    "truncated": truncated,
    "its beginning only": beginning_only,
    "a flipped bit": flipped,
    "a replaced file": replaced,
    "a bomb": lying_size,
    "more than the disk": huge,
    "no manifest": without(MANIFEST),
    "no mark": without(MARK),
    "no database": without(DATABASE),
    "manifest: no JSON": manifest_of(b"{"),
    "manifest: a list": manifest_of(b"[]"),
    "manifest: another format": manifest_of(b'{"format": 2}'),
    "manifest: deep": manifest_of(b"[" * 200_000),
    "manifest: no entries": manifest_of(
        b'{"format": 1, "version": "", "made_at": "", "engine": "", "migrations": [], "heads": []}'
    ),
    "manifest: other types": manifest_of(
        b'{"format": 1, "version": "", "made_at": "", "engine": "", "migrations": [], "heads": [], "entries": [1]}'
    ),
    "no archive": lambda _saved, target: target.write_bytes(b"PK\x03\x04 nothing") and None,
    "empty": lambda _saved, target: target.write_bytes(b"") and None,
    "not there": lambda _saved, _target: None,
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_changes(saved: Path, home: Path, tmp_path: Path, what: str) -> None:
    HOSTILE[what](saved, tmp_path / "b.zip")
    before = {path for path in tmp_path.rglob("*") if path.name != "in-use"}
    was = content(home)
    for look in (
        lambda: put_back(tmp_path / "b.zip", place_at(home), force=True, trust=True),
        lambda: backup.verify(tmp_path / "b.zip", place_at(home), tell=quiet),
    ):
        with pytest.raises(BadArchive):
            look()
    assert content(home) == was
    after = {path for path in tmp_path.rglob("*") if path.name != "in-use" and "assetcare.db-" not in path.name}
    assert after <= before and not Path("/tmp/evil").exists()


# --- Put back -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_installation_is_replaced_only_by_force_and_only_when_nobody_is_in_it(
    home: Path, saved: Path, house: House
) -> None:
    house.close()
    with pytest.raises(BadArchive, match="There is an installation already"):
        put_back(saved, place_at(home))
    there = House(home, f"sqlite:///{home / 'assetcare.db'}")
    worker = start_module(replace_queue(there), "registry", "worker")
    try:
        until(lambda: in_use(home), "the worker holds the house")
        with pytest.raises(Problem, match="Assetcare is running"):
            put_back(saved, place_at(home), force=True)
        code, _, err = run_module(there, "registry", "restore", str(saved), "--force")
        assert code == 1 and "stop the server, the worker" in err
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    put_back(saved, place_at(home), force=True)


def replace_queue(house: House) -> House:
    house.settings = replace(house.settings, queue="")
    return house


def in_use(data: Path) -> bool:
    try:
        with presence.alone(data):
            return False
    except Problem:
        return True


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.mark.slow
def test_who_comes_while_a_restore_is_under_way_is_sent_away(house: House) -> None:
    data = house.settings.data
    house.close()
    with presence.alone(data):
        with pytest.raises(Problem, match="being restored"):
            house.open()
        code, _, err = run_module(house, "registry", "audit", "verify")
        assert code == 1 and "being restored" in err
    house.open()


def test_of_several_that_come_after_a_restore_that_was_cut_off_none_waits_for_the_others_to_leave(
    tmp_path: Path,
) -> None:
    """Server and worker start together: one finishes the restore and stays, the other comes in beside it."""
    (tmp_path / "plan").touch()
    enter = (
        "import sys, time; from pathlib import Path; from registry.kernel import presence\n"
        "plan = Path(sys.argv[1]) / 'plan'\n"
        "def finish(_data):\n"
        "    if plan.exists(): time.sleep(0.5); plan.unlink(); print('finished', flush=True)\n"
        "presence.enter(plan.parent, lambda _data: plan.exists(), finish)\n"
        "print('in', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", enter, str(tmp_path)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    comers = [subprocess.Popen(command, **pipes) for _ in range(3)]
    try:
        until(lambda: not (tmp_path / "plan").exists(), "one of them finishes it")
        heard = []
        for comer in comers:
            ready, _, _ = select.select([comer.stdout], [], [], 120)
            assert ready, "he waits for ever"
            while (line := comer.stdout.readline()) != "in\n":
                assert line, "he has gone"
                heard.append(line)
        assert in_use(tmp_path)
        assert heard == ["finished\n"]
    finally:
        for comer in comers:
            comer.kill()
            comer.communicate()


def test_whoever_comes_looks_for_what_was_cut_off_with_the_lock_in_hand(tmp_path: Path) -> None:
    """A restore that is killed between his look and his lock would leave him in a house that is half of each."""
    looks: list[bool] = []
    presence.leave()
    try:
        presence.enter(tmp_path, lambda data: looks.append(in_use(data)) or False, lambda _data: None)
        assert looks and looks[-1]
    finally:
        presence.leave()


def test_the_log_of_the_old_database_does_not_get_into_the_new_one(home: Path, saved: Path) -> None:
    """A server that was killed leaves one behind, and SQLite plays it into whatever database lies beside it."""
    was = content(home)
    child = os.fork()
    if not child:
        side = sqlite3.connect(home / "assetcare.db")
        side.execute("UPDATE asset SET name = 'from the log'")
        side.commit()
        os._exit(0)
    os.waitpid(child, 0)
    assert (home / "assetcare.db-wal").stat().st_size > 10_000
    kept = put_back(saved, place_at(home), force=True)
    assert content(home) == was
    assert kept
    with sqlite3.connect(home / f"assetcare.db{restoring.ASIDE}{kept.name.rpartition(restoring.ASIDE)[2]}") as old:
        names = {name for (name,) in old.execute("SELECT name FROM asset")}
    old.close()
    assert names == {"from the log"}, "what was kept beside is whole, its log included"


def killed_at(step: int, saved: Path, data: Path) -> bool:
    """Restore in a child that is killed at its `step`-th look at disk or database; whether it was."""
    from tests.moving import killed

    child = os.fork()
    if not child:
        try:
            killed.armed(step)
            put_back(saved, place_at(data), force=True)
        except BaseException:
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.slow
def test_killed_at_any_point_the_old_or_the_new_is_there_whole(home: Path, saved: Path, tmp_path: Path) -> None:
    db.close_all()
    new = content(home)
    rename_first(home, "the old one")
    for path in (home / "files" / "house").iterdir():
        path.write_text("the old one")
    old = content(home)
    assert old["name"] != new["name"] and old["files"] != new["files"]
    pristine, seen, step = tmp_path / "pristine", set(), 0
    shutil.copytree(home, pristine)
    while True:
        step += 1
        shutil.rmtree(home)
        shutil.copytree(pristine, home)
        killed = killed_at(step, saved, home)
        presence.leave()
        presence.enter(home, restoring.unfinished, restoring.finish)  # as every process does when it starts
        presence.leave()
        found = content(home)
        assert found in (old, new), f"killed at step {step}: neither"
        seen.add(found == new)
        assert not restoring.unfinished(home)
        if not killed:
            break
    assert step > 20 and seen == {True, False}
    assert put_back(saved, place_at(home), force=True), "and nothing keeps the next one from running"
    assert not list(home.glob(f"*{restoring.STAGED}*")), "which clears away what the killed ones left"


@pytest.fixture
def first_release(home: Path) -> Iterator[Path]:
    """An installation that has seen the first migration only."""
    (home / "assetcare.db").unlink()
    with bound(f"sqlite:///{home / 'assetcare.db'}"):
        Runner(db.database.obj, str(OWNERS[0].folder), OWNERS[0].table).up("0001_initial")
        db.run_sql(
            "INSERT INTO service_policy (code, name, settings, version, created_at, changed_at) "
            "VALUES ('x', 'y', '{}', 1, '', '')"
        )
    return home


@pytest.mark.slow
def test_a_backup_of_the_first_release_comes_back_and_is_brought_up(first_release: Path, tmp_path: Path) -> None:
    save(place_at(first_release), tmp_path / "b.zip")
    fresh = House(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'assetcare.db'}")
    put_back(tmp_path / "b.zip", place_at(fresh.settings.data))
    code, _, err = run_module(fresh, "registry", "audit", "verify")
    assert code == 0, err
    with bound(fresh.settings.database_url):
        assert migrate.pending() == []
        assert db.run_sql("SELECT count(*) FROM service_policy WHERE code = 'x'").fetchone() == (1,)


@pytest.mark.postgres
def test_from_postgres_and_into_it(standing: Path, saved: Path, tmp_path: Path, postgres_cluster: Cluster) -> None:
    first, second = fresh_postgres(postgres_cluster, "restored"), fresh_postgres(postgres_cluster, "again")
    try:
        one = place_at(tmp_path / "one", first)
        put_back(saved, one)
        was = found_in(f"sqlite:///{standing / 'assetcare.db'}")
        assert found_in(first) == was and dict(files_in(one.data / "files")) == dict(files_in(standing / "files"))
        with pytest.raises(Problem, match="not empty"):
            put_back(saved, one, force=True)
        made = save(one, tmp_path / "b.zip")
        assert made.engine == "postgresql"
        put_back(tmp_path / "b.zip", place_at(tmp_path / "two", second))
        put_back(tmp_path / "b.zip", place_at(tmp_path / "three"))
        assert found_in(second) == found_in(f"sqlite:///{tmp_path / 'three' / 'assetcare.db'}") == was
        with bound(second), wall.carried(wall.scope_of([1])):
            assert db.run_sql("SELECT DISTINCT customer_id FROM asset").fetchall() == [(1,)]
    finally:
        for name in ("restored", "again"):
            postgres_cluster.drop_database(name)


@pytest.mark.postgres
def test_cut_off_on_its_way_into_postgres_it_goes_on_without_force(
    saved: Path, tmp_path: Path, postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files that are there are this archive's own, and nobody else's."""
    place = place_at(tmp_path / "one", fresh_postgres(postgres_cluster, "cut_off"))
    fill = copying.Copy._fill

    def stops(self: Any, table: str) -> None:
        if table == "audit_entry":
            raise KeyboardInterrupt
        fill(self, table)

    try:
        monkeypatch.setattr(copying.Copy, "_fill", stops)
        with pytest.raises(KeyboardInterrupt):
            put_back(saved, place)
        monkeypatch.undo()
        other = rewritten(saved, tmp_path / "other.zip", lambda parts, _: parts.update({"imports/more": b"x"}))
        with pytest.raises(BadArchive, match="--force"):
            put_back(other, place, trust=True)
        put_back(saved, place)
        assert len(list(files_in(place.data / "files"))) > 5
        with pytest.raises(BadArchive, match="--force"):
            put_back(saved, place)
    finally:
        postgres_cluster.drop_database("cut_off")


# --- Commands -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_commands_say_what_they_do(home: Path, tmp_path: Path) -> None:
    house = House(home, f"sqlite:///{home / 'assetcare.db'}")
    code, out, err = run_module(house, "registry", "backup", "--to", str(tmp_path / "b.zip"))
    assert code == 0 and "The secret is not in it" in out, err
    code, out, err = run_module(house, "registry", "backup", "verify", str(tmp_path / "b.zip"), "--json")
    assert code == 0 and json.loads(out)["mark"] == "ours", err
    code, _, err = run_module(house, "registry", "restore", str(tmp_path / "b.zip"))
    assert code == 1 and "--force" in err
    code, out, err = run_module(house, "registry", "restore", str(tmp_path / "b.zip"), "--force")
    assert code == 0 and "What was there before" in out, err
    code, _, err = run_module(house, "registry", "backup")
    assert code == 0 and len(list((home / "backups").glob("*.zip"))) == 1, err
    (tmp_path / "b.zip").write_bytes(b"x")
    code, _, err = run_module(house, "registry", "backup", "verify", str(tmp_path / "b.zip"))
    assert code == 1 and "not a backup" in err and "Traceback" not in err


def test_the_key_of_the_mark_is_used_for_nothing_else() -> None:
    assert place_at(Path("x")).key == derive(SECRET, "backups")


@pytest.mark.postgres
def test_tables_of_a_plugin_that_is_gone_are_left_out_of_postgres_on_demand(
    house: House, tmp_path: Path, postgres_cluster: Cluster
) -> None:
    house.people()
    db.run_sql("CREATE TABLE schema_migration_gone (name TEXT)")
    db.run_sql('CREATE TABLE "gone_""; thing" (id INTEGER)')
    db.run_sql("CREATE VIRTUAL TABLE gone_thing_fts USING fts5(words)")
    close(house)
    save(place_at(house.settings.data), tmp_path / "b.zip", incomplete=True)
    place = place_at(tmp_path / "new", fresh_postgres(postgres_cluster, "without_plugins"))
    try:
        with pytest.raises(BadArchive, match="not installed here: gone. Install them, or restore without"):
            put_back(tmp_path / "b.zip", place, trust=True)
        put_back(tmp_path / "b.zip", place, trust=True, incomplete=True)
        with bound(place.database_url), wall.everywhere():
            assert db.run_sql("SELECT COUNT(*) FROM app_user").fetchone()[0] and not db.database.table_exists(
                "gone_thing"
            )
        embedded = place_at(tmp_path / "embedded")
        put_back(tmp_path / "b.zip", embedded, trust=True, incomplete=True)
        with bound(embedded.database_url):
            assert not [name for name in db.database.get_tables() if "gone" in name]
    finally:
        postgres_cluster.drop_database("without_plugins")
