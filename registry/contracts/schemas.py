"""Shapes of input and output about contracts, their lines and duties."""

from decimal import Decimal

from marshmallow import ValidationError, fields, validate

from registry.contracts.listing import CONTRACTS
from registry.contracts.models import COVERS, DUTY_KINDS
from registry.contracts.renewal import RENEWALS
from registry.contracts.schedule import STATES
from registry.kernel.language import N_, _
from registry.kernel.shapes import CODE, Date, Flag, Line, Prose, Ref, Shape, Slug
from registry.warranty.choice import NO_CONTRACT

_PERIOD = validate.Length(1, 32)
_ID = validate.Range(1, 2**63 - 1)
_NUMBER = (validate.NoneOf([NO_CONTRACT], error=N_("This word means: no contract. Choose another number.")),)


def _two_places(value: Decimal) -> None:
    if int(value.as_tuple().exponent) < -2:
        raise ValidationError(_("Give two decimals at most."))


class ContractChange(Shape):
    """What may be changed on a contract; everything is optional."""

    number = Line(max=64, min=1, also=_NUMBER)
    title = Line(max=255, min=1)
    starts_on = Date()
    ends_on = Date(allow_none=True)
    renewal = fields.String(validate=validate.OneOf(RENEWALS))
    renewal_period = fields.String(allow_none=True, validate=_PERIOD)
    notice_days = fields.Integer(strict=True, validate=validate.Range(0, 3660))
    policy = Slug(pattern=CODE, allow_none=True)
    satisfaction_target = fields.Decimal(
        allow_none=True,
        allow_nan=False,
        validate=[validate.Range(0, 100), _two_places],
        metadata={"pattern": r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$", "description": "Per cent."},
    )
    previous = Ref(allow_none=True)
    notes = Prose()


class ContractIn(ContractChange):
    """A new contract. `customer` may be left out by who has only one."""

    customer = Ref()
    number = Line(max=64, min=1, required=True, also=_NUMBER)
    title = Line(max=255, min=1, required=True)
    starts_on = Date(required=True)


class RenewalIn(Shape):
    """The next term: until a day, or for a period (else for the contract's renewal_period)."""

    ends_on = Date(allow_none=True)
    period = fields.String(allow_none=True, validate=_PERIOD)
    agreed_on = Date(allow_none=True)
    note = Line(max=255)


class TerminationIn(Shape):
    """Notice (the contract ends with the term that it is in time for), or a last day; one of the two."""

    notice_on = Date(allow_none=True)
    terminated_on = Date(allow_none=True)
    reason = Line(max=255)


class LineChange(Shape):
    starts_on = Date(allow_none=True)
    ends_on = Date(allow_none=True)
    note = Line(max=255)


class LineIn(LineChange):
    """What is covered: exactly one of asset, licence, product, site and everything."""

    asset = Ref(allow_none=True)
    licence = Ref(allow_none=True)
    product = Ref(allow_none=True)
    site = Ref(allow_none=True)
    everything = Flag()
    terms = Ref(allow_none=True)


class DutyIn(Shape):
    """due_on alone: once. due_on and every: again and again. per_year: so often in a contract year."""

    kind = fields.String(required=True, validate=validate.OneOf(DUTY_KINDS))
    title = Line(max=255, min=1, required=True)
    line = fields.Integer(strict=True, allow_none=True, validate=_ID)
    product = Ref(allow_none=True)
    due_on = Date(allow_none=True)
    every = fields.String(allow_none=True, validate=_PERIOD)
    per_year = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 366))


class DoneIn(Shape):
    done_on = Date(allow_none=True)
    done_by = Line(max=255)
    note = Prose()
    evidence = Prose()


class OnDay(Shape):
    on = Date(load_default=None)


class TermOut(Shape):
    number = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    tacit = fields.Boolean(required=True)
    agreed_on = fields.Date(required=True, allow_none=True)
    note = fields.String(required=True)


class StandingOut(Shape):
    on = fields.Date(required=True)
    in_force = fields.Boolean(required=True)
    period_start = fields.Date(required=True, allow_none=True)
    period_end = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)
    notice_by = fields.Date(required=True, allow_none=True)


ContractOut = Shape.from_dict(
    {
        **CONTRACTS.shape()._declared_fields,
        "terms": fields.List(fields.Nested(TermOut), required=True),
        "standing": fields.Nested(StandingOut, required=True),
    },
    name="ContractOut",
)


class DoneOut(Shape):
    id = fields.Integer(required=True)
    duty_id = fields.Integer(required=True)
    done_on = fields.Date(required=True)
    done_by = fields.String(required=True)
    note = fields.String(required=True)
    evidence = fields.String(required=True)


class ProductOut(Shape):
    id = fields.Integer(required=True)
    product = fields.String(required=True)
    part_number = fields.String(required=True)


class DutyOut(Shape):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    line_id = fields.Integer(required=True, allow_none=True)
    products = fields.List(fields.Nested(ProductOut), required=True)
    due_on = fields.Date(required=True, allow_none=True)
    every = fields.String(required=True, allow_none=True)
    per_year = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    next_due_on = fields.Date(required=True, allow_none=True)
    missing = fields.Integer(required=True)
    reason = fields.String(required=True)
    done = fields.List(fields.Nested(DoneOut), required=True)
    version = fields.Integer(required=True)


class DutiesOut(Shape):
    on = fields.Date(required=True)
    items = fields.List(fields.Nested(DutyOut), required=True)
    without_duty = fields.List(fields.Nested(ProductOut), required=True)


class CoverOut(Shape):
    contract_id = fields.Integer(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    line_id = fields.Integer(required=True)
    by = fields.String(required=True, validate=validate.OneOf(COVERS))
    terms_version_id = fields.Integer(required=True, allow_none=True)
    policy_id = fields.Integer(required=True, allow_none=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)


class CoversOut(Shape):
    on = fields.Date(required=True)
    items = fields.List(fields.Nested(CoverOut), required=True)
