"""The body of a request as it comes, however long that takes, without a database connection meanwhile."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from typing import Any

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from registry.kernel import db
from registry.web.flows import wire
from registry.web.identity import settings

LOOK_SECONDS = 1.0  # so often it is asked whether to stop
COPIED = 64 * 1024  # read at once through wsgi.input: so much is lost when the caller vanishes
GONE = (OSError, ClientDisconnected, ParseException)
ENDING = Event()  # this process is about to end

Bytes = memoryview | bytes


def never() -> bool:
    return False


class Body:
    """The body of one request, to be read once.

    length: bytes that it is to have; None where the caller did not say (chunks)
    received: bytes so far
    outcome: "" until pieces() has come to its end, then one of
        "whole"    all of it came
        "cut"      the caller is gone; what came before that was handed out
        "stopped"  stop() said so, or this process is about to end
        "idle"     nothing came for ASSETCARE_FLOW_IDLE_SECONDS
    raw: whether it is read from the connection itself
    """

    def __init__(self) -> None:
        chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
        self.length = None if chunked else request.content_length or 0
        self.received = 0
        self.outcome = ""
        self.raw = False

    def pieces(self, *, stop: Callable[[], bool] = never) -> Iterator[Bytes]:
        """What comes, up to 1 MiB at once; each is valid until the next. `stop` is asked once a second, also while
        nothing comes, and may look into the database. (Where the body is not read from the connection itself, it is
        asked after a piece only.) Whoever stops reading before the end gets no outcome."""
        read, longest = self._opened(), settings().flow_idle_seconds
        heard = asked = monotonic()
        while not self._ended():
            due = monotonic() - asked >= LOOK_SECONDS
            if ENDING.is_set() or (due and stop()):
                self.outcome = "stopped"
                return
            asked = monotonic() if due else asked
            if piece := self._next(read):
                self.received += len(piece)
                yield piece
                heard = monotonic()  # what was done with the piece is not the caller's silence
            elif monotonic() - heard >= longest:
                self.outcome = self.outcome or "idle"

    def _ended(self) -> bool:
        if self.received == self.length:
            self.outcome = "whole"
        return bool(self.outcome)

    def _next(self, read: Callable[[], Bytes]) -> Bytes:
        """The next piece. Nothing: it is to be asked again, or there is an outcome."""
        try:
            piece = read()
        except TimeoutError:
            return b""
        except GONE:
            self.outcome = "cut"
            return b""
        if not piece:
            self.outcome = "whole" if self.length is None else "cut"
        return piece

    def _opened(self) -> Callable[[], Bytes]:
        """What answers the next piece of it, each time it is called."""
        connection = wire.plain_socket(request.environ)
        if connection is not None:
            wire.say_continue(connection, request.environ)
        raw = wire.taken(request.environ, self.length) if self.length else None
        if raw is not None:
            self.raw = True
            return lambda: raw.read(LOOK_SECONDS)
        if connection is not None:
            connection.settimeout(settings().flow_idle_seconds)
        request.max_content_length = sys.maxsize  # what is read in pieces may be of any size
        stream: Any = request.stream
        return lambda: stream.read(COPIED)


def body() -> Body:
    """The body of the current request, on a route below /x/<plugin>/flow/: elsewhere it would hold everybody up."""
    if not wire.is_flow(request.path):
        raise RuntimeError("routes that take large bodies lie below /x/<plugin>/flow/")
    return Body()


@contextmanager
def at_length() -> Iterator[None]:
    """What takes minutes: the request's database connection is given back meanwhile. `with db_again():` inside of it is
    for a short look. Not inside of a transaction."""
    if db.database.in_transaction():
        raise RuntimeError("end the transaction first: it would last as long as the caller takes")
    db.release()
    try:
        yield
    finally:
        db.connect()


def db_again() -> Any:
    """A database connection for a moment, in the midst of what takes long: with db_again(): ..."""
    return db.connection()
