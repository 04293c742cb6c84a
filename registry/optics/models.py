"""Optics: what is kept of a transceiver beside its asset. Measured values are whole numbers, see packing.py."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    SmallIntegerField,
    TextField,
)

from registry.assets.models import Asset
from registry.kernel import clock
from registry.kernel.access import Owned, Shared
from registry.kernel.db import Instant
from registry.kernel.writing import Versioned

SOURCES = ("api", "file", "command", "page")
PROOFS = ("loopback", "swap", "cleaned")
LANES = 8  # with a column of their own; further ones stand in `further`


class Optic(Versioned, Owned):
    """One module: the asset that it is, what it says it is, where it sits, and what its readings allow to say.

    `key`: SHA-256 of customer's vendor, part number and serial, normalised; two makers may give the same serial.
    `limits`: {parameter: [high alarm, high warning, low warning, low alarm]} as the module gives them. `baseline`: by
    the end of a cable ("" where there are none) the reading when it was put into service. `since`: of the verdict.
    """

    asset = ForeignKeyField(Asset, unique=True)
    key = CharField(max_length=64)
    vendor = CharField(default="")
    part_number = CharField(default="")
    serial = CharField(default="")
    form_factor = CharField(max_length=32, default="")
    media = CharField(max_length=16, default="")
    details = JSONField(default=dict)  # standard, oui, revision, date_code, wavelength_nm, connector
    dom = BooleanField(null=True)
    lanes = SmallIntegerField(default=0)
    limits = JSONField(default=dict)
    from_memory = BooleanField(default=False)  # the limits; then what a switch prints does not replace them
    findings = JSONField(default=list)
    host = CharField(default="")
    port = CharField(default="")
    placed_at = Instant(null=True)
    baseline = JSONField(default=dict)
    first_at = Instant(null=True)
    last_at = Instant(null=True)
    verdict = CharField(max_length=32, default="no_dom")
    claimable = BooleanField(default=False)
    reasons = JSONField(default=list)
    advice = JSONField(default=list)
    since = Instant(null=True)
    concluded_at = Instant(null=True)

    class Meta:
        table_name = "optic"
        indexes = (
            (("customer_id", "key"), True),
            (("customer_id", "id"), False),
            (("customer_id", "verdict", "id"), False),
            (("customer_id", "host", "port"), False),
        )

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.vendor, self.part_number, self.serial) if part)


Optic.add_index(Optic.customer_id, Optic.id, where=SQL("claimable"), name="optic_claimable")


class OpticBatch(Owned):
    """One upload: who brought which readings from where. `unknown`: modules in it that are no assets; `waiting`: their
    readings (see waiting.py), until somebody says which assets they are."""

    at = Instant(default=clock.now)
    source = CharField(max_length=16)
    name = CharField(default="")
    host = CharField(default="")
    brought_by = CharField()
    modules = IntegerField(default=0)
    stored = IntegerField(default=0)
    repeated = IntegerField(default=0)
    registered = IntegerField(default=0)
    unknown = JSONField(default=list)
    waiting = TextField(default="")

    class Meta:
        table_name = "optic_batch"
        indexes = ((("customer_id", "id"), False),)

    @property
    def label(self) -> str:
        return self.name or f"{self.source} {self.id}"


class OpticImage(Owned):
    """A module's memory as it was read (base64 of the bytes). As long as what does not change in it stays the same
    there is one row, with the newest bytes; a row more tells that the memory was altered."""

    optic = ForeignKeyField(Optic)
    end = CharField(max_length=2, default="")
    digest = CharField(max_length=64)
    data = TextField()
    size = IntegerField()
    first_at = Instant()
    at = Instant()
    source = CharField(max_length=16)
    name = CharField(default="")
    checksums = JSONField(default=list)
    findings = JSONField(default=list)

    class Meta:
        table_name = "optic_image"
        indexes = ((("customer_id", "optic", "end", "digest"), True),)


class OpticReading(Owned):
    """What a module measured at one moment. A million of these are kept, so it is small: `at` in seconds since 1970
    (UTC), one whole number for each lane, and no foreign keys. See packing.py for what the numbers mean."""

    LINKS = {"optic_id": "optic", "batch_id": "optic_batch"}

    optic_id = BigIntegerField()
    batch_id = BigIntegerField()
    at = BigIntegerField()
    end = CharField(max_length=2, default="")
    admin_up = BooleanField(null=True)
    oper_up = BooleanField(null=True)
    temperature = IntegerField(null=True)
    voltage = IntegerField(null=True)
    lane_1 = BigIntegerField(null=True)
    lane_2 = BigIntegerField(null=True)
    lane_3 = BigIntegerField(null=True)
    lane_4 = BigIntegerField(null=True)
    lane_5 = BigIntegerField(null=True)
    lane_6 = BigIntegerField(null=True)
    lane_7 = BigIntegerField(null=True)
    lane_8 = BigIntegerField(null=True)
    further = JSONField(null=True)
    signs = CharField(max_length=255, default="")
    broken = CharField(max_length=255, null=True)
    verdict = SmallIntegerField()

    class Meta:
        table_name = "optic_reading"
        indexes = ((("customer_id", "optic_id", "at", "end"), True), (("customer_id", "batch_id"), False))


class OpticPlace(Owned):
    """Where a module sat, until it turned up elsewhere or something else turned up there."""

    optic = ForeignKeyField(Optic)
    end = CharField(max_length=2, default="")
    host = CharField()
    port = CharField()
    since = Instant()
    until = Instant(null=True)

    class Meta:
        table_name = "optic_place"
        indexes = ((("customer_id", "host", "port"), False),)


class OpticProof(Owned):
    """A test on record. `module_failed`: whether it points at this module."""

    optic = ForeignKeyField(Optic)
    kind = CharField(max_length=16)
    at = Instant()
    module_failed = BooleanField(default=True)
    note = TextField(default="")
    recorded_by = CharField()

    class Meta:
        table_name = "optic_proof"
        indexes = ((("customer_id", "optic", "at"), False),)

    @property
    def label(self) -> str:
        return str(self.kind)


class OpticProfile(Versioned, Shared):
    """What holds for all modules of a part number: the house's, or one customer's own, which goes before.

    `limits` as in Optic: they count where a module gives none that could be true. `needed` readings over `hours` make
    a failure persistent; NULL: the usual.
    """

    vendor = CharField(default="")
    part_number = CharField()
    vendor_key = CharField()
    part_key = CharField()
    limits = JSONField(default=dict)
    needed = IntegerField(null=True)
    hours = IntegerField(null=True)
    notes = TextField(default="")

    class Meta:
        table_name = "optic_profile"

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.vendor, self.part_number) if part)


OpticProfile.add_index(
    OpticProfile.vendor_key, OpticProfile.part_key, unique=True, where=SQL("customer_id IS NULL"),
    name="optic_profile_house",
)  # fmt: skip
OpticProfile.add_index(
    OpticProfile.customer_id, OpticProfile.vendor_key, OpticProfile.part_key, unique=True,
    where=SQL("customer_id IS NOT NULL"), name="optic_profile_own",
)  # fmt: skip
