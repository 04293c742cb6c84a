"""Warranty terms as a drop-down offers them."""

from registry.customers.models import Customer
from registry.kernel.access import Actor
from registry.kernel.language import _
from registry.warranty.listing import TERMS

MOST = 200


def terms_for(actor: Actor, customer: Customer) -> list[tuple[str, str]]:
    """(code, name) of those that things of this customer can be given."""
    rows = TERMS.page(actor, {"limit": MOST})["items"]
    return [(row["code"], _(row["name"])) for row in rows if row["customer"] in (None, customer.slug)]
