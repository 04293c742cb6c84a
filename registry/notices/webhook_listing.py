"""Lists of webhooks, and of what one of them was sent."""

from marshmallow import fields, validate

from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.shapes import id_text
from registry.notices.webhook_models import Webhook, WebhookDelivery
from registry.notices.webhooks import deliveries, webhooks

WEBHOOKS = declare(
    Listing(
        "webhook",
        Webhook,
        "webhook.edit",
        columns=[
            Column("id", "Id", Webhook.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("name", "Name", Webhook.name),
            Column("url", "Address", Webhook.url),
            Column("events", "Events", Webhook.events, "json"),
            Column("enabled", "Switched on", Webhook.enabled, "boolean"),
            Column("api", "Version of the messages", Webhook.api, "integer"),
            Column("last_ok_at", "Last delivery", Webhook.last_ok_at, "moment"),
            Column("failing_since", "Failing since", Webhook.failing_since, "moment"),
            Column("old_secret_until", "Old secret signs until", Webhook.old_secret_until, "moment"),
            Column("version", "Version", Webhook.version, "integer"),
            Column("created_at", "Created", Webhook.created_at, "moment", detail=True),
            Column("changed_at", "Changed", Webhook.changed_at, "moment", detail=True),
        ],
        joins=[(Customer, Webhook.customer_id == Customer.id)],
        filters={
            "customer": of_customer(Webhook),
            "name": equals(Webhook.name),
            "enabled": flag(Webhook.enabled == True),  # noqa: E712 - SQL
        },
        scope=webhooks,
    )
)

_STATES = validate.OneOf(("pending", "done", "parked"))

# Not among the exported lists: it is the log of one webhook, kept for 30 days.
DELIVERIES = Listing(
    "webhook_delivery",
    WebhookDelivery,
    "webhook.edit",
    columns=[
        Column("id", "Id", WebhookDelivery.id, "integer"),
        Column("delivery", "Id for the receiver", WebhookDelivery.uid),
        Column("event", "Event", WebhookDelivery.event),
        Column("object_type", "Object", WebhookDelivery.object_type),
        Column("object_id", "Object id", WebhookDelivery.object_id, "integer"),
        Column("at", "When", WebhookDelivery.at, "moment"),
        Column("state", "State", WebhookDelivery.state),
        Column("tries", "Attempts", WebhookDelivery.tries, "integer"),
        Column("next_at", "Next attempt", WebhookDelivery.next_at, "moment"),
        Column("outcome", "Last outcome", WebhookDelivery.outcome),
        Column("milliseconds", "Answered after (ms)", WebhookDelivery.milliseconds, "integer"),
        Column("done_at", "Ended", WebhookDelivery.done_at, "moment"),
    ],
    filters={
        "state": Filter(fields.String(validate=_STATES), lambda _a, v: WebhookDelivery.state == v),
        "event": equals(WebhookDelivery.event),
        "webhook": Filter(id_text(), lambda _a, v: WebhookDelivery.webhook == v),
    },
    scope=deliveries,
)
