"""A Redis server of the tests' own: on a free port of 127.0.0.1, in a temporary folder, gone when the tests end.

with RedisServer() as server:
    queue = build_queue(server.url)
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from tests.ports import free_port

START_SECONDS = 120

# Runs the server for as long as our end of its standard input stays open: should the test run be killed, the pipe
# closes, and the server and its files go too.
KEEPER = """
"$@" & server=$!
cat >/dev/null
kill -KILL "$server" 2>/dev/null
wait "$server"
rm -rf "$REDIS_FOLDER"
"""


def unavailable_reason() -> str | None:
    """Why no server can be started here, as a sentence for a skipped test; None when one can."""
    return None if shutil.which("redis-server") else "The program redis-server is missing: run make services"


class RedisServer:
    """`stop` and `start` may be called in between, to see what a queue that is away does; memory is lost then."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder: Path | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="assetcare-redis-"))
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command += ["--dir", str(self.folder), "--protected-mode", "yes", "--daemonize", "no"]
        with (self.folder / "server.log").open("wb") as log:
            self._keeper = subprocess.Popen(
                ["sh", "-c", KEEPER, "keeper", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "REDIS_FOLDER": str(self.folder)},
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start: {(self.folder / 'server.log').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server and delete its files. Does nothing the second time."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait(timeout=START_SECONDS)
            self._keeper = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def empty(self) -> None:
        if not self._tell(b"FLUSHALL", b"+OK"):
            raise RuntimeError("redis-server does not answer")

    def _answers(self) -> bool:
        return self._tell(b"PING", b"+PONG")

    def _tell(self, command: bytes, answer: bytes) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=30) as opened:
            opened.sendall(command + b"\r\n")
            return opened.recv(16).startswith(answer)
        return False
