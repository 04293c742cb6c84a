"""A process that has everything imported and forks a server off itself, for tests that start a hundred of them."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import IO, Any, Self

from tests.programs import ROOT
from tests.server import Server

GONE = -signal.SIGKILL  # whoever did not start a process is not told what it ended with


class Forked:
    """As much of a subprocess.Popen as tests.server asks for; the process is a child of the nursery."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._ends: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._ends = None

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired("a forked server", timeout or 0)
        return GONE

    def terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def _ended(self, timeout: float | None) -> int | None:
        if self._ends is not None and select.select([self._ends], [], [], timeout)[0]:
            os.close(self._ends)
            self._ends = None
        return GONE if self._ends is None else None


class Nursery:
    """Use it in a with block: it ends with it, and so do its children."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.security.nursery"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def fork(self, environment: dict[str, str], log: IO[bytes]) -> Forked:
        """A child that serves with this environment and writes to this log."""
        told, answers = self._process.stdin, self._process.stdout
        assert told and answers
        told.write(json.dumps({"environment": environment, "log": log.name}) + "\n")
        told.flush()
        return Forked(int(answers.readline()))


class FromNursery(Server):
    """The same server, without the second that Python takes to import it."""

    def __init__(self, nursery: Nursery, data: Path, **settings: str) -> None:
        super().__init__((), data, ROOT, **settings)
        self._nursery = nursery

    def _spawn(self, log: IO[bytes]) -> Any:
        return self._nursery.fork(self._environment, log)


def _preload() -> None:
    """What a server imports before it serves: nothing is opened yet."""
    from registry import app, cli, server  # noqa: F401
    from registry.web import errors, headers, hosts, identity, policy, routes, speech  # noqa: F401

    app.load_rooms()
    routes._rooms()
    routes._pages()


def _serve(environment: dict[str, str], log: str) -> None:
    """In the child: as if it had been started by a shell."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for number in (1, 2):
        os.dup2(output, number)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.environ.clear()
    os.environ.update(environment)
    from registry.cli import main

    sys.argv = ["assetcare", "serve"]
    main()


def _main() -> None:
    _preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that end leave nothing behind
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            try:
                _serve(**json.loads(line))
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(1)
        print(child, flush=True)


if __name__ == "__main__":
    _main()
