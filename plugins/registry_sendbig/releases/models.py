"""Tables of releases: what is offered to whom, what runs where, who took what."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.sdk import Instant, Owned, Shared, Versioned, clock


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
    from_rank = CharField(max_length=1000, default="")
    below_rank = CharField(max_length=1000, default="")  # empty: no version is affected more than another
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


class Installed(Versioned, Owned):
    """The version of its software (firmware, program) that a unit is known to run: an asset or a licence."""

    LINKS = {"asset_id": "asset", "licence_id": "licence", "release_id": "sendbig_release"}
    UNSAID = frozenset({"version_rank"})

    asset_id = IntegerField(null=True)
    licence_id = IntegerField(null=True)
    version_name = CharField(max_length=64)
    version_rank = CharField(max_length=1000)
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
    """Somebody took a file of a release on a customer's page: who, which version, when, and that it arrived whole."""

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
    by_operator = BooleanField(default=False)  # one of the operator's people, on the customer's page: not its taking

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
