"""Shapes of what comes in: unknown fields are errors, and each error names its field."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from marshmallow import fields, validate

from registry.sdk import CAUSES, N_, Currency, Date, Flag, Line, Prose, Ref, Shape, Whole
from registry_rma.cases import OVERRULING
from registry_rma.machine import STATES, TRACKS
from registry_rma.words import WORDS

KEY = re.compile(r"^[A-Za-z0-9_-]{8,64}\Z")
MOST_MINOR = 10**9
# For the API document: narrower than what is understood, so that nothing that it lets pass is refused.
MOMENT_PATTERN = (
    r"^2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(Z|[+-](0[0-9]|1[01]):[0-5][0-9])$"
)
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?\Z", re.ASCII)
# A comma before three digits may part thousands, unless nothing but a zero stands before it.
COMMA = re.compile(r"-?(0,[0-9]+|[0-9]+,(?![0-9]{3}\Z)[0-9]+)\Z", re.ASCII)


class Moment(fields.Field[datetime]):
    """An instant in ISO 8601 with its time zone, from 2000 to 2999."""

    default_error_messages = {"invalid": N_("Give date, time and time zone, such as 2026-05-01T09:30:00Z.")}

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": MOMENT_PATTERN}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.make_error("invalid") from None
        if found.tzinfo is None or not 2000 <= found.year <= 2999:
            raise self.make_error("invalid")
        return found.astimezone(UTC)


class Number(fields.Field[str]):
    """A measured value: a number, or its digits as a text, so that nothing is lost. Kept as text."""

    default_error_messages = {"invalid": N_("Give a number such as -8.2.")}

    def json_schema(self) -> dict[str, Any]:
        digits = {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"}
        return {"oneOf": [{"type": "number", "minimum": -(10**12) + 1, "maximum": 10**12 - 1}, digits]}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.make_error("invalid")
        text = _typed(value) if isinstance(value, str) else f"{Decimal(repr(value)):f}"
        if not DECIMAL.match(text):
            text = f"{round(Decimal(text), 6):f}" if isinstance(value, float) and abs(value) < 10**12 else text
        if not DECIMAL.match(text):
            raise self.make_error("invalid")
        return text


def _typed(text: str) -> str:
    """As people write and copy numbers: with a comma, or the minus sign of a data sheet."""
    text = text.strip().replace("\u2212", "-")
    return text.replace(",", ".") if COMMA.match(text) else text


def key_field() -> fields.String:
    told = {"description": "Made by the client; sent again, the same move is made once."}
    return fields.String(
        validate=validate.Regexp(KEY, error=N_("Use 8 to 64 letters, digits, dashes and underscores.")), metadata=told
    )


def cause_field(**more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(tuple(CAUSES)), **more)


def one_of(group: str, **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(tuple(WORDS[group])), **more)


class RmaReadingIn(Shape):
    parameter = Line(required=True, min=1, max=100)
    value = Number(required=True)
    limit_min = Number(allow_none=True)
    limit_max = Number(allow_none=True)
    unit = Line(max=20)


class RmaClaimIn(Shape):
    """What failed, and how the unit was used."""

    fault = Prose(required=True, max=5000)
    cause = cause_field(allow_none=True)
    fault_on = Date(allow_none=True)
    parameter = Line(max=100)
    value = Number(allow_none=True)
    limit_min = Number(allow_none=True)
    limit_max = Number(allow_none=True)
    unit = Line(max=20)
    operating = fields.List(fields.Nested(RmaReadingIn), validate=validate.Length(max=20))


class RmaClaimChangeIn(RmaClaimIn):
    """The same, where every field may be left out."""

    fault = Prose(max=5000)


class RmaClaimLineIn(RmaClaimIn):
    """`from_readings`: an optical module's own readings fill in what is not said here; refused where they carry no
    claim."""

    asset = Ref(required=True)
    from_readings = Flag()


class RmaCaseIn(Shape):
    customer = Ref()
    contact = Ref(allow_none=True)
    channel = one_of("channel")
    notified_at = Moment(allow_none=True)
    note = Prose(max=5000)
    send = Flag(load_default=True)
    lines = fields.List(fields.Nested(RmaClaimLineIn), required=True, validate=validate.Length(1, 50))


class RmaMoveFacts(Shape):
    """What may come with a move; which of it is needed, the table says."""

    reason = Prose(max=2000)
    remedy = fields.String(validate=validate.OneOf(("repair", "replace")))
    charge = Flag()
    charge_reason = Prose(max=2000)
    deviation_reason = Prose(max=2000)
    contract = Line(max=64)
    serial = Line(max=100)
    spot = Line(max=100)
    action = Prose(max=5000)
    parts = Prose(max=2000)
    carrier = Line(max=100)
    tracking = Line(max=100)
    receiver = Line(max=100)
    consent = Line(max=200)


class RmaMoveIn(RmaMoveFacts):
    to = fields.String(required=True, validate=validate.OneOf(tuple(STATES)))
    key = key_field()
    device_at = Moment()


class RmaTestIn(Shape):
    readings = fields.List(fields.Nested(RmaReadingIn), required=True, validate=validate.Length(1, 100))


class RmaItemIn(Shape):
    code = Line(max=32)
    text = Line(max=200)
    quantity = Whole(1, 10_000)
    unit_minor = Whole(0, MOST_MINOR)


class RmaQuoteIn(Shape):
    items = fields.List(fields.Nested(RmaItemIn), required=True, validate=validate.Length(1, 50))
    deviation = Prose(max=2000)
    valid_until = Date(allow_none=True)


class RmaAnswerIn(Shape):
    """Who answered a quote, and where his writing is kept; of no use to a customer, who answers here."""

    by = Line(max=100)
    on = Date(allow_none=True)
    how = fields.String(validate=validate.OneOf(("letter", "mail")))
    written = Line(max=200)


class RmaOverruleIn(Shape):
    remedy = fields.String(required=True, validate=validate.OneOf(OVERRULING))
    reason = Prose(required=True, max=2000)


class RmaRecordIn(Shape):
    cause = cause_field(allow_none=True)
    action = Prose(required=True, max=5000)
    parts = Prose(max=2000)
    staff = Line(max=100)
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)


class RmaRefundIn(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(("refund", "credit")))
    amount_minor = Whole(0, MOST_MINOR, required=True)
    currency = Currency(required=True)
    reference = Line(required=True, min=1, max=100)


class RmaTrackIn(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(tuple(TRACKS)))
    serial = Line(required=True, min=1, max=100)
    due_on = Date(allow_none=True)
    note = Prose(max=2000)


class RmaTrackMoveIn(Shape):
    to = fields.String(
        required=True, validate=validate.OneOf(sorted({state for kind in TRACKS.values() for state in kind}))
    )


class RmaPriceIn(Shape):
    customer = Ref(allow_none=True)
    code = Line(required=True, min=1, max=32)
    title = Line(required=True, min=1, max=200)
    amount_minor = Whole(0, MOST_MINOR, required=True)
    currency = Currency(required=True)


class Rules(Shape):
    """What holds for one customer, beside his terms of warranty."""

    doa_days = Whole(0, 366, load_default=30, metadata={
        "label": N_("Dead on arrival: days from delivery"),
        "description": N_("A unit that fails by then is replaced without a repair. 0: never."),
    })  # fmt: skip
    exchange_days = Whole(0, 366, load_default=30, metadata={
        "label": N_("Exchange: days from delivery"),
        "description": N_("Until then a unit may be exchanged although no fault is found. 0: never."),
    })  # fmt: skip
    validity_days = Whole(1, 366, load_default=60, metadata={"label": N_("An RMA number is valid for so many days")})
    return_days = Whole(
        1,
        366,
        load_default=30,
        metadata={"label": N_("What was lent, or is due for an advance replacement, comes back within so many days")},
    )
    quote_days = Whole(1, 366, load_default=30, metadata={"label": N_("A quote is valid for so many days")})
    notice_days = Whole(0, 366, load_default=7, metadata={
        "label": N_("Days from fault to notice that go without saying"),
        "description": N_("A longer delay is shown; it refuses nothing by itself."),
    })  # fmt: skip
    nff_swap = Whole(
        1, 20, load_default=3, metadata={"label": N_("Exchange a unit when no fault was found so many times")}
    )
    nff_price = Line(max=32, load_default="", metadata={
        "label": N_("Fee when no fault is found"), "description": N_("A code of the price list. Empty: no fee."),
    })  # fmt: skip
    idle_hours = Whole(
        1, 8760, load_default=24, metadata={"label": N_("Alarm when nobody has done anything for so many hours")}
    )


class House(Shape):
    return_address = Prose(max=1000, load_default="", metadata={"label": N_("Where units are sent to"), "long": True})
