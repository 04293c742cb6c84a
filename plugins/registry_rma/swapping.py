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


def swap(core: Actor, line: Line, today: date) -> int:
    """Put the replacement in the old unit's place; answers its id. The old one retires, and its history stays."""
    old = get_asset(core, line.replacement_id or line.asset_id)
    where = {
        "parent": old.parent_id,
        "slot": old.slot,
        "site": old.site_id,
        "place": old.place,
        "holder": old.holder_id,
    }
    change_asset(core, old.id, {"parent": None, "slot": None, "holder": None}, ANY_VERSION)
    if status_of(old).meta != "retired":
        set_status(core, old.id, {"status": "retired"}, ANY_VERSION)
    new_id = _registered(core, line, old, where)
    for child in children_of(core, old):
        change_asset(core, child.id, {"parent": new_id, "slot": child.slot}, ANY_VERSION)
    reason = _("Replaced by %(serial)s", serial=line.replacement_serial)
    carry_on(core, old.id, new_id, on=today, reason=reason)
    return new_id


def _registered(core: Actor, line: Line, old: Any, where: dict[str, Any]) -> int:
    """A spare that the customer owns already, or a new unit of the same product."""
    given = {name: value for name, value in where.items() if value not in (None, "")}
    spare = _spare(core, line, old)
    if spare is not None:
        cleared = {"site": None, "place": ""} if where["parent"] else {}
        change_asset(core, spare.id, {**cleared, **given, "status": "in_repair"}, ANY_VERSION)
        return int(spare.id)
    values = {
        "customer": line.customer_id, "product": old.product_id, "serial": line.replacement_serial, "name": old.name,
        "status": "in_repair", "custom": old.custom, "delivered_on": None, **given,
    }  # fmt: skip
    return int(register_asset(core, values).id)


def _spare(core: Actor, line: Line, old: Any) -> Any | None:
    try:
        found = asset_by(core, line.replacement_serial, customer_id=line.customer_id)
    except Invalid:
        return None
    if found.product_id != old.product_id:
        raise Invalid.field("serial", _("A unit of another product has this serial number."))
    return found
