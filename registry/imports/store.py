"""Uploaded import files and the progress of running imports, in the data folder under names of our own making."""

import fcntl
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from registry.kernel.errors import Busy, Conflict

_folder: list[Path] = []


def use_folder(data: Path) -> None:
    """Where this installation keeps import files. Called once at start."""
    _folder[:] = [data / "imports"]


def path_of(key: str) -> Path:
    return _root() / key


def _root() -> Path:
    if not _folder:
        raise RuntimeError("imports.store.use_folder was not called")
    _folder[0].mkdir(parents=True, exist_ok=True, mode=0o700)
    return _folder[0]


def new_key() -> str:
    return secrets.token_hex(16)


@contextmanager
def running(key: str) -> Iterator[None]:
    """Held while an import runs. However its process ends, the lock ends with it: so nothing seems to run for ever.

    Raises Conflict when the same import is running already.
    """
    path = path_of(f"{key}.lock")
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("This import is running.", code="wrong_state") from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            path_of(f"{key}.progress").unlink(missing_ok=True)


@contextmanager
def turn(name: str, patience: float) -> Iterator[None]:
    """One long writer at a time: the others wait here and not inside the database, which gives up after seconds.

    Raises Busy when it does not come within `patience` seconds.
    """
    deadline = time.monotonic() + patience
    with path_of(f"turn-{name}").open("w") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy("Another import is running. Try again when it has ended.") from None
                time.sleep(0.1)
        yield


def is_running(key: str) -> bool:
    """Whether any process of this installation is at it."""
    try:
        with path_of(f"{key}.lock").open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def report(key: str, rows: int, share: float) -> None:
    """Tell how far a running import is: in a file, since its transaction is not visible until it ends."""
    path = path_of(f"{key}.progress")
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"rows": rows, "share": round(share, 4)}))
    draft.replace(path)


def progress(key: str) -> dict[str, Any] | None:
    """{rows, share} of a running import, or None."""
    try:
        return dict(json.loads(path_of(f"{key}.progress").read_text()))
    except (OSError, ValueError):
        return None


def remove(key: str) -> None:
    """Forget everything about this file."""
    for name in (key, f"{key}.progress", f"{key}.draft", f"{key}.lock"):
        path_of(name).unlink(missing_ok=True)
