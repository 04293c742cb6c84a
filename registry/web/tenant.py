"""Pages of one customer, under /c/<slug>/: the customer is found once, before any view, or there is no page."""

from typing import Any

from flask import Blueprint, current_app, g, request

from registry.customers.service import get_customer
from registry.web.identity import actor
from registry.web.policy import policy_of


def customer_pages(name: str, import_name: str, *, below: str = "") -> Blueprint:
    """A blueprint whose views need not ask for whom: `g.customer` is there, and url_for() fills in the slug."""
    pages = Blueprint(name, import_name, url_prefix=f"/c/<slug>{below}")
    pages.before_request(_find_customer)
    pages.url_defaults(_same_customer)
    return pages


def _find_customer() -> None:
    """404 to a stranger, whether or not there is such a customer; 403 to who lacks the route's right there."""
    view_args: dict[str, Any] = request.view_args or {}
    g.customer = get_customer(actor(), view_args.pop("slug"))
    policy = policy_of(current_app, request.endpoint or "")  # type: ignore[arg-type]
    if policy and policy.kind == "permission":
        actor().must(policy.permission, g.customer.id)


def _same_customer(_endpoint: str, values: dict[str, Any]) -> None:
    if "customer" in g:
        values.setdefault("slug", g.customer.slug)
