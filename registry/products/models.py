"""A product is a catalogue entry: the house's own (customer NULL, seen by all) or one customer's."""

from peewee import SQL, CharField, ForeignKeyField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.access import Shared
from registry.kernel.db import Day, Instant
from registry.kernel.search import SearchSource, declare
from registry.kernel.writing import Versioned

DOCUMENT_KINDS = ("guide", "datasheet", "function_manual", "standard", "price_list", "other")


class Product(Versioned, Shared):
    kind = CharField(max_length=16)
    maker = CharField(default="")
    name = CharField()
    part_number = CharField(default="")
    parameters = JSONField(default=list)  # [{name, unit, min, max}]: what the unit must keep to
    sold_until = Day(null=True)
    supported_until = Day(null=True)
    patched_until = Day(null=True)
    list_price = JSONField(null=True)  # {amount_minor, currency}
    notes = TextField(default="")

    class Meta:
        table_name = "product"
        indexes = ((("customer_id", "name"), False), (("part_number",), False))

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.maker, self.name, self.part_number) if part)


Product.add_index(
    Product.maker, Product.name, Product.part_number,
    unique=True, where=SQL("customer_id IS NULL"), name="product_house",
)  # fmt: skip
Product.add_index(
    Product.customer_id, Product.maker, Product.name, Product.part_number,
    unique=True, where=SQL("customer_id IS NOT NULL"), name="product_customer",
)  # fmt: skip


class Document(Shared):
    """Something to read about a product: operation and maintenance guide, data sheet, function manual ..."""

    product = ForeignKeyField(Product, on_delete="CASCADE")
    kind = CharField(max_length=32)
    title = CharField()
    url = TextField(default="")
    added_at = Instant(default=clock.now)

    class Meta:
        table_name = "product_document"

    @property
    def label(self) -> str:
        return self.title


PRODUCT_SEARCH = declare(SearchSource("product", Product, ("name", "maker", "part_number"), "product.view"))
