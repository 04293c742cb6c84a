"""An import session: one file on its way into the registry, from the first look to the undo."""

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, JSONField

from registry.kernel.access import Owned
from registry.kernel.db import Instant
from registry.kernel.writing import Versioned

STATES = ("checked", "queued", "running", "applied", "failed", "undone")
MODES = ("create", "update", "mixed")
ON_ERROR = ("stop", "skip")


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
    errors = JSONField(default=list)  # the first thousand: [{line, column, value, message}]
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
