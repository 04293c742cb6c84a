"""Users, their roles, sessions and API tokens. Secrets are stored as hashes only."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

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

    class Meta:
        table_name = "app_user"

    @property
    def label(self) -> str:
        return self.email


class Membership(Row):
    """A role of a user: at one customer, or (customer_id NULL) in the operator's own house."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    customer_id = customer_column(null=True)
    role = CharField(max_length=32)

    class Meta:
        table_name = "membership"


Membership.add_index(Membership.user, Membership.customer_id, unique=True, name="membership_customer")
Membership.add_index(Membership.user, unique=True, where=SQL("customer_id IS NULL"), name="membership_house")
Membership.add_index(Membership.customer_id, Membership.user, name="membership_by_customer")


class Session(Row):
    """A signed-in browser. `id_hash` is the hash of what the cookie holds; deleting the row ends the session."""

    id_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    csrf = CharField(max_length=64)
    created_at = Instant(default=clock.now)
    seen_at = Instant(default=clock.now)
    address = CharField(max_length=64, null=True)
    agent = CharField(max_length=255, null=True)

    class Meta:
        table_name = "session"


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

    class Meta:
        table_name = "token"

    @property
    def label(self) -> str:
        return f"{self.name} ({self.prefix}…)"
