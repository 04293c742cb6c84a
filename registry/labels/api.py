"""JSON routes about labels: codes, batches, barcodes, what a code means, and printing."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from registry.assets.service import asset_by
from registry.customers.models import Customer
from registry.customers.places import site_by
from registry.customers.service import customer_by
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.labels import barcodes, own_sheets, printing, service
from registry.labels.listing import BARCODES, LABELS, SCANS, SHEETS
from registry.labels.resolving import meaning_of
from registry.labels.schemas import (
    BarcodeIn,
    BatchIn,
    BatchOut,
    LabelClaim,
    LabelIn,
    MeaningOut,
    PrintIn,
    ResolveQuery,
    Revocation,
    SheetChange,
    SheetIn,
)
from registry.web.answers import if_match, json_response, nothing, one, page
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.labels import answer_of, meaning_body, printer
from registry.web.policy import allow

blp = blueprint("labels", "Labels: codes, barcodes, printing")
Values = dict[str, Any]


@blp.route("/label-codes", methods=["GET"])
@blp.arguments(LABELS.arguments(), location="query")
@blp.response(200, LABELS.page_shape())
@allow("asset.view")
def list_labels(arguments: Values) -> Response:
    return page(LABELS, arguments)


@blp.route("/label-codes", methods=["POST"])
@blp.arguments(LabelIn)
@blp.response(201, LABELS.shape())
@allow("label.print")
def issue_label(values: Values) -> Response:
    """A code for a unit that has none. To print labels makes them as well."""
    return one(LABELS, service.issue(actor(), asset_by(actor(), values["asset"]).id).id, 201)


@blp.route("/label-codes/claim", methods=["POST"])
@blp.arguments(LabelClaim)
@blp.response(200, LABELS.shape())
@allow("label.edit")
def claim_label(values: Values) -> Response:
    """Put a label that was printed in advance on a unit. With an `Idempotency-Key` it may be sent again: what is so
    already is no error then."""
    ready = {**values, "asset": asset_by(actor(), values["asset"]).id}
    done = service.claimed(actor(), ready) if _may_be_again() else None
    return one(LABELS, (done or service.claim(actor(), ready)).id)


def _may_be_again() -> bool:
    """Both calls lead to a state that there can be once only, so that the key itself need not be remembered."""
    return "Idempotency-Key" in request.headers


@blp.route("/label-codes/<int:label_id>", methods=["GET"])
@blp.response(200, LABELS.shape())
@allow("asset.view")
def get_label(label_id: int) -> Response:
    return one(LABELS, label_id)


@blp.route("/label-codes/<int:label_id>/revoke", methods=["POST"])
@blp.arguments(Revocation)
@blp.response(200, LABELS.shape())
@allow("label.edit")
def revoke_label(values: Values, label_id: int) -> Response:
    """The label is not to be trusted any more. The unit may get another one."""
    version = if_match()
    row = service.revoke(actor(), label_id, values.get("reason", ""), 0 if version is None else version)
    return one(LABELS, row.id)


@blp.route("/label-codes/<int:label_id>/reissue", methods=["POST"])
@blp.response(201, LABELS.shape())
@allow("label.edit")
def reissue_label(label_id: int) -> Response:
    """A new code for the unit; the old one leads to it. Answers the new one."""
    version = if_match()
    return one(LABELS, service.reissue(actor(), label_id, 0 if version is None else version).id, 201)


@blp.route("/label-batches", methods=["POST"])
@blp.arguments(BatchIn)
@blp.response(201, BatchOut)
@allow("label.batch")
def make_batch(values: Values) -> Response:
    """Codes in advance, to be printed and claimed later: GET /label-codes?batch=... lists them."""
    customer = _customer_or_house(values)
    batch = service.make_batch(actor(), customer, values["count"])
    body = {"batch": batch, "count": values["count"], "customer": customer.slug if customer else None}
    return json_response(body, 201)


def _customer_or_house(values: Values) -> Customer | None:
    if "customer" not in values and actor().is_operator:
        return None
    return customer_by(actor(), values.pop("customer", None))


@blp.route("/labels/resolve", methods=["GET"])
@blp.arguments(ResolveQuery, location="query")
@blp.response(200, MeaningOut)
@allow("asset.view")
def resolve(arguments: Values) -> Response:
    """What a scanned text means: one of our labels, a maker's barcode, a serial number or tag."""
    return json_response(meaning_body(meaning_of(actor(), arguments["q"], request.remote_addr)))


@blp.route("/labels/print", methods=["POST"])
@blp.arguments(PrintIn)
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
@allow("label.print")
def print_labels(values: Values) -> Response:
    """PDF, or by `format` SVG or PNG (one label) or ZPL. Units without a code get one.

    422 where a text holds characters that no font has, and where a code would be too small to be read.
    """
    given = [name for name in ("assets", "site", "import", "batch") if name in values]
    if len(given) != 1:
        raise Invalid.field("assets", _("Say for what: give one of assets, site, import and batch."))
    form, batch = values.get("format", "pdf"), values.get("batch")
    customer = _customer_or_house(values) if batch else customer_by(actor(), values.get("customer"))
    wish = printing.wish_of(actor(), customer.id if customer else None, values)
    if batch:
        return answer_of(printing.for_batch(actor(), customer, batch, wish, printer(), form), form)
    assert customer is not None  # noqa: S101 - only a batch may be the house's
    assets = printing.units(actor(), customer, _ids(customer, values))
    return answer_of(printing.for_units(actor(), customer, assets, wish, printer(), form), form)


def _ids(customer: Customer, values: Values) -> list[int]:
    if "assets" in values:
        return values["assets"]  # type: ignore[no-any-return]
    if "site" in values:
        return printing.units_at(actor(), customer, site_by(actor(), values["site"], customer.id).id)
    return printing.units_from(actor(), customer, values["import"])


@blp.route("/asset-barcodes", methods=["GET"])
@blp.arguments(BARCODES.arguments(), location="query")
@blp.response(200, BARCODES.page_shape())
@allow("asset.view")
def list_barcodes(arguments: Values) -> Response:
    return page(BARCODES, arguments)


@blp.route("/asset-barcodes", methods=["POST"])
@blp.arguments(BarcodeIn)
@blp.response(201, BARCODES.shape())
@allow("label.edit")
def link_barcode(values: Values) -> Response:
    """Let a barcode that was on the unit when it came lead to it. With an `Idempotency-Key` it may be sent again."""
    asset = asset_by(actor(), values.pop("asset"))
    done = barcodes.linked(actor(), asset.id, values["text"]) if _may_be_again() else None
    return one(BARCODES, (done or barcodes.link_barcode(actor(), asset.id, values)).id, 201)


@blp.route("/asset-barcodes/<int:barcode_id>", methods=["GET"])
@blp.response(200, BARCODES.shape())
@allow("asset.view")
def get_barcode(barcode_id: int) -> Response:
    return one(BARCODES, barcode_id)


@blp.route("/asset-barcodes/<int:barcode_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("label.edit")
def remove_barcode(barcode_id: int) -> Response:
    barcodes.remove_barcode(actor(), barcode_id, if_match())
    return nothing()


@blp.route("/label-scans", methods=["GET"])
@blp.arguments(SCANS.arguments(), location="query")
@blp.response(200, SCANS.page_shape())
@allow("audit.view")
def list_scans(arguments: Values) -> Response:
    """Who opened a code, of the last ninety days."""
    return page(SCANS, arguments)


@blp.route("/label-sheets", methods=["GET"])
@blp.arguments(SHEETS.arguments(), location="query")
@blp.response(200, SHEETS.page_shape())
@allow("label.print")
def list_sheets(arguments: Values) -> Response:
    """Those that somebody measured himself; L7160, L7163, L4731, 5160, 5267 and tape-62 are known without."""
    return page(SHEETS, arguments)


@blp.route("/label-sheets", methods=["POST"])
@blp.arguments(SheetIn)
@blp.response(201, SHEETS.shape())
@allow("label.batch")
def add_sheet(values: Values) -> Response:
    customer = _customer_or_house(values)
    return one(SHEETS, own_sheets.add_sheet(actor(), customer, values).id, 201)


@blp.route("/label-sheets/<int:sheet_id>", methods=["GET"])
@blp.response(200, SHEETS.shape())
@allow("label.print")
def get_sheet(sheet_id: int) -> Response:
    return one(SHEETS, sheet_id)


@blp.route("/label-sheets/<int:sheet_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(SheetChange)
@blp.response(200, SHEETS.shape())
@allow("label.batch")
def change_sheet(values: Values, sheet_id: int) -> Response:
    return one(SHEETS, own_sheets.change_sheet(actor(), sheet_id, values, if_match()).id)


@blp.route("/label-sheets/<int:sheet_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("label.batch")
def remove_sheet(sheet_id: int) -> Response:
    own_sheets.remove_sheet(actor(), sheet_id, if_match())
    return nothing()
