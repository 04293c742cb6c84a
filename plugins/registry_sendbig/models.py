"""Tables of SendBig. customer_id NULL: the house's own, which are releases and their files."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.sdk import Instant, Owned, Shared, Versioned, clock
from registry_sendbig.releases.models import Grant, Installed, Receipt, Release, Taken, Told


class Blob(Shared):
    """Bytes that are whole and verified: once for each customer, however often they were sent."""

    HOUSE_ROWS = ()  # whose bytes the house keeps is nobody's to list: files are reached through what they belong to
    FILES = ("key",)

    sha256 = CharField(max_length=64)
    crc32c = BigIntegerField(null=True)
    size = BigIntegerField()
    key = CharField(max_length=120, unique=True, null=True)  # none: its bytes are deleted, and this is their record
    media_type = CharField(max_length=100, default="application/octet-stream")  # as its content says, not its name
    scan = CharField(max_length=16, default="not_scanned")  # clean, not_scanned, too_large
    scanned_at = Instant(null=True)
    checked_at = Instant(null=True)  # when the store's bytes were last compared with the SHA-256
    missing_at = Instant(null=True)  # the consistency check did not find its bytes, or found others
    gone_at = Instant(null=True)  # nobody has a use for them any more: the bytes are being deleted, or are
    created_at = Instant(default=clock.now)

    class Meta:
        table_name = "sendbig_blob"
        indexes = ((("customer_id", "sha256", "size"), False), (("customer_id", "created_at"), False))

    @property
    def label(self) -> str:
        return str(self.sha256[:12])


class Request(Versioned, Owned):
    """A link by which somebody without an account uploads files to the customer."""

    SECRET = frozenset({"token_hash", "token_sealed", "password_hash"})
    LINKS = {"made_by_id": "app_user"}

    title = CharField()
    message = TextField(default="")
    email = CharField(default="")  # who was asked; none: the link was handed over otherwise
    made_by = CharField()
    made_by_id = BigIntegerField(null=True)
    token_hash = CharField(max_length=64, unique=True, null=True)  # none: it was brought in a package, without a link
    token_sealed = TextField(null=True)
    password_hash = CharField(default="")
    expires_at = Instant()
    most_bytes = BigIntegerField(null=True)
    most_files = IntegerField(null=True)
    closed_at = Instant(null=True)
    used_at = Instant(null=True)  # the first upload

    class Meta:
        table_name = "sendbig_request"
        indexes = ((("customer_id", "id"), False),)

    @property
    def label(self) -> str:
        return str(self.title)


class Transfer(Versioned, Owned):
    """Files that go to somebody. state: draft, checking (all sent, not all verified), open, ended."""

    SECRET = frozenset({"password_hash"})
    LINKS = {"made_by_id": "app_user", "approval_id": "disclosure_approval"}

    title = CharField()
    message = TextField(default="")
    state = CharField(max_length=12, default="draft")
    made_by = CharField()
    made_by_id = BigIntegerField(null=True)
    by_operator = BooleanField(default=False)
    request = ForeignKeyField(Request, null=True, index=True)  # came in by this request
    sender_email = CharField(default="")  # whoever used a request says who he is
    party = CharField(default="")  # the third party whom an approval names
    approval_id = IntegerField(null=True)
    password_hash = CharField(default="")
    most_downloads = IntegerField(null=True)  # by each recipient, of each file
    expires_at = Instant()
    opened_at = Instant(null=True)
    ended_at = Instant(null=True)
    end_reason = CharField(max_length=16, default="")  # expired, revoked, used_up, abandoned
    ended_by = CharField(default="")
    reminded_at = Instant(null=True)

    class Meta:
        table_name = "sendbig_transfer"
        indexes = ((("customer_id", "id"), False), (("customer_id", "state", "expires_at"), False))

    @property
    def label(self) -> str:
        return str(self.title)


class Recipient(Versioned, Owned):
    """One address and its own link, so that the record says who fetched what."""

    SECRET = frozenset({"token_hash", "token_sealed"})

    transfer = ForeignKeyField(Transfer, on_delete="CASCADE", index=False)
    email = CharField()  # empty: a link that the sender hands over himself
    name = CharField(default="")
    kind = CharField(max_length=12)  # own (the customer's people), office (the operator's), third
    token_hash = CharField(max_length=64, unique=True, null=True)  # none: as at Request
    token_sealed = TextField(null=True)
    mailed_at = Instant(null=True)
    first_at = Instant(null=True)  # the first file was fetched whole
    last_at = Instant(null=True)
    revoked_at = Instant(null=True)
    by_operator = BooleanField(default=False)  # one of the operator's people chose him

    class Meta:
        table_name = "sendbig_recipient"
        indexes = ((("transfer",), False), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return str(self.email or self.name)


class File(Versioned, Shared):
    """A file of a transfer or of a release. state: receiving, checking, kept, refused, stuck.

    stuck: all of it is here, but verifying it failed again and again; refusal_told says why.
    """

    HOUSE_ROWS = ()

    transfer = ForeignKeyField(Transfer, null=True, on_delete="CASCADE", index=False)
    release = ForeignKeyField(Release, null=True, on_delete="CASCADE", index=False)
    name = CharField()
    folder = CharField(default="")  # where it lay in a folder that was sent, with / between
    declared_type = CharField(max_length=100, default="")
    size = BigIntegerField(null=True)
    state = CharField(max_length=12, default="receiving")
    refusal = CharField(max_length=16, default="")  # checksum, type, infected, damaged, quota, unfinished
    refusal_told = TextField(default="")
    wanted_sha256 = CharField(max_length=64, default="")  # what the sender says it is
    blob = ForeignKeyField(Blob, null=True, index=True)
    kind = CharField(max_length=12, default="patch")  # of a release's file: patch, document
    audience = CharField(max_length=12, default="contract")  # of a release's file: contract, all

    class Meta:
        table_name = "sendbig_file"
        indexes = ((("transfer",), False), (("release",), False), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return str(self.name)


class Upload(Versioned, Shared):
    """Bytes on their way in: where the store keeps them, and who may go on.

    The row outlives the bytes' journey until it expires: a client that missed the last answer asks again.
    """

    HOUSE_ROWS = ()
    FILES = ("key",)
    LEFT_OUT = "bytes on their way in: what has arrived is among the files"
    SECRET = frozenset({"token_hash", "concat"})
    UNSAID = frozenset({"place", "crc32c", "crc_at", "stop_asked_at", "metadata", "parts"})

    file = ForeignKeyField(File, null=True, on_delete="CASCADE", index=True)  # none: a part to be put together
    transfer = ForeignKeyField(Transfer, null=True, on_delete="CASCADE", index=True)
    release = ForeignKeyField(Release, null=True, on_delete="CASCADE", index=True)
    token_hash = CharField(max_length=64, unique=True)
    key = CharField(max_length=120, default="", index=True)  # none: its bytes are a blob's now, or gone
    place = TextField(default="")  # the store's own words for an upload in progress
    size = BigIntegerField(null=True)  # declared; none until it is known
    arrived = BigIntegerField(default=0)  # as last told: the store knows better
    crc32c = BigIntegerField(default=0)  # of the first crc_at bytes
    crc_at = BigIntegerField(default=0)  # -1: not known any more
    metadata = TextField(default="")  # Upload-Metadata as it came
    partial = BooleanField(default=False)
    parts = JSONField(null=True)  # ids of the uploads that this one is put together from
    concat = TextField(default="")  # Upload-Concat as it came, sealed: it names their addresses
    made_by = CharField()
    made_by_id = BigIntegerField(null=True)
    last_at = Instant(default=clock.now)
    expires_at = Instant()
    stop_asked_at = Instant(null=True)  # somebody else wants to go on with it
    whole_at = Instant(null=True)  # the last byte has arrived
    settled_at = Instant(null=True)  # verified, and kept or refused
    tries = IntegerField(default=0)  # of the job that verifies it

    class Meta:
        table_name = "sendbig_upload"
        indexes = ((("customer_id", "expires_at"), False), (("expires_at",), False))

    @property
    def label(self) -> str:
        return str(self.id)


class Download(Owned):
    """One fetch of a file (or of all: file NULL) by one recipient or user, whole or not."""

    LINKS = {"user_id": "app_user"}

    transfer = ForeignKeyField(Transfer, on_delete="CASCADE", index=False)
    recipient = ForeignKeyField(Recipient, null=True, on_delete="CASCADE", index=True)
    file = ForeignKeyField(File, null=True, on_delete="CASCADE", index=False)
    user_id = BigIntegerField(null=True)
    who = CharField()
    address = CharField(max_length=64, default="")
    begun_at = Instant(default=clock.now)
    last_at = Instant(default=clock.now)
    ranges = JSONField(default=list)  # [[first, after last], ...] delivered so far
    delivered = BigIntegerField(default=0)
    whole_at = Instant(null=True)  # all of it was delivered: this is what counts
    live_until = Instant(null=True)  # bytes are leaving: until then nobody else gets its place

    class Meta:
        table_name = "sendbig_download"
        indexes = ((("transfer", "id"), False), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return str(self.who)


TABLES = (Blob, Request, Transfer, Recipient, Release, File, Upload, Download, Installed, Receipt, Taken,
          Told, Grant)  # fmt: skip
