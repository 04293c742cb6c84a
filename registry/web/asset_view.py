"""Everything the page of one unit shows, put together from the rooms: what it is, what is owed on it, what happened."""

import re
from typing import Any

from registry.assets.listing import ASSETS
from registry.assets.service import get_asset
from registry.assets.statuses import statuses
from registry.contracts.covering import covering
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.errors import NotFound
from registry.products.listing import PRODUCTS
from registry.warranty.claims import coverage_of
from registry.web.audit_api import AUDIT

LATEST = 10  # entries of the history
CHILDREN = 100


def asset_view(who: Actor, customer: Customer, asset_id: int) -> dict[str, Any]:
    """What the template needs; None where he lacks the right. Raises NotFound for another customer's unit."""
    shown = ASSETS.one(who, asset_id)
    if shown["customer"] != customer.slug:
        raise NotFound()
    today = clock.today(customer.time_zone)
    return {
        "asset": shown,
        "label": shown["serial"] or shown["tag"] or shown["name"] or f"asset {asset_id}",
        "today": today,
        "statuses": {status.code: status for status in statuses()},
        "product": PRODUCTS.one(who, shown["product_id"]) if who.can_somewhere("product.view") else None,
        "coverage": coverage_of(who, asset_id, on=today) if who.can("warranty.view", customer.id) else None,
        "contracts": _contracts(who, customer, asset_id, today),
        "children": _children(who, asset_id),
        "history": _history(who, customer, asset_id),
    }


def _contracts(who: Actor, customer: Customer, asset_id: int, today: Any) -> list[Any] | None:
    return covering(who, get_asset(who, asset_id), today) if who.can("contract.view", customer.id) else None


def _children(who: Actor, asset_id: int) -> dict[str, Any]:
    """Units inside this one, by slot as people count: Eth1/2 before Eth1/10."""
    page = ASSETS.page(who, {"parent": asset_id, "limit": CHILDREN})
    return {"items": sorted(page["items"], key=_slot), "more": page["next"] is not None}


def _slot(row: dict[str, Any]) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", row["slot"] or "")]


def _history(who: Actor, customer: Customer, asset_id: int) -> list[dict[str, Any]] | None:
    if not who.can("audit.view", customer.id):
        return None
    wanted = {"customer": customer.id, "object_type": "asset", "object_id": asset_id, "sort": "-id", "limit": LATEST}
    return AUDIT.page(who, wanted)["items"]
