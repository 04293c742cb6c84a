"""Verbs about assets: register, change, bulk change, retire."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from peewee import Case

from registry.actions import Action
from registry.assets.fields import check_custom
from registry.assets.models import KEY_DATES, Asset, AssetStatus
from registry.assets.statuses import status_by
from registry.customers.models import Contact, Customer
from registry.customers.places import site_by
from registry.customers.service import customer_by, today_of
from registry.kernel import access, clock
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.together import together
from registry.kernel.writing import ANY_VERSION, change, create, remove
from registry.products import kinds
from registry.products.models import Product
from registry.products.service import product_by

access.declare(
    Permission("asset.view", "See assets"),
    Permission("asset.edit", "Register, change, assign and retire assets"),
)
DEEPEST = 10
# Called inside the transaction when a key date of a unit was set or corrected: warranties start with such dates.
DATE_WATCHERS: list[Callable[[Actor, Asset], None]] = []
# The same when a unit is new (True), becomes another product or moves: contracts cover products and sites.
PLACE_WATCHERS: list[Callable[[Asset, bool], None]] = []
PLACING = ("product", "site", "parent")


def get_asset(actor: Actor, asset_id: int) -> Asset:
    return fetch(Asset, actor, asset_id)


def asset_by(actor: Actor, value: int | str, field: str = "asset", *, customer_id: int | None = None) -> Asset:
    """The asset that a request names: id, serial or tag."""
    return refer(Asset, actor, value, field=field, keys=("serial", "tag"), customer_id=customer_id)


def register_asset(actor: Actor, values: Mapping[str, Any]) -> Asset:
    """Register one unit. `values` as in AssetIn: customer and product, then what is known of it.

    Raises Invalid naming the field, Conflict when serial (with this product), tag or slot is taken.
    """
    ready = dict(values)
    customer = customer_by(actor, ready.pop("customer", None))
    actor.must("asset.edit", customer.id)
    product = product_by(actor, ready.pop("product"), customer_id=customer.id)
    ready.setdefault("status", "in_stock" if ready.get("parent") is None else "in_use")
    ready["product"], ready["kind"] = product.id, product.kind
    ready = resolve(actor, customer, product.kind, ready)
    ready["custom"] = check_custom(actor, customer.id, product.kind, ready.get("custom") or {})
    with transaction():
        asset = create(actor, Asset, {**ready, "customer_id": customer.id}, Action.ASSET_CREATED)
        for watcher in PLACE_WATCHERS:
            watcher(asset, True)
    return asset


def resolve(
    actor: Actor, customer: Customer, kind: str, values: dict[str, Any], current: Asset | None = None
) -> dict[str, Any]:
    """References to ids, each within the same customer; blank texts to nothing; place checked against slot."""
    ready = dict(values)
    for name in ("serial", "tag", "slot"):
        if name in ready:
            ready[name] = ready[name] or None
    if "status" in ready:
        status = status_by(ready["status"])
        ready["status"] = status.id
        ready |= _retirement(status, customer, current)
    if ready.get("site") is not None:
        ready["site"] = site_by(actor, ready["site"], customer.id).id
    if ready.get("holder") is not None:
        keys = ("email", "name")
        ready["holder"] = refer(Contact, actor, ready["holder"], field="holder", keys=keys, customer_id=customer.id).id
    if ready.get("parent") is not None:
        ready["parent"] = asset_by(actor, ready["parent"], "parent", customer_id=customer.id).id
        _check_ring(actor, ready["parent"], current)
    if ready.get("cost_minor") is not None and not (ready.get("currency") or (current and current.currency)):
        ready["currency"] = customer.currency
    check_position(kind, ready, current)
    return ready


def _retirement(status: AssetStatus, customer: Customer, current: Asset | None) -> dict[str, Any]:
    """The day a unit retires is kept until it comes back."""
    since = current.retired_on if current else None
    if status.meta != "retired":
        return {"retired_on": None} if since else {}
    return {} if since else {"retired_on": clock.today(customer.time_zone)}


def check_position(kind: str, ready: Mapping[str, Any], current: Asset | None = None) -> None:
    """A unit is inside a parent or in a place of its own, never both; a slot belongs to a parent."""
    held = current.__data__ if current else {}
    parent, slot, site, place = (ready.get(name, held.get(name)) for name in ("parent", "slot", "site", "place"))
    if slot and parent is None:
        raise Invalid.field("slot", _("A slot needs the parent that it is in."))
    if parent is not None and (site is not None or place):
        raise Invalid.field("parent", _("It is in a parent or in a place, never both: clear the place or the parent."))
    if kind == "optic" and parent is not None and not slot:
        raise Invalid.field("slot", _("Say which slot (port) of the parent the optic is in."))


def _check_ring(actor: Actor, parent_id: int, current: Asset | None) -> None:
    """No unit inside itself, however deep."""
    seen, step = ({current.id} if current else set()), parent_id
    for _step in range(DEEPEST):
        if step in seen:
            raise Invalid.field("parent", _("A unit cannot be inside itself."))
        seen.add(step)
        above = visible(Asset, actor, Asset.parent).where(Asset.id == step).tuples().first()
        if above is None or above[0] is None:
            return
        step = above[0]
    raise Invalid.field("parent", _("Units can be nested %(deepest)s deep at most.", deepest=DEEPEST))


def change_asset(actor: Actor, asset_id: int, values: Mapping[str, Any], version: int | None) -> Asset:
    """Change what is given. The customer never changes; a product only for another of the same kind."""
    asset = get_asset(actor, asset_id)
    actor.must("asset.edit", asset.customer_id)
    customer = visible(Customer, actor).where(Customer.id == asset.customer_id).get()
    ready = resolve(actor, customer, asset.kind, dict(values), asset)
    if "product" in ready:
        product = product_by(actor, ready["product"], customer_id=customer.id)
        if product.kind != asset.kind:
            raise Invalid.field(
                "product", _("This is %(kind)s; choose a product of that kind.", kind=kinds.within(asset.kind))
            )
        ready["product"] = product.id
    if "custom" in ready:
        ready["custom"] = check_custom(actor, customer.id, asset.kind, ready["custom"] or {}, asset.custom)
    held = dict(asset.__data__)
    moved = [name for name in (*KEY_DATES, *PLACING) if name in ready and ready[name] != held[name]]
    with transaction():
        change(actor, asset, ready, Action.ASSET_CHANGED, version=version)
        if moved:
            _tell(actor, asset, moved)
    return asset


def _tell(actor: Actor, asset: Asset, moved: Sequence[str]) -> None:
    if set(moved) & set(KEY_DATES):
        key_dates_changed(actor, asset)
    if set(moved) & set(PLACING):
        for watcher in PLACE_WATCHERS:
            watcher(asset, False)


def key_dates_changed(actor: Actor, asset: Asset) -> None:
    """Tell whoever counts from the unit's key dates. Inside the transaction of the change."""
    for watcher in DATE_WATCHERS:
        watcher(actor, asset)


def retire_asset(actor: Actor, asset_id: int, version: int | None, status: str = "retired") -> Asset:
    """Out of use for good; the row and its history stay."""
    asset = get_asset(actor, asset_id)
    actor.must("asset.edit", asset.customer_id)
    found = status_by(status)
    if found.meta != "retired":
        raise Invalid.field("status", _("%(name)s does not mean retired.", name=found.name))
    values = {"status": found.id, "retired_on": today_of(actor, asset.customer_id)}
    return change(actor, asset, values, Action.ASSET_RETIRED, version=version)


def set_status(actor: Actor, asset_id: int, values: Mapping[str, Any], version: int | None) -> Asset:
    """values: status. One that means retired retires the unit; any other brings it back if it was."""
    if not values.get("status"):
        raise Invalid.field("status", _("Choose a status."))
    if status_by(values["status"]).meta == "retired" and get_asset(actor, asset_id).retired_on is None:
        return retire_asset(actor, asset_id, version, values["status"])
    return change_asset(actor, asset_id, {"status": values["status"]}, version)


def remove_asset(actor: Actor, asset_id: int) -> None:
    """Delete a unit that was registered by mistake. Raises Conflict when anything refers to it."""
    asset = get_asset(actor, asset_id)
    actor.must("asset.edit", asset.customer_id)
    remove(actor, asset, Action.ASSET_REMOVED, version=ANY_VERSION)


def bulk(actor: Actor, items: Sequence[Mapping[str, Any]]) -> list[Asset]:
    """Many at once, all or nothing. An item with `id` (and `version`) changes, one without registers.

    Raises Invalid with errors per item number: {"3": {"serial": [...]}}.
    """
    return together(items, lambda item: _one(actor, item))


def _one(actor: Actor, item: dict[str, Any]) -> Asset:
    version = item.pop("version", None)
    if "id" not in item:
        if version is not None:
            raise Invalid.field("version", _("A version belongs to an id; leave it out to register a new asset."))
        if "product" not in item:
            raise Invalid.field("product", _("Name the product; or give id and version to change an asset."))
        return register_asset(actor, item)
    if version is None:
        raise Invalid.field("version", _("Give the version of the asset that you are changing."))
    if "customer" in item:
        raise Invalid.field("customer", _("An asset stays with its customer; leave this out."))
    return change_asset(actor, item.pop("id"), item, version)


def product_of(actor: Actor, asset: Asset) -> Product:
    return fetch(Product, actor, asset.product_id)


def status_of(asset: Asset) -> AssetStatus:
    return AssetStatus.get_by_id(asset.status_id)


def children(actor: Actor, asset: Asset) -> list[Asset]:
    return list(visible(Asset, actor).where(Asset.parent == asset.id).order_by(Asset.slot, Asset.id))


def set_cover_summary(asset_id: int, first: Any, last: Any) -> None:
    """For the warranty room, inside its transaction: from when to when any coverage exists. Derived, so not audited."""
    until = later_of(Asset.lent_until, last)
    Asset.update(covered_from=first, covered_until=until).where(Asset.id == asset_id).execute()


def later_of(column: Any, day: Any) -> Any:
    """The later of a day in the row and another one (as the table holds days), each of which may be missing."""
    return column if day is None else Case(None, [(column > day, column)], day)
