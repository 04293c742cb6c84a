"""Ports of 127.0.0.1 that nobody else takes between our look and the start of whoever is to listen there: neither
another test process nor an outgoing connection, to which the system gives numbers of a range of its own."""

import atexit
import contextlib
import random
import socket
from collections import deque
from pathlib import Path

LOWEST, HIGHEST = 12_000, 32_000
MOST_KEPT = 100  # whoever listens at an older one has begun long since
_kept: deque[socket.socket] = deque()


@atexit.register
def _let_go() -> None:
    while _kept:
        _kept.pop().close()


def _given_by_the_system() -> range:
    file = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first, last = map(int, file.read_text().split()) if file.exists() else (32_768, 60_999)
    return range(first, last + 1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def _reserved(port: int) -> bool:
    """UDP's port of the same number, which nobody here uses, says that this one is taken."""
    mark = socket.socket(type=socket.SOCK_DGRAM)
    with contextlib.suppress(OSError):
        mark.bind(("127.0.0.1", port))
        if _is_free(port):
            _kept.append(mark)
            if len(_kept) > MOST_KEPT:
                _kept.popleft().close()
            return True
    mark.close()
    return False


def free_port(beside: int = 0) -> int:
    """A port for this process alone; with `beside`, the one so much above it too."""
    others = _given_by_the_system()
    good = [port for port in range(LOWEST, HIGHEST - beside) if port not in others and port + beside not in others]
    for port in random.SystemRandom().sample(good or range(LOWEST, HIGHEST - beside), 500):
        if _reserved(port) and (not beside or _reserved(port + beside)):
            return port
    raise OSError("no port is free")
