"""Where tests keep their files: in memory where that has room. On a disk each new PostgreSQL database takes ten times
as long."""

import os
import tempfile
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes that must be free
TEMPLATES = "ASSETCARE_TEST_TEMPLATES"


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


def share_templates(folder: Path | None = None) -> None:
    """Let all processes of a run keep compiled templates in one folder, or each would compile two hundred by itself.
    The folder is that of the process which started us if none is given."""
    if folder:
        folder.mkdir(exist_ok=True)
        os.environ[TEMPLATES] = str(folder)
    if TEMPLATES in os.environ:
        Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(os.environ[TEMPLATES])}
