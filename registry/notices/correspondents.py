"""Whose an e-mail address is, for those who write to addresses that people typed."""

from typing import Any, NamedTuple

from peewee import fn

from registry.customers.models import Contact, Customer
from registry.kernel.access import Actor, fetch, visible
from registry.people.models import Membership, User


class Correspondent(NamedTuple):
    """standing: own (a contact or user of the customer), office (somebody of the operator), third (anybody else).
    The language and time zone are those he is written to in."""

    standing: str
    language: str
    time_zone: str


def correspondent(customer_id: int, address: str) -> Correspondent:
    """Who of or for this customer has the address. Accounts that are shut are nobody's any more."""
    system, wanted = Actor.system(customer_id), address.strip().lower()
    customer = fetch(Customer, system, customer_id)
    mine = (fn.LOWER(User.email) == wanted) & User.active & (User.kind == "person")
    user = User.get_or_none(mine) if wanted else None
    roles = _roles(user) if user else frozenset()
    if user and customer_id in roles:
        return Correspondent("own", user.language, user.time_zone)
    contact: Any = visible(Contact, system).where(fn.LOWER(Contact.email) == wanted).first() if wanted else None
    if contact is not None:
        return Correspondent("own", contact.language or customer.language, customer.time_zone)
    if user and None in roles:
        return Correspondent("office", user.language, user.time_zone)
    return Correspondent("third", customer.language, customer.time_zone)


def _roles(user: User) -> frozenset[int | None]:
    found: Any = Membership.select(Membership.customer_id).where(Membership.user == user.id).tuples()
    return frozenset(row[0] for row in found)
