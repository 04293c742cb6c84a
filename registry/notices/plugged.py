"""Mails of plugins: to people whom their customer knows, in their language, by the same outbox as ours."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from registry.actions import Action
from registry.customers.models import Contact, Customer
from registry.kernel import audit, clock, mail
from registry.kernel.access import Actor, fetch
from registry.kernel.errors import NotFound, Throttled
from registry.kernel.mail import Mail
from registry.notices.correspondents import correspondent
from registry.people.models import Membership, User
from registry.plugins import switches
from registry.plugins.current import host

MOST_A_DAY = 2_000


class Reader(NamedTuple):
    address: str
    language: str
    time_zone: str


def post(
    actor: Actor,
    name: str,
    values: Mapping[str, Any],
    *,
    customer: int,
    contact: int | None = None,
    user: int | None = None,
) -> bool:
    """Queue the mail `name`, of the plugin's own mails(), about this customer (his id): to a contact of his, or to a
    user (their ids). It leaves once the caller's transaction has been committed; False when the contact has no address.

    A user has a role at the customer; one of the operator's people is written to by the operator's people, or by
    himself. `values`: one for each placeholder: text, numbers, dates, aware instants, lists of lines; addresses of
    pages by link(). Raises NotFound for whom the actor does not see or that customer does not know, and while the
    plugin is off there.
    """
    plugin = _whose(name)
    if (contact is None) == (user is None):
        raise TypeError("post() writes to a contact or to a user: give one of them")
    if not actor.sees(customer) or not switches.is_open(plugin, customer):
        raise NotFound()
    reader = _contact(actor, contact, customer) if contact is not None else _user(actor, user or 0, customer)
    if reader.address:
        mail.post(name, reader.address, reader.language, values, customer_id=customer, time_zone=reader.time_zone)
    return bool(reader.address)


def post_to(
    actor: Actor, name: str, address: str, values: Mapping[str, Any], *, customer: int, language: str | None = None
) -> None:
    """Queue the mail `name` about this customer (his id) to an address that somebody typed: post() writes to people
    whom the customer knows. In their language where they are known, else in the customer's.

    The plugin asks beforehand whether the actor may have such mails sent; that it was, and to which address, stands on
    the audit chain. Inside of a transaction. Raises Throttled beyond MOST_A_DAY of a customer, NotFound as post().
    """
    plugin = _whose(name)
    if not actor.sees(customer) or not switches.is_open(plugin, customer):
        raise NotFound()
    if _written_today(customer) >= MOST_A_DAY:
        raise Throttled(headers={"Retry-After": "3600"})
    known = correspondent(customer, address)
    spoken = language or known.language
    mail.post(name, address, spoken, values, customer_id=customer, time_zone=known.time_zone)
    told = {"mail": name, "address": address, "standing": known.standing}
    audit.record(actor, customer, [audit.Entry(Action.MAIL_WRITTEN, "customer", customer, address, after=told)])


def _written_today(customer_id: int) -> int:
    """Mails about this customer since yesterday, of whatever kind: a link that leaks must not make us a spammer."""
    day = clock.now() - timedelta(days=1)
    return int(Mail.select().where((Mail.customer_id == customer_id) & (Mail.created_at > day)).count())


def _whose(name: str) -> str:
    plugin = next((one for one in host().working() if any(each.name == name for each in one.declared.mails)), None)
    if plugin is None:
        raise LookupError(f"no plugin has a mail {name!r}: declare it by the hook mails()")
    return plugin.name


def _contact(actor: Actor, contact_id: int, customer_id: int) -> Reader:
    found, customer = fetch(Contact, actor, contact_id), fetch(Customer, actor, customer_id)
    if found.customer_id != customer_id:
        raise NotFound()
    return Reader(found.email, found.language or customer.language, customer.time_zone)


def _user(actor: Actor, user_id: int, customer_id: int) -> Reader:
    found = User.get_or_none(User.id == user_id) if 0 < user_id < 2**63 else None
    if found is None or not found.active or found.is_machine or not _is_known(actor, found.id, customer_id):
        raise NotFound()
    return Reader(found.email, found.language, found.time_zone)


def _is_known(actor: Actor, user_id: int, customer_id: int) -> bool:
    where = Membership.customer_id == customer_id
    if actor.is_operator or actor.user_id == user_id:
        where |= Membership.customer_id.is_null()
    return bool(Membership.select().where((Membership.user == user_id) & where).exists())
