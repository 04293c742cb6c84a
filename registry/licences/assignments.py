"""Verbs about who uses a licence. Over-use is shown in the lists and not forbidden, since the facts come first -
unless the licence says that its quantity is a hard limit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from peewee import fn

from registry.actions import Action
from registry.assets.service import asset_by
from registry.customers.models import Contact
from registry.kernel import clock
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.writing import create, note
from registry.licences.models import Licence, LicenceAssignment


def assign(actor: Actor, licence_id: int, values: Mapping[str, Any]) -> LicenceAssignment:
    """values: asset or contact (exactly one), quantity (1), assigned_on (today).

    Raises Conflict when this asset or person already has an active assignment of the licence, or when none is free
    of a licence with a hard limit.
    """
    licence = fetch(Licence, actor, licence_id)
    actor.must("licence.edit", licence.customer_id)
    row = {
        "customer_id": licence.customer_id,
        "licence": licence.id,
        "quantity": values.get("quantity", 1),
        "assigned_on": values.get("assigned_on") or clock.today(),
        **_used_by(actor, licence.customer_id, values),
    }
    with transaction():
        if licence.hard_limit:
            _check_free(fetch(Licence, actor, licence_id, lock=True), row["quantity"])
        return create(actor, LicenceAssignment, row, Action.LICENCE_ASSIGNED)


def _check_free(licence: Licence, wanted: int) -> None:
    """Of many who want the last one, one gets it: the licence's row stays locked until it is theirs."""
    amount = fn.COALESCE(fn.SUM(LicenceAssignment.quantity), 0)
    active = (LicenceAssignment.licence == licence.id) & LicenceAssignment.released_on.is_null()
    taken = visible(LicenceAssignment, Actor.system(licence.customer_id), amount).where(active).scalar()
    if licence.quantity is not None and taken + wanted > licence.quantity:
        free = max(licence.quantity - taken, 0)
        raise Conflict(
            _("Of %(quantity)s only %(free)s are free; release one first.", quantity=licence.quantity, free=free),
            code="none_free",
        )


def _used_by(actor: Actor, customer_id: int, values: Mapping[str, Any]) -> dict[str, int]:
    asset, contact = values.get("asset"), values.get("contact")
    if (asset is None) == (contact is None):
        raise Invalid.field("asset", _("Name the asset or the contact that uses the licence, one of the two."))
    if asset is not None:
        return {"asset": asset_by(actor, asset, customer_id=customer_id).id}
    mine = Contact.customer_id == customer_id
    found = refer(Contact, actor, contact, field="contact", keys=("email", "name"), where=mine)
    return {"contact": found.id}


def release(actor: Actor, licence_id: int, assignment_id: int, on: date | None = None) -> LicenceAssignment:
    """End an assignment; the row stays as history. `on`: today unless given.

    Raises Conflict when it was released before, or when the licence may not be given to another.
    """
    licence = fetch(Licence, actor, licence_id)
    actor.must("licence.edit", licence.customer_id)
    mine = visible(LicenceAssignment, actor).where(LicenceAssignment.licence == licence.id)
    assignment = mine.where(LicenceAssignment.id == assignment_id).first()
    if assignment is None:
        raise NotFound()
    day = on or clock.today()
    _check_release(licence, assignment, day)
    with transaction():
        _close(assignment, day)
        note(actor, Action.LICENCE_RELEASED, assignment, after={"released_on": day})
    return assignment


def _check_release(licence: Licence, assignment: LicenceAssignment, day: date) -> None:
    if not licence.reassignable:
        raise Conflict(
            _("This licence stays with whom it was first given to. If that is wrong, set reassignable first."),
            code="not_reassignable",
        )
    if day < assignment.assigned_on:
        raise Invalid.field(
            "released_on",
            _("It was assigned on %(assigned_on)s; give that day or a later one.", assigned_on=assignment.assigned_on),
        )
    if day > clock.today():
        raise Invalid.field("released_on", _("Release it when the day has come; this one is in the future."))


def _close(assignment: LicenceAssignment, day: date) -> None:
    """Decided by the database, so that two releases at once leave one."""
    still_open = (LicenceAssignment.id == assignment.id) & LicenceAssignment.released_on.is_null()
    if not LicenceAssignment.update(released_on=day).where(still_open).execute():
        raise Conflict(_("This assignment was released before."), code="released")
    assignment.released_on = day


def used_by_asset(actor: Actor, asset_id: int, most: int = 50) -> list[dict[str, Any]]:
    """[{id, name, quantity, assigned_on, ends_on}] of the licences that this unit uses at present. One statement."""
    query = visible(
        LicenceAssignment, actor.where("licence.view"), Licence.id, Licence.name, LicenceAssignment.quantity,
        LicenceAssignment.assigned_on, Licence.ends_on,
    )  # fmt: skip
    mine = (LicenceAssignment.asset == asset_id) & LicenceAssignment.released_on.is_null()
    names = ("id", "name", "quantity", "assigned_on", "ends_on")
    rows = query.join_from(LicenceAssignment, Licence).where(mine).order_by(Licence.name, Licence.id).limit(most)
    return [dict(zip(names, row, strict=True)) for row in rows.tuples()]
