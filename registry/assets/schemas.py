"""Shapes of input about assets."""

from marshmallow import fields, validate

from registry.assets.models import FIELD_TYPES, META_STATES
from registry.kernel.shapes import CODE, Date, Flag, JsonObject, Line, Prose, Ref, Shape, Slug, currency, items
from registry.products.kinds import Offered


class AssetChange(Shape):
    """What may be changed on an asset; everything is optional."""

    product = Ref()
    serial = Line(max=255, allow_none=True)
    tag = Line(max=255, allow_none=True)
    name = Line(max=255)
    status = Line(max=32, min=1)
    site = Ref(allow_none=True)
    place = Line(max=255)
    parent = Ref(allow_none=True)
    slot = Line(max=255, allow_none=True)
    holder = Ref(allow_none=True)
    purchased_on = Date(allow_none=True)
    delivered_on = Date(allow_none=True)
    accepted_on = Date(allow_none=True)
    launched_on = Date(allow_none=True)
    registered_on = Date(allow_none=True)
    supplier = Line(max=255)
    order_number = Line(max=255)
    cost_minor = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 2**53))
    currency = currency(allow_none=True)
    custom = JsonObject()
    notes = Prose()


class AssetIn(AssetChange):
    """A new asset. `customer` may be left out by who has only one."""

    customer = Ref()
    product = Ref(required=True)


class BulkItem(AssetIn):
    """With `id` and `version` a change, without them a new asset."""

    id = fields.Integer(strict=True, validate=validate.Range(1, 2**63 - 1))
    version = fields.Integer(strict=True, validate=validate.Range(1, 2**31 - 1))
    product = Ref()


class AssetBulk(Shape):
    items = fields.List(fields.Nested(BulkItem), required=True, validate=validate.Length(1, 1000))


class Retirement(Shape):
    status = Line(max=32, min=1, load_default="retired")


class StatusIn(Shape):
    code = Slug(pattern=CODE, required=True)
    name = Line(max=64, min=1, required=True)
    meta = fields.String(required=True, validate=validate.OneOf(META_STATES))
    position = fields.Integer(strict=True, validate=validate.Range(0, 10_000))


class StatusChange(Shape):
    name = Line(max=64, min=1)
    position = fields.Integer(strict=True, validate=validate.Range(0, 10_000))


class FieldIn(Shape):
    customer = Ref(allow_none=True, load_default=None)
    name = Slug(pattern=r"^[a-z][a-z0-9_]{0,62}\Z", required=True)
    title = Line(max=255, min=1, required=True)
    type = fields.String(required=True, validate=validate.OneOf(FIELD_TYPES))
    kind = fields.String(validate=Offered(""))
    choices = fields.List(Line(max=255, min=1), validate=validate.Length(max=200))
    required = Flag()


class AssetVersion(Shape):
    id = fields.Integer(required=True)
    version = fields.Integer(required=True)


class StatusOut(Shape):
    code = fields.String(required=True)
    name = fields.String(required=True)
    meta = fields.String(required=True, validate=validate.OneOf(META_STATES))
    position = fields.Integer(required=True)
    version = fields.Integer(required=True)


BulkOut = items(AssetVersion())
StatusesOut = items(StatusOut())
