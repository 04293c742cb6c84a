"""A customer at a glance: what needs him, what is covered until when, what is missing, who looks after it."""

from typing import Any

from flask import g, render_template

from registry.assets.listing import ASSETS
from registry.contracts.listing import CONTRACTS
from registry.customers.listing import CONTACTS, CUSTOMERS, SITES
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.licences.listing import LICENCES
from registry.web.dashboard import todo
from registry.web.dashboard.charts import cover_chart, ends_chart
from registry.web.dashboard.figures import figures_of
from registry.web.history.audit_api import AUDIT
from registry.web.history.entries import told
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("overview", __name__)
SOON, LATEST = 6, 6  # rows in a list on this page; all of them are one step away


@pages.get("")
@allow("customer.view")
def overview() -> str:
    return render_template("customers/overview.html", **glance(actor(), g.customer))


def glance(who: Actor, customer: Customer) -> dict[str, Any]:
    """Everything on the page, as far as he may see it; the same number of statements however much there is."""
    mine = {"customer": customer.id, "limit": SOON}

    def items(permission: str, listing: Any, **filters: Any) -> list[dict[str, Any]]:
        return listing.page(who, {**mine, **filters})["items"] if who.can(permission, customer.id) else []

    shown, today = CUSTOMERS.one(who, customer.id), clock.today(customer.time_zone)
    found = figures_of(customer, today)
    return {
        "shown": shown,
        "today": today,
        "assets": found.assets if who.can("asset.view", customer.id) else None,
        "pressing": todo.pressing(who, customer, found, today),
        "incomplete": todo.to_complete(who, customer, found, shown["account_manager"]),
        **_charts(who, customer, found, today),
        "ending": items("asset.view", ASSETS, covered="expiring"),
        "over_used": items("licence.view", LICENCES, over_used=True),
        "contracts": items("contract.view", CONTRACTS, sort="in_force_until", state="active", on=today),
        "sites": items("customer.view", SITES),
        "contacts": items("customer.view", CONTACTS),
        "activity": _activity(who, customer) if who.can("audit.view", customer.id) else None,
    }


def _charts(who: Actor, customer: Customer, found: Any, today: Any) -> dict[str, Any]:
    if not (who.can("warranty.view", customer.id) and who.can("asset.view", customer.id)):
        return {"cover": None, "ends": None}
    cover = found.cover if who.can("licence.view", customer.id) else {**found.cover, "licence": {}}
    return {"cover": cover_chart(cover), "ends": ends_chart(found, today)}


def _activity(who: Actor, customer: Customer) -> list[dict[str, Any]]:
    """The latest entries of the chain, without what changed: that stands on the page of each thing."""
    found = AUDIT.page(who, {"customer": customer.id, "sort": "-id", "limit": LATEST})["items"]
    return told(who, [{**entry, "before": None, "after": None} for entry in found])
