"""What a webhook can be told of, in which words, and by which signature it is known to come from us."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from registry.actions import Action
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.audit import HOUSE, AuditEntry
from registry.kernel.db import run_sql
from registry.kernel.events import Event, subscribe
from registry.kernel.installation import Fact
from registry.kernel.mail import link
from registry.notices.webhook_models import API, Webhook, WebhookDelivery

PING = "webhook.ping"
NAMES = tuple(sorted(Action))
GROUPS = tuple(sorted({f"{name.partition('.')[0]}.*" for name in NAMES}))
SYSTEM = Actor.system(name="webhooks", kind="job")
SOMEBODY_LISTENS = "webhooks"  # a fact of the installation

# object type -> (what it is called, where the API has it). A type that is not here has no address of its own.
OBJECTS = {
    "app_user": ("user", "/api/v1/users/{}"),
    "asset": ("asset", "/api/v1/assets/{}"),
    "contact": ("contact", "/api/v1/contacts/{}"),
    "contract": ("contract", "/api/v1/contracts/{}"),
    "customer": ("customer", "/api/v1/customers/{slug}"),
    "import_session": ("import", "/api/v1/imports/{}"),
    "licence": ("licence", "/api/v1/licences/{}"),
    "product": ("product", "/api/v1/products/{}"),
    "site": ("site", "/api/v1/sites/{}"),
    "warranty": ("warranty", "/api/v1/warranties/{}"),
    "webhook": ("webhook", "/api/v1/webhooks/{}"),
}


def listens(patterns: Sequence[str], name: str) -> bool:
    """Whether one of the patterns (asset.created, asset.*) names this event."""
    return name in patterns or f"{name.partition('.')[0]}.*" in patterns


def hear(event: Event, _actor: Actor) -> None:
    """Put the event on its way to everybody who listens: its customer's webhooks, and the house's."""
    mine = Webhook.customer_id.is_null()
    if event.customer_id:
        mine |= Webhook.customer_id == event.customer_id
    listening = visible(Webhook, SYSTEM).where((Webhook.enabled == True) & mine)  # noqa: E712 - SQL
    chosen = [webhook for webhook in listening.order_by(Webhook.id) if listens(webhook.events, event.name)]
    if not chosen:
        return
    told = told_of(event)
    for webhook in chosen:
        put_on_its_way(webhook, told, event.customer_id)


def told_of(event: Event) -> dict[str, Any]:
    """The event as receivers read it, but for the delivery's id."""
    slug = _slug(event.customer_id)
    kind, path = OBJECTS.get(event.object_type, (event.object_type, ""))
    address = path.format(event.object_id, slug=slug) if path and event.object_id is not None else None
    return {
        "api": API,
        "event": event.name,
        "at": _text(event.at),
        "customer": slug,
        "object": {"type": kind, "id": event.object_id},
        "data": {"label": _label(event), "link": link(address) if address else None},
    }


def told_of_ping(webhook: Webhook) -> dict[str, Any]:
    return {
        "api": API,
        "event": PING,
        "at": _text(clock.now()),
        "customer": _slug(webhook.customer_id),
        "object": {"type": "webhook", "id": webhook.id},
        "data": {"label": webhook.name, "link": link(f"/api/v1/webhooks/{webhook.id}")},
    }


def put_on_its_way(webhook: Webhook, told: dict[str, Any], customer_id: int | None) -> WebhookDelivery:
    uid = secrets.token_hex(16)
    return WebhookDelivery.create(
        customer_id=customer_id,
        webhook=webhook.id,
        uid=uid,
        event=told["event"],
        object_type=told["object"]["type"],
        object_id=told["object"]["id"],
        body=orjson.dumps({"id": uid, **told}).decode(),
    )


def _slug(customer_id: int | None) -> str | None:
    if customer_id is None:
        return None
    found = visible(Customer, SYSTEM, Customer.slug).where(Customer.id == customer_id).tuples().first()
    return found[0] if found else None


def _label(event: Event) -> str | None:
    """How the audit chain calls the thing: it was written beside the event, and knows it also when it is gone."""
    found = (
        AuditEntry.select(AuditEntry.label)
        .where(
            (AuditEntry.object_type == event.object_type)
            & (AuditEntry.object_id == event.object_id)
            & (AuditEntry.customer_id == (event.customer_id or HOUSE))
        )
        .order_by(AuditEntry.id.desc())
        .tuples()
        .first()
    )
    return found[0] if found else None


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signature(keys: Sequence[str], moment: int, body: bytes) -> str:
    """The header Assetcare-Signature: one v1 for each secret that is valid at present."""
    signed = f"{moment}.".encode() + body
    made = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={moment}", *(f"v1={one}" for one in made)])


# --- Whether anybody listens at all ------------------------------------------------------------------------


def somebody_listens() -> bool:
    """Asked at every change, so it is one look at a row that either is there or not."""
    return run_sql("SELECT 1 FROM installation WHERE name = ?", (SOMEBODY_LISTENS,)).fetchone() is not None


def note_that_somebody_listens() -> None:
    """When a webhook is made or switched on, in that transaction. The row stays: to take it away again would be a race
    with the next one, for the price of a row and a glance at each event."""
    Fact.insert(name=SOMEBODY_LISTENS, value="yes").on_conflict_ignore().execute()


subscribe("webhooks", "*", hear, wanted=somebody_listens)
