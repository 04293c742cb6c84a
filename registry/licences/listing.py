"""Lists of licences and their assignments. How much of a licence is used is counted where it is shown."""

from typing import Any

from marshmallow import fields, validate
from peewee import fn

from registry.assets.models import Asset
from registry.customers.listing import of_customer
from registry.customers.models import Contact, Customer
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.search import matching
from registry.kernel.shapes import Date, FlagText, Line, Ref, id_text
from registry.licences.models import LICENCE_SEARCH, METRICS, Licence, LicenceAssignment
from registry.products.models import Product
from registry.products.service import product_by

FAR_OFF = "9999-12-31"  # where perpetual licences stand when they are ordered by their end


def _used() -> Any:
    """How much is assigned at present: a sub-query for each row, answered by an index, bounded by the page.

    It runs for the house, since it is tied to a licence that the outer query has already scoped.
    """
    amount = fn.COALESCE(fn.SUM(LicenceAssignment.quantity), 0)
    tied = (LicenceAssignment.licence == Licence.id) & LicenceAssignment.released_on.is_null()
    return visible(LicenceAssignment, Actor.system(), amount).where(tied)


USED = _used()
OVER_USED = Licence.quantity.is_null(False) & (Licence.quantity < USED)


def _of_product(actor: Actor, value: int | str) -> Any:
    if isinstance(value, int):
        return Licence.product == product_by(actor, value).id
    named = (Product.name == value) | (Product.part_number == value)
    return named | (Product.id == int(value)) if value.isascii() and value.isdigit() and len(value) < 19 else named


def _unused(_actor: Actor, wanted: bool) -> Any:
    """Paid for, not over, and nobody uses it."""
    over = Licence.ends_on.is_null(False) & (Licence.ends_on < clock.today())
    found = (fn.COALESCE(Licence.quantity, 1) > 0) & (USED == 0) & ~over
    return found if wanted else ~found


LICENCES = declare(
    Listing(
        "licence",
        Licence,
        "licence.view",
        columns=[
            Column("id", "Id", Licence.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("name", "Name", Licence.name),
            Column("product_id", "Product id", Licence.product_id, "integer"),
            Column("product", "Product", Product.name),
            Column("maker", "Maker", Product.maker),
            Column("metric", "Metric", Licence.metric),
            Column("quantity", "Quantity", Licence.quantity, "integer"),
            Column("used", "Used", USED, "integer"),
            Column("free", "Free", Licence.quantity - USED, "integer"),
            Column("over_used", "Over-used", OVER_USED, "boolean"),
            Column("starts_on", "Starts on", Licence.starts_on, "day"),
            Column("ends_on", "Ends on", Licence.ends_on, "day"),
            Column("maintenance_until", "Maintenance until", Licence.maintenance_until, "day"),
            Column("supplier", "Supplier", Licence.supplier),
            Column("order_number", "Order number", Licence.order_number),
            Column("has_key", "Key stored", Licence.key_sealed.is_null(False), "boolean"),
            Column("key_hint", "Key ends with", Licence.key_hint),
            Column("covered_until", "Covered until", Licence.covered_until, "day"),
            Column("version", "Version", Licence.version, "integer"),
            Column("reassignable", "May be reassigned", Licence.reassignable, "boolean", detail=True),
            Column("hard_limit", "Hard limit", Licence.hard_limit, "boolean", detail=True),
            Column("proof", "Proof", Licence.proof, detail=True),
            Column("licensed_to_name", "Licensed to", Licence.licensed_to_name, detail=True),
            Column("licensed_to_email", "Licensed to (e-mail)", Licence.licensed_to_email, detail=True),
            Column("purchased_on", "Purchased on", Licence.purchased_on, "day", detail=True),
            Column("delivered_on", "Delivered on", Licence.delivered_on, "day", detail=True),
            Column("accepted_on", "Accepted on", Licence.accepted_on, "day", detail=True),
            Column("launched_on", "Launched on", Licence.launched_on, "day", detail=True),
            Column("registered_on", "Registered on", Licence.registered_on, "day", detail=True),
            Column("cost_minor", "Cost (minor units)", Licence.cost_minor, "integer", detail=True),
            Column("currency", "Currency", Licence.currency, detail=True),
            Column("notes", "Notes", Licence.notes, detail=True),
            Column("created_at", "Created", Licence.created_at, "moment", detail=True),
            Column("changed_at", "Changed", Licence.changed_at, "moment", detail=True),
        ],
        joins=[(Product, Licence.product == Product.id), (Customer, Licence.customer_id == Customer.id)],
        filters={
            "customer": of_customer(Licence),
            "q": Filter(Line(max=100, min=1), lambda _a, v: matching(LICENCE_SEARCH, v)),
            "name": equals(Licence.name),
            "product": Filter(Ref(), _of_product),
            "metric": Filter(fields.String(validate=validate.OneOf(METRICS)), lambda _a, v: Licence.metric == v),
            "ends_before": Filter(Date(), lambda _a, v: Licence.ends_on < v, order="ends_on"),
            "ends_from": Filter(Date(), lambda _a, v: Licence.ends_on >= v),
            "over_used": flag(OVER_USED),
            "unused": Filter(FlagText(), _unused),
        },
        orders={"name": Licence.name, "ends_on": fn.COALESCE(Licence.ends_on, FAR_OFF)},
    )
)

ASSIGNMENTS = declare(
    Listing(
        "licence_assignment",
        LicenceAssignment,
        "licence.view",
        columns=[
            Column("id", "Id", LicenceAssignment.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("licence_id", "Licence id", LicenceAssignment.licence_id, "integer"),
            Column("licence", "Licence", Licence.name),
            Column("asset_id", "Asset id", LicenceAssignment.asset_id, "integer"),
            Column("serial", "Serial number", Asset.serial),
            Column("tag", "Tag", Asset.tag),
            Column("contact_id", "Contact id", LicenceAssignment.contact_id, "integer"),
            Column("contact", "Contact", Contact.name),
            Column("email", "E-mail", Contact.email),
            Column("quantity", "Quantity", LicenceAssignment.quantity, "integer"),
            Column("assigned_on", "Assigned on", LicenceAssignment.assigned_on, "day"),
            Column("released_on", "Released on", LicenceAssignment.released_on, "day"),
        ],
        joins=[
            (Customer, LicenceAssignment.customer_id == Customer.id),
            (Licence, LicenceAssignment.licence == Licence.id),
            (Asset, LicenceAssignment.asset == Asset.id),
            (Contact, LicenceAssignment.contact == Contact.id),
        ],
        filters={
            "customer": of_customer(LicenceAssignment),
            "licence": Filter(
                id_text(),
                lambda _a, v: LicenceAssignment.licence == v,
            ),
            "active": flag(LicenceAssignment.released_on.is_null()),
        },
    )
)
