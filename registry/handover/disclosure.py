"""Disclosure: what belongs to a customer goes to a third party only with his stored approval, given before."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import customer_by, today_of
from registry.handover.models import Approval
from registry.kernel import access, audit, clock
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import database, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid
from registry.kernel.language import _, quoted
from registry.kernel.listing import LISTINGS, plural
from registry.kernel.writing import change, create, note

access.declare(
    Permission("disclosure.view", "See approvals of disclosures"),
    Permission("disclosure.approve", "Approve that data of one's own company are given to third parties"),
    Permission("disclosure.record", "Record a written approval of a customer", customer=False),
)

EVERYTHING = "everything"
PACKAGE = "package"
# What else can be approved of beside lists: name -> what people call it. Those of plugins.
SCOPES: dict[str, str] = {}


class Refused(Forbidden):
    code = "no_approval"


def own_people(actor: Actor, customer_id: int) -> bool:
    """Whether the actor is one of the customer's own, not the operator's."""
    return customer_id in actor.grants and not actor.is_operator


def approve(actor: Actor, values: Mapping[str, Any]) -> Approval:
    """Store an approval. values: customer, recipient, purpose, scope, valid_until; approved_on (today).

    Somebody of the customer gives it in his own name. The operator records a written one: approved_by and
    written_reference then say who gave it and on which paper. When it was stored is never for the caller to say.
    """
    customer = customer_by(actor, values.get("customer"))
    today = today_of(actor, customer.id)
    ready = {name: values[name] for name in ("recipient", "purpose", "valid_until") if name in values}
    ready |= {"scope": _scope(values["scope"]), "approved_on": values.get("approved_on") or today}
    ready |= _given(actor, customer, values)
    if ready.get("valid_until") and ready["valid_until"] < ready["approved_on"]:
        raise Invalid.field("valid_until", _("It would end before it begins."))
    row = {**ready, "customer_id": customer.id, "recorded_by": actor.name, "stored_at": clock.now()}
    return create(actor, Approval, row, Action.DISCLOSURE_APPROVED)


def _given(actor: Actor, customer: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    """In one's own name, or on paper."""
    if own_people(actor, customer.id):
        actor.must("disclosure.approve", customer.id)
        for name in ("approved_by", "written_reference"):
            if values.get(name):
                raise Invalid.field(name, _("You approve in your own name; leave this out."))
        return {"approved_by": actor.name}
    actor.must("disclosure.record", customer.id)
    for name in ("approved_by", "written_reference", "approved_on"):
        if not values.get(name):
            raise Invalid.field(name, _("Say who of the customer approved it, when, and on which paper."))
    return {"approved_by": values["approved_by"], "written_reference": values["written_reference"]}


def _scope(names: Iterable[str]) -> list[str]:
    known = {EVERYTHING, PACKAGE, *SCOPES, *(plural(kind) for kind in LISTINGS)}
    strange = sorted(set(names) - known)
    if strange:
        raise Invalid.field(
            "scope",
            _(
                "There is no list %(strange)s. Choose among: %(known)s.",
                strange=quoted(strange[0]),
                known=", ".join(sorted(known)),
            ),
        )
    return sorted(set(names))


def get_approval(actor: Actor, approval_id: int) -> Approval:
    found: Approval = fetch(Approval, actor, approval_id)
    actor.must("disclosure.view", found.customer_id)
    return found


def revoke(actor: Actor, approval_id: int, reason: str) -> Approval:
    """Take an approval back; what was disclosed under it stays on record."""
    approval = get_approval(actor, approval_id)
    actor.must(
        "disclosure.approve" if own_people(actor, approval.customer_id) else "disclosure.record", approval.customer_id
    )
    with transaction():
        approval = fetch(Approval, actor, approval_id, lock=True)
        if approval.revoked_at is not None:
            raise Conflict(_("This approval has been revoked already."), code="wrong_state")
        values = {"revoked_at": clock.now(), "revoked_by": actor.name, "revoke_reason": reason}
        return change(actor, approval, values, Action.DISCLOSURE_REVOKED, version=approval.version)


def check(actor: Actor, customer: Customer, recipient: str, what: str) -> Approval:
    """Put a disclosure of `what` (assets, package ...) to `recipient` on record; answers the approval it rests on.

    Without one that was given and stored before and still holds: Refused, and that is on record too. Call it before
    anything leaves, and outside of a transaction: a refusal must stay.
    """
    if database.in_transaction():
        raise RuntimeError("disclosure.check inside of a transaction: the record of a refusal would be undone")
    told = {"recipient": recipient, "what": what}
    with transaction():
        found = _holding(customer, recipient, what)
        if found is not None:
            note(actor, Action.DISCLOSED, found, after={**told, "approval": found.id, "purpose": found.purpose})
            return found
        refusal = audit.Entry(Action.DISCLOSURE_REFUSED, "customer", customer.id, customer.slug, after=told)
        audit.record(actor, customer.id, [refusal])
    raise Refused(
        _(
            "There is no approval of %(customer)s that %(what)s be given to %(recipient)s. Ask "
            "the customer for one first (disclosure-approvals).",
            customer=customer.name,
            what=what,
            recipient=quoted(recipient),
        )
    )


def may_go(customer: Customer, recipient: str, what: str) -> int | None:
    """The id of the approval on which a disclosure would rest at this moment; nothing is written down."""
    found = _holding(customer, recipient, what)
    return found.id if found else None


def not_over(today: date) -> Any:
    """Neither revoked nor expired."""
    return Approval.revoked_at.is_null() & (Approval.valid_until.is_null() | (Approval.valid_until >= today))


def holds(today: date) -> Any:
    """In force on that day."""
    return not_over(today) & (Approval.approved_on <= today)


def _holding(customer: Customer, recipient: str, what: str) -> Approval | None:
    """The approval that holds at this moment, if any: dated and stored before, neither expired nor revoked."""
    before = holds(clock.today(customer.time_zone)) & (Approval.stored_at < clock.now())
    query = visible(Approval, Actor.system(customer.id)).where((Approval.customer_id == customer.id) & before)
    fitting = (
        one
        for one in query.order_by(Approval.id)
        if _same(one.recipient, recipient) and ({what, EVERYTHING} & set(one.scope))
    )
    return next(fitting, None)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def open_approvals(customer: Customer) -> list[Approval]:
    """Approvals under which somebody might still be given something, today or later."""
    mine = (Approval.customer_id == customer.id) & not_over(clock.today(customer.time_zone))
    return list(visible(Approval, Actor.system(customer.id)).where(mine).order_by(Approval.id))
