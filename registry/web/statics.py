"""Static files, with no look at the database. A name that carries its hash may be kept for good."""

import gzip
from functools import lru_cache
from io import BytesIO
from os.path import isfile
from pathlib import Path

from flask import Blueprint, request, send_file, send_from_directory
from werkzeug.utils import safe_join
from werkzeug.wrappers import Response

from registry.kernel.paths import resource_dir
from registry.web.policy import public

pages = Blueprint("static", __name__)
YEAR = 31_536_000
WORTH_PACKING = frozenset({".css", ".js", ".svg", ".json", ".txt"})


def static(filename: str) -> Response:
    lasting = "v" in request.args
    age = YEAR if lasting else 3600
    path = Path(safe_join(str(resource_dir("static")), filename) or "")
    packed = path.suffix in WORTH_PACKING and isfile(path)  # no trouble with names of any length
    if packed and request.accept_encodings["gzip"]:
        response = _compressed(path, age)
    else:
        response = send_from_directory(resource_dir("static"), filename, max_age=age)
    if packed:
        response.vary.add("Accept-Encoding")
    if lasting:
        response.cache_control.immutable = True
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; sandbox"
    return response


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
