"""Lists of terms and warranties, and the filters by coverage that lists of assets and licences get."""

from typing import Any

from marshmallow import fields, validate
from peewee import fn

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.access import Actor, visible
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.shapes import id_text
from registry.licences.listing import LICENCES
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.covered import covered, expires_before
from registry.warranty.endings import ends_in, until_before, until_from
from registry.warranty.models import Coverage, Terms, TermsVersion, Warranty
from registry.warranty.vocabulary import KINDS

_ID = id_text()

ASSETS.filters["covered"] = covered(Asset, Coverage.asset)
ASSETS.filters["expires_before"] = expires_before(Asset, Coverage.asset)
ASSETS.filters["covered_until_from"] = until_from(Asset)
ASSETS.filters["covered_until_before"] = until_before(Asset)
ASSETS.filters["ends_in"] = ends_in(Asset, Coverage.asset)
LICENCES.filters["covered"] = covered(Licence, Coverage.licence)
LICENCES.filters["expires_before"] = expires_before(Licence, Coverage.licence)
LICENCES.orders.setdefault("covered_until", Licence.covered_until)


def _covered_until() -> Any:
    """The last day that is left of what it promised: a sub-query for each row, answered by an index, bounded by the
    page. It runs for the house, since it is tied to a warranty that the outer query has already scoped."""
    tied = (Coverage.warranty == Warranty.id) & (Coverage.holds_until >= Coverage.starts_on)
    return visible(Coverage, Actor.system(), fn.MAX(Coverage.holds_until)).where(tied)


TERMS = declare(
    Listing(
        "warranty_terms",
        Terms,
        "warranty.view",
        columns=[
            Column("id", "Id", Terms.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("code", "Code", Terms.code),
            Column("name", "Name", Terms.name),
            Column("current", "Current version", Terms.current, "integer"),
            Column("version", "Version of the row", Terms.version, "integer"),
            Column("body", "Body of the current version", TermsVersion.body, "json"),
            Column("published_at", "Published", TermsVersion.published_at, "moment"),
        ],
        joins=[
            (Customer, Terms.customer_id == Customer.id),
            (TermsVersion, (TermsVersion.terms == Terms.id) & (TermsVersion.number == Terms.current)),
        ],
        filters={"customer": of_customer(Terms), "code": equals(Terms.code)},
    )
)

WARRANTIES = declare(
    Listing(
        "warranty",
        Warranty,
        "warranty.view",
        columns=[
            Column("id", "Id", Warranty.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("kind", "Kind", Warranty.kind),
            Column("asset_id", "Asset id", Warranty.asset_id, "integer"),
            Column("asset", "Asset", Asset.serial),
            Column("licence_id", "Licence id", Warranty.licence_id, "integer"),
            Column("licence", "Licence", Licence.name),
            Column("product", "Product", Product.name),
            Column("terms", "Terms", Terms.code),
            Column("terms_name", "Name of the terms", Terms.name),
            Column("terms_version", "Version of the terms", TermsVersion.number, "integer"),
            Column("basis", "Starts with", Warranty.basis),
            Column("starts_on", "Starts on", Warranty.starts_on, "day"),
            Column("covered_until", "Covered until", _covered_until(), "day"),
            Column("void_on", "Void from", Warranty.void_on, "day"),
            Column("void_reason", "Why void", Warranty.void_reason),
            Column("closed_on", "Moved on", Warranty.closed_on, "day"),
            Column("origin_id", "Inherited from", Warranty.origin_id, "integer"),
            Column("contract", "Contract", Warranty.contract),
            Column("note", "Note", Warranty.note),
            Column("version", "Version", Warranty.version, "integer"),
        ],
        joins=[
            (Customer, Warranty.customer_id == Customer.id),
            (Asset, Warranty.asset == Asset.id),
            (Product, Asset.product == Product.id),
            (Licence, Warranty.licence == Licence.id),
            (TermsVersion, Warranty.terms_version == TermsVersion.id),
            (Terms, TermsVersion.terms == Terms.id),
        ],
        filters={
            "customer": of_customer(Warranty),
            "asset": Filter(_ID, lambda _a, v: Warranty.asset == v),
            "licence": Filter(_ID, lambda _a, v: Warranty.licence == v),
            "terms": equals(Terms.code),
            "kind": Filter(fields.String(validate=validate.OneOf(tuple(KINDS))), lambda _a, v: Warranty.kind == v),
            "waiting": flag(Warranty.starts_on.is_null()),
        },
    )
)
