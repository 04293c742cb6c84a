"""Shapes of input about licences."""

from marshmallow import fields, validate

from registry.kernel.shapes import Date, Flag, Line, Prose, Ref, Shape, currency
from registry.licences.models import METRICS

_LARGEST = 2**31 - 1


class LicenceChange(Shape):
    """What may be changed on a licence; everything is optional."""

    product = Ref()
    name = Line(max=255, min=1)
    metric = fields.String(validate=validate.OneOf(METRICS))
    quantity = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, _LARGEST))
    reassignable = Flag()
    hard_limit = Flag(metadata={"description": "Refuse to assign more than the quantity. Usually over-use is shown."})
    starts_on = Date(allow_none=True)
    ends_on = Date(allow_none=True)
    maintenance_until = Date(allow_none=True)
    purchased_on = Date(allow_none=True)
    delivered_on = Date(allow_none=True)
    accepted_on = Date(allow_none=True)
    launched_on = Date(allow_none=True)
    registered_on = Date(allow_none=True)
    proof = Prose()
    order_number = Line(max=255)
    supplier = Line(max=255)
    licensed_to_name = Line(max=255)
    licensed_to_email = fields.Email(allow_none=True, validate=validate.Length(max=255))
    key = Prose(allow_none=True, load_only=True)
    cost_minor = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 2**53))
    currency = currency(allow_none=True)
    notes = Prose()


class LicenceIn(LicenceChange):
    """A new licence. `customer` may be left out by who has only one."""

    customer = Ref()
    product = Ref(required=True)
    name = Line(max=255, min=1, required=True)
    metric = fields.String(required=True, validate=validate.OneOf(METRICS))


class AssignmentIn(Shape):
    """Who uses it: an asset or a contact, exactly one of the two."""

    asset = Ref()
    contact = Ref()
    quantity = fields.Integer(strict=True, validate=validate.Range(1, _LARGEST))
    assigned_on = Date()


class ReleaseIn(Shape):
    released_on = Date(load_default=None, allow_none=True)


class KeyOut(Shape):
    key = fields.String(required=True)
