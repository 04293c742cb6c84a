"""Shapes about notices, calendars and the texts of mails."""

from marshmallow import fields, validate

from registry.kernel.language import N_
from registry.kernel.mail_texts import LONGEST_BODY, LONGEST_SUBJECT
from registry.kernel.shapes import MAX_ID, Flag, Line, Prose, Shape, items
from registry.notices.models import KINDS
from registry.people.roles import ROLES

_LONGEST_STEP, _MOST_STEPS, _MOST_USERS = 3650, 10, 100
_CLOCK = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error=N_("Give a time such as 20:00."))
_KIND = validate.OneOf(KINDS)
_CUSTOMER_ROLE = validate.OneOf(sorted(name for name, role in ROLES.items() if not role.operator))


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


class PlanChange(Shape):
    """`steps`: how many days ahead, 0 for the last day itself. `roles`, `users`: who of the customer's people is told.
    Quiet hours are on the customer's clocks, quiet days from 1 (Monday) to 7 (Sunday); what falls due then waits.
    """

    enabled = Flag()
    steps = fields.List(_whole(0, _LONGEST_STEP), validate=validate.Length(1, _MOST_STEPS))
    kinds = fields.List(fields.String(validate=_KIND), validate=validate.Length(1, len(KINDS)))
    roles = fields.List(fields.String(validate=_CUSTOMER_ROLE), validate=validate.Length(max=10))
    users = fields.List(_whole(1, MAX_ID), validate=validate.Length(max=_MOST_USERS))
    account_manager = Flag()
    quiet_from = fields.String(validate=_CLOCK, allow_none=True)
    quiet_to = fields.String(validate=_CLOCK, allow_none=True)
    quiet_days = fields.List(_whole(1, 7), validate=validate.Length(max=6))


class PlanOut(Shape):
    enabled = fields.Boolean(required=True)
    steps = fields.List(fields.Integer(), required=True)
    kinds = fields.List(fields.String(validate=_KIND), required=True)
    roles = fields.List(fields.String(), required=True)
    users = fields.List(fields.Integer(), required=True)
    account_manager = fields.Boolean(required=True)
    quiet_from = fields.String(required=True, allow_none=True)
    quiet_to = fields.String(required=True, allow_none=True)
    quiet_days = fields.List(fields.Integer(), required=True)
    version = fields.Integer(required=True)


class ChoiceIn(Shape):
    """`muted`: kinds that one does not want to be told of."""

    muted = fields.List(fields.String(validate=_KIND), required=True, validate=validate.Length(max=10))


class ChoiceOut(Shape):
    muted = fields.List(fields.String(validate=_KIND), required=True)
    version = fields.Integer(required=True)


class CalendarOut(Shape):
    created_at = fields.DateTime(required=True)
    read_at = fields.DateTime(required=True, allow_none=True)


class CalendarMade(CalendarOut):
    address = fields.String(required=True, metadata={"description": "The secret address; shown here and never again."})


class MailTextIn(Shape):
    subject = Line(max=LONGEST_SUBJECT, min=1, required=True)
    body = Prose(max=LONGEST_BODY, required=True)


class MailTextTry(Shape):
    """Words to try; without them those that hold."""

    subject = Line(max=LONGEST_SUBJECT, min=1)
    body = Prose(max=LONGEST_BODY)
    send = Flag(load_default=False, metadata={"description": "Mail it to oneself as well."})


class MailTextOut(Shape):
    """`own`: the house's words, not the shipped ones. `placeholders`: name to meaning."""

    name = fields.String(required=True)
    language = fields.String(required=True)
    subject = fields.String(required=True)
    body = fields.String(required=True)
    own = fields.Boolean(required=True)
    placeholders = fields.Dict(keys=fields.String(), values=fields.String(required=True), required=True)
    version = fields.Integer(required=True)


class MailPreview(Shape):
    subject = fields.String(required=True)
    body = fields.String(required=True)


MailTexts = items(MailTextOut())
