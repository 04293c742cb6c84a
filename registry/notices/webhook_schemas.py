"""Shapes of input and answers about webhooks."""

from marshmallow import fields, validate

from registry.kernel.language import N_
from registry.kernel.outgoing import LONGEST_URL
from registry.kernel.shapes import Flag, Line, Ref, Shape, extended
from registry.notices.webhook_events import GROUPS, NAMES
from registry.notices.webhook_listing import WEBHOOKS


class Patterns(fields.List[str]):
    """Names of events (asset.created) or whole groups of them (asset.*)."""

    def __init__(self, **options: object) -> None:
        known = validate.OneOf(
            (*GROUPS, *NAMES), error=N_("There is no such event; see the API document for the list.")
        )
        super().__init__(fields.String(validate=known), validate=validate.Length(min=1, max=50), **options)  # type: ignore[arg-type]


class WebhookChange(Shape):
    name = Line(max=100, min=1)
    url = Line(max=LONGEST_URL, min=1, metadata={"description": "An address on the public internet."})
    events = Patterns()
    enabled = Flag()


class WebhookIn(WebhookChange):
    """Without `customer`: one's own company; said by the operator, the house, which hears of every customer."""

    customer = Ref(allow_none=True)
    name = Line(max=100, min=1, required=True)
    url = Line(max=LONGEST_URL, min=1, required=True, metadata={"description": "An address on the public internet."})
    events = Patterns(required=True)


# The secret is shown once, when it is made.
WebhookMade = extended(WEBHOOKS.shape(), "WebhookMade", secret=fields.String(required=True))


class DeliveryQueued(Shape):
    """A delivery that was put on its way; how it goes is in the list of deliveries."""

    id = fields.Integer(required=True)
    delivery = fields.String(required=True, metadata={"description": "The id that the receiver sees."})
    event = fields.String(required=True)
