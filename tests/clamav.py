"""A real clamd of the tests' own: a socket in a temporary folder, and signatures that it has from us."""

import contextlib
import hashlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

START_SECONDS = 120
VIRUS = b"what our own signature is of " * 4  # nothing that any scanner of this machine knows
NAME = "Tests.Own"


def program() -> str | None:
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")


def unavailable_reason() -> str | None:
    return None if program() else "clamd is missing: run tools/need_clamav.sh"


class Clamd:
    """`with Clamd() as clamd: clamd.address` is the path of its socket; `tcp` its host:port."""

    def __init__(self, port: int, **options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="assetcare-clamd-"))
        self.address, self.tcp = str(self.folder / "socket"), f"127.0.0.1:{port}"
        (self.folder / "database").mkdir()
        told = f"{hashlib.sha256(VIRUS).hexdigest()}:{len(VIRUS)}:{NAME}\n"
        (self.folder / "database" / "own.hsb").write_text(told)
        chosen = {
            "LocalSocket": self.address, "TCPSocket": str(port), "TCPAddr": "127.0.0.1", "Foreground": "yes",
            "DatabaseDirectory": str(self.folder / "database"), "LogFile": str(self.folder / "log"),
            "TemporaryDirectory": str(self.folder), "StreamMaxLength": "1M", "MaxFileSize": "1M", "MaxScanSize": "1M",
            "MaxThreads": "2", **options,
        }  # fmt: skip
        (self.folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in chosen.items()))

    def __enter__(self) -> Self:
        command = [str(program()), "--config-file", str(self.folder / "clamd.conf")]
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not Path(self.address).exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError(f"clamd did not start:\n{(self.folder / 'output').read_text(errors='replace')}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
