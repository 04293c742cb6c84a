"""A customer leaves: it is announced, and everything is settled, before his data may be erased."""

from collections.abc import Mapping
from typing import Any

from registry.actions import Action
from registry.contracts.models import Contract
from registry.customers.models import Customer
from registry.customers.service import get_customer, today_of
from registry.handover import custody, disclosure
from registry.handover.models import CustodyTask, Departure, Package
from registry.kernel import access, schema, wall
from registry.kernel.access import Actor, Permission, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.writing import change, create, remove

access.declare(Permission("customer.erase", "Announce that a customer leaves, and erase his data", customer=False))

WAIVER = ("waiver_reference", "waiver_by", "waiver_on")


def announce(actor: Actor, slug: str, values: Mapping[str, Any], version: int | None = None) -> Departure:
    """Put on record that a customer leaves, or what has been settled since.

    values: reference (the paper that says so); waiver_reference, waiver_by, waiver_on: the paper in which the customer
    says that he needs no package, or has received his data in another way.
    """
    customer = _customer(actor, slug)
    given = [name for name in WAIVER if values.get(name)]
    if given and len(given) < len(WAIVER):
        missing = next(name for name in WAIVER if not values.get(name))
        raise Invalid.field(missing, _("A waiver says who gave it, when, and on which paper."))
    if values.get("waiver_on") and values["waiver_on"] > today_of(actor, customer.id):
        raise Invalid.field("waiver_on", _("This day is still to come: nothing is waived yet."))
    before = departure_of(actor, customer)
    if before is not None:
        return change(actor, before, values, Action.DEPARTURE_CHANGED, version=version or before.version)
    row = {
        **values, "customer_id": customer.id, "announced_on": today_of(actor, customer.id),
        "announced_by": actor.name,
    }  # fmt: skip
    return create(actor, Departure, row, Action.DEPARTURE_ANNOUNCED)


def _customer(actor: Actor, slug: str) -> Customer:
    customer = get_customer(actor, slug)
    actor.must("customer.erase", customer.id)
    return customer


def departure_of(actor: Actor, customer: Customer) -> Departure | None:
    found: Departure | None = visible(Departure, actor).where(Departure.customer_id == customer.id).first()
    return found


def standing(actor: Actor, slug: str) -> dict[str, Any]:
    """{"departure": ... or None, "open": sentences that say what is still to be settled}."""
    customer = _customer(actor, slug)
    found = departure_of(actor, customer)
    shown = None
    if found is not None:
        names = ("announced_on", "announced_by", "reference", *WAIVER, "version")
        shown = {name: getattr(found, name) for name in names}
    return {"departure": shown, "open": unsettled(actor, customer)}


def cancel(actor: Actor, slug: str, version: int | None) -> None:
    """He stays."""
    customer = _customer(actor, slug)
    with transaction():
        found = departure_of(actor, customer)
        if found is None:
            raise NotFound()
        remove(actor, found, Action.DEPARTURE_CANCELLED, version=version)


def unsettled(actor: Actor, customer: Customer) -> list[str]:
    """What stands in the way of an erasure; empty when nothing does."""
    found = departure_of(actor, customer)
    if found is None:
        return [_("Nobody has announced that this customer leaves.")]
    checks = (
        _contracts(actor, customer), _custody(actor, customer), _approvals(customer), _handed(found), _strange(customer)
    )  # fmt: skip
    return [text for text in checks if text]


def _contracts(actor: Actor, customer: Customer) -> str | None:
    today = today_of(actor, customer.id)
    holds = Contract.in_force_until.is_null() | (Contract.in_force_until >= today)
    mine = visible(Contract, actor).where((Contract.customer_id == customer.id) & holds)
    numbers = [row.number for row in mine.order_by(Contract.id).limit(5)]
    return _("Contracts are in force: %(known)s. Terminate them first.", known=", ".join(numbers)) if numbers else None


def _custody(actor: Actor, customer: Customer) -> str | None:
    mine = visible(CustodyTask, actor).where((CustodyTask.customer_id == customer.id) & (CustodyTask.state != "closed"))
    out, tasks = custody.still_out(customer.id), int(mine.count())
    if out or tasks:
        return _(
            "%(out)s things of the customer's are still out, and %(tasks)s custody tasks are not closed.",
            out=out,
            tasks=tasks,
        )
    return None


def _strange(customer: Customer) -> str | None:
    with wall.everywhere():
        found = schema.rows_of_strangers(customer.id)
    if not found:
        return None
    return _(
        "Plugins that do not work here keep rows of this customer: %(known)s. Install them, or end their data.",
        known=", ".join(found),
    )


def _approvals(customer: Customer) -> str | None:
    found = disclosure.open_approvals(customer)
    if found:
        return _(
            "Approvals of disclosures still hold: %(known)s. Have them revoked.",
            known=", ".join(str(one.id) for one in found[:5]),
        )
    return None


def _handed(departure: Departure) -> str | None:
    if departure.waiver_reference or handed_package(departure) is not None:
        return None
    return _("The customer has neither fetched a package since his leaving was announced, nor waived it in writing.")


def handed_package(departure: Departure) -> Package | None:
    """The newest package that was made after the announcement and that the customer has fetched."""
    actor = Actor.system(departure.customer_id)
    found: Package | None = (
        visible(Package, actor)
        .where(
            (Package.customer_id == departure.customer_id)
            & Package.handed_over_at.is_null(False)
            & (Package.made_at >= departure.created_at)
        )
        .order_by(Package.id.desc())
        .first()
    )
    return found


def must_be_settled(actor: Actor, customer: Customer) -> Departure:
    """Raise Conflict naming what is open; answer the departure."""
    left = unsettled(actor, customer)
    found = departure_of(actor, customer)
    if left or found is None:
        raise Conflict(" ".join(left), code="not_settled", errors={"open": left})
    return found
