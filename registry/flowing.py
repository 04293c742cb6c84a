"""A web process: one request after the other, as gunicorn's own sync worker has it, and large bodies beside them.

One ordinary request at a time gives SQLite the best write tail by far; but a body takes as long as its caller likes. So
whatever is asked for below /x/<plugin>/flow/ goes to a thread of its own once its headers are there, up to
ASSETCARE_FLOWS of them in a process, ASSETCARE_FLOWS_PER_NETWORK of these for one network. It is a connection's whole
life: answered there, closed there.
"""

import errno
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from gunicorn import http, util
from gunicorn.workers.sync import SyncWorker
from werkzeug.exceptions import ClientDisconnected

from registry.kernel import db
from registry.kernel.logs import log
from registry.kernel.throttle import network_of
from registry.web.flows.body import ENDING
from registry.web.flows.wire import is_flow

HEADER_SECONDS = 20.0  # for a request's headers altogether
SILENT_SECONDS = 60.0  # between two pieces of an ordinary request's body, and until a caller takes any of an answer
AWAY = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EAGAIN)  # of a caller who is gone, or takes nothing
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nCache-Control: no-store\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
)
TEXT = b"Too many files are on their way at this moment. Try again in a few seconds.\n"


class Caller(socket.socket):
    """A connection that does not wait for its caller's words for ever.

    until: when the headers must be there, by the clock of time.monotonic(); None once they are.
    """

    until: float | None = None

    @classmethod
    def of(cls, client: socket.socket) -> Self:
        made = cls(client.family, client.type, client.proto, fileno=client.detach())
        made.until = time.monotonic() + HEADER_SECONDS
        # By the system, which lets a write go on as long as anything at all is taken; it holds in threads beside, too.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(SILENT_SECONDS), 0))
        return made

    def recv(self, size: int, flags: int = 0) -> bytes:
        if self.gettimeout() is not None:  # whoever closes it has a limit of his own
            return super().recv(size, flags)
        left = SILENT_SECONDS if self.until is None else self.until - time.monotonic()
        self.settimeout(max(left, 0.001))
        try:
            return super().recv(size, flags)
        except TimeoutError:
            if self.until is None:
                raise ClientDisconnected from None  # 400: half of a body must not pass for a whole one
            return b""  # as if he had hung up
        finally:
            self.settimeout(None)


def caller_of(headers: list[tuple[str, str]], addr: Any, proxies: int) -> str:
    """The address of whoever asks: what the outermost of our `proxies` says, as everywhere else in this program."""
    told = ",".join(value for name, value in headers if name.upper() == "X-FORWARDED-FOR").split(",")
    if proxies and len(told) >= proxies and told[-proxies].strip():
        return told[-proxies].strip()
    return str(addr[0]) if isinstance(addr, tuple) else ""


def reset(client: socket.socket) -> None:
    """Of an answer that was broken off not even that leaves any more which lies in buffers of the system."""
    with suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


class FlowingWorker(SyncWorker):  # type: ignore[misc]
    """`beside`: the threads that carry flows, and for which network each does; `refusing`: those that tell callers that
    there are too many."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.beside: dict[threading.Thread, str] = {}
        self.refusing: dict[threading.Thread, str] = {}

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        super().handle(listener, Caller.of(client), addr)

    def handle_request(self, listener: Any, req: Any, client: Caller, addr: Any) -> None:
        client.until = None  # the headers are there
        if is_flow(util.unquote_to_wsgi_str(req.path)):
            self._hand_over(listener, req, client, addr)
        else:
            super().handle_request(listener, req, client, addr)

    def _hand_over(self, listener: Any, req: Any, client: Caller, addr: Any) -> None:
        # What the loop closes afterwards is an empty shell; the connection lives on in the thread.
        own = socket.socket(client.family, client.type, client.proto, fileno=client.detach())
        network = network_of(caller_of(req.headers, addr, self.app.settings.proxies))
        carried = self._has_place(network)
        if not carried and len(self.refusing) >= self.app.settings.flows:  # a flood: not even told
            own.close()
            return
        req.unreader.sock = own
        work, kind = (self._carry, self.beside) if carried else (self._refuse, self.refusing)
        thread = threading.Thread(target=self._beside, args=(work, listener, req, own, addr), name="flow", daemon=True)
        kind[thread] = network
        try:
            thread.start()
        except RuntimeError:  # the system has no more
            kind.pop(thread, None)
            own.close()
            raise

    def _has_place(self, network: str) -> bool:
        chosen, there = self.app.settings, list(self.beside.values())
        return len(there) < chosen.flows and there.count(network) < chosen.flows_per_network

    def _beside(self, work: Callable[..., None], listener: Any, req: Any, client: socket.socket, addr: Any) -> None:
        close = util.close_graceful
        try:
            work(listener, req, client, addr)
        except (StopIteration, http.errors.NoMoreData):
            pass
        except OSError as error:
            if error.errno in AWAY:
                close = reset
            else:
                log.exception("flow_failed")
        except BaseException as error:
            self.handle_error(req, client, addr, error)
        finally:
            close(client)
            for kind in (self.beside, self.refusing):
                kind.pop(threading.current_thread(), None)
            db.hang_up()

    def _carry(self, listener: Any, req: Any, client: socket.socket, addr: Any) -> None:
        # gunicorn would say "100 Continue" here; Body says it, once somebody wants the body.
        req._expected_100_continue = False
        super().handle_request(listener, req, client, addr)

    def _refuse(self, _listener: Any, req: Any, client: socket.socket, _addr: Any) -> None:
        client.sendall(FULL % (len(TEXT), b"" if req.method == "HEAD" else TEXT))

    def handle_exit(self, sig: int, frame: Any) -> None:
        ENDING.set()  # uploads stop and answer how far they came, even while the loop is still at a request
        super().handle_exit(sig, frame)

    def run(self) -> None:
        super().run()
        self._finish()

    def _finish(self) -> None:
        """The loop has ended: what runs beside has as much time as gunicorn's master grants, above all downloads."""
        ENDING.set()
        for listener in self.sockets:  # or callers would queue up behind a door that nobody opens any more
            listener.close()
        until = time.monotonic() + self.cfg.graceful_timeout
        while self.beside and time.monotonic() < until:
            self.notify()
            time.sleep(0.05)
