"""Shapes of input and output about handing over."""

from marshmallow import ValidationError, fields, validate

from registry.handover.models import ITEM_KINDS
from registry.kernel import clock
from registry.kernel.language import _
from registry.kernel.shapes import Date, Flag, Line, Prose, Ref, Shape

WORD = r"^[a-z][a-z-]{0,63}\Z"


def moment(**kwargs: object) -> fields.AwareDateTime:
    def sound(value: object) -> None:
        if not 1900 <= value.year <= clock.now().year + 1:  # type: ignore[attr-defined]
            raise ValidationError(_("Give a moment between 1900 and now."))

    told = {"description": "ISO 8601 with a time zone."}
    return fields.AwareDateTime(format="iso", validate=sound, metadata=told, **kwargs)  # type: ignore[arg-type]


class PackageIn(Shape):
    for_third_party = Line(max=255, min=1, metadata={"description": "Only with an approval of the customer's."})


class TakenFor(Shape):
    for_third_party = Line(max=255, min=1, metadata={"description": "Only with an approval of the customer's."})


class PackageProgress(Shape):
    rows = fields.Integer(required=True)
    total = fields.Integer(required=True)


class DisclosureApprovalIn(Shape):
    """approved_by, approved_on and written_reference are for an approval on paper that the operator records."""

    customer = Ref()
    recipient = Line(max=255, min=1, required=True)
    purpose = Prose(max=2000, required=True)
    scope = fields.List(
        fields.String(validate=validate.Regexp(WORD)), required=True, validate=validate.Length(min=1, max=50),
        metadata={"description": "Lists such as assets, package for all of it, or everything."},
    )  # fmt: skip
    approved_on = Date()
    valid_until = Date(allow_none=True)
    approved_by = Line(max=255, min=1)
    written_reference = Line(max=255, min=1)


class RevokeIn(Shape):
    reason = Prose(max=2000, required=True)


class CustodyTaskIn(Shape):
    customer = Ref()
    title = Line(max=255, min=1, required=True)
    reference = Line(max=255)
    note = Prose()


class CustodyItemIn(Shape):
    what = Line(max=255, min=1, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(ITEM_KINDS))
    quantity = fields.Integer(strict=True, validate=validate.Range(1, 1_000_000))
    taken_from = Line(max=255, min=1, required=True)
    taken_by = Line(max=255, min=1)
    taken_at = moment()
    site = Ref(allow_none=True)
    asset = Ref(allow_none=True)
    note = Prose()


class ReturnIn(Shape):
    returned_to = Line(max=255, min=1, required=True)
    returned_at = moment()


class DeletionIn(Shape):
    deletion_method = Line(max=255, min=1, required=True)
    deleted_by = Line(max=255, min=1)
    deleted_at = moment()


class DepartureIn(Shape):
    """The three fields of the waiver come together, or not at all."""

    reference = Line(max=255, min=1, required=True)
    waiver_reference = Line(max=255, min=1)
    waiver_by = Line(max=255, min=1)
    waiver_on = Date()


class DepartureOut(Shape):
    announced_on = fields.Date(required=True)
    announced_by = fields.String(required=True)
    reference = fields.String(required=True)
    waiver_reference = fields.String(required=True, allow_none=True)
    waiver_by = fields.String(required=True, allow_none=True)
    waiver_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class DepartureStanding(Shape):
    """`open`: sentences that say what is to be settled before the customer can be erased."""

    departure = fields.Nested(DepartureOut, required=True, allow_none=True)
    open = fields.List(fields.String(), required=True)


class EraseIn(Shape):
    confirm = fields.String(required=True, validate=validate.Length(max=64))
    scrub = Flag(metadata={"description": "Rewrite the files of the database, too (the default)."})


class ErasureProgress(Shape):
    stage = fields.String(required=True)
    rows = fields.Integer(required=True)
    total = fields.Integer(required=True)


class ErasureCertificate(Shape):
    """`certificate` is the text that was signed, byte for byte."""

    certificate = fields.String(required=True)
    signature = fields.String(required=True)
    public_key = fields.String(required=True)
    text = fields.String(required=True)
