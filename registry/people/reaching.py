"""Whom to write to: the people with a role at customers that lets them see what a mail is about."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from registry.kernel.access import Actor
from registry.people.models import Membership, User
from registry.people.roles import ROLES


class Member(NamedTuple):
    """Somebody who may act for a customer."""

    customer_id: int
    user_id: int
    name: str
    email: str
    language: str
    role: str


def people_at(actor: Actor, permission: str, customer_ids: Iterable[int]) -> list[Member]:
    """Those whose account is open and whose role at one of these customers holds `permission`, no machines; of the
    customers whom the actor sees. One statement, by customer and id."""
    roles = [role.name for role in ROLES.values() if not role.operator and permission in role.permissions]
    seen = [customer for customer in customer_ids if actor.sees(customer)]
    query: Any = (
        Membership.select(Membership.customer_id, User.id, User.name, User.email, User.language, Membership.role)
        .join(User, on=Membership.user == User.id)
        .where(Membership.customer_id.in_(seen), Membership.role.in_(roles))
        .where(User.active == True, User.kind == "person")  # noqa: E712 - SQL
        .order_by(Membership.customer_id, User.id)
    )
    return [Member._make(row) for row in query.tuples()]
