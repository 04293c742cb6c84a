"""Where tests keep their files: in memory where that has room. On a disk each new PostgreSQL database takes ten times
as long."""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes that must be free


def use_memory() -> None:
    """Let temporary folders, also those of programs that tests start, be made in memory; unless TMPDIR says where."""
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # asks again


def _has_room() -> bool:
    """Programs must be able to run from there, too, which containers often forbid."""
    if not os.access(MEMORY, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(MEMORY)
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC
