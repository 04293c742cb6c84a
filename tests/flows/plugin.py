"""A plugin with flow routes, for tests: it takes bodies into files, and sends a file of the store."""

import errno
import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from registry import sdk
from registry.kernel import db

PLUGIN = sdk.PluginInfo("flowing", "Flowing", "1.0")
KEY = "house/" + "ab" * 16
pages = sdk.house_pages("flowing")


def folder() -> Path:
    return Path(os.environ["TEST_FLOWS"])


@sdk.hook
def blueprints() -> list[Blueprint]:
    return [pages]


@pages.route("/flow/bodies/<name>", methods=["PUT"])
@sdk.public
def take(name: str) -> Response:
    """The body goes into a file as it comes; another one tells what came of it."""
    coming = sdk.body()
    stop = folder() / f"{name}.stop"
    looked = 0

    def asked() -> bool:
        nonlocal looked
        with sdk.db_again():
            looked += 1
        return stop.exists()

    target = Path(os.devnull) if "nowhere" in request.args else folder() / name
    with sdk.at_length(), target.open("wb", buffering=0) as file:
        for piece in coming.pieces(stop=asked):
            file.write(piece)
    told = {
        "outcome": coming.outcome, "received": coming.received, "length": coming.length, "looked": looked,
        "raw": coming.raw,
    }  # fmt: skip
    (folder() / f"{name}.draft").write_text(json.dumps(told))
    (folder() / f"{name}.draft").rename(folder() / f"{name}.json")
    return jsonify(told)


@pages.route("/flow/refused", methods=["PUT"])
@sdk.public
def refuse() -> Response:
    return Response("no", 409)


@pages.route("/flow/taken-back/<name>")
@sdk.public
def taken_back(name: str) -> Response:
    """Goes on for ever, and is broken off once it is stopped."""

    def pieces() -> Iterator[bytes]:
        while not (folder() / f"{name}.stop").exists():
            yield bytes(65536)
        raise ConnectionResetError(errno.ECONNRESET, "taken back")

    return Response(pieces(), direct_passthrough=True)


@pages.route("/flow/files/<name>")
@sdk.public
def send(name: str) -> Response:
    """The one file that there is, under any name."""
    size = int(request.args["size"])

    def delivered(first: int, end: int) -> None:
        with db.transaction(), (folder() / "delivered").open("a") as file:
            file.write(f"{first}-{end}\n")

    inline = "inline" in request.args
    kind = request.args.get("type", "image/png")
    return sdk.send_stored(KEY, name=name, media_type=kind, etag="e1", size=size, inline=inline, on_delivered=delivered)


@pages.route("/state")
@sdk.public
def state() -> Any:
    """An ordinary request that asks the database something."""
    rows = db.run_sql("SELECT count(*) FROM customer").fetchone()[0]
    threads = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Threads")]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return jsonify(customers=rows, threads=int(threads[0].split()[1]), peak=peak, pid=os.getpid())
