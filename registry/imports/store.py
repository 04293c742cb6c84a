"""Uploaded import files: looked at on the host that took them in, kept where all hosts find them until they are done.

A file that a request handles by itself never leaves its host's scratch folder. One that waits - for a worker, or for
somebody to apply what a dry run looked at - goes to the file store, with the customer's other files.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from registry.kernel import files, locks
from registry.kernel.errors import Busy, Conflict, NotFound
from registry.kernel.language import _

FORGOTTEN_SECONDS = 2 * 86400  # what a crash has left in the scratch folder

_folder: list[Path] = []


def use_folder(data: Path) -> None:
    """Where this host keeps files that it is at. Called once at start."""
    _folder[:] = [data / "imports" / "incoming"]


def new_key(customer_id: int) -> str:
    return files.new_key(customer_id)


def scratch(key: str) -> Path:
    """Where this host has the file while it is at it. Version 0.1 kept all files beside the scratch folder."""
    return _incoming() / key.rpartition("/")[2] if "/" in key else _incoming().parent / key


def _incoming() -> Path:
    if not _folder:
        raise RuntimeError("imports.store.use_folder was not called")
    _folder[0].mkdir(parents=True, exist_ok=True, mode=0o700)
    return _folder[0]


def keep(key: str) -> None:
    """From the scratch folder to where all hosts find it."""
    with scratch(key).open("rb") as stream:
        files.store().put(key, stream)
    scratch(key).unlink()


def exists(key: str) -> bool:
    return scratch(key).exists() or ("/" in key and files.store().exists(key))


@contextmanager
def at_hand(key: str) -> Iterator[Path]:
    """The file as one of this host's, to read. Raises NotFound when it is not kept any more."""
    here = scratch(key)
    near = here if here.exists() else files.store().local(key) if "/" in key else None
    if near is not None and near.exists():
        yield near
        return
    if "/" not in key:
        raise NotFound(_("This file is not kept any more."))
    with tempfile.NamedTemporaryFile(dir=_incoming(), prefix="fetched-") as copy:
        with files.store().open(key) as stream:
            shutil.copyfileobj(stream, copy, 1024 * 1024)
        copy.flush()
        yield Path(copy.name)


def remove(key: str) -> None:
    """Forget the file, wherever it is."""
    scratch(key).unlink(missing_ok=True)
    if "/" in key:
        files.store().delete(key)


def tidy() -> int:
    """Remove what a crash has left in this host's scratch folder long ago; answers how many files that were."""
    old = time.time() - FORGOTTEN_SECONDS
    left = [path for path in _incoming().iterdir() if path.is_file() and path.stat().st_mtime < old]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


@contextmanager
def running(key: str) -> Iterator[None]:
    """Held while an import runs, and gone with its process however that ends. Other hosts see it, too.

    Raises Conflict when the same import is running already.
    """
    try:
        with locks.held(_lock(key)):
            yield
    except locks.Taken:
        raise Conflict(_("This import is running."), code="import_running") from None


@contextmanager
def turn(name: str, patience: float) -> Iterator[None]:
    """One long writer at a time: the others wait here and not inside the database, which gives up after seconds.

    Raises Busy when it does not come within `patience` seconds.
    """
    try:
        with locks.held(f"imports-of-{name}", patience=patience):
            yield
    except locks.Taken:
        raise Busy(_("Another import is running. Try again when it has ended.")) from None


def is_running(key: str) -> bool:
    """Whether any process of this installation is at it."""
    return locks.is_held(_lock(key))


def report(key: str, rows: int, share: float) -> None:
    """Tell how far a running import is."""
    locks.report(_lock(key), {"rows": rows, "share": round(share, 4)})


def progress(key: str) -> dict[str, Any] | None:
    """{rows, share} of a running import, or None."""
    return locks.progress(_lock(key))


def _lock(key: str) -> str:
    return f"import-{key.rpartition('/')[2]}"
