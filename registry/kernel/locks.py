"""Locks and progress that every process of the installation sees, on whatever host it runs.

A lock ends with the process that holds it, however that ends, so nothing seems to run for ever. With SQLite everything
is on one host and a lock is a locked file in the data folder; with PostgreSQL it is an advisory lock of a connection
of its own, which also tells how far the holder is: its work's own transaction is invisible until it ends.
"""

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from peewee import (  # type: ignore[attr-defined]  # its types leave out the exception wrapper
    CharField,
    JSONField,
    __exception_wrapper__,
)

from registry.kernel.db import Row, database, is_sqlite, run_sql

POLL_SECONDS = 0.1
LOOK_SECONDS = 0.05  # whoever looks at a locked file holds it for a moment

_folder: list[Path] = []
_side = threading.local()


class Taken(Exception):
    """Somebody else holds the lock."""


class Progress(Row):
    """How far somebody is who holds a lock: written aside, and gone with the lock."""

    name = CharField(max_length=64, unique=True)
    told = JSONField(default=dict)

    class Meta:
        table_name = "progress"


def use_folder(data: Path) -> None:
    """Where lock files are, if there are any. Called once at start."""
    _folder[:] = [data / "locks"]


def _path(name: str) -> Path:
    if not _folder:
        raise RuntimeError("locks.use_folder was not called")
    _folder[0].mkdir(parents=True, exist_ok=True, mode=0o700)
    return _folder[0] / name


@contextmanager
def held(name: str, *, patience: float = 0) -> Iterator[None]:
    """Hold the lock `name` (letters, digits, - and _). Raises Taken when it is not free within `patience` seconds."""
    with _held_file(name, patience) if is_sqlite() else _held_row(name, patience):
        yield


def is_held(name: str) -> bool:
    """Whether any process of this installation holds the lock."""
    if not is_sqlite():
        return bool(run_sql(_IS_HELD, (_number(name),)).fetchone()[0])
    try:
        with _path(name).open() as handle:
            return not _try_file(handle, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def report(name: str, told: dict[str, Any]) -> None:
    """Tell how far the holder of the lock `name` is. Costs a write: not for every row."""
    text = json.dumps(told)
    if is_sqlite():
        path = _path(f"{name}.progress")
        draft = path.with_suffix(".draft")
        draft.write_text(text)
        draft.replace(path)
        return
    statement = (
        "INSERT INTO progress (name, told) VALUES (%s, %s::jsonb) ON CONFLICT (name) DO UPDATE SET told = excluded.told"
    )
    opened = getattr(_side, "held", {}).get(name)
    if opened is not None:
        opened.execute(statement, (name, text))
        return
    with _own_connection() as aside:
        aside.execute(statement, (name, text))


def progress(name: str) -> dict[str, Any] | None:
    """What the holder of the lock told last, or None."""
    if not is_sqlite():
        row = Progress.get_or_none(Progress.name == name)
        return dict(row.told) if row else None
    try:
        return dict(json.loads(_path(f"{name}.progress").read_text()))
    except (OSError, ValueError):
        return None


def forget(name: str) -> None:
    """No progress any more."""
    if is_sqlite():
        _path(f"{name}.progress").unlink(missing_ok=True)
    else:
        Progress.delete().where(Progress.name == name).execute()  # no transaction() of ours: nobody waits for it


@contextmanager
def _held_file(name: str, patience: float) -> Iterator[None]:
    path = _path(name)
    deadline = time.monotonic() + max(patience, LOOK_SECONDS)
    while (handle := lock_file(path)) is None:
        if time.monotonic() > deadline:
            raise Taken(name)
        time.sleep(POLL_SECONDS if patience else LOOK_SECONDS / 10)
    try:
        yield
    finally:
        _path(f"{name}.progress").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        handle.close()


def lock_file(path: Path) -> IO[str] | None:
    """The file, made and locked; None when somebody else has it. To let go of it, take it away, then close it."""
    handle = path.open("w")
    if _try_file(handle, fcntl.LOCK_EX) and _is_there(path, handle):
        return handle
    handle.close()
    return None


def _try_file(handle: IO[str], how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(path: Path, handle: IO[str]) -> bool:
    """Whether the file we locked still is the one of this name: the holder before us has taken his away."""
    try:
        return os.fstat(handle.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


@contextmanager
def _held_row(name: str, patience: float) -> Iterator[None]:
    deadline = time.monotonic() + patience
    with _own_connection() as opened:
        while not _try(opened, name):
            if time.monotonic() > deadline:
                raise Taken(name)
            time.sleep(POLL_SECONDS)
        known: dict[str, Any] = _side.__dict__.setdefault("held", {})
        known[name] = opened
        try:
            yield
        finally:
            del known[name]
            with suppress(opened.Error):  # a connection that broke has lost the lock already
                opened.execute("DELETE FROM progress WHERE name = %s", (name,))
                opened.execute("SELECT pg_advisory_unlock(%s)", (_number(name),))  # at once, not once it has hung up


# Looked up, not tried: whoever wants the lock at this moment must find it free.
_IS_HELD = """
SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND (classid::bigint << 32) | objid::bigint = ?)
"""


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"assetcare {name}".encode(), digest_size=8).digest(), signed=True)


def _try(opened: Any, name: str) -> bool:
    with __exception_wrapper__:  # a server that went away is told as it is by every other statement
        return bool(opened.execute("SELECT pg_try_advisory_lock(%s)", (_number(name),)).fetchone()[0])


@contextmanager
def _own_connection() -> Iterator[Any]:
    """A connection beside the pool. A host that vanishes loses it within two minutes, and its locks with it."""
    import psycopg

    with __exception_wrapper__:
        opened = psycopg.connect(
            str(database.obj.database),
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=60,
            keepalives_interval=15,
            keepalives_count=4,
        )
    try:
        yield opened
    finally:
        opened.close()
