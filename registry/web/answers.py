"""Answers of the API: JSON made by orjson, versions as ETags, lists by page, exports as streams."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from flask import current_app, request, stream_with_context
from werkzeug.wrappers import Response

from registry.kernel import wall
from registry.kernel.listing import Listing
from registry.kernel.writing import ANY_VERSION
from registry.web.identity import actor
from registry.web.slots import json_extra


def json_response(body: Any, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    data = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)
    return Response(data, status, headers, content_type="application/json")


def page(listing: Listing, arguments: Mapping[str, Any]) -> Response:
    """One page of a list."""
    return json_response(listing.page(actor(), arguments))


def one(listing: Listing, row_id: int, status: int = 200) -> Response:
    """A single object of a list, with what plugins add to it."""
    body = listing.one(actor(), row_id)
    added = json_extra(listing.model._meta.table_name, body, actor())
    return thing({**body, "extra": added} if added else body, status, name=row_id)


def thing(body: Mapping[str, Any], status: int = 200, *, name: int | str | None = None) -> Response:
    """A single object with its ETag. One just made (201) tells its Location if it can be read under `name`."""
    headers = {"ETag": f'"{body["version"]}"'} if "version" in body else {}
    if status == 201 and name is not None:
        place = f"{request.path.rstrip('/')}/{name}"
        address = current_app.create_url_adapter(request)
        if address is not None and address.test(place, "GET"):
            headers["Location"] = place
    return json_response(body, status, headers=headers)


def if_match() -> int | None:
    """The version that If-Match names: None without the header, ANY_VERSION for *, -1 for what never was ours."""
    given = request.headers.get("If-Match")
    if given is None:
        return None
    if given.strip() == "*":
        return ANY_VERSION
    return version_in(given.strip().removeprefix("W/").strip('"'))


def version_in(text: str) -> int:
    """The version that stands there, or -1. Of thousands of digits Python makes no number."""
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) and 0 < int(text) < 2**31 else -1


def nothing() -> Response:
    return Response(status=204)


def stream(chunks: Iterable[bytes], content_type: str, filename: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "X-Accel-Buffering": "no"}
    # The request's context ends before its first chunk is made: what it sees of the database goes with the chunks.
    # Made again for them, the context gives the connection back, and the scope, when the last chunk has left.
    body = stream_with_context(_within(wall.wanted(), chunks))
    return Response(body, 200, headers, content_type=content_type, direct_passthrough=True)


def _within(scope: wall.Scope, chunks: Iterable[bytes]) -> Iterator[bytes]:
    wall.carry(scope)
    yield from chunks
