"""Shapes of input about terms, warranties and decisions."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from registry.assets.schemas import AssetIn
from registry.kernel.language import _
from registry.kernel.shapes import CODE, Date, Flag, Line, Prose, Ref, Shape, Slug, currency, extended, items
from registry.warranty.causes import CAUSES, resolve_cause
from registry.warranty.choice import Approval, Quote
from registry.warranty.facts import ClaimSchema
from registry.warranty.listing import WARRANTIES
from registry.warranty.periods import Period
from registry.warranty.shapes import PERIOD_SCHEMA
from registry.warranty.terms import TermsBodySchema
from registry.warranty.vocabulary import CHARGES, KINDS, REMEDIES, START_BASES, STATES, TESTED_AFTER

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


class AssetRegistration(AssetIn):
    """A new asset, and the code of the terms that it gets a warranty under."""

    terms = Ref()


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

    def json_schema(self) -> dict[str, Any]:
        return PERIOD_SCHEMA

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
    reason = Line(max=2000, min=1, required=True)

    @validates_schema
    def _one_of_two(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("by" in data) == ("until" in data):
            raise ValidationError(_("Give by (a period) or until (a date)."), "by")


class Voiding(Shape):
    on = Date()
    reason = Line(max=2000, min=1, required=True)


class Transfer(Shape):
    asset = Ref(required=True)
    on = Date()
    reason = Prose(max=2000, load_default="")


class CauseWord(fields.String):
    """Why it failed: one of the causes, or a word for one (lightning is a disaster)."""

    def json_schema(self) -> dict[str, Any]:
        told = "Why it failed: one of the causes, or a word for one (lightning is a disaster)."
        return {"type": "string", "description": told, "examples": list(CAUSES)}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return resolve_cause(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class CoverageQuery(Shape):
    on = Date()
    cause = CauseWord()


class CoverageCase(CoverageQuery):
    facts = fields.Nested(ClaimSchema)


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
    cause = CauseWord()
    facts = fields.Nested(ClaimSchema)
    remedy = fields.String(required=True, validate=_REMEDY)
    charge = Flag()
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


class VersionOut(Shape):
    number = fields.Integer(required=True)
    body = fields.Dict(required=True)
    note = fields.String(required=True)
    published_at = fields.DateTime(required=True)


class CoverageOut(Shape):
    """One promise of the warranty: its days, and the last day on which it still holds."""

    remedy = fields.String(required=True, validate=_REMEDY)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    holds_until = fields.Date(required=True)


class ChangeOut(Shape):
    kind = fields.String(required=True)
    at = fields.DateTime(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    before = fields.Raw(required=True)
    after = fields.Raw(required=True)


class StartedOut(Shape):
    id = fields.Integer(required=True)
    asset = fields.Integer(required=True)
    starts_on = fields.Date(required=True, allow_none=True)


class RemedyOut(Shape):
    """One thing that is owed (charge free) or can be had (charge quote), and why."""

    remedy = fields.String(required=True, validate=_REMEDY)
    title = fields.String(required=True)
    warranty = fields.Integer(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    charge = fields.String(required=True, validate=validate.OneOf(tuple(CHARGES)))
    condition = fields.String(required=True, allow_none=True)
    chosen_by = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)


class VerdictOut(Shape):
    """What one of the warranties says."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    terms = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(tuple(STATES)))
    starts_on = fields.Date(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    covers = fields.Boolean(required=True)
    reason = fields.String(required=True)


class NoteOut(Shape):
    code = fields.String(required=True)
    text = fields.String(required=True)


class DecisionView(Shape):
    """What is owed on a day, best first, by which warranty, and why not."""

    asset = fields.Integer(required=True, allow_none=True)
    licence = fields.Integer()
    on = fields.Date(required=True)
    cause = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(tuple(STATES)))
    until = fields.Date(required=True, allow_none=True)
    remedies = fields.List(fields.Nested(RemedyOut), required=True)
    warranties = fields.List(fields.Nested(VerdictOut), required=True)
    reasons = fields.List(fields.Nested(NoteOut), required=True)
    flags = fields.List(fields.Nested(NoteOut), required=True)


class DecisionOut(Shape):
    """A decision as it was recorded, word for word."""

    id = fields.Integer(required=True)
    on = fields.Date(required=True)
    cause = fields.String(required=True, allow_none=True)
    facts = fields.Dict(required=True)
    answer = fields.Nested(DecisionView, required=True)
    remedy = fields.String(required=True, validate=_REMEDY)
    charge = fields.Boolean(required=True)
    charge_reason = fields.String(required=True)
    deviation_reason = fields.String(required=True)
    contract = fields.String(required=True)
    approval = fields.Dict(required=True, allow_none=True)
    quote = fields.Dict(required=True, allow_none=True)
    work_on = fields.Date(required=True, allow_none=True)
    decided_by = fields.String(required=True)
    decided_at = fields.DateTime(required=True)


class FunctionOut(Shape):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    agreed_on = fields.Date(required=True)
    customer_party = fields.String(required=True)
    our_party = fields.String(required=True)
    asset_id = fields.Integer(required=True, allow_none=True)
    licence_id = fields.Integer(required=True, allow_none=True)


WarrantyOut = extended(
    WARRANTIES.shape(),
    "WarrantyDetails",
    waiting_for=fields.String(required=True, allow_none=True),
    coverages=fields.List(fields.Nested(CoverageOut), required=True),
    history=fields.List(fields.Nested(ChangeOut), required=True),
)
VersionsOut = items(VersionOut())
StartedList = items(StartedOut())
DecisionsOut = items(DecisionOut())
FunctionsOut = items(FunctionOut())
