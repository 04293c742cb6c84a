"""A unit takes another's place: registered, linked with it, in its slot, with its warranty as the terms say."""

from datetime import date
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Invalid,
    _,
    asset_by,
    carry_on,
    change_asset,
    children_of,
    get_asset,
    register_asset,
    set_status,
    status_of,
)
from registry_rma.models import Line

SPARE = ("planned", "in_stock")


def swap(core: Actor, line: Line, serial: str, today: date) -> int:
    """Put the unit with this serial number in the old one's place; answers its id. The old one retires, or stays lost,
    and its history stays."""
    old = get_asset(core, line.asset_now)
    where = {
        "parent": old.parent_id,
        "slot": old.slot,
        "site": old.site_id,
        "place": old.place,
        "holder": old.holder_id,
    }
    change_asset(core, old.id, {"parent": None, "slot": None, "holder": None}, ANY_VERSION)
    if status_of(old).meta not in ("retired", "lost"):
        set_status(core, old.id, {"status": "retired"}, ANY_VERSION)
    new_id = _registered(core, line, serial, old, where)
    for child in children_of(core, old):
        change_asset(core, child.id, {"parent": new_id, "slot": child.slot}, ANY_VERSION)
    reason = _("Replaced by %(serial)s", serial=serial)
    carry_on(core, old.id, new_id, on=today, reason=reason)
    return new_id


def _registered(core: Actor, line: Line, serial: str, old: Any, where: dict[str, Any]) -> int:
    """A spare that the customer owns already, or a new unit of the same product."""
    given = {name: value for name, value in where.items() if value not in (None, "")}
    spare = spare_of(core, line, serial, old)
    if spare is not None:
        cleared = {"site": None, "place": ""} if where["parent"] else {}
        change_asset(core, spare.id, {**cleared, **given, "status": "in_repair"}, ANY_VERSION)
        return int(spare.id)
    values = {
        "customer": line.customer_id, "product": old.product_id, "serial": serial, "name": old.name,
        "status": "in_repair", "custom": old.custom, "delivered_on": None, **given,
    }  # fmt: skip
    return int(register_asset(core, values).id)


def spare_of(core: Actor, line: Line, serial: str, old: Any) -> Any | None:
    """The customer's own unit with this serial number. Raises Invalid for one that cannot take the old one's place."""
    try:
        found = asset_by(core, serial, customer_id=line.customer_id)
    except Invalid:
        return None
    if found.product_id != old.product_id:
        raise Invalid.field("serial", _("A unit of another product has this serial number."))
    if status_of(found).meta not in SPARE:
        raise Invalid.field("serial", _("A unit with this serial number is in use: take one out of stock."))
    return found
