"""An import session: one file on its way into the registry, from the first look to the undo."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from registry.kernel.access import Owned
from registry.kernel.db import Instant
from registry.kernel.writing import Versioned

STATES = ("draft", "checked", "queued", "running", "applied", "failed", "undoing", "undone")
MODES = ("create", "update", "mixed")
ON_ERROR = ("stop", "skip")
OUTCOMES = ("created", "updated", "refused")


class ImportSession(Versioned, Owned):
    SECRET = frozenset({"kept"})
    LINKS = {"actor_id": "app_user"}
    FILES = ("file_key",)

    kind = CharField(max_length=32)
    filename = CharField()
    file_key = CharField(max_length=64)  # server-made: a name on disk never comes from outside
    mode = CharField(max_length=8)
    key = CharField(max_length=64)
    on_error = CharField(max_length=8)
    options = JSONField(default=dict)  # encoding, delimiter, sheet, date_order, mapping, create_missing
    state = CharField(max_length=16)
    dry_run = BooleanField(default=True)
    actor_id = BigIntegerField(null=True)
    actor_name = CharField()
    rows = IntegerField(default=0)
    created = IntegerField(default=0)
    updated = IntegerField(default=0)
    unchanged = IntegerField(default=0)
    skipped = IntegerField(default=0)
    error_count = IntegerField(default=0)
    errors = JSONField(default=list)  # the first thousand: [{line, column, value, message}]; no line: of the whole
    notices = JSONField(default=list)
    mapping = JSONField(default=dict)  # header -> field, as it was used
    kept = JSONField(default=dict)  # sealed values that updates replaced: an undo wants them back
    finished_at = Instant(null=True)
    file_size = BigIntegerField(null=True)  # bytes

    class Meta:
        table_name = "import_session"
        indexes = ((("customer_id", "id"), False),)

    @property
    def label(self) -> str:
        return f"{self.kind} from {self.filename}"


class SavedMapping(Versioned, Owned):
    """Which column of a customer's usual file means what."""

    name = CharField(max_length=100)
    kind = CharField(max_length=32)
    columns = JSONField(default=dict)
    options = JSONField(default=dict)

    class Meta:
        table_name = "import_mapping"
        indexes = ((("customer_id", "kind", "name"), True),)

    @property
    def label(self) -> str:
        return self.name


class ImportChange(Owned):
    """What the last run of an import did, or would do, to one row: told while somebody decides, then forgotten.

    The audit chain has what was done for good. `object_id` is None for what a dry run only would have made.
    """

    LEFT_OUT = "what somebody looks at before he decides; the audit chain tells what was done"

    session = ForeignKeyField(ImportSession, on_delete="CASCADE")
    line = IntegerField(null=True)  # of the file; None for what was made on the way
    outcome = CharField(max_length=8)
    object_type = CharField(max_length=32)
    object_id = BigIntegerField(null=True)
    label = CharField()
    cells = JSONField(default=list)  # [{field, before, after}] as texts; of a refused row [{field, value, message}]

    class Meta:
        table_name = "import_change"
        indexes = ((("customer_id", "session", "id"), False), (("customer_id", "session", "outcome", "id"), False))
