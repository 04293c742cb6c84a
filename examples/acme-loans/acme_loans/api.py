"""JSON, under /api/v1/x/acme_loans/. Routes of an API are for whoever the right verb lets: the verb checks the customer."""

from marshmallow import fields

from registry.sdk import Shape, allow, api_routes, customer_by, json_response, me

from acme_loans import service
from acme_loans.schemas import ReminderIn

blp = api_routes("acme_loans", "Reminders on assets.")


class Of(Shape):
    customer = fields.String(required=True)


class New(ReminderIn):
    asset = fields.Integer(required=True)


def told(reminder):
    names = ("id", "asset_id", "text", "due_on", "done", "borrower", "version")
    return {name: getattr(reminder, name) for name in names}


@blp.get("/reminders")
@blp.arguments(Of, location="query")
@allow("acme_loans.view")
def list_reminders(values):
    customer = customer_by(me(), values["customer"])
    return json_response({"items": [told(one) for one in service.open_ones(me(), customer.id)]})


@blp.post("/reminders")
@blp.arguments(New)
@allow("acme_loans.edit")
def write_reminder(values):
    return json_response(told(service.remind(me(), values["asset"], values["text"], values["due_on"], values["borrower"])), 201)
