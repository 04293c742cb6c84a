"""Verbs about a customer's sites and contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import ModelSelect

from registry.actions import Action
from registry.customers.models import Contact, Site
from registry.customers.service import customer_by
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.refs import refer
from registry.kernel.together import together
from registry.kernel.writing import change, create, remove


def _may_edit(actor: Actor, customer_id: int) -> None:
    if not actor.can("customer.edit", customer_id):
        actor.must("customer.contacts", customer_id)


def sites(actor: Actor) -> ModelSelect:
    return visible(Site, actor)


def contacts(actor: Actor) -> ModelSelect:
    return visible(Contact, actor)


def site_by(actor: Actor, value: int | str, customer_id: int, field: str = "site") -> Site:
    """One of the customer's own sites, by name or id."""
    return refer(Site, actor, value, field=field, keys=("name",), customer_id=customer_id)


def contact_by(actor: Actor, value: int | str, customer_id: int, field: str = "contact") -> Contact:
    """One of the customer's own contacts, by e-mail address, name or id."""
    return refer(Contact, actor, value, field=field, keys=("email", "name"), customer_id=customer_id)


def create_site(actor: Actor, values: Mapping[str, Any]) -> Site:
    ready = dict(values)
    customer = customer_by(actor, ready.pop("customer", None))
    _may_edit(actor, customer.id)
    return create(actor, Site, {**ready, "customer_id": customer.id}, Action.SITE_CREATED)


def change_site(actor: Actor, site_id: int, values: Mapping[str, Any], version: int | None) -> Site:
    site = fetch(Site, actor, site_id)
    _may_edit(actor, site.customer_id)
    return change(actor, site, values, Action.SITE_CHANGED, version=version)


def remove_site(actor: Actor, site_id: int, version: int | None) -> None:
    site = fetch(Site, actor, site_id)
    _may_edit(actor, site.customer_id)
    remove(actor, site, Action.SITE_REMOVED, version=version)


def create_contact(actor: Actor, values: Mapping[str, Any]) -> Contact:
    ready = dict(values)
    customer = customer_by(actor, ready.pop("customer", None))
    _may_edit(actor, customer.id)
    ready = _resolved(actor, ready, customer.id)
    return create(actor, Contact, {**ready, "customer_id": customer.id}, Action.CONTACT_CREATED)


def change_contact(actor: Actor, contact_id: int, values: Mapping[str, Any], version: int | None) -> Contact:
    contact = fetch(Contact, actor, contact_id)
    _may_edit(actor, contact.customer_id)
    ready = _resolved(actor, dict(values), contact.customer_id)
    return change(actor, contact, ready, Action.CONTACT_CHANGED, version=version)


def change_contacts(actor: Actor, items: Sequence[Mapping[str, Any]]) -> list[Contact]:
    """Many at once, all or nothing. Each item has id and version, and what is to change."""
    return together(items, lambda item: change_contact(actor, item.pop("id"), item, item.pop("version")))


def remove_contact(actor: Actor, contact_id: int, version: int | None) -> None:
    contact = fetch(Contact, actor, contact_id)
    _may_edit(actor, contact.customer_id)
    remove(actor, contact, Action.CONTACT_REMOVED, version=version)


def _resolved(actor: Actor, values: dict[str, Any], customer_id: int) -> dict[str, Any]:
    """The site to its id; an address or language taken away is an empty text."""
    if values.get("site") is not None:
        values["site"] = site_by(actor, values["site"], customer_id).id
    gone: dict[str, Any] = {name: "" for name in ("email", "language") if name in values and values[name] is None}
    return {**values, **gone}
