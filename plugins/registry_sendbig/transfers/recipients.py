"""Who gets a transfer: one address and one unguessable link each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    _,
    by_token,
    change,
    clock,
    create_many,
    fetch,
    remove,
    transaction,
)
from registry_sendbig import proofs
from registry_sendbig.models import Recipient, Transfer
from registry_sendbig.transfers import letters
from registry_sendbig.transfers.reach import (
    address_of,
    changeable,
    may_hand_over,
    must_be,
    must_change,
    must_match,
    new_link,
    recipients_of,
    seen,
    standings,
)
from registry_sendbig.transfers.sharing import approve

MOST = 50
AGAIN = timedelta(minutes=5)
ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,190}\Z")


def address_in(text: str | None, field: str = "email") -> str:
    """An address as it is kept, "" for none. Raises Invalid for what is none."""
    found = (text or "").strip()
    if found and not ADDRESS.match(found):
        raise Invalid.field(field, _("Give an e-mail address, such as ann@example.com."))
    return found


def insert(actor: Actor, transfer: Transfer, wanted: Sequence[Mapping[str, Any]]) -> list[Recipient]:
    """Within the transaction that has locked the transfer; {email, name} each. Raises Conflict for an address that is
    there already."""
    emails = [address_in(each.get("email")) for each in wanted]
    there = [one.email for one in recipients_of(transfer) if one.revoked_at is None]
    if len(there) + len(emails) > MOST:
        raise Conflict(_("A transfer goes to at most %(most)s addresses.", most=MOST), code="too_many")
    taken = {email.lower() for email in there}
    for email in filter(None, emails):
        if email.lower() in taken:
            raise Conflict(_("%(email)s is among the recipients already.", email=email), code="duplicate")
        taken.add(email.lower())
    stand = standings(transfer.customer_id, emails)
    rows = [
        {"customer_id": transfer.customer_id, "transfer": transfer.id, "email": email, "name": each.get("name") or "",
         "kind": stand[email], "by_operator": actor.is_operator, **new_link()}
        for email, each in zip(emails, wanted, strict=True)
    ]  # fmt: skip
    return create_many(actor, Recipient, rows, "sendbig.recipient_added")


def replace(actor: Actor, transfer: Transfer, wanted: Iterable[Mapping[str, Any]]) -> None:
    """Of a draft: whom nobody has written to yet."""
    for one in recipients_of(transfer):
        remove(actor, one, "sendbig.recipient_removed", version=ANY_VERSION)
    insert(actor, transfer, list(wanted))


def link_anew(transfer: Transfer) -> None:
    """For those who have none: what was brought in a package has left its links where they were made."""
    for one in recipients_of(transfer):
        if one.token_hash is None:
            Recipient.update(**new_link()).where(Recipient.id == one.id).execute()


def add(actor: Actor, transfer_id: int, values: Mapping[str, Any]) -> Recipient:
    """One more: {email, name}. He is written to at once when the transfer is open. The operator's people do so only
    where the transfer is theirs; to a third party under the customer's approval, which is put on record here."""
    transfer = changeable(actor, transfer_id, "draft", "checking", "open")
    states = ("draft",) if transfer.state == "draft" else ("checking", "open")
    if transfer.state != "draft":
        approve(actor, transfer, [address_in(values.get("email"))])
    with transaction():
        transfer = seen(actor, transfer_id, lock=True)
        must_be(transfer, *states)  # one that was sent meanwhile would go to him without an approval
        [made] = insert(actor, transfer, [values])
        if transfer.state == "open":
            letters.send_link(actor, transfer, made)
        return made


def revoke(actor: Actor, recipient_id: int, version: int | None = ANY_VERSION) -> Recipient:
    """His link leads nowhere from now on; others' stay."""
    found: Recipient = fetch(Recipient, actor, recipient_id)
    transfer = seen(actor, found.transfer_id)
    must_change(actor, transfer)
    must_match(found, version)
    if found.revoked_at is not None:
        raise Conflict(_("This link has been taken back already."), code="wrong_state")
    return change(actor, found, {"revoked_at": clock.now()}, "sendbig.recipient_revoked", version=version)


def resend(actor: Actor, recipient_id: int, version: int | None = ANY_VERSION) -> Recipient:
    """Write to him once more, with the same link: mails get lost. Not more often than each AGAIN. To a third party by
    the operator's hand as add() says."""
    found: Recipient = fetch(Recipient, actor, recipient_id)
    transfer = seen(actor, found.transfer_id)
    must_change(actor, transfer)
    must_match(found, version)
    _must_be_written_to(transfer, found)
    approve(actor, transfer, [found.email], chosen_by_operator=found.by_operator)
    with transaction():
        transfer = seen(actor, transfer.id, lock=True)
        found = fetch(Recipient, actor, recipient_id, lock=True)
        _must_be_written_to(transfer, found)
        letters.send_link(actor, transfer, found)
        return found


def _must_be_written_to(transfer: Transfer, found: Recipient) -> None:
    must_be(transfer, "open")
    if found.revoked_at is not None or not found.email or transfer.expires_at <= clock.now():
        raise Conflict(_("There is no mail for this recipient: hand the link over yourself."), code="wrong_state")
    if found.mailed_at is not None and found.mailed_at > clock.now() - AGAIN:
        told = _("A mail has just been sent to %(email)s: wait a few minutes.", email=found.email)
        raise Conflict(told, code="early")


def by_secret(secret: str, address: str | None) -> Recipient:
    """Whose link it is, with his `transfer`. From then on the request works within that customer. Raises NotFound for
    a link that leads nowhere (also one taken back), Throttled for whoever tries one after the other."""
    try:
        found: Recipient = by_token(Recipient, secret)
        if found.revoked_at is not None:
            raise NotFound()
    except NotFound:
        proofs.unknown_link(address)
        raise NotFound() from None
    found.transfer = fetch(Transfer, Actor.system(found.customer_id), found.transfer_id)
    return found


def link_of(actor: Actor, recipient_id: int) -> str:
    """The address to hand over, for whoever may change the transfer. Raises Forbidden as may_hand_over() says."""
    found: Recipient = fetch(Recipient, actor, recipient_id)
    must_change(actor, seen(actor, found.transfer_id))
    if not may_hand_over(actor, found):
        raise Forbidden(_("Only the customer's own people are shown this link; its recipient gets it by mail."))
    return address_of(found)


def actor_of(recipient: Recipient, address: str | None = None) -> Actor:
    """Who the audit chain says it was."""
    name = recipient.email or recipient.name or _("somebody with the link")
    scope = Actor.system(recipient.customer_id)
    return Actor("link", name, scope.grants, address=address)
