"""Shapes of what comes in: unknown fields are errors, and each error names its field."""

from marshmallow import fields, validate

from registry.sdk import Line, N_, Shape


class ReminderIn(Shape):
    text = Line(required=True, min=1, max=200)
    due_on = fields.Date(required=True)
    borrower = Line(max=100, load_default="")


class CustomerSettings(Shape):
    days_ahead = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 90),
        metadata={"label": N_("Tell so many days ahead"), "description": N_("0 tells on the day itself.")},
    )
