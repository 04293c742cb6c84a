"""A process that has everything imported and forks programs off itself, for tests that start hundreds of them."""

import atexit
import contextlib
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import IO, Any, Self

from tests import scratch
from tests.server import Server

ROOT = Path(__file__).resolve().parents[2]
MESSAGE_BYTES = 128 * 1024
STATUS_BYTES = 16
PROGRAM = tuple[str, ...]  # ("-m", module, *arguments) or ("-c", text, *arguments), as Python's own command line


class Forked:
    """A program that the nursery forked: as much of a subprocess.Popen as tests ask for."""

    stdout: IO[str] | None = None
    stderr: IO[str] | None = None

    def __init__(self, pid: int, status: int) -> None:
        self.pid, self._status = pid, status
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("a forked program", timeout or 0)
        return code

    def communicate(self, timeout: float = 300) -> tuple[str, str]:
        """(standard output, standard error) to their end. A program that takes longer is killed."""
        late = threading.Timer(timeout, self.kill)
        late.start()
        try:
            out = self._rest(self.stdout)
            err = self._rest(self.stderr)
        finally:
            late.cancel()
        self.wait(timeout)
        return out, err

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _rest(self, stream: IO[str] | None) -> str:
        if stream is None:
            return ""
        with stream:
            return stream.read()

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            told = os.read(self._status, STATUS_BYTES)
            os.close(self._status)
            self.returncode = int(told or -signal.SIGKILL)  # nothing: the nursery is gone, and took it along
        return self.returncode


class Nursery:
    """Use it in a with block: what it has forked ends with it at the latest."""

    def __enter__(self) -> Self:
        self._told, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", "tests.security.nursery", str(number)]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[number], stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._told.close()
        self._process.wait(120)

    def fork(self, program: PROGRAM, environment: dict[str, str], out: int, err: int) -> Forked:
        """`program`, started in the working copy with this environment; it writes to the open files `out` and `err`."""
        status, theirs = os.pipe()
        message = json.dumps({"program": program, "environment": environment}).encode()
        socket.send_fds(self._told, [message], [out, err, theirs])
        os.close(theirs)
        return Forked(int(self._told.recv(STATUS_BYTES)), status)

    def start(self, program: PROGRAM, environment: dict[str, str]) -> Forked:
        """The same with pipes, as with subprocess.Popen(..., stdout=PIPE, stderr=PIPE, text=True)."""
        out, err = os.pipe(), os.pipe()
        made = self.fork(program, environment, out[1], err[1])
        os.close(out[1])
        os.close(err[1])
        made.stdout, made.stderr = os.fdopen(out[0]), os.fdopen(err[0])
        return made


@cache
def shared() -> Nursery:
    """One for this test process, started when it is first asked for."""
    made = Nursery().__enter__()
    atexit.register(made.__exit__)
    return made


class FromNursery(Server):
    """The same server, without the second that Python takes to import it."""

    def __init__(self, nursery: Nursery, data: Path, port: int | None = None, **settings: str) -> None:
        super().__init__((), data, ROOT, port, **settings)
        self._nursery = nursery

    def _spawn(self, log: IO[bytes]) -> Any:
        program = ("-m", "registry", "serve")
        return self._nursery.fork(program, self._environment, log.fileno(), log.fileno())


# --- In the nursery ----------------------------------------------------------------------------------------


def _preload() -> None:
    """What servers and commands import before they do anything: nothing is opened yet."""
    from argon2 import PasswordHasher

    import registry_rma.plugin  # noqa: F401
    import registry_sendbig.plugin  # noqa: F401
    from registry import app, commands, demo, moving, server  # noqa: F401
    from registry.people import passwords
    from registry.plugins import host, patience
    from registry.web import errors, headers, hosts, identity, policy, routes, speech  # noqa: F401

    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # as in all other tests
    host.SLOW_SECONDS, patience.LONGEST = 600.0, 120.0  # plugins on a busy machine
    scratch.share_templates()
    app.load_rooms()
    routes._rooms()
    routes._pages()
    gc.collect()
    gc.freeze()


class _Children:
    """Everything that was forked and has not ended, each with the pipe where its exit code goes."""

    def __init__(self) -> None:
        self.pipes: dict[int, int] = {}

    def reap(self) -> None:
        while self.pipes:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            pipe = self.pipes.pop(pid)
            with contextlib.suppress(BrokenPipeError):
                os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(pipe)

    def kill(self) -> None:
        for pid in self.pipes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def _next(told: socket.socket, children: _Children) -> dict[str, Any] | None:
    """In a forked child what it is to run; in the nursery itself None, at its end."""
    wakes, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    doors: list[Any] = [told, wakes]
    while True:
        ready = select.select(doors, [], [])[0]
        if wakes in ready:
            os.read(wakes, STATUS_BYTES)
        if told in ready:
            message, files, _, _ = socket.recv_fds(told, MESSAGE_BYTES, 3)
            if not message:
                return None
            out, err, status = files
            child = os.fork()
            if not child:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for own in (told.detach(), wakes, woken, status, *children.pipes.values()):
                    os.close(own)
                _take_over(out, err)
                return dict(json.loads(message))
            os.close(out)
            os.close(err)
            children.pipes[child] = status
            told.send(str(child).encode())
        children.reap()


def _take_over(out: int, err: int) -> None:
    """As if a shell had started us: a session of our own, and these files for output and errors."""
    os.setsid()
    for file, number in ((out, 1), (err, 2)):
        os.dup2(file, number)
    for file in {out, err}:
        os.close(file)


def _run(program: list[str], environment: dict[str, str]) -> None:
    kind, what, *arguments = program
    os.environ.clear()
    os.environ.update(environment)
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(":"))
    sys.argv = [kind, *arguments]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - a test's own text


def _main() -> None:
    _preload()
    children = _Children()
    work = _next(socket.socket(fileno=int(sys.argv[1])), children)
    if work:
        _run(**work)
    else:
        children.kill()


if __name__ == "__main__":
    _main()
