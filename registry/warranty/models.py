"""Terms are versioned and frozen; warranties apply a version to one asset or licence; coverages are dated rows."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from registry.assets.models import Asset
from registry.kernel import clock
from registry.kernel.access import Owned, Shared
from registry.kernel.db import Day, Instant
from registry.kernel.writing import Versioned
from registry.licences.models import Licence


class Terms(Versioned, Shared):
    """A template: the house's own (customer NULL) or one customer's copy. What it promises stands in its versions."""

    code = CharField(max_length=64)
    name = CharField()
    current = IntegerField(default=1)

    class Meta:
        table_name = "terms"

    @property
    def label(self) -> str:
        return self.code


Terms.add_index(Terms.code, unique=True, where=SQL("customer_id IS NULL"), name="terms_house")
Terms.add_index(Terms.customer_id, Terms.code, unique=True, where=SQL("customer_id IS NOT NULL"), name="terms_customer")


class TermsVersion(Shared):
    """One published version. Never changed, since warranties were given under it."""

    terms = ForeignKeyField(Terms, on_delete="RESTRICT")
    number = IntegerField()
    body = JSONField()
    note = TextField(default="")
    published_at = Instant(default=clock.now)

    class Meta:
        table_name = "terms_version"
        indexes = ((("terms", "number"), True),)


class Warranty(Versioned, Owned):
    """Terms applied to one asset or licence. `starts_on` is empty while the date of its basis is not known."""

    asset = ForeignKeyField(Asset, null=True, index=False)
    licence = ForeignKeyField(Licence, null=True, index=False)
    kind = CharField(max_length=16)
    terms_version = ForeignKeyField(TermsVersion)
    basis = CharField(max_length=16)
    starts_on = Day(null=True)
    void_on = Day(null=True)
    void_reason = TextField(default="")
    closed_on = Day(null=True)  # moved to a replacement unit: covers through the day before
    origin = ForeignKeyField("self", null=True)  # the warranty that this one was inherited from
    contract = CharField(default="")  # number of the contract that brings it
    note = TextField(default="")

    class Meta:
        table_name = "warranty"
        constraints = [Check("(asset_id IS NULL) <> (licence_id IS NULL)")]
        indexes = ((("asset",), False), (("licence",), False), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return f"{self.kind} warranty {self.id}"


# What waits for a date or was voided is rare, and a dashboard asks for it among all units.
Warranty.add_index(Warranty.customer_id, where=SQL("starts_on IS NULL"), name="warranty_waiting")
Warranty.add_index(Warranty.customer_id, Warranty.void_on, where=SQL("void_on IS NOT NULL"), name="warranty_void")


class Coverage(Owned):
    """One promise inside a warranty. `ends_on` is what was promised; `holds_until` what is left of it when the
    warranty was voided or moved away (the day before `starts_on` when nothing is)."""

    warranty = ForeignKeyField(Warranty, on_delete="CASCADE")
    asset = ForeignKeyField(Asset, null=True, index=False)
    licence = ForeignKeyField(Licence, null=True, index=False)
    remedy = CharField(max_length=16)
    position = IntegerField()
    starts_on = Day()
    ends_on = Day()
    holds_until = Day()

    class Meta:
        table_name = "coverage"
        constraints = [Check("ends_on >= starts_on")]
        indexes = (
            (("asset", "holds_until"), False),
            (("licence", "holds_until"), False),
            (("customer_id", "holds_until"), False),
            (("customer_id", "starts_on"), False),
        )


class Lent(Owned):
    """What contracts lend to units, as known on `known_on`: one row for all units of a customer that the same promises
    cover. `promises`: what the contracts room works it out from; `key`: their fingerprint."""

    LEFT_OUT = "worked out from contracts and units, wherever these are"

    key = CharField(max_length=64)
    promises = JSONField()
    until = Day(null=True)  # the latest end of all; NULL: nothing is in force
    known_on = Day()
    changed_at = Instant(default=clock.now)

    class Meta:
        table_name = "lent"
        indexes = ((("customer_id", "key"), True),)


class LentSpan(Owned):
    """A remedy that is lent, from the first day through the last of the term that `known_on` is in."""

    LEFT_OUT = Lent.LEFT_OUT

    lent = ForeignKeyField(Lent, on_delete="CASCADE", index=False)
    remedy = CharField(max_length=16)
    starts_on = Day()
    ends_on = Day()

    class Meta:
        table_name = "lent_span"
        indexes = ((("lent", "remedy"), True), (("customer_id", "ends_on"), False))


class WarrantyChange(Owned):
    """What became of a warranty, in order: extended, voided, transferred, re-dated. Nothing is taken back silently."""

    warranty = ForeignKeyField(Warranty, on_delete="CASCADE")
    kind = CharField(max_length=16)
    at = Instant(default=clock.now)
    actor_name = CharField()
    reason = TextField(default="")
    before = JSONField()
    after = JSONField()

    class Meta:
        table_name = "warranty_change"


class ScopeFunction(Owned):
    """A function of a software that both parties agreed belongs to it; it counts from `agreed_on`."""

    asset = ForeignKeyField(Asset, null=True)
    licence = ForeignKeyField(Licence, null=True)
    name = CharField()
    agreed_on = Day()
    customer_party = CharField()
    our_party = CharField()
    created_at = Instant(default=clock.now)

    class Meta:
        table_name = "scope_function"
        constraints = [Check("(asset_id IS NULL) <> (licence_id IS NULL)")]

    @property
    def label(self) -> str:
        return self.name


class DecisionRecord(Owned):
    """A remedy that was chosen, with the conditions that were checked and who pays, kept as it was decided."""

    asset = ForeignKeyField(Asset)
    on = Day(column_name="decided_for")
    cause = CharField(max_length=32, null=True)
    facts = JSONField()
    answer = JSONField()
    remedy = CharField(max_length=16)
    charge = BooleanField()
    charge_reason = TextField()
    deviation_reason = TextField(default="")
    contract = CharField()
    approval = JSONField(null=True)
    quote = JSONField(null=True)
    work_on = Day(null=True)  # the day on which work starts, if that is not the day decided for
    decided_by = CharField()
    decided_at = Instant(default=clock.now)

    class Meta:
        table_name = "decision"

    @property
    def label(self) -> str:
        return f"{self.remedy} on {self.on}"
