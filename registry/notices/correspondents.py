"""Whose an e-mail address is, for those who write to addresses that people typed."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import fn

from registry.customers.models import Contact, Customer
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.audit import AuditEntry
from registry.people.models import Membership, User

# Where anybody gets an address: that two people have theirs there says nothing of whose people they are.
FOR_ANYBODY = frozenset((
    "126.com", "163.com", "aol.com", "foxmail.com", "fastmail.com", "free.fr", "gmail.com", "gmx.com", "gmx.de",
    "gmx.net", "googlemail.com", "hinet.net", "hotmail.com", "hotmail.co.uk", "icloud.com", "laposte.net",
    "libero.it", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com",
    "netvigator.com", "orange.fr", "outlook.com", "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com",
    "sina.com", "t-online.de", "tutanota.com", "web.de", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",
    "yahoo.com.hk", "yahoo.com.tw", "yandex.ru", "ymail.com", "zoho.com",
))  # fmt: skip


class Correspondent(NamedTuple):
    """standing: own (a user of the customer, or a contact whom the customer stands for), office (somebody of the
    operator), third (anybody else). The language and time zone are those he is written to in."""

    standing: str
    language: str
    time_zone: str


def correspondent(customer_id: int, address: str) -> Correspondent:
    """Who of or for this customer has the address. Accounts that are shut are nobody's any more.

    The operator's people enter contacts, too. That makes nobody the customer's own: for a contact the customer stands
    when one of its own people gave his address, or when he has it where the customer's own people have theirs.
    """
    return correspondents(customer_id, [address])[key(address)]


def key(address: str) -> str:
    return address.strip().lower()


def correspondents(customer_id: int, addresses: Iterable[str]) -> dict[str, Correspondent]:
    """The same for many, by key(address), in a fixed number of statements."""
    system, wanted = Actor.system(customer_id), sorted({key(one) for one in addresses})
    customer = fetch(Customer, system, customer_id)
    mine = fn.LOWER(User.email).in_(wanted) & User.active & (User.kind == "person")
    users = {one.email.lower(): one for one in User.select().where(mine)}
    roles = _roles(users.values())
    contacts = _contacts(system, wanted)
    given = _stood_for(system, customer_id, contacts)
    found = {}
    for one in wanted:
        user, known = users.get(one), contacts.get(one, ())
        there = roles.get(user.id, set()) if user else set()
        language = next((each.language for each in known if each.language), customer.language)
        standing = "own" if customer_id in there else "office" if None in there else "own" if one in given else "third"
        speaks = (user.language, user.time_zone) if user and there & {customer_id, None} else None
        found[one] = Correspondent(standing, *(speaks or (language, customer.time_zone)))
    return found


def _roles(users: Iterable[User]) -> dict[int, set[int | None]]:
    """{user: customers, None for the operator}"""
    found: dict[int, set[int | None]] = {}
    mine = Membership.user.in_([one.id for one in users])
    rows: Any = Membership.select(Membership.user, Membership.customer_id).where(mine).tuples()
    for user_id, customer_id in rows:
        found.setdefault(user_id, set()).add(customer_id)
    return found


def _contacts(system: Actor, addresses: list[str]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = {}
    rows: Any = visible(Contact, system).where(fn.LOWER(Contact.email).in_([one for one in addresses if one]))
    for one in rows.order_by(Contact.id):
        found.setdefault(one.email.lower(), []).append(one)
    return found


def _stood_for(system: Actor, customer_id: int, contacts: dict[str, list[Contact]]) -> set[str]:
    """Which addresses of contacts the customer stands for."""
    if not contacts:
        return set()
    own = _people(customer_id)
    domains = {_domain(email.lower()) for email in own.values()} - FOR_ANYBODY
    givers = _givers(system, [one.id for rows in contacts.values() for one in rows])
    vouched = {address for user_id, address in givers.values() if user_id in own}
    return {one for one in contacts if _domain(one) in domains or one in vouched}


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _people(customer_id: int) -> dict[int, str]:
    """{id: address} of the customer's own users. Who works for the operator, too, is not one of them."""
    everywhere = Membership.select(Membership.user).where(Membership.customer_id.is_null())
    rows: Any = (
        User.select(User.id, User.email)
        .join(Membership, on=Membership.user == User.id)
        .where(Membership.customer_id == customer_id, User.active, User.kind == "person", User.id.not_in(everywhere))
        .tuples()
    )
    return dict(rows)


def _givers(system: Actor, contacts: list[int]) -> dict[int, tuple[int | None, str]]:
    """{contact: (the user who gave his address last, that address)}, as the audit chain has it. No user: a program of
    ours. Nothing at all: he came in a package, and his history is elsewhere."""
    about = (AuditEntry.object_type == "contact") & AuditEntry.object_id.in_(contacts)
    columns = (AuditEntry.object_id, AuditEntry.actor_id, AuditEntry.after)
    rows = visible(AuditEntry, system, *columns).where(about, AuditEntry.after.is_null(False))
    found: dict[int, tuple[int | None, str]] = {}
    for contact_id, user_id, after in rows.order_by(AuditEntry.id).tuples():
        email = json.loads(after).get("email")
        if email is not None:
            found[contact_id] = (user_id, key(str(email)))
    return found
