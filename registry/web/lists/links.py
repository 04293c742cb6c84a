"""Addresses made from patterns. url_for() builds one of each kind of page, once; the others are made from that: for
every row of a list, and every way in the navigation, it would cost more than reading the rows."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import current_app, g, request, url_for

Row = Mapping[str, Any]

MOST_URLS = 2000
_SLUG, _KEY = "a-slug-that-nobody-has", "8070605040302010"


class Links:
    """link(endpoint, row, key): where `row` is shown, named by its column `key`; "" where there is no such page."""

    def __init__(self, slug: str | None = None) -> None:
        self.patterns: dict[str, str] = {}
        known = slug or _own_slug()
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


def pages_of(slug: str) -> Callable[[str], str]:
    """page_of(endpoint, slug) for many endpoints."""
    kept, root = _patterns(), request.script_root

    def of(endpoint: str) -> str:
        pattern = kept.get((root, endpoint))
        return _filled(pattern_of(endpoint) if pattern is None else pattern, slug)

    return of


def page_of(endpoint: str, slug: str = "") -> str:
    """The address of a page that needs to know no more than the customer (`slug`, or the one of this page); "" where
    there is none."""
    return _filled(pattern_of(endpoint), slug or _own_slug())


@lru_cache(maxsize=1024)
def _filled(pattern: str, slug: str) -> str:
    found = pattern.replace(_SLUG, quote(slug, safe="")) if slug else pattern
    return "" if _SLUG in found or _KEY in found else found


def _own_slug() -> str:
    return g.customer.slug if "customer" in g else ""


def url(endpoint: str, **values: Any) -> str:
    """url_for() as templates call it. It is asked for the same addresses again and again: they are kept, by all that
    an address depends on."""
    if endpoint[0] == "." or "_external" in values or any(type(value) not in (str, int) for value in values.values()):
        return url_for(endpoint, **values)
    known: dict[Any, str] = current_app.extensions.setdefault("assetcare_urls", {})
    key = (request.script_root, _own_slug(), endpoint, *values.items())
    found = known.get(key)
    if found is None:
        if len(known) >= MOST_URLS:
            known.clear()
        found = known[key] = url_for(endpoint, **values)
    return found


def pattern_of(endpoint: str) -> str:
    """The address of a page with marks in place of the customer and of whatever else it names."""
    kept, key = _patterns(), (request.script_root, endpoint)
    if key not in kept:
        kept[key] = _built(endpoint)
    return kept[key]


def _patterns() -> dict[tuple[str, str], str]:
    return current_app.extensions.setdefault("assetcare_addresses", {})  # type: ignore[no-any-return]


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
