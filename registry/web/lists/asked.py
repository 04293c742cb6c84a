"""Lists as pages: filters in the address, errors beside the filter, one page at a time by keyset."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import request, url_for
from marshmallow import Schema, ValidationError

from registry.kernel.access import Actor
from registry.kernel.listing import Listing


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `given`: the text as typed; `values`: what it means; `errors`: field to sentences."""

    given: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def filters(self) -> dict[str, str]:
        """What was typed, without the place in the list."""
        return {name: text for name, text in self.given.items() if name != "cursor"}

    @property
    def status(self) -> int:
        return 422 if self.errors else 200


def asked(shape: Schema) -> Asked:
    """The query string by `shape`. Fields left empty in a form are as good as not sent."""
    given = {name: text for name, text in request.args.items() if text.strip()}
    try:
        return Asked(given, shape.load(given) if given else dict(_nothing(shape)))
    except ValidationError as error:
        return Asked(given, errors=error.normalized_messages())


@lru_cache(maxsize=64)
def _nothing(shape: Schema) -> dict[str, Any]:
    """What it means to ask for nothing."""
    found: dict[str, Any] = shape.load({})
    return found


def one_page(actor: Actor, listing: Listing, wanted: Asked, **fixed: Any) -> dict[str, Any]:
    """{"items", "next", "first"}: a page of the list, and the addresses of the next and the first one, or None.

    `fixed` filters hold whatever was asked.
    """
    return paged(wanted, lambda values: listing.page(actor, {**values, **fixed}))


def paged(wanted: Asked, read: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The same for whatever `read(values)` answers as a listing does: {"items", "next"}."""
    if wanted.errors:
        return {"items": [], "next": None, "first": None}
    page = read(wanted.values)
    following = page["next"] and _address({**wanted.filters, "cursor": page["next"]})
    return {**page, "next": following, "first": _address(wanted.filters) if "cursor" in wanted.given else None}


def _address(arguments: dict[str, str]) -> str:
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **arguments})
