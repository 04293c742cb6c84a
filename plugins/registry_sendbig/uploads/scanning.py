"""clamd: is it clean? Three answers: clean, infected, and not looked at since it is too large for the scanner.

ClamAV says nothing about what lies beyond its limits: MaxFileSize and MaxScanSize let the rest pass as clean, and 2 GiB
is the most it can do at all. So the limit is ours to know (settings), and beyond it nothing is called clean.
"""

import array
import os
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from registry.sdk import N_, Problem

SECONDS = 30  # until it must have taken or said something; for the verdict it has longer
VERDICT_SECONDS = 600
MOST = 2**31 - 1
PIECE = 256 * 1024
_FOUND = re.compile(r"^(?:stream|fd\[\d+\]|[^:]*): (.*) FOUND$")


class Verdict(NamedTuple):
    """state: clean, infected or too_large. signature: of what was found."""

    state: str
    signature: str = ""


class NoScanner(Problem):
    status, code = 503, "no_scanner"
    message = N_("The virus scanner does not answer. The file is held until it does.")


def scan(address: str, pieces: Iterable[bytes], size: int, *, most: int, path: Path | None = None) -> Verdict:
    """What the clamd at `address` (host:port, or the path of its socket) says about a file of `size` bytes. `most`: the
    largest that it takes. `path`: where the bytes lie on this machine as they are; then it reads them itself.

    Raises NoScanner.
    """
    if size > min(most, MOST):
        return Verdict("too_large")
    try:
        with _connected(address) as side:
            said = _by_handle(side, path) if path and _is_path(address) else _by_stream(side, pieces)
    except (OSError, ValueError) as error:
        raise NoScanner() from error
    return understood(said)


def understood(said: str) -> Verdict:
    """Its answer in our words. Raises NoScanner for what is no verdict."""
    if found := _FOUND.match(said):
        limit = found[1].startswith("Heuristics.Limits.Exceeded")
        return Verdict("too_large") if limit else Verdict("infected", found[1][:100])
    if "size limit exceeded" in said:
        return Verdict("too_large")
    if said.endswith(": OK"):
        return Verdict("clean")
    raise NoScanner()


def answers(address: str) -> bool:
    """Whether there is a clamd."""
    try:
        with _connected(address) as side:
            side.sendall(b"zPING\0")
            return _answer(side) == "PONG"
    except (OSError, ValueError):
        return False


def _is_path(address: str) -> bool:
    return address.startswith("/")


@contextmanager
def _connected(address: str) -> Iterator[socket.socket]:
    if _is_path(address):
        side = socket.socket(socket.AF_UNIX)
        side.settimeout(SECONDS)
        try:
            side.connect(address)
        except OSError:
            side.close()
            raise
    else:
        host, _colon, port = address.rpartition(":")
        side = socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)
    with side:
        yield side


def _by_handle(side: socket.socket, path: Path) -> str:
    """The opened file goes over, so that clamd needs no right to our folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        side.sendall(b"zFILDES\0")
        rights = array.array("i", [handle]).tobytes()
        side.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        return _answer(side)
    finally:
        os.close(handle)


def _by_stream(side: socket.socket, pieces: Iterable[bytes]) -> str:
    try:
        side.sendall(b"zINSTREAM\0")
        for piece in pieces:
            for start in range(0, len(piece), PIECE):
                part = piece[start : start + PIECE]
                side.sendall(struct.pack(">I", len(part)) + part)
        side.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has had enough, and says why
    return _answer(side)


def _answer(side: socket.socket) -> str:
    side.settimeout(VERDICT_SECONDS)
    said = b""
    while not said.endswith(b"\0") and len(said) < 4096 and (piece := side.recv(4096)):
        said += piece
    return said.rstrip(b"\0\n").decode(errors="replace")
