"""A licence is an entitlement to software; an assignment says which asset or person uses it."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from registry.assets.models import Asset
from registry.customers.models import Contact
from registry.kernel.access import Owned
from registry.kernel.db import Day
from registry.kernel.search import SearchSource, declare
from registry.kernel.writing import Versioned
from registry.products.models import Product

METRICS = (
    "install",
    "device",
    "named_user",
    "concurrent",
    "core",
    "processor",
    "vm",
    "host",
    "user_cal",
    "device_cal",
    "subscription",
    "site",
    "resource",
)


class Licence(Versioned, Owned):
    """`quantity` NULL: unlimited. `ends_on` NULL: perpetual. The sealed key never leaves with the row."""

    SECRET = frozenset({"key_sealed"})
    SEALED = frozenset({"key_sealed"})  # opened for whoever may see keys, when the customer is handed over
    WORKED_OUT = frozenset({"lent", "lent_until"})

    product = ForeignKeyField(Product)
    name = CharField()
    metric = CharField(max_length=16)
    quantity = IntegerField(null=True)
    reassignable = BooleanField(default=True)
    starts_on = Day(null=True)
    ends_on = Day(null=True)
    maintenance_until = Day(null=True)
    purchased_on = Day(null=True)
    delivered_on = Day(null=True)
    accepted_on = Day(null=True)
    launched_on = Day(null=True)
    registered_on = Day(null=True)
    proof = TextField(default="")  # what an inspection wants to see: a document, an invoice, a purchase order
    order_number = CharField(default="")
    supplier = CharField(default="")
    licensed_to_name = CharField(default="")
    licensed_to_email = CharField(null=True)
    key_sealed = TextField(null=True)
    key_hint = CharField(max_length=4, null=True)  # the last characters of a long key, to tell keys apart
    cost_minor = BigIntegerField(null=True)
    currency = CharField(max_length=3, null=True)
    notes = TextField(default="")
    covered_from = Day(null=True)  # summary of the coverages, kept by the warranty room
    covered_until = Day(null=True)
    hard_limit = BooleanField(default=False, constraints=[SQL("DEFAULT false")])  # nobody beyond the quantity
    lent = BigIntegerField(null=True)  # as with assets
    lent_until = Day(null=True)

    class Meta:
        table_name = "licence"
        constraints = [Check("quantity IS NULL OR quantity >= 0"), Check("starts_on <= ends_on")]
        indexes = (
            (("customer_id", "id"), False),
            (("customer_id", "product", "id"), False),
            (("customer_id", "ends_on", "id"), False),
            (("customer_id", "covered_until", "id"), False),
        )

    @property
    def label(self) -> str:
        return str(self.name)


Licence.add_index(Licence.customer_id, Licence.lent, where=SQL("lent IS NOT NULL"), name="licence_lent")


class LicenceAssignment(Owned):
    """So much of a licence is used by one asset or one person, until it is released."""

    licence = ForeignKeyField(Licence)
    asset = ForeignKeyField(Asset, null=True)
    contact = ForeignKeyField(Contact, null=True)
    quantity = IntegerField(default=1)
    assigned_on = Day()
    released_on = Day(null=True)

    class Meta:
        table_name = "licence_assignment"
        constraints = [
            Check("(asset_id IS NULL) <> (contact_id IS NULL)"),
            Check("quantity > 0"),
            Check("assigned_on <= released_on"),
        ]

    @property
    def label(self) -> str:
        used_by = f"asset {self.asset_id}" if self.asset_id else f"contact {self.contact_id}"
        return f"licence {self.licence_id} for {used_by}"


_ACTIVE = SQL("released_on IS NULL")
LicenceAssignment.add_index(
    LicenceAssignment.licence,
    LicenceAssignment.asset,
    unique=True,
    where=_ACTIVE,
    name="licence_assignment_asset_active",
)
LicenceAssignment.add_index(
    LicenceAssignment.licence,
    LicenceAssignment.contact,
    unique=True,
    where=_ACTIVE,
    name="licence_assignment_contact_active",
)

LICENCE_SEARCH = declare(
    SearchSource("licence", Licence, ("name", "supplier", "order_number", "licensed_to_name"), "licence.view")
)
