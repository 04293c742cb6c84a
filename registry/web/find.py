"""The quick search: one box on every page, everything that one may see."""

from typing import Any

from flask import Blueprint, render_template

from registry.kernel.access import Actor
from registry.web.customer import names_of, slugs
from registry.web.history.entries import place_of
from registry.web.identity import actor
from registry.web.lists.asked import asked
from registry.web.plugins import searching
from registry.web.policy import signed_in
from registry.web.search_api import SearchQuery

pages = Blueprint("find", __name__)
KINDS = ("asset", "customer", "licence", "contract", "product", "contact")  # in the order in which people look


@pages.get("/find")
@signed_in
def find() -> tuple[str, int]:
    wanted = asked(SearchQuery(only=("q", "limit"), partial=("q",)))
    groups = _groups(actor(), wanted.values) if wanted.values.get("q") else []
    return render_template("find.html", wanted=wanted, groups=groups), wanted.status


def _groups(who: Actor, values: dict[str, Any]) -> list[dict[str, Any]]:
    """[{"kind", "items", "more"}] of what was found, each item with the `url` of its page, and how its `customer` is
    called; `more` when there are further ones."""
    limit = values["limit"]
    found = searching.find(who, values["q"], limit=limit + 1)
    known = slugs(who, (item["customer_id"] for item in found if item["customer_id"]))
    names = names_of(who, known.values())
    by_kind: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for item in found:
        slug = known.get(item["customer_id"], "")
        called = names.get(slug, "")
        shown = {"label": called} if item["kind"] == "customer" else {}
        found_there = {"url": place_of(item["kind"], item["id"], slug), "slug": slug, "customer": called}
        by_kind.setdefault(item["kind"], []).append({**item, **found_there, **shown})
    return [
        {"kind": kind, "items": items[:limit], "more": len(items) > limit} for kind, items in by_kind.items() if items
    ]
