"""Verbs about licences: enter, change, remove. Keys are in keys.py, who uses them in assignments.py."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from registry.actions import Action
from registry.assets.models import KEY_DATES
from registry.assets.service import later_of
from registry.customers.models import Customer
from registry.customers.service import customer_by, customers
from registry.kernel import access
from registry.kernel.access import Actor, Permission, fetch
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.together import together
from registry.kernel.writing import change, create, remove
from registry.licences.keys import sealed
from registry.licences.models import Licence
from registry.products.kinds import within
from registry.products.service import product_by

access.declare(
    Permission("licence.view", "See licences and who uses them"),
    Permission("licence.edit", "Enter, change, assign and release licences"),
    Permission("licence.key", "Be shown licence keys; every look is recorded"),
)

# As with assets: called inside the transaction when a key date of a licence was set or corrected.
DATE_WATCHERS: list[Callable[[Actor, Licence], None]] = []
PLACE_WATCHERS: list[Callable[[Licence, bool], None]] = []  # when one is new, or for another product


def get_licence(actor: Actor, licence_id: int) -> Licence:
    return fetch(Licence, actor, licence_id)


def licence_by(actor: Actor, value: int | str, field: str = "licence", *, customer_id: int | None = None) -> Licence:
    """The licence that a request names, by id or name."""
    where = None if customer_id is None else Licence.customer_id == customer_id
    return refer(Licence, actor, value, field=field, keys=("name",), where=where)


def create_licence(actor: Actor, values: Mapping[str, Any]) -> Licence:
    """Enter a licence. `values` as in LicenceIn: customer, product, name, metric, then what is known of it.

    Raises Invalid naming the field.
    """
    ready = dict(values)
    customer = customer_by(actor, ready.pop("customer", None))
    actor.must("licence.edit", customer.id)
    ready = _resolve(actor, customer, ready)
    with transaction():
        licence = create(actor, Licence, {**ready, "customer_id": customer.id}, Action.LICENCE_CREATED)
        for watcher in PLACE_WATCHERS:
            watcher(licence, True)
    return licence


def change_licence(actor: Actor, licence_id: int, values: Mapping[str, Any], version: int | None) -> Licence:
    """Change what is given. The customer never changes; `key` None forgets the key."""
    licence = get_licence(actor, licence_id)
    actor.must("licence.edit", licence.customer_id)
    customer: Customer = customers(actor).where(Customer.id == licence.customer_id).get()  # type: ignore[assignment]
    ready = _resolve(actor, customer, dict(values), licence)
    moved = any(name in ready and ready[name] != getattr(licence, name) for name in KEY_DATES)
    other = "product" in ready and ready["product"] != licence.product_id
    with transaction():
        change(actor, licence, ready, Action.LICENCE_CHANGED, version=version)
        if moved:
            key_dates_changed(actor, licence)
        if other:
            for watcher in PLACE_WATCHERS:
                watcher(licence, False)
    return licence


def key_dates_changed(actor: Actor, licence: Licence) -> None:
    """Tell whoever counts from the licence's key dates. Inside the transaction of the change."""
    for watcher in DATE_WATCHERS:
        watcher(actor, licence)


def change_licences(actor: Actor, items: Sequence[Mapping[str, Any]]) -> list[Licence]:
    """Many at once, all or nothing. Each item has id and version, and what is to change."""
    return together(items, lambda item: change_licence(actor, item.pop("id"), item, item.pop("version")))


def remove_licence(actor: Actor, licence_id: int, version: int | None) -> None:
    """Delete a licence entered by mistake. Raises Conflict when assignments or warranties refer to it."""
    licence = get_licence(actor, licence_id)
    actor.must("licence.edit", licence.customer_id)
    remove(actor, licence, Action.LICENCE_REMOVED, version=version)


def _resolve(
    actor: Actor, customer: Customer, values: dict[str, Any], current: Licence | None = None
) -> dict[str, Any]:
    """The product to its id, the key to its sealed form, the term checked, the currency filled in."""
    ready = dict(values)
    if "product" in ready:
        ready["product"] = _software(actor, ready["product"], customer.id)
    if "key" in ready:
        ready.update(sealed(ready.pop("key"), current))
    if ready.get("cost_minor") is not None and not (ready.get("currency") or (current and current.currency)):
        ready["currency"] = customer.currency
    _check_term(ready, current)
    return ready


def _software(actor: Actor, value: int | str, customer_id: int) -> int:
    product = product_by(actor, value, customer_id=customer_id)
    if product.kind != "software":
        raise Invalid.field(
            "product",
            _(
                "A licence is for software, and this product is %(product)s; choose another.",
                product=within(product.kind),
            ),
        )
    return int(product.id)


def _check_term(ready: Mapping[str, Any], current: Licence | None) -> None:
    held = current.__data__ if current else {}
    start, end = (ready.get(name, held.get(name)) for name in ("starts_on", "ends_on"))
    if start is not None and end is not None and end < start:
        raise Invalid.field("ends_on", _("The term cannot end before it starts."))


def set_cover_summary(licence_id: int, first: date | None, last: date | None) -> None:
    """For the warranty room, in its transaction: from when to when there is cover. Derived, not audited."""
    until = later_of(Licence.lent_until, last)
    Licence.update(covered_from=first, covered_until=until).where(Licence.id == licence_id).execute()
