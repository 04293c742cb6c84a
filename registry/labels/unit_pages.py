"""What is on a unit: its label, those it had before, barcodes of its maker."""

from typing import Any

from flask import g, render_template, request
from werkzeug.wrappers import Response

from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.labels import barcodes, service
from registry.labels.listing import SCANS
from registry.labels.models import LabelCode
from registry.labels.schemas import BarcodeText, LabelClaim, Revocation
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.tenant import customer_pages
from registry.web.unit.view import own_asset

pages = customer_pages("unit_labels", __name__)
Page = Response | tuple[str, int]
LATEST = 10


@pages.get("/assets/<int:asset_id>/labels")
@allow("asset.view")
def show_labels(asset_id: int) -> Page:
    return _shown(asset_id)


def _shown(asset_id: int, **forms: Form) -> Page:
    who, asset = actor(), own_asset(actor(), g.customer, asset_id)
    known = service.labels_of(who, asset.id)
    now = next((row for row in known if row.state == "active"), None)
    may_see = who.can("audit.view", g.customer.id)
    scans = SCANS.page(who, {"code": now.code, "sort": "-id", "limit": LATEST})["items"] if now and may_see else []
    shown: dict[str, Any] = {
        "barcode": Form(BarcodeText()), "claim": Form(LabelClaim()), "revoke": Form(Revocation()), "press": None,
        **forms,
    }  # fmt: skip
    status = max([200, *(form.status for form in forms.values())])
    return render_template(
        "labels/unit.html", asset=asset, now=now, former=[row for row in known if row is not now],
        codes={row.id: row for row in known}, barcodes=barcodes.barcodes_of(who, asset.id), scans=scans, **shown,
    ), status  # fmt: skip


def _own_label(asset_id: int, label_id: int) -> LabelCode:
    own_asset(actor(), g.customer, asset_id)
    row = service.get_label(actor(), label_id)
    if row.asset_id != asset_id:
        raise NotFound()
    return row


@pages.post("/assets/<int:asset_id>/labels")
@allow("label.print")
def issue_label(asset_id: int) -> Page:
    own_asset(actor(), g.customer, asset_id)
    form = pressed(lambda: service.issue(actor(), asset_id))
    if form.status != 200:
        return _shown(asset_id, press=form)
    return done(_("The unit has a label code now: print it."), "unit_labels.show_labels", asset_id=asset_id)


@pages.post("/assets/<int:asset_id>/labels/claim")
@allow("label.edit")
def claim_label(asset_id: int) -> Page:
    """Put a label that was printed in advance on this unit: its code is typed or scanned here."""
    own_asset(actor(), g.customer, asset_id)
    form = Form(LabelClaim(), request.form, only=("code", "replace"))
    form.shape = LabelClaim(only=("code", "replace"))
    if not form.send(lambda values: service.claim(actor(), {**values, "asset": asset_id})):
        return _shown(asset_id, claim=form)
    return done(_("The label %(code)s is on this unit now.", code=form.answer.label), "unit_labels.show_labels",
                asset_id=asset_id)  # fmt: skip


@pages.post("/assets/<int:asset_id>/labels/<int:label_id>/reissue")
@allow("label.edit")
def reissue_label(asset_id: int, label_id: int) -> Page:
    _own_label(asset_id, label_id)
    form = pressed(lambda: service.reissue(actor(), label_id, sent_version()))
    if form.status != 200:
        return _shown(asset_id, press=form)
    said = _("The unit has a new code. Print its label; until it is on, the old one leads here too.")
    return done(said, "unit_labels.show_labels", asset_id=asset_id)


@pages.post("/assets/<int:asset_id>/labels/<int:label_id>/revoke")
@allow("label.edit")
def revoke_label(asset_id: int, label_id: int) -> Page:
    row = _own_label(asset_id, label_id)
    form = Form(Revocation(), request.form, only=("reason",))
    if not form.send(lambda values: service.revoke(actor(), row.id, values.get("reason", ""), sent_version())):
        return _shown(asset_id, revoke=form)
    return done(_("The label %(code)s is not valid any more.", code=row.label), "unit_labels.show_labels",
                asset_id=asset_id)  # fmt: skip


@pages.post("/assets/<int:asset_id>/barcodes")
@allow("label.edit")
def link_barcode(asset_id: int) -> Page:
    own_asset(actor(), g.customer, asset_id)
    form = Form(BarcodeText(), request.form, only=("text",))
    if not form.send(lambda values: barcodes.link_barcode(actor(), asset_id, values)):
        return _shown(asset_id, barcode=form)
    return done(_("This barcode leads to the unit now."), "unit_labels.show_labels", asset_id=asset_id)


@pages.post("/assets/<int:asset_id>/barcodes/<int:barcode_id>/remove")
@allow("label.edit")
def remove_barcode(asset_id: int, barcode_id: int) -> Page:
    own_asset(actor(), g.customer, asset_id)
    form = pressed(lambda: barcodes.remove_barcode(actor(), barcode_id, sent_version(), asset_id=asset_id))
    if form.status == 404:
        raise NotFound()
    if form.status != 200:
        return _shown(asset_id, press=form)
    return done(_("The barcode leads nowhere any more."), "unit_labels.show_labels", asset_id=asset_id)
