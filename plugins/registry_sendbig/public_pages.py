"""Pages for whoever has a link and no account: what was sent to him, and what he is asked for. Beside them the list of
all customers' transfers for those who work here."""

from typing import Any

from flask import request

from registry.sdk import NotFound, allow, asked, link, me, one_page, public, render_template
from registry_sendbig.places import house
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import recipients, sharing, views
from registry_sendbig.transfers import service as transfers
from registry_sendbig.uploads.direct import opens_store
from registry_sendbig.words import choices

Page = Any
NONE = {"state": "unknown", "files": [], "from": "", "customer": ""}


@house.get("/transfers")
@allow("sendbig.view")
def list_transfers() -> Page:
    wanted = asked(transfers.TRANSFERS.arguments())
    page = one_page(me(), transfers.TRANSFERS, wanted, sort="-id")
    shown = {**page, "items": views.with_names(me(), views.page_transfers(me(), page["items"]))}
    return render_template(
        "sendbig/house.html", wanted=wanted, page=shown, states=choices("state", "arrived")
    ), wanted.status


@house.get("/t/<secret>")
@public
def landing(secret: str) -> Page:
    """What was sent by this link. A link that leads nowhere gets a page that says what to do, not a bare error."""
    try:
        recipient = recipients.by_secret(secret, request.remote_addr)
    except NotFound:
        return render_template("sendbig/landing.html", offer=NONE, secret="", wrong=False), 404
    offer = sharing.offered(recipient, request.cookies)
    status = 200 if offer["state"] in ("open", "checking") else 410
    wrong = "wrong" in request.args
    scans = dict(choices("scan"))
    return render_template("sendbig/landing.html", offer=offer, secret=secret, wrong=wrong, scans=scans), status


@house.get("/r/<secret>")
@public
def request_page(secret: str) -> Page:
    """Where somebody sends what he was asked for."""
    try:
        found = asking.by_secret(secret, request.remote_addr)
    except NotFound:
        return render_template("sendbig/asked.html", offer=NONE, secret="", files=[]), 404
    offer = asking.offered(found, request.cookies)
    files = views.visitors_files(offer["visit"]["files"]) if offer["visit"] else []
    context = {
        "wrong": "wrong" in request.args, "anew": "again" in request.args,
        **{name: request.args.get(name, "") for name in ("missing", "problem")},
        "address": link(f"/x/sendbig/flow/requests/{secret}/files"), "busy": views.is_busy(files),
        "opens_store": opens_store,
    }  # fmt: skip
    status = 200 if offer["state"] == "open" else 410
    return render_template("sendbig/asked.html", offer=offer, secret=secret, files=files, **context), status


@house.get("/r/<secret>/files")
@public
def request_files(secret: str) -> Page:
    """The list of what this browser has sent, for a page that brings itself up to date."""
    offer = asking.offered(asking.by_secret(secret, request.remote_addr), request.cookies)
    files = views.visitors_files(offer["visit"]["files"]) if offer["visit"] else []
    return render_template("sendbig/_files.html", files=files, busy=views.is_busy(files))
