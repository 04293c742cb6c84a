"""Uploaded import files and the progress of running imports, in the data folder under names of our own making."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

_folder: list[Path] = []


def use_folder(data: Path) -> None:
    """Where this installation keeps import files. Called once at start."""
    _folder[:] = [data / "imports"]


def path_of(key: str) -> Path:
    return _root() / key


def _root() -> Path:
    if not _folder:
        raise RuntimeError("imports.store.use_folder was not called")
    _folder[0].mkdir(parents=True, exist_ok=True, mode=0o700)
    return _folder[0]


def new_key() -> str:
    return secrets.token_hex(16)


def report(key: str, rows: int, share: float) -> None:
    """Tell how far a running import is: in a file, since its transaction is not visible until it ends."""
    path = path_of(f"{key}.progress")
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"rows": rows, "share": round(share, 4), "pid": os.getpid()}))
    draft.replace(path)


def progress(key: str) -> dict[str, Any] | None:
    """{rows, share, pid} of a running import, or None."""
    try:
        return dict(json.loads(path_of(f"{key}.progress").read_text()))
    except (OSError, ValueError):
        return None


def finished(key: str) -> None:
    path_of(f"{key}.progress").unlink(missing_ok=True)


def remove(key: str) -> None:
    finished(key)
    path_of(key).unlink(missing_ok=True)
