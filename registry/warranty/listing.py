"""Lists of terms and warranties, and the filters by coverage that lists of assets and licences get."""

from datetime import date, timedelta
from typing import Any

from marshmallow import fields, validate
from peewee import fn

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.listing import Column, Filter, Listing, declare, equals
from registry.kernel.shapes import Date
from registry.licences.listing import LICENCES
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.coverage import EXPIRING_DAYS
from registry.warranty.models import Coverage, Terms, TermsVersion, Warranty
from registry.warranty.vocabulary import KINDS

COVERED = ("active", "expiring", "expired", "none")
_ID = fields.Integer(validate=validate.Range(1, 2**63 - 1))


def _today(actor: Actor) -> date:
    """Today where the actor's only customer is; in UTC for whoever sees several."""
    mine = actor.customers
    if mine is None or len(mine) != 1:
        return clock.today()
    zone = visible(Customer, actor, Customer.time_zone).tuples().first()
    return clock.today(zone[0] if zone else "UTC")


def covered(model: Any, owner: Any) -> Filter:
    """?covered=active|expiring|expired|none. Ranges of the indexed summary, then today's coverage where needed."""

    def condition(actor: Actor, value: str) -> Any:
        today = _today(actor)
        soon = today + timedelta(days=EXPIRING_DAYS)
        if value == "none":
            return model.covered_until.is_null()
        if value == "expired":
            return model.covered_until < today
        holds = visible(Coverage, actor, Coverage.id).where(
            (owner == model.id) & (Coverage.starts_on <= today) & (Coverage.holds_until >= today)
        )
        last = model.covered_until.between(today, soon) if value == "expiring" else model.covered_until > soon
        return last & fn.EXISTS(holds)

    return Filter(fields.String(validate=validate.OneOf(COVERED)), condition, order="covered_until")


def expires_before(model: Any) -> Filter:
    """?expires_before=DATE: still covered today, but not on that day any more."""

    def condition(actor: Actor, value: date) -> Any:
        return (model.covered_until >= _today(actor)) & (model.covered_until < value)

    return Filter(Date(), condition, order="covered_until")


ASSETS.filters["covered"] = covered(Asset, Coverage.asset)
ASSETS.filters["expires_before"] = expires_before(Asset)
LICENCES.filters["covered"] = covered(Licence, Coverage.licence)
LICENCES.filters["expires_before"] = expires_before(Licence)
LICENCES.orders.setdefault("covered_until", Licence.covered_until)

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
        },
    )
)
