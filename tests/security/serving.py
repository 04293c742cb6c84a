"""The house as it runs: gunicorn and the worker as processes of their own, and many clients at once."""

import contextlib
import http.client
import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.houses import House
from tests.security.nursery import ROOT, FromNursery, Nursery, shared
from tests.server import Server


def serving(house: House, folder: Path, *, worker: bool = False, nursery: Nursery | None = None) -> Server:
    """`assetcare serve` on the data of `house`, which must be closed meanwhile. Use it in a with block.

    It comes from a nursery; with a worker beside it, as a program of its own."""
    options = {
        "ASSETCARE_DATABASE": house.settings.database,
        "ASSETCARE_SECRET": house.settings.secret,
        "ASSETCARE_LOG_LEVEL": "ERROR",
        "ASSETCARE_WORKERS": "2",
        "ASSETCARE_CONSUMER": "yes" if worker else "no",
    }
    if nursery or not worker:
        return FromNursery(nursery or shared(), house.settings.data, **options)
    program = folder / "assetcare"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m registry "$@"\n')
    program.chmod(0o755)
    return Server(program, house.settings.data, ROOT, **options)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Any = None
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    form: bool = False


@dataclass(frozen=True)
class Reply:
    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def at_once(port: int, requests: Sequence[Request]) -> list[Reply]:
    """Send all of them at the same moment, each on a connection of its own; the answers in the same order."""
    replies: list[Reply | None] = [None] * len(requests)
    start = threading.Barrier(len(requests))

    def go(number: int) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            connection.connect()
            start.wait(120)
            replies[number] = send(connection, requests[number])

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in replies, "a connection broke"
    return [reply for reply in replies if reply is not None]


def send(connection: http.client.HTTPConnection, request: Request) -> Reply:
    headers = {"Connection": "close", **request.headers}
    if request.token:
        headers["Authorization"] = f"Bearer {request.token}"
    body = None
    if request.form:
        body, headers["Content-Type"] = urlencode(request.body), "application/x-www-form-urlencoded"
    elif isinstance(request.body, str):
        body = request.body
    elif request.body is not None:
        body, headers["Content-Type"] = json.dumps(request.body), "application/json"
    connection.request(request.method, request.path, body=body, headers=headers)
    response = connection.getresponse()
    return Reply(response.status, response.read().decode(errors="replace"))
