"""Pages about a customer who leaves: what is to be settled, the erasure in two steps, its certificate."""

from flask import current_app, g, render_template, request
from werkzeug.wrappers import Response

from registry.handover import erasing, leaving
from registry.handover.certificate import as_text
from registry.handover.listing import ERASURES
from registry.handover.models import Erasure
from registry.handover.pages import pages
from registry.handover.schemas import DepartureIn, EraseIn
from registry.kernel import signing
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.web.acting import filled, pressed, sent_version
from registry.web.answers import json_response
from registry.web.forms import Form, done
from registry.web.house import pages as house
from registry.web.identity import actor
from registry.web.policy import allow

Page = Response | tuple[str, int]
MOST = 100
DEPARTURE = ("reference", "waiver_reference", "waiver_by", "waiver_on")


@pages.get("/handover/leaving")
@allow("customer.erase")
def show_leaving() -> Page:
    return _leaving()


def _leaving(form: Form | None = None) -> Page:
    found = leaving.standing(actor(), g.customer.slug)
    shown = form or Form(DepartureIn(), shown=found["departure"] or {}, only=DEPARTURE)
    around = {"departure": found["departure"], "open": found["open"], "form": shown}
    return render_template("handover/leaving.html", **around), shown.status


@pages.post("/handover/leaving")
@allow("customer.erase")
def announce_leaving() -> Page:
    form = Form(DepartureIn(), filled(request.form), only=DEPARTURE)
    if form.send(lambda values: leaving.announce(actor(), g.customer.slug, values, _version())):
        return done(_("It is on record."), "handover.show_leaving")
    return _leaving(form)


def _version() -> int | None:
    return sent_version() if request.form.get("version") else None


@pages.post("/handover/leaving/cancel")
@allow("customer.erase")
def cancel_leaving() -> Page:
    form = pressed(lambda: leaving.cancel(actor(), g.customer.slug, sent_version()))
    if form.status == 404:
        raise NotFound()
    if form.status == 200:
        return done(_("The customer stays."), "handover.overview")
    again = Form(DepartureIn(), shown={}, only=DEPARTURE)
    again.message, again.status = form.message, form.status
    return _leaving(again)


@pages.get("/handover/erase")
@allow("customer.erase", sudo=True)
def confirm_erasure() -> Page:
    """The second step: what goes, and the short name to be typed."""
    return _erase(Form(EraseIn(), shown={"scrub": True}))


@pages.post("/handover/erase")
@allow("customer.erase", sudo=True)
def erase_customer() -> Page:
    form = Form(EraseIn(), request.form)
    if form.send(lambda values: erasing.request_erasure(actor(), g.customer.slug, **values)):
        made = form.answer
        current_app.extensions["assetcare_jobs"].enqueue(erasing.JOB, erasure_id=made.id, customer_id=made.former_id)
        return done(_("The erasure has begun."), "house.show_erasure", erasure_id=made.id)
    return _erase(form)


def _erase(form: Form) -> Page:
    left = leaving.standing(actor(), g.customer.slug)["open"]
    return render_template("handover/erase.html", form=form, open=left), form.status


# --- In the house, where what is left of it stays ----------------------------------------------------------


@house.get("/erasures")
@allow("customer.erase")
def list_erasures() -> str:
    rows = ERASURES.page(actor(), {"sort": "-id", "limit": MOST})["items"]
    return render_template("settings/erasures.html", erasures=rows)


@house.get("/erasures/<int:erasure_id>")
@allow("customer.erase")
def show_erasure(erasure_id: int) -> str:
    """Until it is done, the part that tells how far is asked for again every two seconds."""
    found = erasing.get_erasure(actor(), erasure_id)
    around = {
        "erasure": found, "progress": erasing.progress_of(found), "stages": erasing.STAGES,
        "text": as_text(found) if found.state == "done" else "",
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render_template("settings/_erasure.html", **around)
    return render_template("settings/erasure.html", **around)


@house.get("/erasures/<int:erasure_id>/certificate")
@allow("customer.erase")
def download_certificate(erasure_id: int) -> Response:
    found = _done(erasure_id)
    told = {"certificate": found.certificate, "signature": found.signature, "public_key": signing.public_key()}
    headers = {"Content-Disposition": f'attachment; filename="erasure-{found.number}.json"'}
    return json_response({**told, "text": as_text(found)}, headers=headers)


def _done(erasure_id: int) -> Erasure:
    found = erasing.get_erasure(actor(), erasure_id)
    if found.state != "done":
        raise NotFound(_("This erasure is not done yet; there is no certificate."))
    return found
