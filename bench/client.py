"""A client that costs little beside the server: raw sockets, one connection a request as our server closes them."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Client:
    port: int

    def get(self, path: str, token: str | None = None) -> Answer:
        return self.send(self.message("GET", path, token))

    def post(self, path: str, token: str, body: Any) -> Answer:
        return self.send(self.message("POST", path, token, json.dumps(body).encode()))

    def message(self, method: str, path: str, token: str | None, body: bytes = b"") -> bytes:
        """A whole request, to be made before the clock starts."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def send(self, message: bytes) -> Answer:
        """The answer, and the seconds from connecting to its last byte."""
        began = time.perf_counter()
        data = b"".join(self.stream(message))
        spent = time.perf_counter() - began
        head, _, body = data.partition(b"\r\n\r\n")
        if not head:
            raise OSError("the server closed the connection without an answer")
        return Answer(int(head[9:12]), body, spent)

    def stream(self, message: bytes) -> Iterator[bytes]:
        """What comes, as it comes, headers included."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=300) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(message)
            while part := connection.recv(1 << 16):
                yield part
