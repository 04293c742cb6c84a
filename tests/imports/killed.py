"""A program that imports a file and dies in the middle of it: python -m tests.imports.killed POINT FILE CHUNK

POINT says where kill -9 strikes; "never" lets it come to its end. CHUNK: rows at a time. Settings come from
ASSETCARE_* variables.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registry.app import open_house
from registry.imports import asset_rows, run, running, service, store
from registry.kernel import db, wall
from registry.kernel.access import Actor
from registry.settings import Settings


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, *, times: int = 1) -> None:
    """Die when `owner.name` is called for the `times`-th time, before it does anything."""
    original, left = getattr(owner, name), [times]

    def call(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if not left[0]:
            die()
        return original(*arguments, **named)

    setattr(owner, name, call)


def after(owner: Any, name: str) -> None:
    original = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        original(*arguments, **named)
        die()

    setattr(owner, name, call)


POINTS: dict[str, Callable[[], None]] = {
    "before the first row": lambda: before(asset_rows.AssetRows, "take"),
    "after the first chunk": lambda: before(store, "report"),
    "between chunks": lambda: before(asset_rows.AssetRows, "take", times=3),
    "between audit and rows": lambda: before(asset_rows.AssetTable, "insert", times=2),
    "before the search index": lambda: before(asset_rows.AssetRows, "keep"),
    "just before the commit": lambda: after(running, "_record"),
    "just after the commit": lambda: before(store, "remove"),
    "never": lambda: None,
}


def main(point: str, file: Path, chunk: int) -> None:
    run.CHUNK = chunk
    open_house(Settings.load(log_level="ERROR"))
    wall.stand(wall.EVERYWHERE)
    with db.connection():
        POINTS[point]()
        values = {"kind": "assets", "customer": "acme", "filename": file.name}
        made = service.create_import(Actor.system(), values, lambda path: path.write_bytes(file.read_bytes()))
        print(made.created, made.updated, made.unchanged, made.error_count)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
