"""A cable between a client and a server of the tests, which can be cut."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from typing import Self
from urllib.parse import urlsplit


class Cable:
    """`with Cable(endpoint) as cable: cable.endpoint` leads there, too; nothing goes through it `with cable.cut():`."""

    def __init__(self, endpoint: str) -> None:
        there = urlsplit(endpoint)
        self._under_way: set[socket.socket] = set()
        self._is_cut = False
        cable = self

        class Passing(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                if cable._is_cut:
                    return
                with socket.create_connection((there.hostname, there.port)) as other:
                    cable._under_way |= {self.request, other}
                    back = threading.Thread(target=_pass_on, args=(other, self.request))
                    back.start()
                    _pass_on(self.request, other)
                    back.join()
                    cable._under_way -= {self.request, other}

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Passing)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        self._is_cut = True
        self._break_off()
        yield
        self._is_cut = False

    def _break_off(self) -> None:
        for end in list(self._under_way):
            _end(end)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._break_off()
        self._server.server_close()
        self._thread.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    _end(target)
    _end(source)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
