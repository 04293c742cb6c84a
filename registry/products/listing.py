"""The catalogue as a list."""

from typing import Any

from marshmallow import fields, validate

from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, declare, equals
from registry.kernel.search import matching
from registry.kernel.shapes import Line
from registry.products.kinds import of_kind
from registry.products.models import DOCUMENT_KINDS, PRODUCT_SEARCH, Product
from registry.products.service import without_guide


def _missing(actor: Actor, kind: str) -> Any:
    return Product.id.in_(without_guide(actor, kind).select(Product.id))


PRODUCTS = declare(
    Listing(
        "product",
        Product,
        "product.view",
        columns=[
            Column("id", "Id", Product.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("kind", "Kind", Product.kind),
            Column("maker", "Maker", Product.maker),
            Column("name", "Name", Product.name),
            Column("part_number", "Part number", Product.part_number),
            Column("sold_until", "Sold until", Product.sold_until, "day"),
            Column("supported_until", "Supported until", Product.supported_until, "day"),
            Column("patched_until", "Security patches until", Product.patched_until, "day"),
            Column("version", "Version", Product.version, "integer"),
            Column("parameters", "Parameters", Product.parameters, "json", detail=True),
            Column("list_price", "List price", Product.list_price, "json", detail=True),
            Column("notes", "Notes", Product.notes, detail=True),
            Column("created_at", "Created", Product.created_at, "moment", detail=True),
            Column("changed_at", "Changed", Product.changed_at, "moment", detail=True),
        ],
        joins=[(Customer, Product.customer_id == Customer.id)],
        filters={
            "customer": of_customer(Product),
            "kind": of_kind(Product.kind),
            "maker": equals(Product.maker),
            "part_number": equals(Product.part_number),
            "name": equals(Product.name),
            "q": Filter(Line(max=100, min=1), lambda _a, v: matching(PRODUCT_SEARCH, v)),
            "without": Filter(fields.String(validate=validate.OneOf(DOCUMENT_KINDS)), _missing),
        },
        orders={"name": Product.name},
    )
)
