"""Mails of transfers and requests: to whoever gets files, and to whoever sent or asked for them."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from peewee import fn

from registry.sdk import (
    ANY_VERSION,
    N_,
    Actor,
    MailKind,
    NotFound,
    change,
    clock,
    customer_by,
    link,
    post,
    post_to,
    visible,
)
from registry_sendbig.models import File, Recipient, Request, Transfer
from registry_sendbig.transfers.reach import address_of, request_of
from registry_sendbig.uploads.quotas import amount

LISTED = 100  # files in a mail
_PAGE = {"link": N_("address of the page about it")}
_FILES = {"files": N_("the files with their sizes, one a line"), "size": N_("their size together")}
_WHOSE = {"title": N_("title of the transfer"), "customer": N_("name of the customer")}

MAILS = (
    MailKind("sendbig.link", N_("Files for you"), {
        **_WHOSE, **_FILES, "sender": N_("who sends them"), "message": N_("what they write"),
        "expires_at": N_("until when they can be fetched"), "link": N_("their own address for fetching them"),
    }),
    MailKind("sendbig.receipt", N_("Your files have been fetched"), {
        **_WHOSE, **_PAGE, "recipient": N_("who fetched them"), "file": N_("what they fetched"), "at": N_("when"),
    }),
    MailKind("sendbig.reminder", N_("Files for you are about to expire"), {
        **_WHOSE, **_FILES, "sender": N_("who sends them"), "expires_at": N_("until when they can be fetched"),
        "link": N_("their own address for fetching them"),
    }),
    MailKind("sendbig.request", N_("Somebody asks you for files"), {
        **_WHOSE, "sender": N_("who asks"), "message": N_("what they write"),
        "expires_at": N_("until when they can be sent"), "link": N_("their own address for sending them"),
    }),
    MailKind("sendbig.fulfilled", N_("The files that you asked for are here"), {
        **_WHOSE, **_FILES, **_PAGE, "sender": N_("who sent them"), "message": N_("what they write"),
    }),
    MailKind("sendbig.refused", N_("A file was refused"), {
        **_WHOSE, **_PAGE, "file": N_("name of the file"), "reason": N_("why"),
    }),
)  # fmt: skip


def send_link(actor: Actor, transfer: Transfer, *recipients: Recipient) -> None:
    """To those who have an address, within the transaction that opens the transfer."""
    values = {**_offer(transfer), "message": transfer.message}
    for each in _reached(recipients):
        told = {**values, "link": address_of(each)}
        post_to(actor, "sendbig.link", each.email, told, customer=transfer.customer_id)
        change(actor, each, {"mailed_at": clock.now()}, "sendbig.link_sent", version=ANY_VERSION)


def remind(actor: Actor, transfer: Transfer, *recipients: Recipient) -> None:
    values = _offer(transfer)
    for each in _reached(recipients):
        told = {**values, "link": address_of(each)}
        post_to(actor, "sendbig.reminder", each.email, told, customer=transfer.customer_id)


def _reached(recipients: Iterable[Recipient]) -> list[Recipient]:
    return [each for each in recipients if each.email and address_of(each)]


def _offer(transfer: Transfer) -> dict[str, Any]:
    about = {**_about(transfer), **_listed(transfer)}
    return {**about, "sender": transfer.made_by, "expires_at": transfer.expires_at}


def receipt(actor: Actor, transfer: Transfer, recipient: Recipient, file: str) -> None:
    """To whoever sent it: the first file has been fetched whole by this recipient."""
    who = recipient.email or recipient.name or "-"
    _to_maker(actor, transfer, "sendbig.receipt", {
        **_about(transfer), "recipient": who, "file": file, "at": clock.now(), "link": _page(transfer),
    })  # fmt: skip


def refused(actor: Actor, transfer: Transfer, file: File) -> None:
    """To whoever sent it, or asked for it."""
    _to_maker(actor, transfer, "sendbig.refused", {
        **_about(transfer), "file": file.name, "reason": file.refusal_told or file.refusal, "link": _page(transfer),
    })  # fmt: skip


def ask(actor: Actor, asked: Request) -> None:
    """To whom files are asked of, if he has an address."""
    if not asked.email or not address_of(asked):
        return
    values = {**_about(asked), "sender": asked.made_by, "message": asked.message, "expires_at": asked.expires_at,
              "link": address_of(asked)}  # fmt: skip
    post_to(actor, "sendbig.request", asked.email, values, customer=asked.customer_id)


def fulfilled(actor: Actor, transfer: Transfer) -> None:
    """To whoever asked: somebody has sent files by his link, and they are all verified."""
    _to_maker(actor, transfer, "sendbig.fulfilled", {
        **_about(transfer), **_listed(transfer), "sender": _sender(transfer), "message": transfer.message,
        "link": _page(transfer),
    })  # fmt: skip


def _sender(transfer: Transfer) -> str:
    both = (transfer.made_by, f"<{transfer.sender_email}>" if transfer.sender_email else "")
    return " ".join(part for part in both if part)


def _to_maker(actor: Actor, transfer: Transfer, name: str, values: dict[str, Any]) -> None:
    """The user behind it. One who is gone, or may not see the customer any more, hears nothing."""
    asked = request_of(transfer)
    user = asked.made_by_id if asked else transfer.made_by_id
    if user is None:
        return
    with suppress(NotFound):
        post(actor, name, values, customer=transfer.customer_id, user=user)


def _about(row: Any) -> dict[str, Any]:
    return {"title": row.title, "customer": customer_by(Actor.system(row.customer_id), row.customer_id).name}


def _listed(transfer: Transfer) -> dict[str, Any]:
    scope = Actor.system(transfer.customer_id)
    kept = (File.transfer == transfer.id) & (File.state == "kept")
    count, size = visible(File, scope, fn.COUNT(File.id), fn.SUM(File.size)).where(kept).tuples().first()
    files = visible(File, scope).where(kept).order_by(File.id).limit(LISTED)
    lines = [f"{one.name} ({amount(one.size or 0)})" for one in files] + (["..."] if count > LISTED else [])
    return {"files": lines, "size": amount(int(size or 0))}


def _page(transfer: Transfer) -> str:
    slug = customer_by(Actor.system(transfer.customer_id), transfer.customer_id).slug
    return link(f"/c/{slug}/x/sendbig/transfers/{transfer.id}")
