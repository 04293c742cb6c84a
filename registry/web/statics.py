"""Static files, with no look at the database. A name that carries its hash may be kept for good."""

import gzip
import hashlib
import json
from functools import lru_cache
from io import BytesIO
from os.path import isfile
from pathlib import Path
from time import monotonic
from typing import Any

from flask import Blueprint, request, send_file, send_from_directory, url_for
from werkzeug.utils import safe_join
from werkzeug.wrappers import Response

from registry.kernel.paths import resource_dir
from registry.web.policy import public

pages = Blueprint("static", __name__)
YEAR = 31_536_000
WORTH_PACKING = frozenset({".css", ".js", ".svg", ".json", ".txt", ".wasm"})


def static(filename: str) -> Response:
    folder, name = place_of(filename)
    path = Path(safe_join(str(folder), name) or "")
    there = isfile(path)  # no trouble with names of any length
    # Another version, which a server that has yet to be restarted may be asked for, must not be kept under that name.
    lasting = there and request.args.get("v") == _mark(path)
    age = YEAR if lasting else 3600
    packed = there and path.suffix in WORTH_PACKING
    if packed and request.accept_encodings["gzip"]:
        response = _compressed(path, age)
    else:
        response = send_from_directory(folder, name, max_age=age)
    if packed:
        response.vary.add("Accept-Encoding")
    if lasting:
        response.cache_control.immutable = True
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; sandbox"
    return response


_folders: dict[str, Path] = {}  # plugin -> its static files


def add_folder(plugin: str, folder: Path) -> None:
    """Serve a plugin's files, as x/<plugin>/<file>."""
    if folder.is_dir():
        _folders[plugin] = folder


def place_of(filename: str) -> tuple[Path, str]:
    """The folder in which a static file is looked for, and its name there."""
    if filename.startswith("x/"):
        plugin, _, name = filename.removeprefix("x/").partition("/")
        if plugin in _folders:
            return _folders[plugin], name
    return resource_dir("static"), filename


def _compressed(path: Path, age: int) -> Response:
    """The style of a page is a fifth so."""
    changed = path.stat().st_mtime_ns
    response = send_file(BytesIO(_packed(path, changed)), download_name=path.name, etag=f"{changed}-gzip", max_age=age)
    response.content_encoding = "gzip"
    return response


@lru_cache(maxsize=64)
def _packed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


static.__static__ = True  # type: ignore[attr-defined]  # needs no database
pages.add_url_rule("/static/<path:filename>", "static", public(static))


def static_url(name: str) -> str | None:
    """The address of a static file with a hash of its content, so that browsers may keep it; None when it is not there.

    Front-end libraries (dist/...) are not there until `make assets` has run. A page asks for dozens: what was found
    holds for two seconds.
    """
    key = (resource_dir, request.script_root, name)
    known = _static.get(key)
    if known is None or known[0] < monotonic():
        known = _static[key] = (monotonic() + 2, _static_url(name))
    return known[1]


_static: dict[Any, tuple[float, str | None]] = {}  # as many as there are files


def _static_url(name: str) -> str | None:
    path = Path(*place_of(name))
    if not path.is_file():
        return None
    return url_for("static.static", filename=name, v=_mark(path))


def _mark(path: Path) -> str:
    return _hash(path, path.stat().st_mtime_ns)[:12]


@lru_cache(maxsize=64)
def _hash(path: Path, _changed: int) -> str:
    manifest = path.parent / "manifest.json"
    known = json.loads(manifest.read_text()) if manifest.is_file() else {}
    return known.get(path.name) or hashlib.sha256(path.read_bytes()).hexdigest()
