"""Handing a package over at once, without the worker: what the command line does."""

from typing import IO, Any

from registry.actions import Action
from registry.customers.service import get_customer
from registry.handover import disclosure
from registry.handover.packages import pack
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden
from registry.kernel.language import _
from registry.kernel.writing import note


def make_to(
    actor: Actor, slug: str, target: IO[bytes], *, recipient: str | None = None, with_keys: bool = True
) -> dict[str, Any]:
    """Write the package of a customer to `target`; answers its manifest. It is on record before it is written.

    Raises Refused for a third party without an approval, Forbidden for keys that the actor may not see.
    """
    customer = get_customer(actor, slug)
    actor.must("package.make", customer.id)
    if with_keys and not actor.can("licence.key", customer.id):
        raise Forbidden(_("You may not see licence keys; have the package made without them."))
    approval = disclosure.check(actor, customer, recipient, disclosure.PACKAGE) if recipient else None
    told = {"keys": with_keys, "recipient": recipient, "approval": approval and approval.id,
            "purpose": "third party" if approval else "own work"}  # fmt: skip
    with transaction():
        note(actor, Action.PACKAGE_TAKEN, customer, after=told)
    return pack(customer, target, with_keys=with_keys, made_for=recipient or actor.name, lock=None)
