"""Mails: a call is confirmed in writing, and whoever looks after a customer hears of what nobody has done."""

from contextlib import suppress

from registry.sdk import (
    ANY_VERSION,
    N_,
    Actor,
    MailKind,
    NotFound,
    change,
    clock,
    customer_by,
    grouped,
    link,
    manager_of,
    post,
    speaking,
    visible,
)
from registry_rma.models import Case, Line
from registry_rma.words import word

MAILS = (
    MailKind("rma.confirmation", N_("A claim by telephone, confirmed"), {
        "name": N_("name of the reader"), "number": N_("the RMA number"), "notified_at": N_("when the call came"),
        "units": N_("the units with their faults, one a line"), "link": N_("address of the page about it"),
    }, needed=("number", "units")),
    MailKind("rma.idle", N_("Nobody has worked on a unit for too long"), {
        "customer": N_("name of the customer"), "unit": N_("the unit"), "state": N_("its state"),
        "fault": N_("what is wrong with it"), "since": N_("since when"), "link": N_("address of the page about it"),
    }),
)  # fmt: skip


def confirm_call(actor: Actor, case: Case) -> None:
    """A claim by telephone is confirmed to the contact who made it. Without an address somebody does so by hand."""
    if not case.to_be_confirmed or case.contact_id is None:
        return
    said = (Line.case == case.id) & (Line.state != "cancelled")
    lines = list(visible(Line, actor).where(said).order_by(Line.id))
    values = {
        "name": case.contact_name, "number": grouped(case.number), "notified_at": case.notified_at,
        "units": [f"{line.serial} ({line.product}): {line.fault}" for line in lines],
        "link": _address(actor, lines[0]),
    }  # fmt: skip
    try:
        sent = post(actor, "rma.confirmation", values, customer=case.customer_id, contact=case.contact_id)
    except NotFound:  # the contact has been removed meanwhile
        return
    if sent:
        change(actor, case, {"confirmed_at": clock.now()}, "rma.confirmed", version=ANY_VERSION)


def tell_idle(actor: Actor, line: Line) -> None:
    """To the account manager, if there is one who can be written to."""
    customer = customer_by(actor, line.customer_id)
    manager = manager_of(actor, customer)
    if manager is None:
        return
    with speaking(manager.user.language):
        state = word("state", line.state)
    values = {
        "customer": customer.name, "unit": f"{line.serial} ({line.product})", "state": state,
        "fault": line.fault, "since": line.moved_at, "link": _address(actor, line),
    }  # fmt: skip
    with suppress(NotFound):  # he has no role there any more; others still hear of theirs
        post(actor, "rma.idle", values, customer=customer.id, user=manager.user_id)


def _address(actor: Actor, line: Line) -> str:
    return link(f"/c/{customer_by(actor, line.customer_id).slug}/x/rma/lines/{line.id}")
