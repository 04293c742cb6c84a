"""The one place, beside the worker class, that knows gunicorn's insides: a request's body, taken from the connection.

Read through wsgi.input every byte is copied several times over, at three to five seconds of processor time a GiB; a
read waits for as long as the caller is silent; and what came before a reset is lost. Here one buffer is filled again
and again, a read ends after the seconds that it is given, and what came is handed on at once. All of this rests on
attributes that gunicorn promises nobody: setup.cfg names the one major version that they were read in, `taken` looks at
each of them, and answers None under any other server, for a body in chunks, or where somebody has read from it already.
"""

import fcntl
import re
import socket
import struct
import termios
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader

PIECE = 1024 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
QUIET_SECONDS, MOST_QUIET = 5.0, 12  # how long, and how often in a row, somebody may take nothing
UNSENT = 128 * 1024
FLOW = re.compile(r"(^|/)x/[a-z0-9_]+/flow/")


def is_flow(path: str) -> bool:
    """Whether a request for this path (decoded) is one of those that run beside the others."""
    return FLOW.search(path) is not None


def plain_socket(environ: Mapping[str, Any]) -> socket.socket | None:
    """The connection that a request came by, where it is gunicorn's and has no TLS of its own."""
    found = environ.get("gunicorn.socket")
    return found if type(found) is socket.socket else None


def say_continue(connection: socket.socket, environ: Mapping[str, Any]) -> None:
    """Tell a caller who asked (Expect) to send it. Not before somebody wants it: who is refused has sent nothing."""
    if environ.get("HTTP_EXPECT", "").lower() == "100-continue" and environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        with suppress(OSError):  # who is gone will be missed when he is listened to
            connection.sendall(CONTINUE)


def taken(environ: Mapping[str, Any], length: int) -> "Wire | None":
    """The body of `length` bytes, for whoever reads it from now on; wsgi.input has come to its end."""
    connection, given = plain_socket(environ), environ.get("wsgi.input")
    if connection is None or type(given) is not Body or type(given.reader) is not LengthReader:
        return None
    reader, source = given.reader, given.reader.unreader
    if type(source) is not SocketUnreader or source.sock is not connection:
        return None
    if reader.length != length or given.buf.tell():  # somebody was here before
        return None
    ahead = source.take_buffered()  # what came together with the headers
    source.unread(ahead[length:])
    reader.length = 0
    return Wire(connection, ahead[:length], length)


class Wire:
    """What is left of a body on its connection."""

    def __init__(self, connection: socket.socket, ahead: bytes, length: int) -> None:
        self._connection, self._ahead, self._left = connection, ahead, length
        self._room = memoryview(bytearray(min(PIECE, length)))

    def read(self, seconds: float) -> memoryview:
        """What has come, up to 1 MiB, once anything has; valid until the next call. Empty when the caller has hung up.
        Raises TimeoutError when nothing comes for so long, and OSError when the connection broke."""
        if self._ahead:
            piece, self._ahead = memoryview(self._ahead), b""
        else:
            self._connection.settimeout(seconds)
            try:
                piece = self._room[: self._connection.recv_into(self._room, min(PIECE, self._left))]
            finally:
                self._connection.settimeout(None)  # the answer is written as ever
        self._left -= len(piece)
        return piece


def hold_little(connection: socket.socket | None) -> None:
    """From now on the system takes no more ahead of what it can send than it needs to go on sending, instead of some
    megabytes: for callers who take half a minute for those. None: not a connection of ours."""
    with suppress(OSError):  # no TCP
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)


def all_taken(connection: socket.socket) -> bool:
    """Once everything was written: whether the caller has it, too. That some megabytes of it lie in buffers of the
    system is no delivery. Told that no more comes, a caller who has read all hangs up; of one who goes away before, the
    system says that he has reset the connection."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(QUIET_SECONDS)
    quiet, before = 0, -1
    while quiet < MOST_QUIET:
        try:
            connection.recv(1)
        except TimeoutError:
            left = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]  # not acknowledged yet
            if not left:
                return True  # he keeps the connection for himself
            quiet, before = quiet + 1 if left == before else 0, left
        except OSError:
            return False
        else:
            return True
    return False
