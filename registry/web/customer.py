"""Customers by name, for routes: a reference to an id, ids to short names."""

from collections.abc import Iterable
from typing import Any

from registry.customers.models import Customer
from registry.customers.service import customer_by, customers
from registry.kernel.access import Actor

MOST_CHOICES = 200


def customer_id_of(actor: Actor, value: int | str | None) -> int | None:
    """The id of the customer named in a request; None stays None (the house)."""
    return None if value is None else customer_by(actor, value).id


def slugs(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """id -> short name, for those that the actor may see."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query: Any = customers(actor).select(Customer.id, Customer.slug).where(Customer.id.in_(wanted))
    return dict(query.tuples())


def names(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """id -> what people call it, for those that the actor may see."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query: Any = customers(actor).select(Customer.id, Customer.name).where(Customer.id.in_(wanted))
    return dict(query.tuples())


def choices(actor: Actor) -> list[tuple[str, str]]:
    """(short name, name) of those that the actor may see, by name, for a drop-down; none where they are too many for
    one, and a short name is typed (the macro `customer` of templates/parts/forms.html)."""
    query: Any = customers(actor).select(Customer.slug, Customer.name).order_by(Customer.name)
    found = list(query.limit(MOST_CHOICES + 1).tuples())
    return found if len(found) <= MOST_CHOICES else []


def names_of(actor: Actor, found: Iterable[str]) -> dict[str, str]:
    """The same by short names."""
    wanted = sorted(set(found))
    if not wanted:
        return {}
    query: Any = customers(actor).select(Customer.slug, Customer.name).where(Customer.slug.in_(wanted))
    return dict(query.tuples())
