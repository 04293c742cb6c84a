"""The list of saved filters that one may open. It is no export: a filter is of use on its list only."""

from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.listing import Column, Listing, equals
from registry.people.models import User
from registry.views.models import View
from registry.views.service import own_or_shared

VIEWS = Listing(
    "view",
    View,
    "",
    columns=[
        Column("id", "Id", View.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("list", "List", View.list_name),
        Column("name", "Name", View.name),
        Column("owner", "Saved by", User.name),
        Column("shared", "Shared", View.shared, "boolean"),
        Column("is_default", "Opens by default", View.is_default, "boolean"),
        Column("query", "Filters, sort and columns", View.query, "json"),
        Column("version", "Version", View.version, "integer"),
    ],
    joins=[(Customer, View.customer_id == Customer.id), (User, View.owner == User.id)],
    filters={"customer": of_customer(View), "list": equals(View.list_name)},
    scope=own_or_shared,
)
