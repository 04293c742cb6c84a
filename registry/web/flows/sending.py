"""Large files on their way down: whole or from where the last attempt broke off, by us or by the proxy in front.

What goes out is inert: to be saved under its own name, and where a page shows it, without script, style or origin.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from registry.kernel import db, files, language, wall
from registry.kernel.logs import log
from registry.web.flows.wire import all_taken, hold_little, plain_socket
from registry.web.identity import settings
from registry.web.lists.downloads import disposition

TELL_SECONDS = 3.0  # whoever is told may have the answer broken off
LEAST_STEP, MOST_STEP = 64 * 1024, 1024 * 1024  # bytes that are written at once
SLOW_SECONDS = 0.5
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
SHOWN = frozenset({"application/pdf", "image/gif", "image/jpeg", "image/png", "image/webp"})
TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
BYTES = "application/octet-stream"

Source = Callable[[int, int], Iterator[bytes]]  # (first byte, how many) -> pieces
Delivered = Callable[[int, int], None]


class _Part(NamedTuple):
    """Bytes `first` to before `end`, because somebody asked for these (`asked`) or of all that there are."""

    first: int
    end: int
    asked: bool = False


def send_stored(
    key: str,
    *,
    name: str,
    media_type: str,
    etag: str,
    size: int,
    inline: bool = False,
    by_proxy: bool = True,
    on_delivered: Delivered | None = None,
) -> Response:
    """A file of the store as the answer to GET or HEAD; Range, If-Range and If-None-Match are understood.

    etag: without quotes; the SHA-256 is a good one. inline: shown instead of saved, if it is a PDF or a picture.
    on_delivered(first, end): bytes `first` to before `end` have left for the caller; once `end` is the end of what he
    asked for, he has taken it all. Called every three seconds and when the answer has ended, however it did, each time
    from the same `first`; outside of the request, with a database connection.
    Where ASSETCARE_SENDFILE has the proxy send the file, nobody knows how much arrives: what was asked for counts at
    once, unless `by_proxy` is False and we send it ourselves. Raises NotFound.
    """
    headers = _headers(name, media_type, etag, inline=inline)
    handed = _handed_over(key) if by_proxy else None
    if handed is None or request.if_none_match.contains_weak(etag):  # the proxy knows no ETag of ours
        return _answer(partial(files.read, key), size, headers, on_delivered)
    part = bytes_asked(size, etag)
    if on_delivered and part:
        on_delivered(*part)
    return Response(headers=headers | handed)


def send_pieces(
    source: Source, *, name: str, media_type: str, etag: str, size: int, on_delivered: Delivered | None = None
) -> Response:
    """The same for what is made while it is sent, such as an archive: source(first, length) answers pieces of it, and
    must make the same bytes each time."""
    return _answer(source, size, _headers(name, media_type, etag, inline=False), on_delivered)


def _headers(name: str, media_type: str, etag: str, *, inline: bool) -> dict[str, str]:
    shown = inline and media_type in SHOWN
    saved = disposition(name.encode(errors="replace").decode())
    return {
        "Content-Type": media_type if TYPE.fullmatch(media_type) else BYTES,
        "Content-Disposition": saved.replace("attachment", "inline", 1) if shown else saved,
        "Content-Security-Policy": SANDBOX,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Accept-Ranges": "bytes",
        "ETag": f'"{etag}"',
    }


def _handed_over(key: str) -> dict[str, str] | None:
    """The header by which the proxy learns what to send; None where there is no proxy that does, or no file as such."""
    how, storage = settings().sendfile, urlsplit(settings().storage_url)
    place = files.store().local(key) if how else None
    # Nginx knows one folder; in the midst of a move files may be in another one.
    if place is None or not place.is_file() or place != Path(unquote(storage.path)) / key:
        return None
    return {"X-Sendfile": str(place)} if how == "x-sendfile" else {"X-Accel-Redirect": how.partition(":")[2] + key}


def _answer(source: Source, size: int, headers: dict[str, str], tell: Delivered | None) -> Response:
    etag = headers["ETag"].strip('"')
    if request.if_none_match.contains_weak(etag):
        return Response(status=304, headers=headers)
    part = _wanted(size, etag)
    if part is None:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    length = part.end - part.first
    headers["Content-Length"] = str(length)
    if part.asked:
        headers["Content-Range"] = f"bytes {part.first}-{part.end - 1}/{size}"
    status = 206 if part.asked else 200
    if request.method == "HEAD":
        return Response(status=status, headers=headers)
    pieces = iter(source(part.first, length)) if length else iter(())
    begun = next(pieces, b"")  # now, while there still can be another answer
    steps = _in_steps(chain([begun], pieces), partial(hold_little, plain_socket(request.environ)))
    sent = _sent(steps, part, *_outside(tell))
    return Response(sent, status, headers, direct_passthrough=True)


def bytes_asked(size: int, etag: str) -> tuple[int, int] | None:
    """Bytes `first` to before `end` that this request gets by send_stored() or send_pieces(); None when it gets none:
    HEAD, what the caller has already (If-None-Match), what lies beyond the end."""
    if request.method != "GET" or request.if_none_match.contains_weak(etag):
        return None
    part = _wanted(size, etag)
    return (part.first, part.end) if part else None


def _wanted(size: int, etag: str) -> _Part | None:
    """What a file of so many bytes is asked for; None for what lies beyond its end. Several parts at once are not
    served: who asks for them gets all of it, as HTTP allows."""
    whole, asked = _Part(0, size), request.range
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return whole
    if request.headers.get("If-Range") and request.if_range.etag != etag:
        return whole
    if size and asked.ranges[0][0] < -size:  # the last so many bytes, of fewer: all of them
        return _Part(0, size, asked=True)
    found = asked.range_for_length(size)
    return _Part(found[0], found[1], asked=True) if found else None


def _in_steps(pieces: Iterator[bytes], when_slow: Callable[[], None]) -> Iterator[bytes]:
    """The same bytes, a little at once to whoever takes little: what is being written cannot be broken off, and what
    lies in buffers of the system leaves all the same."""
    width = LEAST_STEP
    for piece in pieces:
        at = 0
        while at < len(piece):
            step = piece[at : at + width]
            begun = monotonic()
            yield step
            at += len(step)
            if monotonic() - begun > SLOW_SECONDS:
                width = max(LEAST_STEP, width // 4)
                when_slow()
            else:
                width = min(MOST_STEP, width * 2)


def _sent(pieces: Iterator[bytes], part: _Part, tell: Delivered, has_all: Callable[[], bool]) -> Iterator[bytes]:
    gone, last, told = part.first, 0, monotonic()
    try:
        for piece in pieces:
            yield piece
            last = len(piece)
            gone += last  # whoever asks for the next one has written this one
            if gone < part.end and monotonic() - told >= TELL_SECONDS:
                tell(part.first, gone)
                told = monotonic()
        if gone != part.end:
            log.error("file_is_short", missing=part.end - gone)
        elif not has_all():
            gone -= last
    finally:
        tell(part.first, gone)  # even if nothing has gone: that it has ended is worth knowing


def _outside(tell: Delivered | None) -> tuple[Delivered, Callable[[], bool]]:
    """`tell` as it can be called once the request has ended, with the scope and language that it had - a record that
    cannot be kept is no reason to break off - and what answers whether the caller has taken the last piece."""
    if tell is None:
        return (lambda _first, _end: None), (lambda: True)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    scope, tag, connection = wall.wanted(), language.current(), plain_socket(request.environ)

    def told(first: int, end: int) -> None:
        try:
            with app.app_context(), wall.carried(scope), language.speaking(tag), db.connection():
                tell(first, end)
        except Exception:
            log.exception("delivery_not_noted")

    return told, (lambda: connection is None or all_taken(connection))
