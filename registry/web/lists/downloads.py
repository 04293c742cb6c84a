"""Files that people brought, on their way out: always as something to save, never as a page of ours."""

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from flask import request
from werkzeug.wrappers import Response

from registry.kernel import files
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.web.answers import stream

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def download(key: str, name: str, size: int) -> Response:
    """The whole file, or the piece that Range asks for, with memory that does not grow.

    To browsers it is bytes, whatever its name says: a page or picture may have script in it.
    """
    if not files.store().exists(key):
        raise NotFound(_("This file is not kept any more."))
    answer = stream(_pieces(key), "application/octet-stream", "file")
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers.update({"Content-Length": str(size), "Cache-Control": "no-store"})
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=size)


def disposition(name: str) -> str:
    """Under its own name in any script, and for old programs under what ASCII has of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(char for char in plain if char.isalnum() or char in " ._-()").strip() or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(key: str) -> Iterator[bytes]:
    with files.store().open(key) as opened:
        while piece := opened.read(files.PIECE):
            yield piece
