"""Releases, who took them, and what units run, as lists read by keyset."""

from marshmallow import fields, validate

from registry.sdk import Column, Customer, Filter, Listing, Product, equals, id_text, of_customer, visible
from registry_sendbig.models import Installed, Receipt, Release, Taken
from registry_sendbig.releases.words import WORDS

RELEASES = Listing(
    "sendbig_release",
    Release,
    "sendbig.survey",
    columns=[
        Column("id", "Id", Release.id, "integer"),
        Column("title", "Title", Release.title),
        Column("product_id", "Product id", Release.product_id, "integer"),
        Column("product", "Product", Product.name),
        Column("version_name", "Version", Release.version_name),
        Column("from_version", "From version", Release.from_version),
        Column("below_version", "Before version", Release.below_version),
        Column("state", "State", Release.state),
        Column("known_error", "Known error", Release.known_error),
        Column("published_at", "Published", Release.published_at, "moment"),
        Column("withdrawn_at", "Withdrawn", Release.withdrawn_at, "moment"),
        Column("version", "Version of the row", Release.version, "integer"),
    ],
    joins=[(Product, Release.product_id == Product.id)],
    scope=lambda actor: visible(Release, actor).where(Release.customer_id.is_null()),
    filters={
        "state": Filter(
            fields.String(validate=validate.OneOf(tuple(WORDS["state"]))), lambda _a, v: Release.state == v
        ),
        "product": Filter(id_text(), lambda _a, v: Release.product_id == v),
    },
)

TAKINGS = Listing(
    "sendbig_taken",
    Taken,
    "sendbig.survey",
    columns=[
        Column("id", "Id", Taken.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("customer_name", "Customer", Customer.name),
        Column("release_id", "Release", Taken.release_id, "integer"),
        Column("file_name", "File", Taken.file_name),
        Column("kind", "Kind", Taken.kind),
        Column("version_name", "Version", Taken.version_name),
        Column("sha256", "SHA-256", Taken.sha256),
        Column("who", "Who", Taken.who),
        Column("granted", "By an approval", Taken.granted, "boolean"),
        Column("by_operator", "By the operator's people", Taken.by_operator, "boolean"),
        Column("begun_at", "Begun", Taken.begun_at, "moment"),
        Column("whole_at", "Arrived whole", Taken.whole_at, "moment"),
    ],
    joins=[(Customer, Taken.customer_id == Customer.id)],
    filters={"customer": of_customer(Taken), "release": Filter(id_text(), lambda _a, v: Taken.release == v)},
)

RECEIPTS = Listing(
    "sendbig_receipt",
    Receipt,
    "sendbig.view",
    columns=[
        Column("id", "Id", Receipt.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("release_id", "Release", Receipt.release_id, "integer"),
        Column("asset_id", "Asset", Receipt.asset_id, "integer"),
        Column("licence_id", "Licence", Receipt.licence_id, "integer"),
        Column("unit", "Unit", Receipt.unit_label),
        Column("version_name", "Version", Receipt.version_name),
        Column("version_before", "Version before", Receipt.version_before),
        Column("who", "Who", Receipt.who),
        Column("at", "When", Receipt.at, "moment"),
    ],
    joins=[(Customer, Receipt.customer_id == Customer.id)],
    filters={"customer": of_customer(Receipt), "release": Filter(id_text(), lambda _a, v: Receipt.release == v)},
)

INSTALLED = Listing(
    "sendbig_installed",
    Installed,
    "sendbig.view",
    columns=[
        Column("id", "Id", Installed.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("asset_id", "Asset", Installed.asset_id, "integer"),
        Column("licence_id", "Licence", Installed.licence_id, "integer"),
        Column("version_name", "Version", Installed.version_name),
        Column("source", "Source", Installed.source),
        Column("known_on", "Known since", Installed.known_on, "moment"),
        Column("release_id", "By the patch", Installed.release_id, "integer"),
        Column("version", "Version of the row", Installed.version, "integer"),
    ],
    joins=[(Customer, Installed.customer_id == Customer.id)],
    filters={
        "customer": of_customer(Installed),
        "asset": Filter(id_text(), lambda _a, v: Installed.asset_id == v, few=True),
        "version_name": equals(Installed.version_name),
    },
)
