"""Tables of SendBig. customer_id NULL: the house's own, which are releases and their files."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.sdk import Instant, Owned, Shared, Versioned, clock


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


class Release(Versioned, Shared):
    """A patch, documents, or both for a product, offered to those who are entitled. state: draft, published,
    withdrawn. The keys order versions (versions.py), so that SQL can compare them."""

    HOUSE_ROWS = ()
    LINKS = {"product_id": "product"}
    UNSAID = frozenset({"from_rank", "below_rank", "told_at"})

    product_id = IntegerField()
    title = CharField()
    version_name = CharField(max_length=64, default="")  # what a unit has once the patch is on it; none: documents only
    from_version = CharField(max_length=64, default="")  # affected: from this one on; empty from the first
    below_version = CharField(max_length=64, default="")  # affected: those before it; empty means before version_name
    from_rank = CharField(max_length=600, default="")
    below_rank = CharField(max_length=600, default="")  # empty: no version is affected more than another
    problem = TextField(default="")
    known_error = CharField(default="")  # its number, where there is one
    note = TextField(default="")  # release note
    state = CharField(max_length=12, default="draft")
    published_by = CharField(default="")
    published_at = Instant(null=True)
    withdrawn_at = Instant(null=True)
    withdrawn_reason = TextField(default="")
    told_at = Instant(null=True)  # everybody who was on its list then had been written to

    class Meta:
        table_name = "sendbig_release"
        indexes = ((("customer_id", "id"), False), (("product_id", "state"), False), (("state", "id"), False))

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.title, self.version_name) if part)


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
    refusal = CharField(max_length=16, default="")  # checksum, type, infected, damaged
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


class Installed(Versioned, Owned):
    """The version of its software (firmware, program) that a unit is known to run: an asset or a licence."""

    LINKS = {"asset_id": "asset", "licence_id": "licence", "release_id": "sendbig_release"}
    UNSAID = frozenset({"version_rank"})

    asset_id = IntegerField(null=True)
    licence_id = IntegerField(null=True)
    version_name = CharField(max_length=64)
    version_rank = CharField(max_length=600)
    known_on = Instant(default=clock.now)
    source = CharField(default="")  # who or what says so
    release_id = IntegerField(null=True)  # by installing this patch

    class Meta:
        table_name = "sendbig_installed"
        indexes = ((("customer_id", "asset_id"), True), (("customer_id", "licence_id"), True))

    @property
    def label(self) -> str:
        return str(self.version_name)


class Receipt(Owned):
    """Somebody said that the patch is installed on a unit. `unit_label`: what stood on it, for when it is gone."""

    LINKS = {"user_id": "app_user", "asset_id": "asset", "licence_id": "licence"}

    release = ForeignKeyField(Release, index=False)
    asset_id = IntegerField(null=True)
    licence_id = IntegerField(null=True)
    unit_label = CharField()
    version_name = CharField(max_length=64)
    version_before = CharField(max_length=64, default="")
    user_id = BigIntegerField(null=True)
    who = CharField()
    at = Instant(default=clock.now)

    class Meta:
        table_name = "sendbig_receipt"
        indexes = ((("customer_id", "id"), False), (("release", "customer_id"), False))

    @property
    def label(self) -> str:
        return f"{self.unit_label} {self.version_name}"


class Taken(Owned):
    """Somebody of a customer took a file of a release: who, which version, when, and that it arrived whole."""

    LINKS = {"user_id": "app_user", "file_id": "sendbig_file"}

    release = ForeignKeyField(Release, index=False)
    file_id = BigIntegerField(null=True)
    file_name = CharField()
    kind = CharField(max_length=12)
    size = BigIntegerField(default=0)
    sha256 = CharField(max_length=64)
    version_name = CharField(max_length=64, default="")
    user_id = BigIntegerField(null=True)
    who = CharField()
    granted = BooleanField(default=False)  # by an approval, not by a contract
    begun_at = Instant(default=clock.now)
    last_at = Instant(default=clock.now)
    ranges = JSONField(default=list)  # [[first, after last], ...] delivered so far
    whole_at = Instant(null=True)

    class Meta:
        table_name = "sendbig_taken"
        indexes = ((("customer_id", "id"), False), (("release", "id"), False), (("customer_id", "file_id"), False))

    @property
    def label(self) -> str:
        return f"{self.file_name} {self.version_name}".strip()


class Told(Owned):
    """Somebody was written to about a release, once for each reason: published, withdrawn."""

    NOT_READ = "tells whom the former operator has written to"
    LINKS = {"user_id": "app_user"}

    release = ForeignKeyField(Release, index=False)
    user_id = BigIntegerField()
    what = CharField(max_length=12)
    at = Instant(default=clock.now)

    class Meta:
        table_name = "sendbig_told"
        indexes = ((("release", "what", "customer_id", "user_id"), True), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return str(self.what)


class Grant(Versioned, Owned):
    """A document of a release for a named user without a contract, approved with a reason. Never the patch."""

    NOT_READ = "was approved by the former operator, for his files"
    LINKS = {"user_id": "app_user"}

    release = ForeignKeyField(Release, index=False)
    user_id = BigIntegerField()
    email = CharField()  # as it was when it was approved
    reason = TextField()
    approved_by = CharField()
    approved_at = Instant(default=clock.now)
    until = Instant(null=True)
    revoked_at = Instant(null=True)

    class Meta:
        table_name = "sendbig_grant"
        indexes = ((("release", "user_id"), False), (("customer_id", "id"), False))

    @property
    def label(self) -> str:
        return str(self.email)


TABLES = (Blob, Request, Transfer, Recipient, Release, File, Upload, Download, Installed, Receipt, Taken,
          Told, Grant)  # fmt: skip
