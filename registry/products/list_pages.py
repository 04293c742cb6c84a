"""What the list of products shows."""

from registry.kernel.language import N_
from registry.products.listing import PRODUCTS
from registry.products.models import DOCUMENT_KINDS
from registry.web.lists import cells, tables
from registry.web.lists.cells import Show
from registry.web.lists.tables import Empty, New, Table, table

TABLE = table(
    Table(
        PRODUCTS,
        N_("Products"),
        shown=("make", "part_number", "kind", "sold_until", "supported_until", "customer"),
        shows=(
            Show("make", N_("Product"), ("name", "maker"), cells.two_lines("name", "maker")),
            Show("name", N_("Product name"), ("name",), cells.text("name")),
            Show("part_number", N_("Part number"), ("part_number",), cells.text("part_number", "serial")),
            Show("kind", N_("Kind"), ("kind",), cells.coded("kind", "kind")),
            Show("sold_until", N_("Sold until"), ("sold_until",), cells.until("sold_until")),
            Show("supported_until", N_("Supported until"), ("supported_until",), cells.until("supported_until")),
            Show("patched_until", N_("Security patches until"), ("patched_until",), cells.until("patched_until")),
            Show("customer", N_("Belongs to"), ("customer",), tables.customer_or_house),
        ),
        controls=(
            tables.find(N_("Name, maker or part number")),
            tables.coded("kind", N_("Kind"), "kind", blank=N_("All kinds")),
            tables.coded("without", N_("Without document"), "document", DOCUMENT_KINDS, blank=N_("Any")),
        ),
        details=("products.show_product",),
        new=New(N_("New product"), "product.edit", ("products.new_product",)),
        empty=Empty(N_("No products yet."), N_("Add the first one; assets and licences are units of products.")),
        house="products.list_products",
    )
)
