"""The lists of codes, of linked barcodes, of scans, and of sheets."""

from typing import Any

from marshmallow import fields, validate

from registry.assets.models import Asset
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.access import Actor, visible
from registry.kernel.listing import Column, Filter, Listing, declare, equals
from registry.kernel.shapes import Line, id_text
from registry.labels.barcodes import as_read
from registry.labels.codes import read
from registry.labels.models import STATES, AssetBarcode, LabelCode, LabelScan, LabelSheet

Next: Any = LabelCode.alias("next_label")


def _of_tenants(model: Any) -> Any:
    """Rows of the house are the house's to see."""

    def scope(actor: Actor) -> Any:
        query = visible(model, actor)
        return query if actor.is_operator else query.where(model.customer_id.is_null(False))

    return scope


def _of_code(column: Any) -> Filter:
    return Filter(Line(max=400, min=1), lambda _a, v: column == (read(v) or ""), few=True)


LABELS = declare(
    Listing(
        "label_code",
        LabelCode,
        "asset.view",
        columns=[
            Column("id", "Id", LabelCode.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("code", "Code", LabelCode.code),
            Column("state", "State", LabelCode.state),
            Column("asset_id", "Asset id", LabelCode.asset_id, "integer"),
            Column("serial", "Serial number", Asset.serial),
            Column("tag", "Tag", Asset.tag),
            Column("batch", "Batch", LabelCode.batch),
            Column("replaced_by", "Replaced by", Next.code),
            Column("reason", "Reason", LabelCode.reason),
            Column("created_at", "Made", LabelCode.created_at, "moment"),
            Column("changed_at", "Changed", LabelCode.changed_at, "moment"),
            Column("version", "Version", LabelCode.version, "integer"),
        ],
        joins=[
            (Customer, LabelCode.customer_id == Customer.id),
            (Asset, LabelCode.asset == Asset.id),
            (Next, LabelCode.replaced_by == Next.id),
        ],
        filters={
            "customer": of_customer(LabelCode),
            "asset": Filter(id_text(), lambda _a, v: LabelCode.asset == v, plain=True, few=True),
            "state": Filter(
                fields.String(validate=validate.OneOf(STATES)), lambda _a, v: LabelCode.state == v, plain=True
            ),
            "batch": equals(LabelCode.batch),
            "code": _of_code(LabelCode.code),
        },
        scope=_of_tenants(LabelCode),
    )
)  # fmt: skip

BARCODES = declare(
    Listing(
        "asset_barcode",
        AssetBarcode,
        "asset.view",
        columns=[
            Column("id", "Id", AssetBarcode.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("asset_id", "Asset id", AssetBarcode.asset_id, "integer"),
            Column("serial", "Serial number", Asset.serial),
            Column("text", "What it reads", AssetBarcode.text),
            Column("symbology", "Symbology", AssetBarcode.symbology),
            Column("created_at", "Linked", AssetBarcode.created_at, "moment"),
            Column("version", "Version", AssetBarcode.version, "integer"),
        ],
        joins=[(Customer, AssetBarcode.customer_id == Customer.id), (Asset, AssetBarcode.asset == Asset.id)],
        filters={
            "customer": of_customer(AssetBarcode),
            "asset": Filter(id_text(), lambda _a, v: AssetBarcode.asset == v, plain=True, few=True),
            "text": Filter(Line(max=255, min=1), lambda _a, v: AssetBarcode.text == as_read(v), few=True),
        },
    )
)

SCANS = declare(
    Listing(
        "label_scan",
        LabelScan,
        "audit.view",
        columns=[
            Column("id", "Id", LabelScan.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("code", "Code", LabelScan.code),
            Column("at", "When", LabelScan.at, "moment"),
            Column("user", "Who", LabelScan.user_name),
            Column("address", "From where", LabelScan.address),
        ],
        joins=[(Customer, LabelScan.customer_id == Customer.id)],
        filters={
            "customer": of_customer(LabelScan),
            "code": _of_code(LabelScan.code),
        },
        scope=_of_tenants(LabelScan),
    )
)


SHEETS = declare(
    Listing(
        "label_sheet",
        LabelSheet,
        "label.print",
        columns=[
            Column("id", "Id", LabelSheet.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("name", "Name", LabelSheet.name),
            *(
                Column(name, f"{title} (mm)", getattr(LabelSheet, name).cast("double precision") / 100.0, "decimal")
                for name, title in (
                    ("page_wide", "Width of the page"), ("page_high", "Height of the page"),
                    ("wide", "Width of a label"), ("high", "Height of a label"),
                    ("left", "Left margin"), ("top", "Upper margin"),
                    ("pitch_x", "From label to label, across"), ("pitch_y", "From label to label, down"),
                )
            ),
            Column("columns", "Labels across", LabelSheet.columns, "integer"),
            Column("rows", "Labels down", LabelSheet.rows, "integer"),
            Column("version", "Version", LabelSheet.version, "integer"),
        ],
        joins=[(Customer, LabelSheet.customer_id == Customer.id)],
        filters={"customer": of_customer(LabelSheet)},
        scope=_of_tenants(LabelSheet),
    )
)  # fmt: skip
