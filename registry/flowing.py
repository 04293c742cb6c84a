"""A web process: one request after the other, as gunicorn's own sync worker has it, and large bodies beside them.

One ordinary request at a time gives SQLite the best write tail by far; but a body takes as long as its caller likes. So
whatever is asked for below /x/<plugin>/flow/ goes to a thread of its own once its headers are there, up to
ASSETCARE_FLOWS of them in a process. It is a connection's whole life: answered there, closed there.
"""

import errno
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from gunicorn import http, util
from gunicorn.workers.sync import SyncWorker
from werkzeug.exceptions import ClientDisconnected

from registry.kernel import db
from registry.kernel.logs import log
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


class FlowingWorker(SyncWorker):  # type: ignore[misc]
    """`beside`: the threads that carry flows, or tell callers that there are too many."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.beside: set[threading.Thread] = set()

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        super().handle(listener, Caller.of(client), addr)

    def handle_request(self, listener: Any, req: Any, client: Caller, addr: Any) -> None:
        client.until = None  # the headers are there
        if is_flow(util.unquote_to_wsgi_str(req.path)):
            self._hand_over(listener, req, client, addr)
        else:
            super().handle_request(listener, req, client, addr)

    def _hand_over(self, listener: Any, req: Any, client: Caller, addr: Any) -> None:
        most = self.app.settings.flows
        work = self._carry if len(self.beside) < most else self._refuse
        # What the loop closes afterwards is an empty shell; the connection lives on in the thread.
        own = socket.socket(client.family, client.type, client.proto, fileno=client.detach())
        if len(self.beside) >= 2 * most:  # a flood: not even told
            own.close()
            return
        req.unreader.sock = own
        thread = threading.Thread(target=self._beside, args=(work, listener, req, own, addr), name="flow", daemon=True)
        self.beside.add(thread)
        try:
            thread.start()
        except RuntimeError:  # the system has no more
            self.beside.discard(thread)
            own.close()
            raise

    def _beside(self, work: Callable[..., None], listener: Any, req: Any, client: socket.socket, addr: Any) -> None:
        try:
            work(listener, req, client, addr)
        except (StopIteration, http.errors.NoMoreData):
            pass
        except OSError as error:
            if error.errno not in AWAY:
                log.exception("flow_failed")
        except BaseException as error:
            self.handle_error(req, client, addr, error)
        finally:
            util.close_graceful(client)
            self.beside.discard(threading.current_thread())
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
