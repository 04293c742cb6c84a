"""Addresses made from patterns. url_for() builds one of each kind of page, once; the others are made from that: for
every row of a list, and every way in the navigation, it would cost more than reading the rows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import current_app, g, request, url_for

Row = Mapping[str, Any]

_SLUG, _KEY = "a-slug-that-nobody-has", "8070605040302010"


class Links:
    """link(endpoint, row, key): where `row` is shown, named by its column `key`; "" where there is no such page."""

    def __init__(self, slug: str | None = None) -> None:
        self.patterns: dict[str, str] = {}
        known = slug or (g.customer.slug if "customer" in g else "")
        self.slug = quote(known, safe="")

    def __call__(self, endpoint: str, row: Row, key: str = "id") -> str:
        pattern = self.patterns.get(endpoint)
        if pattern is None:
            pattern = self.patterns[endpoint] = pattern_of(endpoint).replace(_SLUG, self.slug or _SLUG)
        value = row.get(key)
        if not pattern or value is None:
            return ""
        found = pattern.replace(_KEY, str(value) if type(value) is int else quote(str(value), safe=""))
        return found if self.slug else found.replace(_SLUG, quote(str(row.get("customer") or ""), safe=""))


def page_of(endpoint: str, slug: str = "") -> str:
    """The address of a page that needs to know no more than the customer (`slug`, or the one of this page); "" where
    there is none."""
    found = pattern_of(endpoint)
    if _SLUG in found and (slug or "customer" in g):
        found = found.replace(_SLUG, quote(slug or g.customer.slug, safe=""))
    return "" if _SLUG in found or _KEY in found else found


def pattern_of(endpoint: str) -> str:
    """The address of a page with marks in place of the customer and of whatever else it names."""
    kept: dict[tuple[str, str], str] = current_app.extensions.setdefault("assetcare_addresses", {})
    key = (request.script_root, endpoint)
    if key not in kept:
        kept[key] = _built(endpoint)
    return kept[key]


def _built(endpoint: str) -> str:
    if endpoint not in current_app.view_functions:
        return ""
    wanted = next(iter(current_app.url_map.iter_rules(endpoint))).arguments
    values: dict[str, Any] = {name: _SLUG if name == "slug" else _KEY for name in wanted}
    return url_for(endpoint, **values)


def address(arguments: Mapping[str, str | None]) -> str:
    """This route with these arguments."""
    kept = {name: text for name, text in arguments.items() if text}
    return request.path + (f"?{urlencode(kept)}" if kept else "")


def view_address(view: Any) -> str:
    return address({**view.query, "view": str(view.id)})


def of_lists(table: Any, rest: str, query: Mapping[str, str] | None = None) -> str:
    """An address of registry/web/lists/pages.py: for the customer of this page, or for the house. `rest`: behind the
    name of the list."""
    slug, key = g.get("customer") and g.customer.slug, table.name
    views = Links(slug)("lists.list_views" if slug else "house_lists.list_views", {"kind": key}, "kind")
    return views.removesuffix("/views") + rest + (f"?{urlencode(query)}" if query else "")
