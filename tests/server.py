"""`assetcare serve` as its own process, on a free port of 127.0.0.1, with its state in a temporary folder."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from tests.ports import free_port as free_port

FROM_HERE = (sys.executable, "-m", "registry")  # the working copy; started in its own folder
START_SECONDS = 120  # only a failure waits so long, here and below
STOP_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    status: int
    type: str
    text: str


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what would let a program find our working copy or our settings."""
    ours = ("PYTHON", "ASSETCARE_", "VIRTUAL_ENV", "PYTEST_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


class Server:
    """Started and awaited on entering; stopped with everything it started on leaving.

    command: the `assetcare` program to run, or FROM_HERE. data: its ASSETCARE_DATA. folder: where to start it.
    settings: further ASSETCARE_* variables. After the end `exit_code` is what the server ended with.
    """

    def __init__(
        self, command: Path | Sequence[str], data: Path, folder: Path, port: int | None = None, **settings: str
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.exit_code: int | None = None
        self._command = [*([str(command)] if isinstance(command, Path) else command), "serve"]
        self._folder = folder
        self._log_file = data.with_name(f"{data.name}.server.log")
        self._environment = clean_environment(
            ASSETCARE_DATA=str(data), ASSETCARE_PORT=str(self.port), ASSETCARE_HOST="127.0.0.1", **settings
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log_file.open("ab") as log:
            self._process = self._spawn(log)
        try:
            self._await_start(self._process)
        except BaseException:
            self._kill(self._process)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self.exit_code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server did not stop in {STOP_SECONDS} s:\n{self.log()}") from None
        finally:
            self._kill(self._process)

    @property
    def pid(self) -> int:
        """The process group of the server and everything that it started."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def get(self, path: str) -> Answer:
        """GET a path, following redirects; an error status is an answer, too."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=60) as response:
                return _answer(response.status, response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)

    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def _spawn(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _await_start(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"the server ended with {process.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError):
                if self.get("/healthz").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server did not answer in {START_SECONDS} s:\n{self.log()}")

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answer(status: int, response: Any) -> Answer:
    return Answer(status, response.headers.get_content_type(), response.read().decode(errors="replace"))
