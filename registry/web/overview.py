"""A customer at a glance: what it owns, what ends soon, who looks after it."""

from typing import Any

from flask import g, render_template

from registry.assets.listing import ASSETS
from registry.contracts.listing import CONTRACTS
from registry.customers.listing import CONTACTS, CUSTOMERS, SITES
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.licences.listing import LICENCES
from registry.warranty.summary import cover_counts
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("overview", __name__)
SOON = 8  # rows in a list on this page; all of them are one step away


@pages.get("")
@allow("customer.view")
def overview() -> str:
    return render_template("customers/overview.html", **glance(actor(), g.customer))


def glance(who: Actor, customer: Customer) -> dict[str, Any]:
    """Everything on the page, as far as he may see it; the same number of statements however much there is."""
    mine = {"customer": customer.id, "limit": SOON}

    def items(permission: str, listing: Any, **filters: Any) -> list[dict[str, Any]]:
        return listing.page(who, {**mine, **filters})["items"] if who.can(permission, customer.id) else []

    return {
        "shown": CUSTOMERS.one(who, customer.id),
        "today": clock.today(customer.time_zone),
        "counts": cover_counts(who, customer.id) if who.can("warranty.view", customer.id) else None,
        "ending": items("asset.view", ASSETS, covered="expiring"),
        "over_used": items("licence.view", LICENCES, over_used=True),
        "contracts": items("contract.view", CONTRACTS, sort="in_force_until"),
        "sites": items("customer.view", SITES),
        "contacts": items("customer.view", CONTACTS),
    }
