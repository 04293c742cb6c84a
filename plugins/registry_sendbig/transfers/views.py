"""What pages and cards show, put together from rows in a fixed number of statements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from peewee import JOIN, fn

from registry.sdk import Actor, Customer, clock, visible
from registry_sendbig.models import Blob, Download, File, Recipient, Request, Transfer, Upload
from registry_sendbig.preferences import GB, rules
from registry_sendbig.transfers import sharing
from registry_sendbig.transfers.reach import address_of, may_change, may_hand_over, recipients_of
from registry_sendbig.uploads import quotas
from registry_sendbig.words import TONES, word

SOON = timedelta(days=3)
MOST = 8  # rows of a card
LATEST = 100  # downloads on a page
Rows = list[dict[str, Any]]


def said(state: str, reason: str = "", *, incoming: bool = False) -> dict[str, str]:
    """A state in words, with its colour; why it ended in place of that it did."""
    state = "arrived" if incoming and state == "open" else state
    shown = word("end_reason", reason) if state == "ended" and reason else word("state", state)
    return {"said": shown, "tone": TONES.get(state, "")}


# --- Lists ---------------------------------------------------------------------------------------------------


def page_transfers(actor: Actor, rows: Sequence[dict[str, Any]]) -> Rows:
    """Rows of the list with their states in words, files, size, recipients, and how many of those have fetched."""
    ids = [row["id"] for row in rows]
    sent, to = _files_of(actor, ids), _recipients_of(actor, ids)
    return [_listed(actor, row, sent.get(row["id"], (0, 0)), to.get(row["id"], (0, 0))) for row in rows]


def _listed(actor: Actor, row: dict[str, Any], sent: tuple[int, int], to: tuple[int, int]) -> dict[str, Any]:
    incoming = row["request_id"] is not None
    return {
        **row, **said(row["state"], row["end_reason"], incoming=incoming), "incoming": incoming,
        "files": sent[0], "size": sent[1], "recipients": to[0], "fetched": to[1],
        "ends": _day(actor, row["ended_at"] or row["expires_at"]),
    }  # fmt: skip


def _day(actor: Actor, instant: str) -> str:
    """As his own clocks have it: the page of one tells the hour by these, too."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(actor.time_zone)).date().isoformat()


def _files_of(actor: Actor, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    columns = (File.transfer, fn.COUNT(File.id), fn.COALESCE(fn.SUM(File.size), 0))
    rows = visible(File, actor, *columns).where(File.transfer.in_(list(ids)) & (File.state != "refused"))
    return {key: (int(count), int(size)) for key, count, size in rows.group_by(File.transfer).tuples()}


def _recipients_of(actor: Actor, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    columns = (Recipient.transfer, fn.COUNT(Recipient.id), fn.COUNT(Recipient.first_at))
    rows = visible(Recipient, actor, *columns).where(Recipient.transfer.in_(list(ids)))
    rows = rows.where(Recipient.revoked_at.is_null() | Recipient.first_at.is_null(False))
    return {key: (int(count), int(fetched)) for key, count, fetched in rows.group_by(Recipient.transfer).tuples()}


def with_names(actor: Actor, rows: Sequence[dict[str, Any]]) -> Rows:
    """The same with the name of each customer, `name`."""
    slugs = {row["customer"] for row in rows}
    query = visible(Customer, actor, Customer.slug, Customer.name).where(Customer.slug.in_(slugs))
    names = dict(query.tuples()) if slugs else {}
    return [{**row, "name": names[row["customer"]]} for row in rows]


def page_requests(actor: Actor, rows: Sequence[dict[str, Any]]) -> Rows:
    """Rows of the list of requests with their states in words, and how many transfers came in by each."""
    columns = (Transfer.request, fn.COUNT(Transfer.id))
    arrived = visible(Transfer, actor, *columns).where(Transfer.request.in_([row["id"] for row in rows]))
    counts = dict(arrived.where(Transfer.state != "draft").group_by(Transfer.request).tuples())
    return [
        {**row, **request_state(row["closed_at"], row["expires_at"]), "arrived": counts.get(row["id"], 0),
         "ends": _day(actor, row["closed_at"] or row["expires_at"])}
        for row in rows
    ]  # fmt: skip


def request_state(closed_at: Any, expires_at: Any) -> dict[str, str]:
    over = _iso(expires_at) <= clock.now().isoformat()
    state = "closed" if closed_at else "expired" if over else "open"
    return {"state": state, "said": word("request_state", state), "tone": TONES[state]}


def _iso(moment: Any) -> str:
    return moment if isinstance(moment, str) else str(moment.isoformat())


# --- Files ---------------------------------------------------------------------------------------------------


def files_of(actor: Actor, transfer: Transfer, *, change: bool) -> Rows:
    """The files of a transfer as they are listed. `change`: they may be taken out."""
    query = visible(File, actor, File, Blob).join(Blob, JOIN.LEFT_OUTER).where(File.transfer == transfer.id)
    arrived = dict(
        visible(Upload, actor, Upload.file, fn.MAX(Upload.arrived))
        .where((Upload.transfer == transfer.id) & Upload.whole_at.is_null() & Upload.file.is_null(False))
        .group_by(Upload.file)
        .tuples()
    )
    free, loose = transfer.state == "draft", ("refused", "receiving") if transfer.state == "checking" else ()
    return [
        {**sharing.file(one), **_told(one, arrived.get(one.id, 0)), "url": _address(one, transfer),
         "remove": _remove(one) if change and (free or one.state in loose) else ""}
        for one in query.order_by(File.folder, File.name, File.id)
    ]  # fmt: skip


def _told(file: File, arrived: int) -> dict[str, Any]:
    scan = file.blob.scan if file.blob_id else ""
    refused = file.refusal_told or (word("refusal", file.refusal) if file.refusal else "")
    return {
        "path": f"{file.folder}/{file.name}" if file.folder else file.name, "tone": TONES.get(file.state, ""),
        "said": word("scan", "clean") if scan == "clean" else word("file_state", file.state),
        "told": refused or (word("scan", scan) if scan == "too_large" else ""),
        "share": 100 * arrived // file.size if file.size else 0,
    }  # fmt: skip


def _address(file: File, transfer: Transfer) -> str:
    there = file.state == "kept" and transfer.state != "ended"
    return url_for("sendbig.fetch_file", sendbig_file_id=file.id) if there else ""


def _remove(file: File) -> str:
    return url_for("sendbig.remove_file", sendbig_file_id=file.id)


def is_busy(files: Iterable[Mapping[str, Any]]) -> bool:
    """Whether something happens to them without anybody's doing, so that a page asks again."""
    return any(one["state"] == "checking" for one in files)


def visitors_files(files: Iterable[Mapping[str, Any]]) -> Rows:
    """What somebody without an account has sent by a request, as the same list shows it."""
    return [
        {**one, "path": f"{one['folder']}/{one['name']}" if one["folder"] else one["name"], "url": "", "remove": "",
         "sha256": "", "scan": "", "said": word("file_state", one["state"]), "tone": TONES.get(one["state"], ""),
         "told": one["refusal_told"], "share": None}
        for one in files
    ]  # fmt: skip


# --- One transfer --------------------------------------------------------------------------------------------


def transfer_page(actor: Actor, transfer: Transfer) -> dict[str, Any]:
    """Everything on the page of a transfer."""
    change = may_change(actor, transfer)
    files = files_of(actor, transfer, change=change)
    state = sharing.state_of(transfer)
    over = state in ("expired", "revoked", "used_up", "abandoned")
    return {
        "transfer": transfer, "state": state, "over": over,
        "mark": said("ended", state) if over else said(state, incoming=transfer.request_id is not None),
        "files": files, "busy": is_busy(files),
        "change": change, "recipients": _recipients(actor, transfer, change=change),
        "downloads": _downloads(actor, transfer), "longest": rules(transfer.customer_id)["longest_days"],
        "from_request": _request_of(actor, transfer), "there": [one for one in files if one["url"]],
    }  # fmt: skip


def _recipients(actor: Actor, transfer: Transfer, *, change: bool) -> Rows:
    rows = visible(Download, actor, Download.recipient, fn.COUNT(Download.id))
    whole = rows.where((Download.transfer == transfer.id) & Download.whole_at.is_null(False))
    fetched = dict(whole.group_by(Download.recipient).tuples())
    linked = change and transfer.state != "draft"
    return [
        {"row": one, "id": one.id, "name": one.email or one.name, "kind": word("kind", one.kind),
         "fetched": fetched.get(one.id, 0),
         "link": address_of(one) if linked and one.revoked_at is None and may_hand_over(actor, one) else ""}
        for one in recipients_of(transfer)
    ]  # fmt: skip


def _downloads(actor: Actor, transfer: Transfer) -> Rows:
    columns = (Download, File.name.alias("file_name"))
    query = visible(Download, actor, *columns).join(File, JOIN.LEFT_OUTER).where(Download.transfer == transfer.id)
    rows = query.order_by(Download.id.desc()).limit(LATEST).objects()
    return [
        {"who": one.who, "file": one.file_name or "", "at": one.begun_at.isoformat(), "whole": one.whole_at is not None,
         "running": one.live_until is not None and one.live_until > clock.now()}
        for one in rows
    ]  # fmt: skip


def _request_of(actor: Actor, transfer: Transfer) -> dict[str, Any] | None:
    if transfer.request_id is None:
        return None
    columns = (Request.id, Request.title)
    row = visible(Request, actor, *columns).where(Request.id == transfer.request_id).tuples().first()
    return {"id": row[0], "title": row[1]} if row else None


def arrivals(actor: Actor, request: Request) -> Rows:
    """What came in by a request."""
    rows = visible(Transfer, actor).where((Transfer.request == request.id) & (Transfer.state != "draft"))
    found = list(rows.order_by(Transfer.id.desc()).limit(LATEST))
    sent = _files_of(actor, [one.id for one in found])
    return [
        {"row": one, **said(one.state, one.end_reason, incoming=True), "files": sent.get(one.id, (0, 0))[0],
         "size": sent.get(one.id, (0, 0))[1]}
        for one in found
    ]  # fmt: skip


# --- Cards ---------------------------------------------------------------------------------------------------


def card(actor: Actor, customer_id: int | None) -> dict[str, Any] | None:
    """Space in use against the quota, what ends soon, what has come in; None where there is nothing to tell."""
    may = actor.can("sendbig.view", customer_id) if customer_id is not None else actor.can_somewhere("sendbig.view")
    if not may:
        return None
    soon = _soon(actor, customer_id)
    used = quotas.used(customer_id) if customer_id is not None else 0
    if not soon and not used:
        return None
    most = rules(customer_id)["quota_gb"] * GB if customer_id is not None else 0
    share = min(100, round(100 * used / most)) if most else 100
    tone = "use-bad" if share >= 95 else "use-warn" if share >= 80 else ""
    return {"used": used, "most": most, "share": share, "tone": tone, "soon": soon}


def _soon(actor: Actor, customer_id: int | None) -> Rows:
    columns = (Transfer.id, Transfer.title, Transfer.expires_at, Customer.slug.alias("slug"))
    query = visible(Transfer, actor, *columns).join(Customer, on=(Transfer.customer_id == Customer.id))
    now = clock.now()
    query = query.where((Transfer.state == "open") & Transfer.expires_at.between(now, now + SOON))
    if customer_id is not None:
        query = query.where(Transfer.customer_id == customer_id)
    rows = query.order_by(Transfer.expires_at, Transfer.id).limit(MOST).objects()
    return [{"id": one.id, "title": one.title, "slug": one.slug, "at": one.expires_at.isoformat()} for one in rows]
