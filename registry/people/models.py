"""Users, their roles, sessions and API tokens. Secrets are stored as hashes only."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.db import SQL, Instant, Row, customer_column
from registry.kernel.writing import Versioned


class User(Versioned, Row):
    SECRET = frozenset({"password_hash"})

    email = CharField(unique=True)
    name = CharField()
    password_hash = CharField(null=True)
    active = BooleanField(default=True)
    language = CharField(max_length=16, default="en")
    time_zone = CharField(max_length=64, default="UTC")
    kind = CharField(max_length=16, default="person", constraints=[SQL("DEFAULT 'person'")])
    shut_by_house = BooleanField(default=False, constraints=[SQL("DEFAULT false")])  # a customer cannot open it again

    class Meta:
        table_name = "app_user"

    @property
    def label(self) -> str:
        return self.email

    @property
    def person_id(self) -> int | None:
        return self.id  # type: ignore[no-any-return]

    @property
    def is_machine(self) -> bool:
        """A program's account: no password, no session, no mailed links; tokens only."""
        return bool(self.kind == "machine")


class Membership(Row):
    """A role of a user: at one customer, or (customer_id NULL) in the operator's own house."""

    OPEN_TO_ALL = ("SELECT",)  # what somebody may see is read from here

    user = ForeignKeyField(User, on_delete="CASCADE")
    customer_id = customer_column(null=True)
    role = CharField(max_length=32)

    class Meta:
        table_name = "membership"


Membership.add_index(Membership.user, Membership.customer_id, unique=True, name="membership_customer")
Membership.add_index(Membership.user, unique=True, where=SQL("customer_id IS NULL"), name="membership_house")
Membership.add_index(Membership.customer_id, Membership.user, name="membership_by_customer")


class Session(Row):
    """A signed-in browser. `id_hash` is the hash of what the cookie holds; deleting the row ends the session.

    `how` the user proved who he is: password, passkey, oidc, link. `second`: by what besides, if by anything: code,
    recovery, passkey, oidc. While `stage` is half, that is still to come, and the session is good for nothing else.
    """

    SECRET = frozenset({"id_hash", "csrf"})

    id_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    csrf = CharField(max_length=64)
    created_at = Instant(default=clock.now)
    seen_at = Instant(default=clock.now)
    address = CharField(max_length=64, null=True)
    agent = CharField(max_length=255, null=True)
    how = CharField(max_length=16, default="password", constraints=[SQL("DEFAULT 'password'")])
    stage = CharField(max_length=8, default="full", constraints=[SQL("DEFAULT 'full'")])
    second = CharField(max_length=16, null=True)
    confirmed_at = Instant(null=True)

    class Meta:
        table_name = "session"

    @property
    def label(self) -> str:
        return f"session {self.id}"


class SecondFactor(Row):
    """A user's authenticator app. Secrets are sealed; `pending` is one that no code has confirmed yet.

    `last_step` is the time step of the last code that was accepted: none is good twice.
    """

    SECRET = frozenset({"secret", "pending"})

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    secret = TextField(null=True)
    last_step = BigIntegerField(null=True)
    confirmed_at = Instant(null=True)
    pending = TextField(null=True)
    pending_at = Instant(null=True)

    class Meta:
        table_name = "second_factor"


class RecoveryCode(Row):
    """A code on paper for the day when the phone is gone: good once."""

    SECRET = frozenset({"hash"})

    user = ForeignKeyField(User, on_delete="CASCADE")
    hash = CharField(max_length=64)
    used_at = Instant(null=True)

    class Meta:
        table_name = "recovery_code"
        indexes = ((("user", "hash"), True),)


class Token(Row):
    """An API token: 256 random bits, shown once, kept as a hash. `scope` narrows its owner's permissions."""

    SECRET = frozenset({"hash"})

    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(max_length=100)
    prefix = CharField(max_length=12)
    hash = CharField(max_length=64, unique=True)
    scope = JSONField(null=True)
    created_at = Instant(default=clock.now)
    expires_at = Instant()
    last_used_at = Instant(null=True)
    last_used_address = CharField(max_length=64, null=True)
    revoked_at = Instant(null=True)
    version = IntegerField(default=1)
    made_with = BigIntegerField(null=True)  # the token by which it was made: they end together

    class Meta:
        table_name = "token"

    @property
    def label(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class MailedLink(Row):
    """A link that went out by mail: good once, for one purpose, until it expires or is ended.

    `mark` tells of the password that the account had, so that a link does not outlive it.
    """

    SECRET = frozenset({"hash", "mark"})

    user = ForeignKeyField(User, on_delete="CASCADE")
    purpose = CharField(max_length=16)
    hash = CharField(max_length=64, unique=True)
    address = CharField()
    mark = CharField(max_length=64)
    created_at = Instant(default=clock.now)
    expires_at = Instant()
    ended_at = Instant(null=True)
    end = CharField(max_length=16, null=True)  # used, replaced, withdrawn, joined, password, email, deactivated

    class Meta:
        table_name = "mailed_link"
        indexes = ((("user", "purpose", "ended_at"), False),)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.expires_at > clock.now()


class Handshake(Row):
    """Something begun in one browser that must be finished in the same one, once, within minutes.

    `hash` is that of what comes back (a challenge, a state), `browser` that of what the browser's cookie holds.
    """

    SECRET = frozenset({"hash", "browser", "sealed"})

    purpose = CharField(max_length=16)
    hash = CharField(max_length=64, unique=True)
    browser = CharField(max_length=64)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    sealed = TextField(null=True)
    expires_at = Instant(index=True)

    class Meta:
        table_name = "handshake"


class Passkey(Versioned, Row):
    """A public key that an authenticator of the user's holds the other half of. Ids and keys are base64url."""

    SECRET = frozenset({"public_key", "user_handle"})

    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(max_length=100)
    credential_id = CharField(max_length=1400, unique=True)
    public_key = TextField()
    user_handle = CharField(max_length=90)
    sign_count = BigIntegerField(default=0)
    transports = JSONField(null=True)
    backed_up = BooleanField(default=False)
    last_used_at = Instant(null=True)

    class Meta:
        table_name = "passkey"

    @property
    def label(self) -> str:
        return self.name


class LinkedIdentity(Row):
    """Who a user is at an identity provider. One subject for each user and provider, one user for each subject."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    issuer = CharField()
    subject = CharField()
    email = CharField()
    created_at = Instant(default=clock.now)
    last_used_at = Instant(null=True)

    class Meta:
        table_name = "linked_identity"
        indexes = ((("issuer", "subject"), True), (("user", "issuer"), True))

    @property
    def label(self) -> str:
        return self.email
