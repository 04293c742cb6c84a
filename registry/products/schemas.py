"""Shapes of input about products and their documents."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from registry.kernel.language import _
from registry.kernel.shapes import LINE, Date, Line, Prose, Real, Ref, Shape, currency, items
from registry.products.kinds import Offered
from registry.products.models import DOCUMENT_KINDS

_LIMIT = validate.Range(-1e12, 1e12)


class Parameter(Shape):
    """A technical requirement: the value must lie from `min` to `max` (either may be open)."""

    name = Line(max=64, min=1, required=True)
    unit = Line(max=32)
    min = Real(allow_none=True, validate=_LIMIT)
    max = Real(allow_none=True, validate=_LIMIT)

    @validates_schema
    def _some_limit(self, data: dict[str, Any], **_kwargs: Any) -> None:
        low, high = data.get("min"), data.get("max")
        if low is not None and high is not None and low > high:
            raise ValidationError(_("min is above max."), "min")


class Price(Shape):
    amount_minor = fields.Integer(strict=True, required=True, validate=validate.Range(0, 2**53))
    currency = currency(required=True)


class ProductChange(Shape):
    name = Line(max=255, min=1)
    maker = Line(max=255)
    part_number = Line(max=255)
    parameters = fields.List(fields.Nested(Parameter), validate=validate.Length(max=200))
    sold_until = Date(allow_none=True)
    supported_until = Date(allow_none=True)
    patched_until = Date(allow_none=True)
    list_price = fields.Nested(Price, allow_none=True)
    notes = Prose()


class ProductIn(ProductChange):
    """Without `customer` an entry of the house's catalogue."""

    customer = Ref(allow_none=True, load_default=None)
    kind = fields.String(required=True, validate=Offered())
    name = Line(max=255, min=1, required=True)


class DocumentIn(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(DOCUMENT_KINDS))
    title = Line(max=255, min=1, required=True)
    url = fields.Url(schemes={"http", "https"}, validate=[validate.Length(max=2000), validate.Regexp(LINE)])


class DocumentOut(Shape):
    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(DOCUMENT_KINDS))
    title = fields.String(required=True)
    url = fields.String(required=True)
    added_at = fields.DateTime(required=True)


DocumentsOut = items(DocumentOut())
