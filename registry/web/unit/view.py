"""Everything the page of one unit shows, put together from the rooms: what it is, what is owed on it, what happened."""

from datetime import date
from typing import Any

from registry.assets.family import around, inside
from registry.assets.fields import fields_for
from registry.assets.listing import ASSETS, FILES
from registry.assets.models import Asset
from registry.assets.service import get_asset
from registry.assets.statuses import called, statuses
from registry.contracts.covering import covering
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.errors import NotFound
from registry.labels.service import label_of
from registry.licences.assignments import used_by_asset
from registry.optics.service import optic_of
from registry.products.listing import PRODUCTS
from registry.warranty.claims import case_on
from registry.warranty.decision import decide
from registry.web.amounts import money
from registry.web.timeline import timeline
from registry.web.unit.history import history_of
from registry.web.unit.limits import against_limits

LATEST = 8  # entries of the history, files
CHILDREN = 48  # the ports of a usual switch
GRANDCHILDREN = 24


def own_asset(who: Actor, customer: Customer, asset_id: int) -> Asset:
    """The customer's unit. NotFound for another customer's, also to those who may see both."""
    asset = get_asset(who, asset_id)
    if asset.customer_id != customer.id:
        raise NotFound()
    return asset


def asset_view(who: Actor, customer: Customer, asset_id: int, on: date | None = None) -> dict[str, Any]:
    """What the template needs; None where he lacks the right. `on`: the day for which it is asked what is owed."""
    asset = own_asset(who, customer, asset_id)
    today = clock.today(customer.time_zone)
    day, shown = on or today, ASSETS.one(who, asset_id)
    fields, known = fields_for(who, customer.id, asset.kind), statuses()
    product = PRODUCTS.one(who, asset.product_id) if who.can_somewhere("product.view") else None
    return {
        "asset": shown,
        "label": asset.label,
        "label_code": label_of(who, asset),
        "today": today,
        "on": day,
        "statuses": {status.code: called(status.name) for status in known},
        "product": product,
        "cost": money(shown["cost_minor"], shown["currency"]) if shown["cost_minor"] is not None else None,
        "custom": custom_facts(shown["custom"] or {}, fields),
        "limits": against_limits((product or {}).get("parameters") or (), shown["custom"] or {}, fields),
        **_owed(who, customer, asset, day),
        "around": around(who, asset),
        **_tree(who, asset),
        "module": optic_of(who, asset_id) if asset.kind == "optic" else None,
        "licences": used_by_asset(who, asset_id) if who.can("licence.view", customer.id) else None,
        "files": FILES.page(who, {"asset": asset_id, "sort": "-id", "limit": LATEST}),
        "history": history_of(who, customer.id, asset_id, fields, known, {"limit": LATEST})
        if who.can("audit.view", customer.id)
        else None,
    }


def custom_facts(custom: dict[str, Any], fields: list[Any]) -> list[tuple[str, Any]]:
    """(title, value) of what the unit holds, in the order of the fields; then what is no longer declared."""
    titles = {field.name: field.title for field in fields}
    order = [name for name in titles if name in custom] + [name for name in custom if name not in titles]
    return [(titles.get(name, name), custom[name]) for name in order]


def _owed(who: Actor, customer: Customer, asset: Asset, day: date) -> dict[str, Any]:
    contracts = covering(who, asset, day) if who.can("contract.view", customer.id) else None
    if not who.can("warranty.view", customer.id):
        return {"coverage": None, "line": None, "contracts": contracts}
    case = case_on(who, asset, day)
    return {"coverage": decide(case, day).as_dict(), "line": timeline(case.warranties, day), "contracts": contracts}


def _tree(who: Actor, asset: Asset) -> dict[str, Any]:
    """Units inside this one, and those inside of them: two levels, each one statement."""
    children = inside(who, [asset.id], CHILDREN + 1)
    shown = children[:CHILDREN]
    below = inside(who, [row["id"] for row in shown], GRANDCHILDREN + 1)
    by_parent: dict[int, list[dict[str, Any]]] = {}
    for row in below[:GRANDCHILDREN]:
        by_parent.setdefault(row["parent_id"], []).append(row)
    return {
        "children": [{**row, "inside": by_parent.get(row["id"], [])} for row in shown],
        "more_inside": len(children) > CHILDREN or len(below) > GRANDCHILDREN,
    }
