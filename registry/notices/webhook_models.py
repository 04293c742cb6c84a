"""Webhooks: addresses that are told what happens, and what is on its way to them."""

from urllib.parse import urlsplit

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.access import Owned
from registry.kernel.db import Instant, customer_column
from registry.kernel.writing import Versioned

API = 1  # the shape of what is sent


class Webhook(Versioned, Owned):
    """An address of one customer, or (customer NULL) of the house; those of the house are nobody else's to see."""

    # The address is a credential with many a receiver. The rest is the courier's own bookkeeping, no history.
    SECRET = frozenset(
        {"url", "secret", "old_secret", "failures", "failing_since", "resting_until", "leased_until", "last_ok_at"}
    )

    customer_id = customer_column(null=True)
    name = CharField(max_length=100)
    url = TextField()
    events = JSONField()
    api = IntegerField(default=API)
    enabled = BooleanField(default=True)
    secret = TextField()
    old_secret = TextField(null=True)
    old_secret_until = Instant(null=True)
    failures = IntegerField(default=0)  # one after another
    failing_since = Instant(null=True)
    resting_until = Instant(null=True)
    leased_until = Instant(null=True)
    last_ok_at = Instant(null=True)

    class Meta:
        table_name = "webhook"
        indexes = ((("customer_id", "id"), False),)

    @property
    def label(self) -> str:
        return f"{self.name} ({urlsplit(self.url).hostname})"


class WebhookDelivery(Owned):
    """One event for one webhook. `customer_id`: whom the event is about, also when the webhook is the house's."""

    customer_id = customer_column(null=True)
    webhook = ForeignKeyField(Webhook, on_delete="CASCADE")
    uid = CharField(max_length=32, unique=True)
    event = CharField(max_length=64)
    object_type = CharField(max_length=64, null=True)
    object_id = BigIntegerField(null=True)
    body = TextField()
    state = CharField(max_length=8, default="pending")  # pending, done, parked
    tries = IntegerField(default=0)
    at = Instant(default=clock.now)
    since = Instant(default=clock.now)  # when it was put on its way, the last time
    next_at = Instant(default=clock.now)
    outcome = CharField(max_length=32, null=True)
    milliseconds = IntegerField(null=True)
    done_at = Instant(null=True)

    class Meta:
        table_name = "webhook_delivery"
        indexes = (
            (("webhook", "state", "next_at", "id"), False),
            (("customer_id", "id"), False),
            (("at",), False),
        )

    @property
    def label(self) -> str:
        return f"{self.event} {self.uid}"
