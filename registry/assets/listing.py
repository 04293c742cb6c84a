"""The list of assets: its columns, filters and orders. Other rooms add filters of their own (coverage)."""

from typing import Any

from marshmallow import fields, validate
from peewee import fn

from registry.assets.models import ASSET_SEARCH, FILE_KINDS, Asset, AssetField, AssetFile, AssetStatus
from registry.assets.statuses import gone
from registry.customers.listing import of_customer
from registry.customers.models import Contact, Customer, Site
from registry.kernel.access import Actor, visible
from registry.kernel.listing import Column, Filter, Listing, declare, equals
from registry.kernel.search import matching
from registry.kernel.shapes import FlagText, Line, id_text
from registry.products.kinds import of_kind
from registry.products.models import Product

Parent = Asset.alias("parent")


def _of_product(actor: Actor, value: str) -> Any:
    """By id, name or part number; several products may share a name."""
    named = (Product.name == value) | (Product.part_number == value)
    if value.isascii() and value.isdigit() and len(value) < 19:
        named |= Product.id == int(value)
    return Asset.product.in_(visible(Product, actor, Product.id).where(named))


def _at_site(actor: Actor, value: str) -> Any:
    return Asset.site.in_(visible(Site, actor, Site.id).where(Site.name == value))


def _of_status(_actor: Actor, value: str) -> Any:
    return Asset.status == AssetStatus.select(AssetStatus.id).where(AssetStatus.code == value)


def _without_site(_actor: Actor, wanted: bool) -> Any:
    """Those that nobody can find: at no site, in no other unit, and neither retired nor lost."""
    found = Asset.site.is_null() & Asset.parent.is_null() & Asset.status.not_in(gone())
    return found if wanted else ~found


def _same_serial(actor: Actor, wanted: bool) -> Any:
    """Units of a customer that share their serial number: of different products, since the pair is unique."""
    twin: Any = Asset.alias("twin")
    shared = visible(Asset, actor, Asset.customer_id, Asset.serial).where(Asset.serial.is_null(False))
    shared = shared.group_by(Asset.customer_id, Asset.serial).having(fn.COUNT(Asset.id) > 1).alias("shared")
    same = (twin.customer_id == shared.c.customer_id) & (twin.serial == shared.c.serial)
    ids = twin.select(twin.id).join(shared, on=same)
    return Asset.id.in_(ids) if wanted else Asset.id.not_in(ids)


ASSETS = declare(
    Listing(
        "asset",
        Asset,
        "asset.view",
        columns=[
            Column("id", "Id", Asset.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("kind", "Kind", Asset.kind),
            Column("product_id", "Product id", Asset.product_id, "integer"),
            Column("product", "Product", Product.name),
            Column("maker", "Maker", Product.maker),
            Column("part_number", "Part number", Product.part_number),
            Column("serial", "Serial number", Asset.serial),
            Column("tag", "Tag", Asset.tag),
            Column("name", "Name", Asset.name),
            Column("status", "Status", AssetStatus.code),
            Column("state", "Meaning of status", AssetStatus.meta),
            Column("site", "Site", Site.name),
            Column("place", "Place", Asset.place),
            Column("parent_id", "Parent id", Asset.parent_id, "integer"),
            Column("slot", "Slot", Asset.slot),
            Column("covered_until", "Covered until", Asset.covered_until, "day"),
            Column("version", "Version", Asset.version, "integer"),
            Column("parent", "Parent", fn.COALESCE(Parent.serial, Parent.tag), detail=True),
            Column("holder", "Assigned to", Contact.name, detail=True),
            Column("holder_id", "Assigned to (id)", Asset.holder_id, "integer", detail=True),
            Column("purchased_on", "Purchased on", Asset.purchased_on, "day", detail=True),
            Column("delivered_on", "Delivered on", Asset.delivered_on, "day", detail=True),
            Column("accepted_on", "Accepted on", Asset.accepted_on, "day", detail=True),
            Column("launched_on", "Launched on", Asset.launched_on, "day", detail=True),
            Column("registered_on", "Registered on", Asset.registered_on, "day", detail=True),
            Column("retired_on", "Retired on", Asset.retired_on, "day", detail=True),
            Column("supplier", "Supplier", Asset.supplier, detail=True),
            Column("order_number", "Order number", Asset.order_number, detail=True),
            Column("cost_minor", "Cost (minor units)", Asset.cost_minor, "integer", detail=True),
            Column("currency", "Currency", Asset.currency, detail=True),
            Column("custom", "Custom fields", Asset.custom, "json", detail=True),
            Column("notes", "Notes", Asset.notes, detail=True),
            Column("created_at", "Created", Asset.created_at, "moment", detail=True),
            Column("changed_at", "Changed", Asset.changed_at, "moment", detail=True),
        ],
        joins=[
            (Product, Asset.product == Product.id),
            (AssetStatus, Asset.status == AssetStatus.id),
            (Customer, Asset.customer_id == Customer.id),
            (Site, Asset.site == Site.id),
            (Contact, Asset.holder == Contact.id),
            (Parent, Asset.parent == Parent.id),
        ],
        filters={
            "customer": of_customer(Asset),
            "kind": of_kind(Asset.kind, plain=True),
            "status": Filter(Line(max=32, min=1), _of_status, plain=True),
            "q": Filter(Line(max=100, min=1), lambda _a, v: matching(ASSET_SEARCH, v)),
            "serial": equals(Asset.serial, few=True),
            "tag": equals(Asset.tag, few=True),
            "product": Filter(Line(max=255, min=1), _of_product),
            "site": Filter(Line(max=255, min=1), _at_site, plain=True),
            "parent": Filter(id_text(), lambda _a, v: Asset.parent == v, plain=True, few=True),
            "without_site": Filter(FlagText(), _without_site),
            "same_serial": Filter(FlagText(), _same_serial),
        },
        orders={"covered_until": Asset.covered_until},
    )
)

FIELDS = declare(
    Listing(
        "asset_field",
        AssetField,
        "asset.view",
        columns=[
            Column("id", "Id", AssetField.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("name", "Name", AssetField.name),
            Column("title", "Title", AssetField.title),
            Column("type", "Type", AssetField.type),
            Column("kind", "Kind", AssetField.kind),
            Column("choices", "Choices", AssetField.choices, "json"),
            Column("required", "Required", AssetField.required, "boolean"),
            Column("version", "Version", AssetField.version, "integer"),
        ],
        joins=[(Customer, AssetField.customer_id == Customer.id)],
        filters={"customer": of_customer(AssetField)},
    )
)

FILES = declare(
    Listing(
        "asset_file",
        AssetFile,
        "asset.view",
        columns=[
            Column("id", "Id", AssetFile.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("asset_id", "Asset id", AssetFile.asset_id, "integer"),
            Column("serial", "Serial number", Asset.serial),
            Column("name", "Name", AssetFile.name),
            Column("kind", "Kind", AssetFile.kind),
            Column("media_type", "Media type", AssetFile.media_type),
            Column("size", "Size in bytes", AssetFile.size, "integer"),
            Column("sha256", "SHA-256", AssetFile.sha256),
            Column("added_by", "Added by", AssetFile.added_by),
            Column("created_at", "Added", AssetFile.created_at, "moment"),
            Column("version", "Version", AssetFile.version, "integer"),
        ],
        joins=[(Customer, AssetFile.customer_id == Customer.id), (Asset, AssetFile.asset == Asset.id)],
        filters={
            "customer": of_customer(AssetFile),
            "asset": Filter(id_text(), lambda _a, v: AssetFile.asset == v, plain=True, few=True),
            "kind": Filter(fields.String(validate=validate.OneOf(FILE_KINDS)), lambda _a, v: AssetFile.kind == v),
        },
    )
)
