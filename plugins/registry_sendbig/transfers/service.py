"""The life of a transfer: drafted, sent, opened once all its files are verified, ended."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate
from peewee import fn

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Column,
    Conflict,
    Customer,
    Filter,
    FlagText,
    Invalid,
    Listing,
    NotFound,
    _,
    clock,
    create,
    fetch,
    of_customer,
    transaction,
    visible,
)
from registry.sdk import change as write
from registry.sdk import remove as drop
from registry_sendbig.downloads import counting
from registry_sendbig.models import Download, File, Recipient, Transfer
from registry_sendbig.requests import allowance
from registry_sendbig.transfers import letters, recipients, sharing
from registry_sendbig.transfers.reach import (
    changeable,
    files_of,
    hashed,
    may_change,
    must_be,
    must_change,
    must_match,
    recipients_of,
    request_of,
    seen,
    until,
)

STATES = ("draft", "checking", "open", "ended")
SHOWN = 200  # of the downloads of a transfer, the latest
TOLD = (
    "id", "customer_id", "title", "message", "state", "made_by", "made_by_id", "by_operator", "request_id",
    "sender_email", "party", "approval_id", "most_downloads", "expires_at", "opened_at", "ended_at", "end_reason",
    "ended_by", "created_at", "version",
)  # fmt: skip
TO = ("id", "email", "name", "kind", "mailed_at", "first_at", "last_at", "revoked_at", "version")
GOT = ("id", "recipient_id", "file_id", "who", "address", "begun_at", "last_at", "delivered", "whole_at")
TEXTS = ("title", "message", "party", "most_downloads")


def _by(actor: Actor) -> Any:
    """What somebody else, or nobody who has signed in, has made is not his."""
    return fn.COALESCE(Transfer.made_by_id, 0) == (actor.user_id or -1)


TRANSFERS = Listing(
    "transfer",
    Transfer,
    "sendbig.view",
    columns=[
        Column("id", "Id", Transfer.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("title", "Title", Transfer.title),
        Column("state", "State", Transfer.state),
        Column("end_reason", "Why it ended", Transfer.end_reason),
        Column("made_by", "Sent by", Transfer.made_by),
        Column("request_id", "File request", Transfer.request, "integer"),
        Column("most_downloads", "Downloads allowed", Transfer.most_downloads, "integer"),
        Column("expires_at", "Expires", Transfer.expires_at, "moment"),
        Column("opened_at", "Sent", Transfer.opened_at, "moment"),
        Column("ended_at", "Ended", Transfer.ended_at, "moment"),
        Column("created_at", "Begun", Transfer.created_at, "moment"),
        Column("version", "Version", Transfer.version, "integer"),
    ],
    joins=[(Customer, Transfer.customer_id == Customer.id)],
    filters={
        "customer": of_customer(Transfer),
        "state": Filter(fields.String(validate=validate.OneOf(STATES)), lambda _a, v: Transfer.state == v),
        "mine": Filter(FlagText(), lambda actor, v: _by(actor) if v else ~_by(actor)),
    },
    orders={"expires_at": Transfer.expires_at},
)


def draft(actor: Actor, customer_id: int, values: Mapping[str, Any]) -> Transfer:
    """values: title; and maybe message, expires_in_days or expires_at, most_downloads (by each recipient, of each
    file), password, party (the third party that an approval names), recipients [{email, name}]. Files follow."""
    actor.must("sendbig.send", customer_id)
    row = {
        "customer_id": customer_id, "title": _title(values), "message": values.get("message") or "",
        "party": values.get("party") or "", "most_downloads": values.get("most_downloads"),
        "password_hash": hashed(values.get("password")), "expires_at": until(customer_id, values),
        "made_by": actor.name, "made_by_id": actor.user_id, "by_operator": actor.is_operator,
    }  # fmt: skip
    with transaction():
        made = create(actor, Transfer, row, "sendbig.drafted")
        recipients.replace(actor, made, values.get("recipients") or ())
        return made


def _title(values: Mapping[str, Any]) -> str:
    title = str(values.get("title") or "").strip()
    if not title:
        raise Invalid.field("title", _("Give a title."))
    return title


def get(actor: Actor, transfer_id: int) -> Transfer:
    return seen(actor, transfer_id)


def change(actor: Actor, transfer_id: int, values: Mapping[str, Any], version: int | None) -> Transfer:
    """values as for draft(), of which any may be left out; password "" takes it off, recipients replace those there."""
    transfer = changeable(actor, transfer_id, "draft", version=version)
    new = {name: values[name] for name in TEXTS if name in values}
    if "title" in new:
        new["title"] = _title(values)
    if "password" in values:
        new["password_hash"] = hashed(values["password"])
    if values.get("expires_at") or values.get("expires_in_days"):
        new["expires_at"] = until(transfer.customer_id, values)
    with transaction():
        changed = write(actor, transfer, new, "sendbig.changed", version=version)
        if values.get("recipients") is not None:
            recipients.replace(actor, changed, values["recipients"])
        return changed


def remove(actor: Actor, transfer_id: int, version: int | None) -> None:
    """A draft leaves nothing behind but its place on the audit chain; its bytes go with the next tidying."""
    end(actor, changeable(actor, transfer_id, "draft", version=version), "abandoned", version=version)


def send(actor: Actor, transfer_id: int, version: int | None = ANY_VERSION) -> Transfer:
    """Off it goes: opened, and its recipients written to, as soon as all of its files have arrived and are verified.
    What is still arriving goes along, and is waited for; one that never arrives is refused, and holds the others up
    until somebody takes it out.

    Raises Conflict without files or recipients, or with a refused one among them; Forbidden (no_approval) for a third
    party without the customer's approval.
    """
    transfer = changeable(actor, transfer_id, "draft", version=version)
    _must_be_ready(transfer)
    approval = _approval(actor, transfer)
    with transaction():
        transfer = seen(actor, transfer_id, lock=True)
        must_be(transfer, "draft")
        recipients.link_anew(transfer)
        if actor.is_operator:
            Recipient.update(by_operator=True).where(Recipient.transfer == transfer.id).execute()
        new = {"state": "checking", "approval_id": approval, "by_operator": transfer.by_operator or actor.is_operator}
        return open_if_ready(actor, write(actor, transfer, new, "sendbig.sent", version=version))


def _must_be_ready(transfer: Transfer) -> None:
    if transfer.expires_at <= clock.now():
        raise Invalid.field("expires_in_days", _("This would have expired already: say until when it stands."))
    there = files_of(transfer)
    if not there:
        raise Conflict(_("There is no file in it yet."), code="no_files")
    if refused := [one.name for one in there if one.state == "refused"]:
        raise Conflict(_("%(name)s was refused: take it out first.", name=refused[0]), code="refused_file")
    if not transfer.request_id and all(one.revoked_at is not None for one in recipients_of(transfer)):
        raise Conflict(_("Say first who gets it."), code="no_recipients")


def _approval(actor: Actor, transfer: Transfer) -> int | None:
    """For everybody whom the operator's people chose, or send to."""
    if transfer.request_id:
        return None
    there = recipients_of(transfer)
    chosen = [one.email for one in there if one.revoked_at is None and (one.by_operator or actor.is_operator)]
    return sharing.approve(actor, transfer, chosen, chosen_by_operator=bool(chosen))


def open_if_ready(actor: Actor, transfer: Transfer) -> Transfer:
    """Within the transaction that has locked it: of two files that settle at once the later one finds both."""
    there = [one for one in files_of(transfer) if not (transfer.request_id and one.state == "refused")]
    if transfer.state != "checking" or not there or any(one.state != "kept" for one in there):
        return transfer
    opened = write(actor, transfer, {"state": "open", "opened_at": clock.now()}, "sendbig.opened", version=ANY_VERSION)
    if opened.request_id:
        letters.fulfilled(actor, opened)
    reached = [one for one in recipients_of(opened) if one.revoked_at is None and sharing.may_know(opened, one)]
    letters.send_link(actor, opened, *reached)
    return opened


def file_settled(actor: Actor, file: File) -> None:
    """A file of a transfer was verified, or refused."""
    if file.transfer_id is None:
        return
    with transaction():
        transfer: Transfer = fetch(Transfer, actor, file.transfer_id, lock=True)
        if file.state == "refused":
            letters.refused(actor, transfer, file)
        open_if_ready(actor, transfer)


def file_gone(actor: Actor, transfer: Transfer) -> None:
    """One of its files will never arrive: perhaps it was the last one missing."""
    with transaction():
        open_if_ready(actor, fetch(Transfer, actor, transfer.id, lock=True))


def may_add(transfer: Transfer, size: int | None) -> None:
    """Raises Conflict when no more files can come, and TooMuch beyond what a request takes."""
    must_be(transfer, "draft")
    if transfer.expires_at <= clock.now():
        raise Conflict(_("This has expired."), code="wrong_state")
    if asked := request_of(transfer):
        allowance.must_fit(asked, size)


def remove_file(actor: Actor, file_id: int, version: int | None = ANY_VERSION) -> None:
    """Out of a draft; out of what has been sent what was refused or has not arrived: the rest goes off then."""
    file: File = fetch(File, actor, file_id)
    if file.transfer_id is None:
        raise NotFound()
    transfer = seen(actor, file.transfer_id)
    must_change(actor, transfer)
    must_match(file, version)
    must_be(transfer, "draft", "checking")
    if transfer.state == "checking" and file.state not in ("refused", "receiving"):
        must_be(transfer, "draft")
    with transaction():
        transfer = seen(actor, transfer.id, lock=True)
        must_be(transfer, "draft", "checking")
        drop(actor, file, "sendbig.file_removed", version=version)
        open_if_ready(actor, transfer)


def extend(actor: Actor, transfer_id: int, values: Mapping[str, Any], version: int | None) -> Transfer:
    """Until later (expires_in_days or expires_at), or for more downloads (most_downloads, None for any number)."""
    transfer = changeable(actor, transfer_id, "checking", "open", version=version)
    new: dict[str, Any] = {name: values[name] for name in ("most_downloads",) if name in values}
    if values.get("expires_at") or values.get("expires_in_days"):
        new |= {"expires_at": until(transfer.customer_id, values), "reminded_at": None}
    return write(actor, transfer, new, "sendbig.extended", version=version)


def revoke(actor: Actor, transfer_id: int, version: int | None = ANY_VERSION) -> Transfer:
    """No link leads anywhere from now on; what is just leaving stops within seconds."""
    transfer = changeable(actor, transfer_id, "checking", "open", version=version)
    return end(actor, transfer, "revoked", version=version)


def end(actor: Actor, transfer: Transfer, reason: str, *, version: int | None = ANY_VERSION) -> Transfer:
    new = {"state": "ended", "end_reason": reason, "ended_at": clock.now(), "ended_by": actor.name}
    return write(actor, transfer, new, f"sendbig.{reason}", version=version)


def fetched(actor: Actor, transfer: Transfer, recipient: Recipient | None, got: Download) -> None:
    """A download has become whole, within the transaction that counts it: the receipt of the first one, and the end of
    a transfer of which everybody has all that he may have."""
    if recipient is None:
        return
    now = clock.now()
    Recipient.update(last_at=now).where(Recipient.id == recipient.id).execute()
    if recipient.first_at is None:
        Recipient.update(first_at=now).where(Recipient.id == recipient.id).execute()
        letters.receipt(actor, transfer, recipient, _name(actor, got))
    if transfer.state == "open" and _used_up(transfer):
        end(actor, transfer, "used_up")


def _name(actor: Actor, got: Download) -> str:
    return fetch(File, actor, got.file_id).name if got.file_id else _("all files")  # type: ignore[no-any-return]


def _used_up(transfer: Transfer) -> bool:
    if transfer.most_downloads is None:
        return False
    ids = [one.id for one in files_of(transfer) if one.state == "kept"]
    for each in recipients_of(transfer):
        counts = counting.used(transfer, each)
        if each.revoked_at is None and any(counts.get(one, 0) < transfer.most_downloads for one in ids):
            return False
    return True


def told(actor: Actor, transfer: Transfer) -> dict[str, Any]:
    """Everything about it: its own columns, has_password, may_change, files, recipients, downloads (the latest)."""
    names = {one.id: one for one in recipients_of(transfer)}
    got = visible(Download, actor).where(Download.transfer == transfer.id).order_by(Download.id.desc()).limit(SHOWN)
    return {
        **{name: getattr(transfer, name) for name in TOLD},
        "has_password": bool(transfer.password_hash), "may_change": may_change(actor, transfer),
        "files": [sharing.file(one) for one in files_of(transfer)],
        "recipients": [{name: getattr(one, name) for name in TO} for one in names.values()],
        "downloads": [{name: getattr(one, name) for name in GOT} for one in got],
    }  # fmt: skip
