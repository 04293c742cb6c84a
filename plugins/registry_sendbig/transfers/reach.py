"""Who may see and change a transfer, and until when one may stand."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Invalid,
    NotFound,
    PreconditionRequired,
    Stale,
    _,
    clock,
    correspondents,
    fetch,
    hash_password,
    hash_token,
    link,
    new_token,
    vault,
    visible,
)
from registry_sendbig.models import Blob, File, Recipient, Request, Transfer
from registry_sendbig.preferences import rules

SLACK = timedelta(minutes=5)  # so that whoever asks for the longest time gets it


def address_of(row: Recipient | Request) -> str:
    """The address that is its credential. Empty for what was brought in a package: links stay where they were made."""
    if not row.token_sealed:
        return ""
    return link(f"/x/sendbig/{'t' if isinstance(row, Recipient) else 'r'}/{vault().open(row.token_sealed)}")


def new_link() -> dict[str, str]:
    """The columns of a Recipient or Request by which it has an address that nobody guesses."""
    token = new_token()
    return {"token_hash": hash_token(token), "token_sealed": vault().seal(token)}


def seen(actor: Actor, transfer_id: int, *, lock: bool = False) -> Transfer:
    """Raises NotFound for whom it does not exist, Forbidden for a reader without the right."""
    found: Transfer = fetch(Transfer, actor, transfer_id, lock=lock)
    actor.must("sendbig.view", found.customer_id)
    return found


def mine(actor: Actor, row: Any) -> bool:
    return row.made_by_id is not None and row.made_by_id == actor.user_id


def may_change(actor: Actor, row: Any) -> bool:
    """Whoever made it, and those who manage what others have sent."""
    return actor.can("sendbig.send" if mine(actor, row) else "sendbig.manage", row.customer_id)


def must_change(actor: Actor, row: Any) -> None:
    actor.must("sendbig.view", row.customer_id)
    actor.must("sendbig.send" if mine(actor, row) else "sendbig.manage", row.customer_id)


def may_hand_over(actor: Actor, recipient: Recipient) -> bool:
    """Whether the link itself is for his eyes, in a transfer that he may change. For the operator's people only where
    fetching by it rests on an approval: by that of anybody else a third party would fetch in that person's name."""
    return not actor.is_operator or (recipient.by_operator and recipient.kind == "third")


def changeable(actor: Actor, transfer_id: int, *states: str, version: int | None = ANY_VERSION) -> Transfer:
    """The transfer, for whoever may change it, in one of these states. Raises PreconditionRequired, Stale for
    another version, Conflict in another state."""
    found = seen(actor, transfer_id)
    must_change(actor, found)
    must_match(found, version)
    must_be(found, *states)
    return found


def must_be(transfer: Transfer, *states: str) -> None:
    if transfer.state not in states:
        raise Conflict(WRONG[transfer.state](), code="wrong_state")


WRONG = {
    "draft": lambda: _("This has not been sent yet."),
    "checking": lambda: _("This has been sent already; its files are still being checked."),
    "open": lambda: _("This has been sent already."),
    "ended": lambda: _("This has ended; begin another transfer."),
}


def must_match(row: Any, version: int | None) -> None:
    """Before anything that a failed change could not take back."""
    if version is None:
        raise PreconditionRequired()
    if version not in (ANY_VERSION, row.version):
        raise Stale()


def until(customer_id: int, values: Mapping[str, Any]) -> datetime:
    """When it ends: expires_at, or in expires_in_days, or as the customer's settings say. Raises Invalid."""
    rule, now = rules(customer_id), clock.now()
    days = values.get("expires_in_days") or rule["default_days"]
    field = "expires_at" if values.get("expires_at") else "expires_in_days"
    at: datetime = values.get("expires_at") or now + timedelta(days=min(days, 3650))
    if at <= now:
        raise Invalid.field(field, _("This moment is over."))
    if at > now + timedelta(days=rule["longest_days"]) + SLACK:
        raise Invalid.field(field, _("Give at most %(days)s days.", days=rule["longest_days"]))
    return at


def standing(customer_id: int, email: str) -> str:
    """own, office or third. A link that is handed over by other ways may come into anybody's hands."""
    return standings(customer_id, [email])[email]


def standings(customer_id: int, emails: Iterable[str]) -> dict[str, str]:
    """The same for many, by their addresses as they are given, in a fixed number of statements."""
    wanted = set(emails)
    known = correspondents(customer_id, filter(None, wanted)) if any(wanted) else {}
    return {one: known[one.strip().lower()].standing if one else "third" for one in wanted}


def hashed(password: str | None) -> str:
    return hash_password(password) if password else ""


def files_of(transfer: Transfer) -> list[File]:
    """Its files in the order in which they were added, each with its `blob`, if it has one."""
    scope = Actor.system(transfer.customer_id)
    found = list(visible(File, scope).where(File.transfer == transfer.id).order_by(File.id))
    blobs = {one.id: one for one in visible(Blob, scope).where(Blob.id.in_(_blobs_of(transfer)))}
    for each in found:
        if each.blob_id is not None:
            each.blob = blobs[each.blob_id]
    return found


def _blobs_of(transfer: Transfer) -> Any:
    return visible(File, Actor.system(transfer.customer_id), File.blob).where(File.transfer == transfer.id)


def key_of(blob: Any) -> str:
    """Where its bytes lie. Raises NotFound once they have been dropped."""
    if blob.key is None:
        raise NotFound(_("This file is not kept any more."))
    return str(blob.key)


def request_of(transfer: Transfer) -> Request | None:
    """The file request that it came by."""
    if transfer.request_id is None:
        return None
    found: Request = fetch(Request, Actor.system(transfer.customer_id), transfer.request_id)
    return found


def recipients_of(transfer: Transfer) -> list[Recipient]:
    scope = Actor.system(transfer.customer_id)
    return list(visible(Recipient, scope).where(Recipient.transfer == transfer.id).order_by(Recipient.id))


def file_in(transfer: Transfer, file_id: int) -> File:
    """One of its files, kept and whole, with `blob`. Raises NotFound."""
    found: File = fetch(File, Actor.system(transfer.customer_id), file_id)
    if found.transfer_id != transfer.id or found.state != "kept" or found.blob_id is None:
        raise NotFound()
    found.blob = fetch(Blob, Actor.system(transfer.customer_id), found.blob_id)
    key_of(found.blob)
    return found
