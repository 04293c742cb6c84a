"""Shapes of what comes in about optics, and of what is answered."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from registry.kernel.language import N_, _
from registry.kernel.shapes import Flag, Line, Prose, Real, Ref, Shape, Whole
from registry.optics.decoder.records import PARAMETERS, STATES, VERDICTS
from registry.optics.models import PROOFS

MOMENT_PATTERN = (
    r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(Z|[+-](0[0-9]|1[01]):[0-5][0-9])$"
)
MOST = 10_000
STEPS = ("high_alarm", "high_warning", "low_warning", "low_alarm")
# What no module measures is a slip: of a unit, or of a column.
RANGES = {"temperature_c": (-128, 128), "voltage_v": (0, 10), "tx_bias_ma": (0, 1000), "tx_power_dbm": (-50, 30),
          "rx_power_dbm": (-50, 30)}  # fmt: skip
HEX = re.compile(r"(?:[0-9a-fA-F]{2}){64,8192}\Z")


class Moment(fields.Field[datetime]):
    """An instant in ISO 8601 with its time zone, from 2000 to 2099."""

    default_error_messages = {"invalid": N_("Give date, time and time zone, such as 2026-05-01T09:30:00Z.")}

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": MOMENT_PATTERN}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value).astimezone(UTC) if "T" in value or " " in value else None
            naive = datetime.fromisoformat(value).tzinfo is None
        except (TypeError, ValueError, OverflowError):
            raise self.make_error("invalid") from None
        if found is None or naive or not 2000 <= found.year <= 2099:
            raise self.make_error("invalid")
        return found


def _measure(name: str, **more: Any) -> Real:
    least, most = RANGES[name]
    return Real(allow_none=True, validate=validate.Range(least, most), **more)


class LaneIn(Shape):
    lane = fields.Integer(strict=True, required=True, validate=validate.Range(1, 32))
    tx_bias_ma = _measure("tx_bias_ma")
    tx_power_dbm = _measure("tx_power_dbm")
    rx_power_dbm = _measure("rx_power_dbm")
    tx_disabled = Flag(allow_none=True)
    tx_fault = Flag(allow_none=True)
    tx_los = Flag(allow_none=True)
    rx_los = Flag(allow_none=True)
    in_use = Flag(allow_none=True)


class MeasuredIn(Shape):
    temperature_c = _measure("temperature_c")
    voltage_v = _measure("voltage_v")
    lanes = fields.List(fields.Nested(LaneIn), validate=validate.Length(max=32))

    @validates_schema
    def _once(self, data: dict[str, Any], **_kwargs: Any) -> None:
        numbers = [one["lane"] for one in data.get("lanes") or ()]
        if len(set(numbers)) < len(numbers):
            raise ValidationError(_("Name each lane once."), "lanes")


class LimitsIn(Shape):
    high_alarm = Real(allow_none=True, validate=validate.Range(-1e6, 1e6))
    high_warning = Real(allow_none=True, validate=validate.Range(-1e6, 1e6))
    low_warning = Real(allow_none=True, validate=validate.Range(-1e6, 1e6))
    low_alarm = Real(allow_none=True, validate=validate.Range(-1e6, 1e6))


class SumIn(Shape):
    name = Line(max=16, min=1, required=True)
    stored = fields.Integer(strict=True, required=True, validate=validate.Range(0, 255))
    computed = fields.Integer(strict=True, required=True, validate=validate.Range(0, 255))
    ok = Flag()


def _keys() -> Any:
    """temperature_c, or 2.tx_power_dbm."""
    return fields.String(validate=validate.Regexp(rf"^([0-9]{{1,2}}\.)?({'|'.join(PARAMETERS)})$"))


class Limited(fields.Dict):
    """Limits by parameter."""

    def __init__(self, **more: Any) -> None:
        super().__init__(keys=_keys(), values=fields.Nested(LimitsIn), validate=validate.Length(max=100), **more)


class Memory(fields.String):
    """The bytes of a module's memory in hexadecimal."""

    default_error_messages = {"invalid": N_("Give 64 to 8,192 bytes as hexadecimal digits, without anything between.")}

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^([0-9a-fA-F]{2}){64,8192}$"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not HEX.match(value):
            raise self.make_error("invalid")
        return value


class ReadingIn(Shape):
    """One module at one time, in the form that `assetcare optics decode --json` prints; or its memory.

    Of `states` only "dark" counts: no light, where the value is null. `verdict` and `reasons` are not looked at.
    """

    asset = Ref()
    at = Moment()
    host = Line(max=255)
    port = Line(max=255)
    admin_up = Flag(allow_none=True)
    oper_up = Flag(allow_none=True)
    memory = Memory()
    form_factor = Line(max=32)
    standard = Line(max=32)
    vendor = Line(max=64)
    oui = Line(max=8)
    part_number = Line(max=64)
    revision = Line(max=32)
    serial = Line(max=64)
    date_code = Line(max=32)
    connector = Line(max=64)
    media = fields.String(validate=validate.OneOf(("", "optical", "copper", "active_copper", "active_optical")))
    cable_end = fields.String(validate=validate.OneOf(("", "1", "2", "A", "B")))
    wavelength_nm = Real(allow_none=True, validate=validate.Range(0, 100_000))
    dom = Flag(allow_none=True)
    readings = fields.Nested(MeasuredIn)
    thresholds = Limited()
    flags = fields.Dict(
        keys=_keys(), values=fields.String(validate=validate.OneOf(STATES)), validate=validate.Length(max=200)
    )
    states = fields.Dict(
        keys=_keys(), values=fields.String(validate=validate.OneOf(STATES)), validate=validate.Length(max=200)
    )
    checksums = fields.List(fields.Nested(SumIn), validate=validate.Length(max=20))
    findings = fields.List(Line(max=40, min=1), validate=validate.Length(max=30))
    verdict = fields.String(validate=validate.OneOf(VERDICTS))
    reasons = fields.List(Line(max=1000), validate=validate.Length(max=50))


class UploadIn(Shape):
    """`register`: make an asset of every module that is none yet. `host`, `at`, `admin_up` and, for a single item,
    `port` hold where an item does not say it itself."""

    customer = Ref()
    register = Flag(load_default=False)
    host = Line(max=255, load_default="")
    port = Line(max=255, load_default="")
    admin_up = Flag(allow_none=True)
    at = Moment()
    name = Line(max=255, load_default="")


class ReadingsIn(UploadIn):
    items = fields.List(fields.Nested(ReadingIn), required=True, validate=validate.Length(1, MOST))


class TextIn(UploadIn):
    text = fields.String(
        required=True, validate=validate.Length(1, 4_000_000),
        metadata={"description": "What a switch or server prints, or a hexadecimal dump."},
    )  # fmt: skip


class RegisterIn(Shape):
    """`items`: the numbers of the modules meant, as `unknown` of the upload has them; without them all."""

    items = fields.List(
        fields.Integer(strict=True, validate=validate.Range(0, MOST)), validate=validate.Length(1, MOST)
    )


class ForgetIn(RegisterIn):
    """The same of those that are to be thrown away."""


class AttachIn(Shape):
    """`item`: the number of the module, as `unknown` of the upload has it."""

    item = fields.Integer(strict=True, required=True, validate=validate.Range(0, MOST))
    asset = Ref(required=True)


class SpanQuery(Shape):
    """`from` and `to`: instants; without them everything there is."""

    class Meta(Shape.Meta):
        include = {"from": Moment()}

    to = Moment()
    end = fields.String(validate=validate.OneOf(("", "1", "2", "A", "B")), load_default="")


class ReadingsQuery(SpanQuery):
    limit = Whole(1, 1000, load_default=100)
    cursor = Whole(1, 2**40)


class ChartQuery(SpanQuery):
    points = Whole(1, 1000, load_default=200)
    parameter = fields.String(validate=validate.OneOf(PARAMETERS))


class BaselineIn(Shape):
    """`at`: of the reading; without it the newest."""

    at = Moment()
    end = fields.String(validate=validate.OneOf(("", "1", "2", "A", "B")), load_default="")


class ProofIn(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(PROOFS))
    at = Moment()
    module_failed = Flag(metadata={"description": "Whether it points at this module. Not for a cleaning."})
    note = Prose(max=2000)


class ProfileChange(Shape):
    limits = Limited()
    needed = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 100))
    hours = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 24 * 90))
    notes = Prose()


class ProfileIn(ProfileChange):
    """`customer`: whose own it is; the operator leaves it out for the house's."""

    customer = Ref(allow_none=True)
    vendor = Line(max=64)
    part_number = Line(max=64, min=1, required=True)
