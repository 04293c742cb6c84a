"""Documents of a release for somebody without a contract: approved by name, with a reason, until a day or for good.
Never the patch."""

from collections.abc import Mapping
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Invalid,
    _,
    change,
    clock,
    create,
    customer_by,
    fetch,
    people_at,
    transaction,
    visible,
)
from registry_sendbig.models import Grant, Release
from registry_sendbig.releases import letters as release_letters
from registry_sendbig.releases.service import files_of, release_of


def approve(actor: Actor, release_id: int, values: Mapping[str, Any]) -> Grant:
    """values: customer, email (of somebody who may sign in for that customer), reason, until (an instant, or none).
    He is written to. Raises Invalid naming the field, Conflict where there is no document, or an approval stands."""
    actor.must("sendbig.grant")
    release = release_of(actor, release_id)
    if release.state != "published":
        raise Conflict(_("Documents of a published release can be approved."), code="state")
    if not any(file.kind == "document" and file.state == "kept" for file in files_of(actor, release)):
        raise Conflict(_("There is no document here, and the patch is for contract users alone."), code="no_document")
    customer = customer_by(actor, values["customer"])
    wanted = values["email"].strip().casefold()
    found = [one for one in people_at(actor, "sendbig.view", [customer.id]) if one.email.casefold() == wanted]
    if not found:
        raise Invalid.field("email", _("Nobody with this address can sign in for %(name)s.", name=customer.name))
    reason, until = values["reason"].strip(), values.get("until")
    if not reason:
        raise Invalid.field("reason", _("Say why they need it: the approval is kept with its reason."))
    if until is not None and until <= clock.now():
        raise Invalid.field("until", _("This moment is over."))
    with transaction():
        release_of(actor, release_id, lock=True)  # of two approvals at once the later one sees the other
        if any(one.user_id == found[0].user_id for one in grants_of(actor, release) if stands(one)):
            raise Conflict(_("They have an approval already. Take it back to give another one."), code="granted")
        made = create(
            actor, Grant,
            {"customer_id": customer.id, "release": release.id, "user_id": found[0].user_id, "email": found[0].email,
             "reason": reason, "approved_by": actor.name, "until": until}, "sendbig.document_approved",
        )  # fmt: skip
        release_letters.tell_granted(actor, release, made, customer)
        return made


def grant_of(actor: Actor, grant_id: int) -> Grant:
    actor.must("sendbig.grant")
    found: Grant = fetch(Grant, actor, grant_id)
    return found


def revoke(actor: Actor, grant_id: int, version: int | None = ANY_VERSION) -> Grant:
    """From now on it opens nothing."""
    actor.must("sendbig.grant")
    with transaction():
        found: Grant = fetch(Grant, actor, grant_id, lock=True)
        if found.revoked_at is not None:
            return found
        return change(actor, found, {"revoked_at": clock.now()}, "sendbig.approval_revoked", version=version)


def stands(grant: Grant) -> bool:
    return grant.revoked_at is None and (grant.until is None or grant.until > clock.now())


def grants_of(actor: Actor, release: Release) -> list[Grant]:
    return list(visible(Grant, actor).where(Grant.release == release.id).order_by(Grant.id.desc()).limit(500))
