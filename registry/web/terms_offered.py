"""Warranty terms as a drop-down offers them."""

from registry.customers.models import Customer
from registry.kernel.access import Actor, visible
from registry.kernel.language import _
from registry.warranty.models import Terms

MOST = 200


def terms_for(actor: Actor, customer: Customer) -> list[tuple[str, str]]:
    """(code, name) of those that things of this customer can be given."""
    rows = visible(Terms, actor.where("warranty.view"), Terms.code, Terms.name).order_by(Terms.id).limit(MOST)
    mine = Terms.customer_id.is_null() | (Terms.customer_id == customer.id)
    return [(code, _(name)) for code, name in rows.where(mine).tuples()]
