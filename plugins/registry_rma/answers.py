"""Shapes of what the API answers, for its document: made from the tables, so that they cannot tell anything else."""

from typing import Any

from marshmallow import Schema, fields
from peewee import BooleanField, CharField, DateField, DateTimeField, IntegerField, JSONField, TextField

from registry.sdk import Shape
from registry_rma import statistics, told
from registry_rma.models import Case, Custody, Line, Price, Quote, Record, RepairTest, Track

KINDS: tuple[tuple[type, Any], ...] = (
    (BooleanField, fields.Boolean), (DateTimeField, fields.DateTime), (DateField, fields.Date), (JSONField, fields.Raw),
    (IntegerField, fields.Integer), (CharField, fields.String), (TextField, fields.String),
)  # fmt: skip


def _shape(name: str, model: Any, names: tuple[str, ...], **more: Any) -> Schema:
    return Shape.from_dict({**{one: _field(model, one) for one in names}, **more}, name=name)()


def _field(model: Any, name: str) -> Any:
    if name.endswith("_id") or name == "id":
        return fields.Integer(required=True, allow_none=name != "id")
    column = model._meta.fields[name]
    made = next((kind for of, kind in KINDS if isinstance(column, of)), fields.Raw)
    return made(required=True, allow_none=bool(column.null))


def _many(shape: Schema) -> Any:
    return fields.List(fields.Nested(shape), required=True)


def _items(name: str, shape: Schema) -> Schema:
    return Shape.from_dict({"items": _many(shape)}, name=name)()


TEST = _shape("RmaTest", RepairTest, told.TEST)
QUOTE = _shape("RmaQuote", Quote, told.QUOTE)
RECORD = _shape("RmaRecord", Record, told.RECORD)
TRACK = _shape("RmaTrack", Track, told.TRACK)
PRICE = _shape("RmaPrice", Price, told.PRICE)
EVENT = _shape("RmaEvent", Custody, told.CUSTODY, photo=fields.Boolean(required=True))
PLAIN_LINE = _shape("RmaCaseLine", Line, told.LINE)
CASE = _shape(
    "RmaCase", Case, told.CASE, label=fields.String(required=True), to_be_confirmed=fields.Boolean(required=True),
    lines=_many(PLAIN_LINE),
)  # fmt: skip
MOVE = Shape.from_dict(
    {
        "to": fields.String(required=True), "label": fields.String(required=True), "who": fields.String(required=True),
        "asks": fields.List(fields.String(), required=True), "takes": fields.List(fields.String(), required=True),
    },
    name="RmaMove",
)()  # fmt: skip
CHAIN = Shape.from_dict(
    {
        "whole": fields.Boolean(required=True), "broken": fields.Integer(required=True, allow_none=True),
        "events": _many(EVENT),
    },
    name="RmaChain",
)()  # fmt: skip
LINE = _shape(
    "RmaWholeLine", Line, told.LINE, proposal=fields.Raw(required=True, allow_none=True),
    unit=fields.String(required=True),
    owed=fields.List(fields.String(), required=True), moves=_many(MOVE), tests=_many(TEST),
    quote=fields.Nested(QUOTE, required=True, allow_none=True), records=_many(RECORD), tracks=_many(TRACK),
    custody=fields.Nested(CHAIN, required=True), situation=fields.Raw(required=True),
)  # fmt: skip
PAPER = Shape.from_dict({name: fields.String(required=True) for name in ("paper", "title")}, name="RmaPaper")()
PAPERS = Shape.from_dict({"unit": fields.String(required=True), "items": _many(PAPER)}, name="RmaPapers")()
RECORDS, PRICES = _items("RmaRecords", RECORD), _items("RmaPrices", PRICE)
COUNT = Shape.from_dict(
    {
        name: fields.String(required=True) if name == "key" else fields.Float(required=True, allow_none=True)
        for name in statistics.COLUMNS
    },
    name="RmaCount",
)()
COUNTS = Shape.from_dict({"by": fields.String(required=True), "items": _many(COUNT)}, name="RmaCounts")()
