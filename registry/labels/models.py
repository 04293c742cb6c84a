"""Codes on labels, barcodes that makers put on their units, and who opened a code when."""

from peewee import SQL, BigIntegerField, CharField, Check, ForeignKeyField, IntegerField

from registry.assets.models import Asset
from registry.kernel import clock
from registry.kernel.access import Owned, Shared
from registry.kernel.db import Instant
from registry.kernel.writing import Versioned
from registry.labels.codes import grouped

STATES = ("free", "active", "revoked", "replaced")
SYMBOLOGIES = ("unknown", "qr_code", "data_matrix", "aztec", "pdf417", "code_128", "code_39", "ean_13", "ean_8",
               "upc_a", "itf")  # fmt: skip


class LabelCode(Versioned, Shared):
    """One code. Free: printed in advance, on no unit yet; of the house (customer_id NULL) or of one customer.

    Active: on a unit, one at most. Revoked: no longer to be trusted, on a unit or not. Replaced: leads to the
    one that took its place.
    `batch` names the codes that were made in advance together.
    """

    HOUSE_ROWS = ()  # free codes of the house are for the house

    code = CharField(max_length=13, unique=True)
    state = CharField(max_length=8)
    asset = ForeignKeyField(Asset, null=True, index=False, on_delete="CASCADE")
    replaced_by = ForeignKeyField("self", null=True, index=False)
    batch = CharField(max_length=32, null=True)
    reason = CharField(default="")

    class Meta:
        table_name = "label_code"
        constraints = [
            Check("state <> 'free' OR asset_id IS NULL"),
            Check("state IN ('free', 'revoked') OR asset_id IS NOT NULL"),
            Check("asset_id IS NULL OR customer_id IS NOT NULL"),
        ]
        indexes = ((("customer_id", "id"), False), (("asset", "id"), False))

    @property
    def label(self) -> str:
        return grouped(self.code)


LabelCode.add_index(LabelCode.asset, unique=True, where=SQL("state = 'active'"), name="label_code_active")
LabelCode.add_index(LabelCode.customer_id, LabelCode.batch, where=SQL("batch IS NOT NULL"), name="label_code_batch")
LabelCode.add_index(LabelCode.replaced_by, where=SQL("replaced_by_id IS NOT NULL"), name="label_code_replaced")


class AssetBarcode(Versioned, Owned):
    """A barcode that was on the unit when it came: what it reads, and in which symbology if that is known."""

    asset = ForeignKeyField(Asset, index=False, on_delete="CASCADE")
    text = CharField()
    symbology = CharField(max_length=16, default="unknown")

    class Meta:
        table_name = "asset_barcode"
        indexes = ((("customer_id", "text"), True), (("asset", "id"), False))

    @property
    def label(self) -> str:
        return str(self.text)


class LabelScan(Shared):
    """Somebody opened a code. customer_id NULL: of a code that is nobody's, or that there is not.

    Who it was is kept of people who may see the unit; of others only where they came from. `moment` keeps reloading
    the page from filling the table: one row for a code, a reader and ten minutes.
    """

    HOUSE_ROWS = ()
    LINKS = {"user_id": "app_user"}
    LEFT_OUT = "a log that is kept for ninety days"

    code = CharField(max_length=13)
    at = Instant(default=clock.now)
    user_id = BigIntegerField(null=True)
    user_name = CharField(null=True)
    address = CharField(max_length=64, null=True)
    moment = CharField(max_length=64, unique=True)

    class Meta:
        table_name = "label_scan"
        indexes = ((("customer_id", "id"), False), (("at",), False))


class LabelSheet(Versioned, Shared):
    """A sheet or tape that somebody measured himself, or one of ours with the offsets of a printer.

    Lengths in hundredths of a millimetre. customer_id NULL: for all of the house.
    """

    HOUSE_ROWS = ()

    name = CharField(max_length=64)
    page_wide = IntegerField()
    page_high = IntegerField()
    columns = IntegerField(default=1)
    rows = IntegerField(default=1)
    wide = IntegerField()
    high = IntegerField()
    left = IntegerField(default=0)
    top = IntegerField(default=0)
    pitch_x = IntegerField()
    pitch_y = IntegerField()

    class Meta:
        table_name = "label_sheet"
        indexes = ((("customer_id", "name"), True),)

    @property
    def label(self) -> str:
        return str(self.name)


LabelSheet.add_index(LabelSheet.name, unique=True, where=SQL("customer_id IS NULL"), name="label_sheet_house")
