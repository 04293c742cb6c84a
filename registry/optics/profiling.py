"""Verbs about profiles: what holds for all modules of a part number."""

from collections.abc import Mapping
from typing import Any

from peewee import fn

from registry.actions import Action
from registry.customers.service import customer_by
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, Invalid
from registry.kernel.language import _
from registry.kernel.writing import change, create, remove
from registry.optics.concluding import conclude_on
from registry.optics.decoder.identity import key
from registry.optics.decoder.records import Limits
from registry.optics.models import Optic, OpticProfile
from registry.optics.packing import limits_data
from registry.optics.verdicts.states import usable

HOUSE = Actor.system()


def create_profile(actor: Actor, values: Mapping[str, Any]) -> OpticProfile:
    """values: part_number, and maybe customer, vendor, limits, needed, hours, notes. Without a customer the house's."""
    ready = dict(values)
    named = ready.pop("customer", None)
    customer_id = None if named is None and actor.is_operator else customer_by(actor, named).id
    _may_edit(actor, customer_id)
    vendor, part, _serial = key(ready.get("vendor", ""), ready["part_number"], "")
    if not part:
        raise Invalid.field("part_number", _("Give the part number as the module says it."))
    ready |= {"customer_id": customer_id, "vendor_key": vendor, "part_key": part, **_limits(ready)}
    with transaction():
        made = create(actor, OpticProfile, ready, Action.OPTIC_PROFILE_CREATED)
        _conclude_again(actor, made)
    return made


def change_profile(actor: Actor, profile_id: int, values: Mapping[str, Any], version: int | None) -> OpticProfile:
    """values: limits, needed, hours, notes."""
    row: OpticProfile = fetch(OpticProfile, actor, profile_id)
    _may_edit(actor, row.customer_id)
    with transaction():
        change(actor, row, {**values, **_limits(values)}, Action.OPTIC_PROFILE_CHANGED, version=version)
        _conclude_again(actor, row)
    return row


def remove_profile(actor: Actor, profile_id: int, version: int | None) -> None:
    row: OpticProfile = fetch(OpticProfile, actor, profile_id)
    _may_edit(actor, row.customer_id)
    with transaction():
        remove(actor, row, Action.OPTIC_PROFILE_REMOVED, version=version)
        _conclude_again(actor, row)


def _may_edit(actor: Actor, customer_id: int | None) -> None:
    if customer_id is None and not actor.can("product.edit"):
        raise Forbidden(_("Only the operator changes the house's profiles; name your company as customer."))
    if customer_id is not None:
        actor.must("optic.edit", customer_id)


def _limits(values: Mapping[str, Any]) -> dict[str, Any]:
    if "limits" not in values:
        return {}
    limits = {name: Limits(**one) for name, one in (values["limits"] or {}).items()}
    wrong = [name for name, one in limits.items() if usable(one) is None]
    if wrong:
        text = _("The limits of %(name)s are missing, all equal or out of order.", name=wrong[0])
        raise Invalid.field("limits", text)
    return {"limits": limits_data(limits)}


def _conclude_again(actor: Actor, row: OpticProfile) -> None:
    """Every module that this profile is about, whichever it was before."""
    query = visible(Optic, HOUSE).where(fn.LOWER(Optic.part_number) == row.part_key)
    if row.customer_id is not None:
        query = query.where(Optic.customer_id == row.customer_id)
    for optic in list(query.order_by(Optic.id)):
        vendor, part, _serial = key(optic.vendor, optic.part_number, "")
        if part == row.part_key and row.vendor_key in ("", vendor):
            conclude_on(actor, optic)
