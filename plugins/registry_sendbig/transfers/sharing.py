"""Approval before disclosure: what belongs to a customer goes to a third party by the operator's hand only with that
customer's stored approval. Looked at when a transfer is sent, and again each time that something is fetched.

The customer's own people send their files to whom they like. The operator's people send them to the customer's people
and to each other; to anybody else for the party that the transfer names, and that an approval names with the scope
"transfers" (or everything).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from registry.sdk import (
    N_,
    Actor,
    Invalid,
    _,
    clock,
    customer_by,
    disclose,
    disclosure_scope,
    may_disclose,
)
from registry_sendbig import proofs
from registry_sendbig.downloads import counting
from registry_sendbig.downloads.preview_kinds import preview_of
from registry_sendbig.models import File, Recipient, Transfer
from registry_sendbig.transfers.reach import files_of, standing, standings

SCOPE = "transfers"
GRACE = timedelta(hours=1)  # for a download that had begun before the end

disclosure_scope(SCOPE, N_("Files sent by a link"))


def approve(actor: Actor, transfer: Transfer, emails: Iterable[str], *, chosen_by_operator: bool = False) -> int | None:
    """Put on record that the files go to these addresses; answers the approval that it rests on, None where none is
    needed. Raises Forbidden (no_approval) and, without a party, Invalid. Outside of a transaction: a refusal stays."""
    if not (actor.is_operator or chosen_by_operator):
        return None
    if "third" not in standings(transfer.customer_id, emails).values():
        return None
    if not transfer.party:
        raise Invalid.field(
            "party",
            _("Somebody among the recipients is a third party: name it as the customer's approval does."),
        )
    return disclose(actor, transfer.customer_id, transfer.party, SCOPE)


def must_be_allowed(actor: Actor, transfer: Transfer, recipient: Recipient, *, first: bool) -> None:
    """Before bytes leave for this recipient. The first request of a download is put on record; those that go on with it
    only when they are refused. Raises Forbidden (no_approval). Outside of a transaction."""
    if not needs_approval(recipient):
        return
    if first or not may_know(transfer, recipient):
        disclose(actor, transfer.customer_id, _party(transfer, recipient), SCOPE)


def needs_approval(recipient: Recipient) -> bool:
    """As he stands today: whoever has left the customer is a third party from then on."""
    return recipient.by_operator and standing(recipient.customer_id, recipient.email) == "third"


def may_know(transfer: Transfer, recipient: Recipient) -> bool:
    """Whether he may be told what there is: names of files are a customer's data, too. Nothing is written down."""
    party = _party(transfer, recipient)
    return not needs_approval(recipient) or may_disclose(transfer.customer_id, party, SCOPE) is not None


def _party(transfer: Transfer, recipient: Recipient) -> str:
    """Whom an approval must name. Nobody was named for one who was no third party when it was sent: then himself."""
    return str(transfer.party or recipient.email)


def state_of(transfer: Transfer) -> str:
    """draft, checking, open, expired, revoked, used_up, abandoned. It is over at its time, also while the job that says
    so has not run."""
    if transfer.state == "ended":
        return str(transfer.end_reason)
    return "expired" if transfer.expires_at <= clock.now() else str(transfer.state)


def offered(recipient: Recipient, cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the page of a link shows: state (open, checking, expired, revoked, used_up), needs_password, title, message,
    from, expires_at, time_zone, language, most_downloads, size, files [{id, name, folder, size, sha256, media_type,
    scan, left, preview}]. Until the password is proved, and once it is over, it tells nothing of what there is."""
    transfer: Transfer = recipient.transfer
    customer = customer_by(Actor.system(transfer.customer_id), transfer.customer_id)
    state = "checking" if transfer.state == "draft" else state_of(transfer)
    if state == "open" and not may_know(transfer, recipient):
        state = "revoked"
    closed = not proofs.proven(recipient, transfer.password_hash, cookies)
    told = {
        "state": state, "needs_password": closed, "title": "", "message": "", "from": transfer.made_by,
        "customer": customer.name, "expires_at": transfer.expires_at, "time_zone": customer.time_zone,
        "language": customer.language, "most_downloads": transfer.most_downloads, "size": 0, "files": [],
    }  # fmt: skip
    if closed or state != "open":
        return told
    files = [each for each in files_of(transfer) if each.state == "kept" and each.blob_id]
    used = counting.used(transfer, recipient)
    shown = [file(one, left=_left(transfer, used, one), preview=may_preview(recipient)) for one in files]
    return {
        **told, "title": transfer.title, "message": transfer.message, "files": shown,
        "size": sum(one["size"] for one in shown),
    }  # fmt: skip


def may_preview(recipient: Recipient) -> bool:
    """What is seen has been handed over: not where that is counted, or rests on an approval."""
    return recipient.transfer.most_downloads is None and not needs_approval(recipient)


def _left(transfer: Transfer, used: Mapping[int, int], each: File) -> int | None:
    most: int | None = transfer.most_downloads
    return None if most is None else max(0, most - used.get(each.id, 0))


def file(each: File, *, left: int | None = None, preview: bool = True) -> dict[str, Any]:
    """A file as pages and programs see it."""
    blob = each.blob if each.blob_id else None
    return {
        "id": each.id, "name": each.name, "folder": each.folder, "state": each.state,
        "size": blob.size if blob else each.size, "sha256": blob.sha256 if blob else "",
        "media_type": blob.media_type if blob else each.declared_type, "scan": blob.scan if blob else "",
        "refusal": each.refusal, "refusal_told": each.refusal_told, "version": each.version,
        "preview": preview_of(blob) if blob and preview else "", "left": left,
    }  # fmt: skip


def over_since(transfer: Transfer) -> datetime | None:
    """When its time was over, for downloads that had begun before; None while it is open, or was ended by hand."""
    at: datetime = transfer.expires_at
    lapsed = state_of(transfer) == "expired"
    return at if lapsed else None


def over_for_good(over: datetime) -> bool:
    return clock.now() >= over + GRACE
