"""Shapes of input about imports."""

from typing import Any

import orjson
from marshmallow import ValidationError, fields, validate

from registry.imports.listing import CHANGES, IMPORTS, KIND_NAMES
from registry.imports.models import MODES, ON_ERROR
from registry.kernel.language import N_, _
from registry.kernel.shapes import Flag, FlagText, Line, Prose, Ref, Shape, Whole, extended, items

_NAME = validate.Length(1, 64)
DATE_ORDERS = ("ymd", "dmy", "mdy")
ENCODINGS = validate.Regexp(r"^[A-Za-z0-9_.-]{1,40}\Z", error=N_("Give the name of an encoding, such as cp1252."))


class Columns(fields.Dict):
    """{header: field or null}."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            keys=Prose(max=255),
            values=Line(max=64, min=1, allow_none=True),
            validate=validate.Length(max=500),
            **kwargs,
        )


class ColumnsText(Columns):
    """The same as JSON text, since a form's fields are texts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            try:
                value = orjson.loads(value)
            except ValueError:
                raise ValidationError(_("Give a JSON object of header to field name.")) from None
        return super()._deserialize(value, attr, data, **kwargs)


class ImportOptions(Shape):
    encoding = fields.String(validate=ENCODINGS)
    delimiter = fields.String(validate=validate.OneOf((",", ";", "\t", "|")))
    sheet = Line(max=100, min=1)
    date_order = fields.String(validate=validate.OneOf(DATE_ORDERS))
    decimal_mark = fields.String(validate=validate.OneOf((".", ",")))
    create_missing = Flag()


class ImportForm(ImportOptions):
    """The form fields beside `file`. Numbers and flags are texts in a form."""

    kind = fields.String(required=True, validate=validate.OneOf(KIND_NAMES))
    customer = Line(max=64, min=1)
    mode = fields.String(validate=validate.OneOf(MODES))
    key = fields.String(validate=_NAME)
    on_error = fields.String(validate=validate.OneOf(ON_ERROR))
    dry_run = FlagText()
    create_missing = FlagText()  # type: ignore[assignment]  # the same question, asked in a form
    saved_mapping = Line(max=100, min=1)
    mapping = ColumnsText()


class MappingIn(Shape):
    customer = Ref()
    kind = fields.String(required=True, validate=validate.OneOf(KIND_NAMES))
    name = Line(max=100, min=1, required=True)
    columns = Columns(required=True)
    options = fields.Nested(ImportOptions)


class RowError(Shape):
    """What was refused, and what to do. `line` and `column` are null where the file as a whole is at fault, or where
    the import could not be undone."""

    line = fields.Integer(required=True, allow_none=True)
    column = fields.String(required=True, allow_none=True)
    value = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)


class Progress(Shape):
    rows = fields.Integer(required=True)
    share = fields.Float(required=True, metadata={"description": "From 0 to 1."})


ImportOut = extended(
    IMPORTS.shape(),
    "ImportSession",
    errors=fields.List(fields.Nested(RowError), required=True),
    progress=fields.Nested(Progress, allow_none=True, metadata={"description": "Only while it runs."}),
)


class ApplyQuery(Shape):
    on_error = fields.String(
        validate=validate.OneOf(ON_ERROR),
        metadata={"description": "What to do about rows that are refused, in place of what was said before."},
    )
    leave_out = Whole(
        0, 2**31 - 1, metadata={"description": "How many rows may be left out; if more are refused, nothing is stored."}
    )


class CellChange(Shape):
    """A field that was or would be set. Of a refused row: the column at fault, its value, and what to do."""

    field = fields.String(required=True, allow_none=True)
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    value = fields.String(allow_none=True)
    message = fields.String()


ImportChangeOut = extended(
    CHANGES.shape(), "ImportChangeRow", cells=fields.List(fields.Nested(CellChange), required=True)
)
ImportChangePage = items(ImportChangeOut, paged=True)
