"""File requests: a link by which somebody without an account sends files to the customer."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Column,
    Conflict,
    Customer,
    Filter,
    Invalid,
    Listing,
    NotFound,
    _,
    by_token,
    clock,
    customer_by,
    fetch,
    of_customer,
    transaction,
    visible,
)
from registry.sdk import change as write
from registry.sdk import create as insert
from registry_sendbig import proofs
from registry_sendbig.models import Request, Transfer
from registry_sendbig.preferences import rules
from registry_sendbig.requests.allowance import left, state_of
from registry_sendbig.transfers import letters
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.reach import (
    address_of,
    files_of,
    hashed,
    may_change,
    must_be,
    must_change,
    must_match,
    new_link,
    until,
)
from registry_sendbig.transfers.recipients import address_in

TOLD = (
    "id", "customer_id", "title", "message", "email", "made_by", "made_by_id", "expires_at", "most_bytes", "most_files",
    "closed_at", "used_at", "created_at", "version",
)  # fmt: skip


def _in_state(_actor: Actor, state: str) -> Any:
    over = Request.expires_at <= clock.now()
    if state == "closed":
        return Request.closed_at.is_null(False)
    return Request.closed_at.is_null() & (over if state == "expired" else ~over)


REQUESTS = Listing(
    "file_request",
    Request,
    "sendbig.view",
    columns=[
        Column("id", "Id", Request.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("title", "Title", Request.title),
        Column("email", "Asked of", Request.email),
        Column("made_by", "Asked by", Request.made_by),
        Column("expires_at", "Expires", Request.expires_at, "moment"),
        Column("used_at", "First used", Request.used_at, "moment"),
        Column("closed_at", "Closed", Request.closed_at, "moment"),
        Column("created_at", "Made", Request.created_at, "moment"),
        Column("version", "Version", Request.version, "integer"),
    ],
    joins=[(Customer, Request.customer_id == Customer.id)],
    filters={
        "customer": of_customer(Request),
        "state": Filter(fields.String(validate=validate.OneOf(("open", "expired", "closed"))), _in_state),
    },
)


def create(actor: Actor, customer_id: int, values: Mapping[str, Any]) -> Request:
    """values: title; and maybe message, email (whom it is sent to), expires_in_days or expires_at, most_bytes,
    most_files, password."""
    actor.must("sendbig.send", customer_id)
    title = str(values.get("title") or "").strip()
    if not title:
        raise Invalid.field("title", _("Say what is asked for."))
    row = {
        "customer_id": customer_id, "title": title, "message": values.get("message") or "",
        "email": address_in(values.get("email")), "made_by": actor.name, "made_by_id": actor.user_id,
        "password_hash": hashed(values.get("password")), "expires_at": until(customer_id, values), **new_link(),
        "most_bytes": values.get("most_bytes"), "most_files": values.get("most_files"),
    }  # fmt: skip
    with transaction():
        made = insert(actor, Request, row, "sendbig.requested")
        letters.ask(actor, made)
        return made


def get(actor: Actor, request_id: int) -> Request:
    found: Request = fetch(Request, actor, request_id)
    actor.must("sendbig.view", found.customer_id)
    return found


def _changeable(actor: Actor, request_id: int, version: int | None) -> Request:
    found = get(actor, request_id)
    must_change(actor, found)
    must_match(found, version)
    if found.closed_at is not None:
        raise Conflict(_("This request has been closed already."), code="wrong_state")
    return found


def close(actor: Actor, request_id: int, version: int | None = ANY_VERSION) -> Request:
    """Nothing more comes by its link; what has come stays."""
    return write(
        actor,
        _changeable(actor, request_id, version),
        {"closed_at": clock.now()},
        "sendbig.request_closed",
        version=version,
    )


def extend(actor: Actor, request_id: int, values: Mapping[str, Any], version: int | None) -> Request:
    found = _changeable(actor, request_id, version)
    new = {"expires_at": until(found.customer_id, values)}
    return write(actor, found, new, "sendbig.request_extended", version=version)


def link_of(actor: Actor, request_id: int) -> str:
    """The address to hand over, for whoever may change the request."""
    found = get(actor, request_id)
    must_change(actor, found)
    return address_of(found)


def told(actor: Actor, asked: Request) -> dict[str, Any]:
    """Everything about it: its own columns, state, has_password, may_change, bytes_left, files_left, and the ids of the
    transfers that came by it."""
    came = visible(Transfer, actor, Transfer.id).where(Transfer.request == asked.id).order_by(Transfer.id.desc())
    rest = left(asked)
    return {
        **{name: getattr(asked, name) for name in TOLD}, "state": state_of(asked),
        "has_password": bool(asked.password_hash), "may_change": may_change(actor, asked),
        "bytes_left": rest.bytes, "files_left": rest.files, "transfers": [row[0] for row in came.limit(200).tuples()],
    }  # fmt: skip


# --- For whoever comes with the link -----------------------------------------------------------------------------


def by_secret(secret: str, address: str | None) -> Request:
    """The request of a link. From then on the page works within that customer. Raises NotFound, Throttled."""
    try:
        found: Request = by_token(Request, secret)
    except NotFound:
        proofs.unknown_link(address)
        raise
    return found


def must_be_proven(asked: Request, cookies: Mapping[str, str]) -> None:
    if not proofs.proven(asked, asked.password_hash, cookies):
        raise NotFound()


def offered(asked: Request, cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the page of a request shows: state (open, expired, closed), needs_password, title, message, from, customer,
    expires_at, time_zone, language, most_bytes, most_files, bytes_left, files_left, visit (None, or {name, email,
    message, files [{id, name, folder, size, state, refusal_told}]}: what this browser has sent), sent."""
    customer = customer_by(Actor.system(asked.customer_id), asked.customer_id)
    closed, state = not proofs.proven(asked, asked.password_hash, cookies), state_of(asked)
    told = {
        "state": state, "needs_password": closed, "title": "", "message": "", "from": asked.made_by,
        "customer": customer.name, "expires_at": asked.expires_at, "time_zone": customer.time_zone,
        "language": customer.language, "most_bytes": asked.most_bytes, "most_files": asked.most_files,
        "bytes_left": None, "files_left": None, "visit": None, "sent": False,
    }  # fmt: skip
    if closed or state != "open":
        return told
    rest, begun = left(asked), _begun(asked, cookies)
    told |= {"title": asked.title, "message": asked.message, "bytes_left": rest.bytes, "files_left": rest.files}
    return {**told, "visit": _visit(begun), "sent": begun is not None and begun.state != "draft"}


def _visit(begun: Transfer | None) -> dict[str, Any] | None:
    if begun is None:
        return None
    names = ("id", "name", "folder", "size", "state", "refusal_told", "version")
    shown = [{name: getattr(one, name) for name in names} for one in files_of(begun)]
    return {"name": begun.made_by, "email": begun.sender_email, "message": begun.message, "files": shown}


def _begun(asked: Request, cookies: Mapping[str, str]) -> Transfer | None:
    """What this browser has begun by this request."""
    number = proofs.visited(asked, cookies)
    if number is None:
        return None
    mine = (Transfer.id == number) & (Transfer.request == asked.id)
    found: Transfer | None = visible(Transfer, Actor.system(asked.customer_id)).where(mine).first()
    return found


def begin(asked: Request, values: Mapping[str, Any], address: str | None = None) -> tuple[Transfer, proofs.Cookie]:
    """Somebody says who he is: {name, email, message}. Answers the transfer that his files go to, and what his browser
    keeps. Raises Invalid, Conflict when the request is over."""
    if state_of(asked) != "open":
        raise Conflict(_("This request is over: nothing can be sent to it any more."), code="wrong_state")
    email = address_in(values.get("email"))
    name = str(values.get("name") or "").strip() or email
    if not name:
        raise Invalid.field("name", _("Say who you are."))
    row = {
        "customer_id": asked.customer_id, "request": asked.id, "title": asked.title,
        "message": values.get("message") or "", "made_by": name, "sender_email": email,
        "expires_at": until(asked.customer_id, {"expires_in_days": rules(asked.customer_id)["longest_days"]}),
    }  # fmt: skip
    with transaction():
        made = insert(_actor(asked, name, address), Transfer, row, "sendbig.visit_begun")
        if asked.used_at is None:
            Request.update(used_at=clock.now()).where(Request.id == asked.id).execute()
    return made, proofs.visit(asked, made.id)


def incoming(asked: Request, cookies: Mapping[str, str]) -> Transfer:
    """The transfer that files sent by this link go to: what this browser has begun, or another one of the same person
    once that is off; for programs without cookies one that nobody put his name to. Raises NotFound before the password
    is proved."""
    must_be_proven(asked, cookies)
    found = _begun(asked, cookies)
    if found is not None and found.state == "draft":
        return found
    name, email = (found.made_by, found.sender_email) if found else (_nobody(asked), "")
    his = (Transfer.made_by == name) & (Transfer.sender_email == email)
    mine = (Transfer.request == asked.id) & (Transfer.state == "draft") & his
    there = visible(Transfer, Actor.system(asked.customer_id)).where(mine).order_by(Transfer.id.desc()).first()
    return there or begin(asked, {"name": name, "email": email})[0]


def _nobody(asked: Request) -> str:
    return str(asked.email or _("somebody with the link"))


def uploader(asked: Request, transfer: Transfer) -> Actor:
    """Who the audit chain says sends the files."""
    return _actor(asked, transfer.made_by, None)


def _actor(asked: Request, name: str, address: str | None) -> Actor:
    return Actor("link", name[:255], Actor.system(asked.customer_id).grants, address=address)


def finish(asked: Request, cookies: Mapping[str, str], address: str | None = None) -> Transfer:
    """Whoever uses the link says that this is all. Whoever asked is told once everything is verified."""
    must_be_proven(asked, cookies)
    found = _begun(asked, cookies)
    if found is None:
        raise NotFound()
    return hand_over(_actor(asked, found.made_by, address), found)


def hand_over(actor: Actor, transfer: Transfer) -> Transfer:
    """Refused files are left out: they are not in the way of the others."""
    with transaction():
        transfer = fetch(Transfer, actor, transfer.id, lock=True)
        must_be(transfer, "draft")
        there = [one for one in files_of(transfer) if one.state != "refused"]
        if not there:
            raise Conflict(_("There is no file in it yet."), code="no_files")
        return transfers.open_if_ready(actor, write(actor, transfer, {"state": "checking"}, "sendbig.sent",
                                                    version=ANY_VERSION))  # fmt: skip
