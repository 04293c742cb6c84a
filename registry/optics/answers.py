"""Shapes of what the API answers about optics."""

from marshmallow import fields, validate

from registry.kernel.shapes import Shape, items
from registry.optics.decoder.records import VERDICTS


class UnknownOut(Shape):
    item = fields.Integer(required=True)
    readings = fields.Integer(required=True)
    port = fields.String(required=True)
    vendor = fields.String(required=True)
    part_number = fields.String(required=True)
    serial = fields.String(required=True)
    why = fields.String(required=True, validate=validate.OneOf(("not_registered", "no_identity", "several_assets")))


class ConcludedOut(Shape):
    id = fields.Integer(required=True)
    asset_id = fields.Integer(required=True)
    serial = fields.String(required=True)
    port = fields.String(required=True)
    verdict = fields.String(required=True)
    claimable = fields.Boolean(required=True)
    registered = fields.Boolean(required=True)


class TakenOut(Shape):
    """What became of an upload."""

    batch = fields.Integer(required=True)
    modules = fields.Integer(required=True)
    stored = fields.Integer(required=True)
    repeated = fields.Integer(required=True, metadata={"description": "Readings that were here already."})
    registered = fields.Integer(required=True)
    unknown = fields.List(fields.Nested(UnknownOut), required=True)  # type: ignore[assignment]
    items = fields.List(fields.Nested(ConcludedOut), required=True)


class ReasonOut(Shape):
    code = fields.String(required=True)
    text = fields.String(required=True)
    values = fields.Raw(required=True)


class ProofOut(Shape):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    at = fields.DateTime(required=True)
    module_failed = fields.Boolean(required=True)
    note = fields.String(required=True)
    recorded_by = fields.String(required=True)


class MeasuredOut(Shape):
    at = fields.DateTime(required=True)
    end = fields.String(required=True)
    batch = fields.Integer(required=True)
    admin_up = fields.Boolean(required=True, allow_none=True)
    oper_up = fields.Boolean(required=True, allow_none=True)
    temperature_c = fields.Float(required=True, allow_none=True)
    voltage_v = fields.Float(required=True, allow_none=True)
    lanes = fields.Raw(required=True)
    flags = fields.Raw(required=True)
    broken = fields.List(fields.String(), required=True)
    verdict = fields.String(required=True, metadata={"description": "Of this reading alone."})


class MeasuredPage(Shape):
    items = fields.List(fields.Nested(MeasuredOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ChartOut(Shape):
    """`times`: the middle of each step. Of each series lowest, mean and highest of a step, null where nothing was
    measured; `dark`: readings without light in it."""

    begins = fields.DateTime(required=True, allow_none=True)
    ends = fields.DateTime(required=True, allow_none=True)
    step_seconds = fields.Integer(required=True)
    times = fields.List(fields.DateTime(), required=True)
    counts = fields.List(fields.Integer(), required=True)
    series = fields.Raw(required=True)
    limits = fields.Raw(required=True)
    baseline = fields.Raw(required=True, allow_none=True)


class ClaimOut(Shape):
    """What a claim on the module can rest on. `reading`, `operating`, `cause`, `fault_on` fit a claim as they are."""

    asset = fields.Integer(required=True)
    verdict = fields.String(required=True)
    claimable = fields.Boolean(required=True)
    told = fields.String(required=True)
    cause = fields.String(required=True, allow_none=True)
    fault = fields.String(required=True)
    fault_on = fields.Date(required=True, allow_none=True)
    lane = fields.Integer(required=True, allow_none=True)
    dark = fields.Boolean(required=True)
    reading = fields.Raw(required=True, allow_none=True)
    operating = fields.Raw(required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True)


class ImageOut(Shape):
    id = fields.Integer(required=True)
    end = fields.String(required=True)
    first_at = fields.DateTime(required=True)
    at = fields.DateTime(required=True)
    source = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    checksums = fields.Raw(required=True)
    findings = fields.List(fields.String(), required=True)
    memory = fields.String(required=True, metadata={"description": "The bytes in hexadecimal."})


class PlaceOut(Shape):
    host = fields.String(required=True)
    port = fields.String(required=True)
    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True, allow_none=True)


class OpticOut(Shape):
    """One module: what it is, where it sits, its newest reading (of each end), and the conclusion."""

    id = fields.Integer(required=True)
    asset_id = fields.Integer(required=True)
    customer_id = fields.Integer(required=True)
    vendor = fields.String(required=True)
    part_number = fields.String(required=True)
    serial = fields.String(required=True)
    form_factor = fields.String(required=True)
    media = fields.String(required=True)
    details = fields.Raw(required=True)
    dom = fields.Boolean(required=True, allow_none=True)
    findings = fields.List(fields.String(), required=True)
    host = fields.String(required=True)
    port = fields.String(required=True)
    placed_at = fields.DateTime(required=True, allow_none=True)
    first_at = fields.DateTime(required=True, allow_none=True)
    last_at = fields.DateTime(required=True, allow_none=True)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    claimable = fields.Boolean(required=True)
    since = fields.DateTime(required=True, allow_none=True)
    concluded_at = fields.DateTime(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True)
    advice = fields.List(fields.Nested(ReasonOut), required=True)
    limits = fields.Raw(required=True)
    own_limits = fields.Raw(required=True)
    now = fields.Raw(required=True)
    baseline = fields.Raw(required=True)
    proofs = fields.List(fields.Nested(ProofOut), required=True)
    places = fields.List(fields.Nested(PlaceOut), required=True)


Proofs, Images = items(ProofOut()), items(ImageOut())
