"""Shapes of what comes in and goes out: unknown fields are errors, and each error names its field."""

from typing import Any

from marshmallow import Schema, fields, validate
from peewee import BigIntegerField, BooleanField, DateTimeField, IntegerField

from registry.sdk import Line, Prose, Ref, Shape, Whole
from registry_sendbig.models import Download, Recipient, Request, Transfer
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.forms import LONGEST_PASSWORD, MOST_DOWNLOADS
from registry_sendbig.transfers.recipients import MOST

BYTES = 10**15


def _days(**more: Any) -> Whole:
    return Whole(
        1, 3650, metadata={"description": "Days from now; the customer's settings say at most how many."}, **more
    )


def _secret(**more: Any) -> Line:
    return Line(max=LONGEST_PASSWORD, load_only=True, **more)


class SendbigRecipientIn(Shape):
    """Without an address: a link that is handed over by other ways."""

    email = Line(max=255)
    name = Line(max=255)


class SendbigTransferChangeIn(Shape):
    title = Line(min=1, max=255)
    message = Prose(max=5000)
    expires_in_days = _days()
    most_downloads = Whole(
        1, MOST_DOWNLOADS, allow_none=True, metadata={"description": "By each recipient, of each file."}
    )
    password = _secret()
    party = Line(max=255, metadata={"description": "The third party, as the customer's approval names it."})
    recipients = fields.List(fields.Nested(SendbigRecipientIn), validate=validate.Length(max=MOST))


class SendbigTransferIn(SendbigTransferChangeIn):
    customer = Ref(required=True)
    title = Line(required=True, min=1, max=255)


class SendbigExtendIn(Shape):
    expires_in_days = _days()
    most_downloads = Whole(1, MOST_DOWNLOADS, allow_none=True)


class SendbigFileRequestIn(Shape):
    customer = Ref(required=True)
    title = Line(required=True, min=1, max=255)
    message = Prose(max=5000)
    email = Line(max=255, metadata={"description": "Who is asked by mail; empty: the link is handed over otherwise."})
    expires_in_days = _days()
    most_bytes = Whole(1, BYTES, allow_none=True)
    most_files = Whole(1, 100_000, allow_none=True)
    password = _secret()


class SendbigFileRequestExtendIn(Shape):
    expires_in_days = _days(required=True)


def _shape(name: str, model: Any, names: tuple[str, ...], **more: Any) -> Schema:
    return Shape.from_dict({**{one: _field(model, one) for one in names}, **more}, name=name)()


def _field(model: Any, name: str) -> Any:
    column = model._meta.combined[name]
    null = bool(column.null)
    if isinstance(column, BooleanField):
        return fields.Boolean(required=True)
    if isinstance(column, DateTimeField):
        return fields.DateTime(required=True, allow_none=null)
    if name == "id" or name.endswith("_id") or isinstance(column, IntegerField | BigIntegerField):
        return fields.Integer(required=True, allow_none=null)
    return fields.String(required=True)


def _said(*names: str) -> dict[str, Any]:
    return {name: fields.String(required=True) for name in names}


FILE = Shape.from_dict(
    {
        **_said("name", "folder", "state", "sha256", "media_type", "scan", "refusal", "refusal_told", "preview"),
        "id": fields.Integer(required=True), "version": fields.Integer(required=True),
        "size": fields.Integer(required=True, allow_none=True), "left": fields.Integer(required=True, allow_none=True),
    },
    name="SendbigFile",
)()  # fmt: skip
RECIPIENT = _shape("SendbigRecipient", Recipient, transfers.TO)
DOWNLOAD = _shape("SendbigDownload", Download, transfers.GOT)
TRANSFER = _shape(
    "SendbigTransfer", Transfer, transfers.TOLD, has_password=fields.Boolean(required=True),
    may_change=fields.Boolean(required=True), files=fields.List(fields.Nested(FILE), required=True),
    recipients=fields.List(fields.Nested(RECIPIENT), required=True),
    downloads=fields.List(fields.Nested(DOWNLOAD), required=True),
)  # fmt: skip
REQUEST = _shape(
    "SendbigFileRequest", Request, asking.TOLD, state=fields.String(required=True),
    has_password=fields.Boolean(required=True), may_change=fields.Boolean(required=True),
    bytes_left=fields.Integer(required=True, allow_none=True),
    files_left=fields.Integer(required=True, allow_none=True),
    transfers=fields.List(fields.Integer(), required=True),
)  # fmt: skip
LINK = Shape.from_dict(_said("link"), name="SendbigLink")()
