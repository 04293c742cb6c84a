"""Shapes of input about terms, warranties and decisions."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from registry.kernel.shapes import CODE, Date, Line, Prose, Ref, Shape, Slug, currency
from registry.warranty.causes import CAUSE_NAMES
from registry.warranty.choice import Approval, Quote
from registry.warranty.facts import FactsSchema
from registry.warranty.periods import Period
from registry.warranty.terms import TermsBodySchema
from registry.warranty.vocabulary import KINDS, REMEDIES, START_BASES, TESTED_AFTER

_REMEDY = validate.OneOf(tuple(REMEDIES))


class TermsIn(Shape):
    """With `body`, or with `copy_of` (the code of terms to start from)."""

    customer = Ref(allow_none=True, load_default=None)
    code = Slug(pattern=CODE, required=True)
    name = Line(max=255, min=1, required=True)
    body = fields.Nested(TermsBodySchema)
    copy_of = Line(max=64, min=1)
    note = Prose(max=2000)


class VersionIn(Shape):
    body = fields.Nested(TermsBodySchema, required=True)
    note = Prose(max=2000, load_default="")


class WarrantyIn(Shape):
    """For one asset or one licence. Without `starts_on` it starts on the unit's date that the terms name."""

    asset = Ref()
    licence = Ref()
    terms = Ref(required=True)
    starts_on = Date(allow_none=True)
    basis = fields.String(validate=validate.OneOf(tuple(START_BASES)), allow_none=True)
    kind = fields.String(validate=validate.OneOf(tuple(KINDS)))
    contract = Line(max=255)
    note = Prose(max=2000)


class WarrantyBulk(Shape):
    """The same terms for many assets (ids), all or nothing."""

    assets = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 2**63 - 1)),
        required=True,
        validate=validate.Length(1, 1000),
    )
    terms = Ref(required=True)
    starts_on = Date(allow_none=True)
    basis = fields.String(validate=validate.OneOf(tuple(START_BASES)), allow_none=True)
    kind = fields.String(validate=validate.OneOf(tuple(KINDS)))
    contract = Line(max=255)


class PeriodText(fields.String):
    """An ISO 8601 period, such as P1Y6M."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return Period.parse(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class Extension(Shape):
    """By a period that follows the old end, or until a date."""

    by = PeriodText()
    until = Date()
    remedies = fields.List(fields.String(validate=_REMEDY), validate=validate.Length(1, len(REMEDIES)))
    reason = Prose(max=2000, required=True)

    @validates_schema
    def _one_of_two(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("by" in data) == ("until" in data):
            raise ValidationError("Give by (a period) or until (a date).", "by")


class Voiding(Shape):
    on = Date()
    reason = Line(max=2000, min=1, required=True)


class Transfer(Shape):
    asset = Ref(required=True)
    on = Date()
    reason = Prose(max=2000, load_default="")


class CoverageQuery(Shape):
    on = Date()
    cause = fields.String(validate=validate.OneOf(tuple(CAUSE_NAMES)))


class CoverageCase(CoverageQuery):
    facts = fields.Nested(FactsSchema)


class FunctionIn(Shape):
    asset = Ref()
    licence = Ref()
    name = Line(max=255, min=1, required=True)
    agreed_on = Date(required=True)
    customer_party = Line(max=255, min=1, required=True)
    our_party = Line(max=255, min=1, required=True)


class ApprovalIn(Shape):
    by = Line(max=255, min=1, required=True)
    on = Date(required=True)


class QuoteIn(Shape):
    amount = fields.Integer(strict=True, required=True, validate=validate.Range(0, 2**53))
    currency = currency(required=True)
    accepted_by = Line(max=255, allow_none=True, load_default=None)
    accepted_on = Date(allow_none=True, load_default=None)


class DecisionIn(Shape):
    """`contract`: the contract's number, or none. `charge` must be said, with its reason."""

    on = Date()
    cause = fields.String(validate=validate.OneOf(tuple(CAUSE_NAMES)))
    facts = fields.Nested(FactsSchema)
    remedy = fields.String(required=True, validate=_REMEDY)
    charge = fields.Boolean(truthy={True}, falsy={False})
    charge_reason = Prose(max=2000)
    deviation_reason = Prose(max=2000)
    contract = Line(max=255)
    approval = fields.Nested(ApprovalIn)
    quote = fields.Nested(QuoteIn)
    work_on = Date()
    closes = fields.String(validate=validate.OneOf(TESTED_AFTER))

    @post_load
    def _plain(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        ready = dict(data)
        if "approval" in ready:
            ready["approval"] = Approval(**ready["approval"])
        if "quote" in ready:
            ready["quote"] = Quote(**ready["quote"])
        return ready
