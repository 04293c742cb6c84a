"""Carry bytes to a server, or fetch them, in a process of its own that costs little.

python -m bench.carrier PORT METHOD PATH BYTES [HEADER ...]   sends so many bytes, or with GET drops what comes
Prints the status, the bytes of the answer and the seconds from connecting to its end.
"""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Carried:
    status: int
    came: int
    seconds: float


def begun(port: int, method: str, path: str, size: int, *headers: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "bench.carrier", str(port), method, path, str(size), *headers]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def ended(process: "subprocess.Popen[str]") -> Carried:
    status, came, seconds = process.communicate()[0].split()
    return Carried(int(status), int(came), float(seconds))


def carry(port: int, method: str, path: str, size: int, headers: list[str]) -> Carried:
    piece = memoryview(bytearray(range(256)) * (PIECE // 256))
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *headers]
    if method != "GET":
        lines.append(f"Content-Length: {size}")
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=300) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        left = 0 if method == "GET" else size
        while left:
            connection.sendall(piece[: min(PIECE, left)])
            left -= min(PIECE, left)
        head = connection.recv(PIECE)
        room, came = bytearray(PIECE), len(head) - head.find(b"\r\n\r\n") - 4
        while count := connection.recv_into(room):
            came += count
    return Carried(int(head[9:12]), came, time.perf_counter() - began)


if __name__ == "__main__":
    done = carry(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
    print(done.status, done.came, done.seconds)
