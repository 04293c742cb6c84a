"""HTTP to addresses that people typed: the one guarded way out of the house.

A name is looked up once, judged (see destinations), and the connection goes to exactly what was judged. No redirects,
no proxies, a limit on time and size, TLS always verified. What comes back tells a user no more than three things, so
that nobody can feel his way through our network with it.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from registry.kernel.destinations import (
    LONGEST_URL,
    Network,
    Refused,
    Resolver,
    Target,
    check,
    judged,
    networks,
    parse,
    use,
)

__all__ = ["LONGEST_URL", "Answer", "Refused", "check", "networks", "send", "trust", "use"]

SECONDS = 10.0  # for everything from the first packet to the last
CONNECT_SECONDS = 5.0
MOST_BYTES = 64 * 1024  # of an answer's body


class Unreachable(OSError):
    """None of the addresses took the connection in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """outcome: answered, refused (by policy) or unreachable. Only an answer has a status, a body and a duration."""

    outcome: str
    status: int | None = None
    body: bytes = b""
    milliseconds: int | None = None

    @property
    def fine(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The whole of what a user may learn."""
        if self.status is not None:
            return f"answered {self.status}"
        return "refused by policy" if self.outcome == "refused" else "not reachable"


@cache
def trust() -> ssl.SSLContext:
    """Certificates are verified against the system's authorities (or those of SSL_CERT_FILE), names included."""
    return ssl.create_default_context()


def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    seconds: float = SECONDS,
    allow: Iterable[Network] | None = None,
    resolve: Resolver | None = None,
) -> Answer:
    """One request to an address that somebody typed; what goes wrong out there is an outcome, not an error.

    `seconds` is the limit for everything together. Raises ValueError for headers that HTTP does not know.
    """
    try:
        target = parse(url)
        request = _written(method, target, headers, body)
        places = judged(target, allow=allow, resolve=resolve)
    except Refused:
        return Answer("refused")
    started = time.monotonic()
    try:
        with _connected(places, started + seconds) as raw, _cut_off(raw, started + seconds):
            return _exchange(request, raw, target, body, started)
    except (OSError, http.client.HTTPException):
        return Answer("unreachable")


def _written(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> http.client.HTTPConnection:
    """The request as far as it can be written without a connection. One that opens by itself it never becomes."""
    request: http.client.HTTPConnection
    if target.secure:
        request = http.client.HTTPSConnection(target.host, target.port, context=trust())
    else:
        request = http.client.HTTPConnection(target.host, target.port)
    request.auto_open = 0
    request.putrequest(method, target.path, skip_accept_encoding=True)
    sent = {"Accept-Encoding": "identity", "Connection": "close", "Content-Length": str(len(body)), **headers}
    for name, value in sent.items():
        request.putheader(name, value)
    return request


@contextmanager
def _connected(places: Sequence[tuple[int, Any]], deadline: float) -> Iterator[socket.socket]:
    """A connection to the first place that takes one."""
    for family, place in places:
        raw = socket.socket(family, socket.SOCK_STREAM)
        raw.settimeout(max(0.01, min(CONNECT_SECONDS, deadline - time.monotonic())))
        try:
            raw.connect(place)
        except OSError:
            raw.close()
            continue
        with raw:
            yield raw
        return
    raise Unreachable()


@contextmanager
def _cut_off(raw: socket.socket, deadline: float) -> Iterator[None]:
    """End the connection when time is up, whatever it is at: limits on single reads let a drip go on for ever."""
    lever = raw.dup()
    timer = threading.Timer(max(0.01, deadline - time.monotonic()), _shut, [lever])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        lever.close()


def _shut(lever: socket.socket) -> None:
    with suppress(OSError):
        lever.shutdown(socket.SHUT_RDWR)


def _exchange(
    request: http.client.HTTPConnection, raw: socket.socket, target: Target, body: bytes, started: float
) -> Answer:
    raw.settimeout(None)  # from here on the lever counts the time
    request.sock = trust().wrap_socket(raw, server_hostname=target.host) if target.secure else raw
    try:
        request.endheaders(body or None)
        with request.getresponse() as response:
            milliseconds = round((time.monotonic() - started) * 1000)
            return Answer("answered", response.status, _read(response), milliseconds)
    finally:
        request.close()


def _read(response: http.client.HTTPResponse) -> bytes:
    """The beginning of the body, as it came: nothing is unpacked. Cut short, it is what has arrived."""
    try:
        return response.read(MOST_BYTES)
    except (OSError, http.client.HTTPException):
        return b""
