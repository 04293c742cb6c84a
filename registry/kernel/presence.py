"""Who is in the house: every process that uses a data folder holds a shared lock on it, as long as it lives.

Whoever replaces what is in it (a restore) wants to be alone. A restore that was cut off is finished by the next who
comes.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.kernel.errors import Problem

POLL_SECONDS = 0.05

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
    try:
        _come_in(handle, folder, unfinished, finish)
    except BaseException:
        os.close(handle)
        raise
    _held[folder] = handle


def _come_in(handle: int, folder: Path, unfinished: Callable[[Path], bool], finish: Callable[[Path], None]) -> None:
    """Several may come at once: one finishes what was cut off, the others look again until it is done.

    Looked at with the lock in hand, since a restore may be cut off at any moment; and never waited for inside of the
    lock, where whoever has finished would keep the others out for as long as he stays.
    """
    while True:
        if _lock(handle, fcntl.LOCK_SH):
            if not unfinished(folder):
                return
            if _lock(handle, fcntl.LOCK_EX):
                finish(folder)
                continue
        elif not unfinished(folder):
            raise Problem("A backup is being restored into this data folder; wait for its end.", code="busy")
        time.sleep(POLL_SECONDS)


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_house(folder: Path) -> bool:
    """Whether anybody has ever been in it."""
    return (folder / "in-use").is_file()


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
        if not _lock(handle, fcntl.LOCK_EX):
            raise Problem(
                f"Assetcare is running on {data}: stop the server, the worker and all commands first.", code="in_use"
            )
        yield
    finally:
        os.close(handle)
