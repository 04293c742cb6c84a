"""JSON routes about webhooks and what they were sent."""

from typing import Any

from werkzeug.wrappers import Response

from registry.kernel.shapes import Shape
from registry.notices import webhooks
from registry.notices.webhook_listing import DELIVERIES, WEBHOOKS
from registry.notices.webhook_models import WebhookDelivery
from registry.notices.webhook_schemas import DeliveryQueued, WebhookChange, WebhookIn, WebhookMade
from registry.web.answers import if_match, json_response, nothing, one, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("webhooks", "Webhooks: your own systems are told what happens")

# The webhook stands in the address.
_QUERY = Shape.from_dict(
    {name: field for name, field in DELIVERIES.arguments().fields.items() if name != "webhook"},
    name="WebhookDeliveryQuery",
)()


@blp.route("/webhooks", methods=["GET"])
@blp.arguments(WEBHOOKS.arguments(), location="query")
@blp.response(200, WEBHOOKS.page_shape())
@allow("webhook.edit")
def list_webhooks(arguments: dict[str, Any]) -> Response:
    return page(WEBHOOKS, arguments)


@blp.route("/webhooks", methods=["POST"])
@blp.arguments(WebhookIn)
@blp.response(201, WebhookMade)
@allow("webhook.edit", sudo=True)
def create_webhook(values: dict[str, Any]) -> Response:
    """`secret` signs what is sent. It is shown here and never again."""
    made, secret = webhooks.create_webhook(actor(), values)
    return thing({**WEBHOOKS.one(actor(), made.id), "secret": secret}, 201, name=made.id)


@blp.route("/webhooks/<int:webhook_id>", methods=["GET"])
@blp.response(200, WEBHOOKS.shape())
@allow("webhook.edit")
def get_webhook(webhook_id: int) -> Response:
    return one(WEBHOOKS, webhook_id)


@blp.route("/webhooks/<int:webhook_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(WebhookChange)
@blp.response(200, WEBHOOKS.shape())
@allow("webhook.edit", sudo=True)
def change_webhook(values: dict[str, Any], webhook_id: int) -> Response:
    """What waits for a webhook that is switched off is parked."""
    return one(WEBHOOKS, webhooks.change_webhook(actor(), webhook_id, values, if_match()).id)


@blp.route("/webhooks/<int:webhook_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("webhook.edit")
def remove_webhook(webhook_id: int) -> Response:
    webhooks.remove_webhook(actor(), webhook_id, if_match())
    return nothing()


@blp.route("/webhooks/<int:webhook_id>/secret", methods=["POST"])
@blp.response(200, WebhookMade)
@allow("webhook.edit", sudo=True)
def renew_secret(webhook_id: int) -> Response:
    """A new secret, shown this once. For 24 hours deliveries are signed with both, the new one and the old."""
    _, secret = webhooks.renew_secret(actor(), webhook_id)
    return thing({**WEBHOOKS.one(actor(), webhook_id), "secret": secret})


@blp.route("/webhooks/<int:webhook_id>/ping", methods=["POST"])
@blp.response(202, DeliveryQueued)
@allow("webhook.edit")
def ping(webhook_id: int) -> Response:
    """Have a test sent."""
    return _queued(webhooks.ping(actor(), webhook_id))


@blp.route("/webhooks/<int:webhook_id>/deliveries", methods=["GET"])
@blp.arguments(_QUERY, location="query")
@blp.response(200, DELIVERIES.page_shape())
@allow("webhook.edit")
def list_deliveries(arguments: dict[str, Any], webhook_id: int) -> Response:
    """What this webhook was sent in the last 30 days, and how it went."""
    webhook = webhooks.get_webhook(actor(), webhook_id)
    return page(DELIVERIES, {**arguments, "webhook": webhook.id})


@blp.route("/webhooks/deliveries/<int:delivery_id>/again", methods=["POST"])
@blp.response(202, DeliveryQueued)
@allow("webhook.edit")
def send_again(delivery_id: int) -> Response:
    """Send it once more, under the same id."""
    return _queued(webhooks.send_again(actor(), delivery_id))


def _queued(delivery: WebhookDelivery) -> Response:
    return json_response({"id": delivery.id, "delivery": delivery.uid, "event": delivery.event}, 202)
