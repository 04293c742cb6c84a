"""`assetcare serve` and the worker beside it: they come, fall and go together."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.server import Server

pytestmark = pytest.mark.slow


def program(folder: Path) -> Path:
    """`assetcare` as a file, from this working copy."""
    file = folder / "assetcare"
    root = Path(__file__).resolve().parent.parent
    file.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -m registry "$@"\n')
    file.chmod(0o755)
    return file


def worker_of(server: Server) -> int | None:
    """The process id of the worker beside, as soon as it works."""
    for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
        with suppress(OSError):  # it may have ended meanwhile
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"worker" in words and b"--beside" in words:
                return int(child)
    return None


def until(look: Callable[[], int | None], server: Server, seconds: float = 120) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(server.log())


def test_a_killed_worker_is_followed_by_another_and_both_end_with_the_server(tmp_path: Path) -> None:
    with Server(program(tmp_path), tmp_path / "data", tmp_path) as server:
        first = until(lambda: worker_of(server), server)
        os.kill(first, signal.SIGKILL)
        second = until(lambda: found if (found := worker_of(server)) != first else None, server)
        until(lambda: server.log().count('"event": "working"') >= 1, server)
        assert server.get("/healthz").status == 200
    assert server.exit_code == 0 and not Path(f"/proc/{second}").exists()
    assert '"event": "worker_ended"' in server.log()
