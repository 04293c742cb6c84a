"""Who is in the house: every process that uses a data folder holds a shared lock on it, as long as it lives.

Whoever replaces what is in it (a restore) wants to be alone. A restore that was cut off is finished by the next who
comes.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.kernel.errors import Problem

_held: dict[Path, int] = {}


def _opened(data: Path) -> int:
    return os.open(data / "in-use", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


def enter(data: Path, unfinished: Callable[[Path], bool], finish: Callable[[Path], None]) -> None:
    """Be in this house, until the process ends or enters another. Raises Problem while somebody restores."""
    folder = data.resolve()
    if folder in _held:
        return
    leave()
    handle = _opened(folder)
    if unfinished(folder):
        fcntl.flock(handle, fcntl.LOCK_EX)  # several may come at once: one does it, the others find it done
        finish(folder)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Problem("A backup is being restored into this data folder; wait for its end.", code="busy") from None
    _held[folder] = handle


def leave() -> None:
    """Leave the house, for tests and for commands that want to be alone in it."""
    for folder, handle in list(_held.items()):
        os.close(handle)
        del _held[folder]


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Nobody else is in the house, and nobody can come. Raises Problem when somebody is."""
    leave()
    handle = _opened(data.resolve())
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                f"Assetcare is running on {data}: stop the server, the worker and all commands first.", code="in_use"
            ) from None
        yield
    finally:
        os.close(handle)
