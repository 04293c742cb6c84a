"""Statuses: names that the operator chooses, each with one fixed meaning (meta-state)."""

from collections.abc import Mapping
from typing import Any

from registry.actions import Action
from registry.assets.models import META_STATES, AssetStatus
from registry.kernel import access
from registry.kernel.access import Actor, Permission
from registry.kernel.codes import Codes
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import N_, _, quoted
from registry.kernel.prepared import Kept, fetched, prepared
from registry.kernel.writing import change, create

access.declare(Permission("setting.edit", "Change statuses, custom fields and settings of the house", customer=False))

SHIPPED = {
    "planned": N_("Planned"),
    "in_use": N_("In use"),
    "in_stock": N_("In stock"),
    "in_repair": N_("In repair"),
    "at_supplier": N_("At supplier"),
    "retired": N_("Retired"),
    "lost": N_("Lost"),
}

GONE = ("retired", "lost")  # meanings of statuses of units that nobody serves any more

_HOUSE = Actor.system()
_texts: Kept = {}


def install_statuses() -> None:
    """The seven to begin with, one for each meaning."""
    with transaction():
        for position, (code, name) in enumerate(SHIPPED.items()):
            AssetStatus.get_or_create(code=code, defaults={"name": name, "meta": code, "position": position})


def called(name: str) -> str:
    """What people call a status: in the reader's language, unless the operator has given it a name of his own."""
    return _(name) if name in SHIPPED.values() else name


def gone() -> Any:
    """Ids of the statuses of units that nobody serves any more, as a part of a statement."""
    return AssetStatus.select(AssetStatus.id).where(AssetStatus.meta.in_(GONE))


def statuses() -> list[AssetStatus]:
    return list(AssetStatus.select().order_by(AssetStatus.position, AssetStatus.id))


def status_names() -> dict[str, str]:
    """code -> name, in the order that the house has chosen."""

    def write(_scope: Actor) -> Any:
        return AssetStatus.select(AssetStatus.code, AssetStatus.name).order_by(AssetStatus.position, AssetStatus.id)

    return {code: called(name) for code, name in fetched(_texts, "names", _HOUSE, [], write)}


def status_by(code: str, field: str = "status") -> AssetStatus:
    def write(_scope: Actor, text: str) -> Any:
        return AssetStatus.select().where(AssetStatus.code == text)

    sql, params = prepared(_texts, "code", _HOUSE, [code], write)
    found = next(iter(AssetStatus.raw(sql, *params)), None)
    if found is None:
        known = ", ".join(status.code for status in statuses())
        raise Invalid.field(
            field, _("There is no status %(code)s. Choose one of: %(known)s.", code=quoted(code), known=known)
        )
    return found


def create_status(actor: Actor, values: Mapping[str, Any]) -> AssetStatus:
    """values: code, name, meta, position."""
    actor.must("setting.edit")
    if values["meta"] not in META_STATES:
        raise Invalid.field("meta", _("Choose one of: %(known)s.", known=Codes(tuple(META_STATES), "meta")))
    return create(actor, AssetStatus, values, Action.STATUS_CHANGED)


def change_status(actor: Actor, code: str, values: Mapping[str, Any], version: int | None) -> AssetStatus:
    """Rename or re-order; the meaning never changes under the units that have it."""
    actor.must("setting.edit")
    status = AssetStatus.get_or_none(AssetStatus.code == code)
    if status is None:
        raise NotFound()
    return change(actor, status, values, Action.STATUS_CHANGED, version=version)
