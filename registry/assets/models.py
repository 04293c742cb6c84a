"""An asset is one owned unit of a product. Code tests a status's meta-state only; its name is the operator's."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from registry.customers.models import Contact, Site
from registry.kernel.access import Owned, Shared
from registry.kernel.db import Day, Row
from registry.kernel.search import SearchSource, declare
from registry.kernel.writing import Versioned
from registry.products.models import Product

META_STATES = ("planned", "in_use", "in_stock", "in_repair", "at_supplier", "retired", "lost")
FIELD_TYPES = ("text", "integer", "decimal", "boolean", "day", "choice")
FILE_KINDS = ("photo", "acceptance", "invoice", "delivery", "other")
KEY_DATES = ("purchased_on", "delivered_on", "accepted_on", "launched_on", "registered_on")


class AssetStatus(Versioned, Row):
    code = CharField(max_length=32, unique=True)
    name = CharField(max_length=64)
    meta = CharField(max_length=16)
    position = IntegerField(default=0)

    class Meta:
        table_name = "asset_status"

    @property
    def label(self) -> str:
        return self.code


class AssetField(Versioned, Shared):
    """A custom field: the house's (customer NULL: for every customer) or one customer's own."""

    kind = CharField(max_length=16, default="")  # a product kind, or empty for all
    name = CharField(max_length=64)
    title = CharField()
    type = CharField(max_length=16)
    choices = JSONField(default=list)
    required = BooleanField(default=False)

    class Meta:
        table_name = "asset_field"

    @property
    def label(self) -> str:
        return self.name


AssetField.add_index(AssetField.name, unique=True, where=SQL("customer_id IS NULL"), name="asset_field_house")
AssetField.add_index(
    AssetField.customer_id, AssetField.name, unique=True, where=SQL("customer_id IS NOT NULL"), name="asset_field_own"
)


class Asset(Versioned, Owned):
    WORKED_OUT = frozenset({"lent", "lent_until"})

    product = ForeignKeyField(Product)
    kind = CharField(max_length=16)  # the product's, which never changes: lists filter on it without a join
    serial = CharField(null=True)
    tag = CharField(null=True)
    name = CharField(default="")
    status = ForeignKeyField(AssetStatus, index=False)
    site = ForeignKeyField(Site, null=True, index=False)
    place = CharField(default="")
    parent = ForeignKeyField("self", null=True, index=False)
    slot = CharField(null=True)
    holder = ForeignKeyField(Contact, null=True, index=False)
    purchased_on = Day(null=True)
    delivered_on = Day(null=True)
    accepted_on = Day(null=True)
    launched_on = Day(null=True)
    registered_on = Day(null=True)
    retired_on = Day(null=True)
    supplier = CharField(default="")
    order_number = CharField(default="")
    cost_minor = BigIntegerField(null=True)
    currency = CharField(max_length=3, null=True)
    custom = JSONField(default=dict)
    notes = TextField(default="")
    covered_from = Day(null=True)  # summary of the coverages, kept by the warranty room: lists sort and filter on it
    covered_until = Day(null=True)  # of the coverages and of what contracts lend
    lent = BigIntegerField(null=True)  # what contracts lend to it (warranty.Lent), and through which day
    lent_until = Day(null=True)

    class Meta:
        table_name = "asset"
        constraints = [
            # In (a slot of) its parent, or in a place - never both.
            Check("slot IS NULL OR parent_id IS NOT NULL"),
            Check("parent_id IS NULL OR (site_id IS NULL AND place = '')"),
        ]
        indexes = (
            (("customer_id", "id"), False),
            (("customer_id", "serial", "product"), True),
            (("customer_id", "tag"), True),
            (("serial",), False),
            (("customer_id", "status", "id"), False),
            (("customer_id", "site", "id"), False),
            (("customer_id", "covered_until", "id"), False),
            (("covered_until", "id"), False),
        )

    @property
    def label(self) -> str:
        return self.serial or self.tag or self.name or f"asset {self.id}"


Asset.add_index(Asset.parent, Asset.slot, unique=True, where=SQL("slot IS NOT NULL"), name="asset_slot")
# Whatever is deleted is looked for among the units inside it or held by it: without these, among all units.
Asset.add_index(Asset.parent, where=SQL("parent_id IS NOT NULL"), name="asset_parent")
Asset.add_index(Asset.holder, where=SQL("holder_id IS NOT NULL"), name="asset_holder")
# The operator looks for a tag without knowing whose unit it is on.
Asset.add_index(Asset.tag, where=SQL("tag IS NOT NULL"), name="asset_tag")
Asset.add_index(Asset.customer_id, Asset.lent, where=SQL("lent IS NOT NULL"), name="asset_lent")


class AssetFile(Versioned, Owned):
    """A file about a unit: a photo, an acceptance paper, an invoice. What is in it stands in the file store."""

    FILES = ("file_key",)

    asset = ForeignKeyField(Asset, index=False)
    name = CharField()
    kind = CharField(max_length=16, default="other")
    media_type = CharField(max_length=128)
    size = BigIntegerField()
    sha256 = CharField(max_length=64)
    file_key = CharField(max_length=128)
    added_by = CharField()

    class Meta:
        table_name = "asset_file"
        indexes = ((("customer_id", "id"), False), (("asset", "id"), False))

    @property
    def label(self) -> str:
        return str(self.name)


ASSET_SEARCH = declare(SearchSource("asset", Asset, ("serial", "tag", "name"), "asset.view"))
