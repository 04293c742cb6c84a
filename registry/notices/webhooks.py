"""Verbs about webhooks: make, change, renew the secret, try out, send again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from peewee import ModelSelect

from registry.actions import Action
from registry.customers.service import customer_by
from registry.kernel import access, clock, outgoing
from registry.kernel.access import Actor, Permission, visible
from registry.kernel.db import is_sqlite, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.secrets import new_token, vault
from registry.kernel.writing import ANY_VERSION, change, create, note, remove
from registry.notices import webhook_events
from registry.notices.webhook_events import PING, put_on_its_way, told_of_ping
from registry.notices.webhook_models import Webhook, WebhookDelivery

MOST_WEBHOOKS = 10  # of one customer
OVERLAP = timedelta(hours=24)  # for which the secret before still signs

access.declare(
    Permission("webhook.edit", "Set up webhooks, see what they were sent"),
    Permission("webhook.house", "Set up webhooks that hear of every customer", customer=False),
)


def webhooks(actor: Actor) -> ModelSelect:
    """Webhooks of the actor's customers; those of the house only for whoever may set them up."""
    query = visible(Webhook, actor.where("webhook.edit"))
    return query if actor.can("webhook.house") else query.where(Webhook.customer_id.is_null(False))


def deliveries(actor: Actor) -> ModelSelect:
    """What was sent to those webhooks: the webhook decides, and not whom the event was about."""
    return visible(WebhookDelivery, actor).where(WebhookDelivery.webhook.in_(webhooks(actor).select(Webhook.id)))


def get_webhook(actor: Actor, webhook_id: int, *, lock: bool = False) -> Webhook:
    query = webhooks(actor).where(Webhook.id == webhook_id)
    found = (query.for_update() if lock and not is_sqlite() else query).first() if webhook_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def create_webhook(actor: Actor, values: Mapping[str, Any]) -> tuple[Webhook, str]:
    """values: customer (None, by the operator: the house), name, url, events, enabled. Answers the row and its secret,
    which cannot be shown again."""
    given = dict(values)
    named = given.pop("customer", None)
    customer_id = None if named is None and actor.is_operator else customer_by(actor, named).id
    actor.must("webhook.edit" if customer_id else "webhook.house", customer_id)
    _must_name_addresses(actor, customer_id)
    _check_address(given["url"])
    secret = _new_secret()
    with transaction():
        if customer_id and webhooks(actor).where(Webhook.customer_id == customer_id).count() >= MOST_WEBHOOKS:
            raise Conflict(
                _("A customer has %(most_webhooks)s webhooks at most; remove one.", most_webhooks=MOST_WEBHOOKS),
                code="too_many",
            )
        ready = {**given, "customer_id": customer_id, "secret": vault().seal(secret)}
        made = create(actor, Webhook, ready, Action.WEBHOOK_CREATED)
        webhook_events.note_that_somebody_listens()
    return made, secret


def change_webhook(actor: Actor, webhook_id: int, values: Mapping[str, Any], version: int | None) -> Webhook:
    """Change name, url, events, enabled. What waits for a webhook that is switched off is parked."""
    webhook = _editable(actor, webhook_id)
    if "url" in values and values["url"] != webhook.url:
        _must_name_addresses(actor, webhook.customer_id)
        _check_address(values["url"])
    with transaction():
        change(actor, webhook, values, Action.WEBHOOK_CHANGED, version=version)
        if not webhook.enabled:
            park_all(webhook.id)
        elif "url" in values or "enabled" in values:
            _start_afresh(webhook.id)
            webhook_events.note_that_somebody_listens()
    return webhook


def remove_webhook(actor: Actor, webhook_id: int, version: int | None) -> None:
    """Remove it with the log of what it was sent."""
    remove(actor, _editable(actor, webhook_id), Action.WEBHOOK_REMOVED, version=version)


def renew_secret(actor: Actor, webhook_id: int) -> tuple[Webhook, str]:
    """A new secret, shown this once. For a day every delivery is signed with both."""
    secret = _new_secret()
    with transaction():
        webhook = _editable(actor, webhook_id, lock=True)
        until = clock.now() + OVERLAP
        values = {"old_secret": webhook.secret, "old_secret_until": until, "secret": vault().seal(secret)}
        change(actor, webhook, values, Action.WEBHOOK_SECRET_RENEWED, version=ANY_VERSION)
    return webhook, secret


def ping(actor: Actor, webhook_id: int) -> WebhookDelivery:
    """Have a test sent; how it went is in the log of deliveries a moment later."""
    with transaction():
        webhook = _switched_on(_editable(actor, webhook_id, lock=True))
        waiting = (WebhookDelivery.webhook == webhook.id) & (WebhookDelivery.event == PING)
        if deliveries(actor).where(waiting & (WebhookDelivery.state == "pending")).first():
            raise Conflict(_("A test is on its way; look at the deliveries."), code="wrong_state")
        made = put_on_its_way(webhook, told_of_ping(webhook), webhook.customer_id)
        note(actor, Action.WEBHOOK_PINGED, webhook, after={"delivery": made.uid})
        _wake(webhook.id)
    return made


def send_again(actor: Actor, delivery_id: int) -> WebhookDelivery:
    """Put a delivery on its way once more: the same body under the same id, so that a receiver can tell."""
    with transaction():
        found = deliveries(actor).where(WebhookDelivery.id == delivery_id).first() if delivery_id < 2**63 else None
        if found is None:
            raise NotFound()
        webhook = _switched_on(_editable(actor, found.webhook_id, lock=True))
        now = clock.now()
        WebhookDelivery.update(state="pending", since=now, next_at=now, done_at=None).where(
            WebhookDelivery.id == found.id
        ).execute()
        note(actor, Action.WEBHOOK_SENT_AGAIN, webhook, after={"delivery": found.uid})
        _wake(webhook.id)
    return found


def park_all(webhook_id: int) -> None:
    """Nothing waits for a webhook that is off: switched on again, it would be told of what nobody remembers."""
    waiting = (WebhookDelivery.webhook == webhook_id) & (WebhookDelivery.state == "pending")
    WebhookDelivery.update(state="parked", done_at=clock.now()).where(waiting).execute()


def _editable(actor: Actor, webhook_id: int, *, lock: bool = False) -> Webhook:
    webhook = get_webhook(actor, webhook_id, lock=lock)
    actor.must("webhook.edit" if webhook.customer_id else "webhook.house", webhook.customer_id)
    return webhook


def _must_name_addresses(actor: Actor, customer_id: int | None) -> None:
    """Whoever may send a customer's events somewhere discloses them: that is for his own people to decide."""
    if customer_id and actor.is_operator:
        raise Forbidden(
            _("Where a customer's events go is for his own people to say. You can test it and switch it off.")
        )


def _switched_on(webhook: Webhook) -> Webhook:
    if not webhook.enabled:
        raise Conflict(_("This webhook is switched off; switch it on first."), code="wrong_state")
    return webhook


def _wake(webhook_id: int) -> None:
    """Somebody wants to see it work, so it rests no longer."""
    Webhook.update(resting_until=None).where(Webhook.id == webhook_id).execute()


def _start_afresh(webhook_id: int) -> None:
    Webhook.update(failures=0, failing_since=None, resting_until=None).where(Webhook.id == webhook_id).execute()


def _check_address(url: str) -> None:
    try:
        outgoing.check(url)
    except outgoing.Refused as refused:
        raise Invalid.field("url", str(refused)) from None


def _new_secret() -> str:
    return f"whsec_{new_token()}"
