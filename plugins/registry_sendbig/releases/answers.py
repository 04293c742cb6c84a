"""Shapes of what the API answers about releases, for its document."""

from typing import Any

from marshmallow import Schema, fields
from peewee import DateTimeField, IntegerField

from registry.sdk import Shape
from registry_sendbig.models import Grant, Installed, Receipt, Release
from registry_sendbig.releases import told as release_told


def _shape(called: str, model: Any, names: tuple[str, ...], /, **more: Any) -> Schema:
    return Shape.from_dict({**{one: _field(model, one) for one in names}, **more}, name=called)()


def _field(model: Any, name: str) -> Any:
    column = model._meta.fields[name]
    if isinstance(column, DateTimeField):
        kind: Any = fields.DateTime
    elif isinstance(column, IntegerField) or name == "id":
        kind = fields.Integer
    else:
        kind = fields.String
    return kind(required=True, allow_none=bool(column.null))


def _whole(**more: Any) -> Any:
    return fields.Integer(required=True, **more)


def _text(**more: Any) -> Any:
    return fields.String(required=True, **more)


def _many(shape: Schema) -> Any:
    return fields.List(fields.Nested(shape), required=True)


def _made(called: str, /, **named: Any) -> Schema:
    return Shape.from_dict(named, name=called)()


FILE = _made(
    "SendbigReleaseFile", id=_whole(), name=_text(), kind=_text(), audience=_text(), state=_text(),
    size=_whole(allow_none=True), sha256=_text(), version=_whole(),
)  # fmt: skip
RELEASE = _shape("SendbigRelease", Release, release_told.RELEASE, product=_text(), files=_many(FILE), version=_whole())
_ABOUT = {"units": _whole(), "affected": _whole(), "unknown": _whole(),
          "granted": fields.Boolean(required=True), "taken": fields.Boolean(required=True)}  # fmt: skip
OFFER = _shape("SendbigOffer", Release, release_told.RELEASE, **_ABOUT, files=_whole())
WHOLE_OFFER = _shape(
    "SendbigWholeOffer", Release, release_told.RELEASE, **_ABOUT, files=_many(FILE), hidden_files=_whole()
)
NEXT = {"next": fields.Integer(required=True, allow_none=True)}
OFFERS = _made("SendbigOffers", items=_many(OFFER), **NEXT)
NUMBERS = _made(
    "SendbigReleaseNumbers", units=_whole(), affected=_whole(), unknown=_whole(), patched=_whole(), other=_whole(),
    customers=_whole(),
)  # fmt: skip
CUSTOMER = _made(
    "SendbigReleaseCustomer", customer_id=_whole(), customer=_text(), name=_text(), units=_whole(), affected=_whole(),
    unknown=_whole(), patched=_whole(), other=_whole(), told=_whole(), taken=_whole(),
)  # fmt: skip
CUSTOMERS = _made("SendbigReleaseCustomers", items=_many(CUSTOMER), **NEXT)
UNIT = _made(
    "SendbigReleaseUnit", unit=_whole(), asset_id=_whole(allow_none=True), licence_id=_whole(allow_none=True),
    customer_id=_whole(), customer=_text(), customer_name=_text(), label=_text(), name=_text(),
    version=_text(allow_none=True), known_on=fields.DateTime(required=True, allow_none=True),
    source=_text(allow_none=True),
)  # fmt: skip
UNITS = _made("SendbigReleaseUnits", items=_many(UNIT), **NEXT)
GRANT = _shape("SendbigGrant", Grant, release_told.GRANT)
GRANTS = _made("SendbigGrants", items=_many(GRANT))
RECEIPT = _shape("SendbigReceipt", Receipt, release_told.RECEIPT, release_id=_whole())
INSTALLED = _shape("SendbigInstalled", Installed, release_told.INSTALLED)
RECORDED = _made("SendbigRecorded", recorded=_whole())
