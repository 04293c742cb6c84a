"""Tables of handing over: packages, approvals of disclosures, custody of what was taken, departure and erasure."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from registry.assets.models import Asset
from registry.customers.models import Site
from registry.kernel import clock
from registry.kernel.access import Owned
from registry.kernel.db import Day, Instant, Row
from registry.kernel.writing import Versioned

PACKAGE_STATES = ("queued", "running", "done", "failed", "expired")
ITEM_KINDS = ("document", "media", "device", "digital_copy")
TASK_STATES = ("open", "finished", "closed")
ERASURE_STATES = ("queued", "running", "done", "failed")


class Package(Versioned, Owned):
    """Everything about one customer in one file, for him to take away. `recipient`: a third party it was made for.

    `handed_over_at` is when somebody of the customer's own first fetched it.
    """

    LEFT_OUT = "tells of packages that this installation has made; their files are not its business any more"

    state = CharField(max_length=8, default="queued")
    requested_by = CharField()
    requested_by_id = BigIntegerField(null=True)
    recipient = CharField(null=True)
    with_keys = BooleanField(default=False)
    rows = IntegerField(default=0)
    file_key = CharField(max_length=80, null=True)
    size = BigIntegerField(null=True)
    sha256 = CharField(max_length=64, null=True)
    chain_length = BigIntegerField(null=True)
    chain_head = CharField(max_length=64, null=True)
    error = TextField(null=True)
    made_at = Instant(null=True)
    expires_at = Instant(null=True)
    handed_over_at = Instant(null=True)
    handed_over_to = CharField(null=True)

    class Meta:
        table_name = "package"
        indexes = ((("customer_id", "id"), False), (("state", "expires_at"), False))

    @property
    def label(self) -> str:
        return f"package {self.id}"


class Approval(Versioned, Owned):
    """A customer's approval that what `scope` names is disclosed to `recipient`, from `approved_on` to `valid_until`.

    `stored_at` is when this installation learned of it, by its own clock: nothing disclosed before is covered.
    """

    recipient = CharField()
    purpose = TextField()
    scope = JSONField()  # names of lists, "package", or "everything"
    approved_on = Day()
    approved_by = CharField()
    valid_until = Day(null=True)
    written_reference = CharField(null=True)  # the document, where the operator recorded a written approval
    recorded_by = CharField()
    stored_at = Instant(default=clock.now)
    revoked_at = Instant(null=True)
    revoked_by = CharField(null=True)
    revoke_reason = TextField(default="")

    class Meta:
        table_name = "disclosure_approval"
        constraints = [Check("valid_until >= approved_on")]
        indexes = ((("customer_id", "recipient"), False),)

    @property
    def label(self) -> str:
        return f"approval {self.id} for {self.recipient}"


class CustodyTask(Versioned, Owned):
    """What information or media of a customer were taken for. Finishing it makes everything due back at once."""

    title = CharField()
    reference = CharField(default="")
    note = TextField(default="")
    state = CharField(max_length=8, default="open")
    finished_at = Instant(null=True)
    closed_at = Instant(null=True)

    class Meta:
        table_name = "custody_task"
        constraints = [Check("state IN ('open', 'finished', 'closed')")]
        indexes = ((("customer_id", "state", "id"), False),)

    @property
    def label(self) -> str:
        return str(self.title)


class CustodyItem(Versioned, Owned):
    """A thing taken from a customer: out until it is given back - or, for a digital copy, deleted."""

    task = ForeignKeyField(CustodyTask)
    what = CharField()
    kind = CharField(max_length=16)
    quantity = IntegerField(default=1)
    taken_at = Instant(default=clock.now)
    taken_by = CharField()
    taken_from = CharField()
    site = ForeignKeyField(Site, null=True)
    asset = ForeignKeyField(Asset, null=True)
    note = TextField(default="")
    due_at = Instant(null=True)
    returned_at = Instant(null=True)
    returned_to = CharField(null=True)
    returned_by = CharField(null=True)
    deleted_at = Instant(null=True)
    deleted_by = CharField(null=True)
    deletion_method = CharField(null=True)

    class Meta:
        table_name = "custody_item"
        constraints = [
            Check("quantity > 0"),
            Check("returned_at IS NULL OR kind <> 'digital_copy'"),
            Check("deleted_at IS NULL OR kind = 'digital_copy'"),
        ]
        indexes = ((("customer_id", "due_at"), False), (("task", "id"), False))

    @property
    def label(self) -> str:
        return str(self.what)


class Departure(Versioned, Owned):
    """A customer leaves: what has to be settled before his data is erased. `waiver`: the paper in which he says that
    he needs no package, or has had his data in another way."""

    LEFT_OUT = "tells of his leaving this installation"

    announced_on = Day()
    announced_by = CharField()
    reference = CharField()
    waiver_reference = CharField(null=True)
    waiver_by = CharField(null=True)
    waiver_on = Day(null=True)

    class Meta:
        table_name = "departure"
        indexes = ((("customer_id",), True),)

    @property
    def label(self) -> str:
        return f"departure announced on {self.announced_on}"


class PriorChain(Owned):
    """The audit chain that a customer brought along from another installation, as it was: a file that verifies."""

    FILES = ("file_key",)

    file_key = CharField(max_length=80)
    sha256 = CharField(max_length=64)
    length = BigIntegerField()
    head = CharField(max_length=64)
    signed_by = CharField(max_length=64)  # the public key of the house that made the package
    package_sha256 = CharField(max_length=64)
    brought_at = Instant(default=clock.now)

    class Meta:
        table_name = "prior_chain"

    @property
    def label(self) -> str:
        return f"prior chain of {self.length} entries"


class Erasure(Row):
    """That a customer was erased. It outlives him, so nothing in it names him: `former_id` is a number, and `mark` a
    salted hash that whoever knows his short name can check. `people`: ids of the accounts that go with him."""

    number = CharField(max_length=16, unique=True)
    former_id = IntegerField(unique=True)
    salt = CharField(max_length=32)
    mark = CharField(max_length=64)
    state = CharField(max_length=8, default="queued")
    stage = CharField(max_length=16, default="rows")
    people = JSONField(default=list)
    counts = JSONField(default=dict)
    conditions = JSONField(default=dict)
    requested_by = CharField()
    requested_at = Instant(default=clock.now)
    finished_at = Instant(null=True)
    error = TextField(null=True)
    certificate = TextField(null=True)
    signature = CharField(max_length=128, null=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "erasure"

    @property
    def label(self) -> str:
        return f"erasure {self.number}"
