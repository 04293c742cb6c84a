"""Fields and a base for the shapes of input: closed (unknown fields are errors), clear about what to do instead."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from registry.kernel.language import N_, _
from registry.kernel.money import EXPONENTS
from registry.kernel.shape_texts import SHAPE, said, say_later

LINE = re.compile(r"^[^\x00-\x1f\x7f\ud800-\udfff]*\Z")
PROSE = re.compile(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]*\Z")
# The same for the API document, in what every dialect of patterns understands.
LINE_PATTERN = r"^[^\u0000-\u001f\u007f]*$"
PROSE_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
BLANKS = r" \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
WRITTEN_PATTERN = rf"^[^\u0000-\u001f\u007f]*[^\u0000-\u001f\u007f{BLANKS}][^\u0000-\u001f\u007f]*$"
DATE_PATTERN = r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
MAX_ID = 2**63 - 1
SLUG = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?\Z"
CODE = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z"


class Shape(Schema):
    """Base of every input and output shape.

    A field that knows best what it accepts says so by `json_schema()`: the API document takes it from there.
    """

    error_messages: dict[str, str] = SHAPE

    class Meta:
        unknown = RAISE

    def on_bind_field(self, name: str, field: fields.Field[Any]) -> None:
        say_later(field, name)

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        error.messages = said(error.messages)

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Shape":
        """Shapes never change once made; decorators of routes copy what they document again and again."""
        return self


def extended(shape: Schema, name: str, **more: fields.Field[Any]) -> Schema:
    """`shape` with further fields, under a name of its own."""
    return Shape.from_dict({**shape.fields, **more}, name=name)()


def items(shape: Schema, *, paged: bool = False) -> Schema:
    """The shape {"items": [...]} of a list of `shape`; with `paged` also "next"."""
    body: dict[str, Any] = {"items": fields.List(fields.Nested(shape), required=True)}
    if paged:
        body["next"] = fields.String(
            allow_none=True, required=True, metadata={"description": "The cursor of the next page; null on the last."}
        )
    word = type(shape).__name__.removesuffix("Item").removesuffix("Out")
    return Shape.from_dict(body, name=f"{word}{'Page' if paged else 'List'}")()


class Line(fields.String):
    """One line of text without control characters; blanks around it are taken off."""

    def __init__(self, *, max: int = 255, min: int = 0, **kwargs: Any) -> None:
        self.shortest, self.longest = min, max
        validators = [validate.Length(min=min or None, max=max)] if min else [validate.Length(max=max)]
        super().__init__(validate=[*validators, *kwargs.pop("also", ())], **kwargs)

    def json_schema(self) -> dict[str, Any]:
        least = {"minLength": self.shortest} if self.shortest else {}
        pattern = WRITTEN_PATTERN if self.shortest else LINE_PATTERN
        return {"type": "string", **least, "maxLength": self.longest, "pattern": pattern}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not LINE.match(text):
            raise ValidationError(_("Write it on one line, without control characters."))
        if len(text) > self.longest:
            raise ValidationError(_("Use at most %(max)s characters.", max=self.longest))
        return text.strip()


class Prose(fields.String):
    """Text of several lines."""

    def __init__(self, *, max: int = 10_000, **kwargs: Any) -> None:
        self.longest = max
        super().__init__(validate=validate.Length(max=max), **kwargs)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.longest, "pattern": PROSE_PATTERN}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not PROSE.match(text):
            raise ValidationError(_("Take out the control characters."))
        return text


class Slug(fields.String):
    """A short name for addresses: lower-case letters, digits and hyphens."""

    def __init__(self, *, pattern: str = SLUG, **kwargs: Any) -> None:
        text = N_("Use lower-case letters, digits and hyphens, at most 64.")
        super().__init__(validate=validate.Regexp(pattern, error=text), **kwargs)


class Ref(fields.Field[int | str]):
    """A reference: the id (a number), or the natural key (a text)."""

    default_error_messages = {"invalid": N_("Give an id (a number) or a name (a text).")}

    def json_schema(self) -> dict[str, Any]:
        return {"$ref": "#/components/schemas/Reference"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int | str:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.make_error("invalid")
        if isinstance(value, str):
            if not LINE.match(value) or not value.strip() or len(value) > 255:
                raise self.make_error("invalid")
            return value.strip()
        return value


class Date(fields.Date):
    """An ISO date, year 1900 to 2999: whatever lies outside is a slip of the keyboard."""

    default_error_messages = {
        "invalid": N_("Write the date as YYYY-MM-DD."),
        "range": N_("Give a year from 1900 to 2999."),
    }

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": DATE_PATTERN}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> dt.date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise self.make_error("invalid")
        day: dt.date = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= day.year <= 2999:
            raise self.make_error("range")
        return day


class Flag(fields.Boolean):
    """true or false of JSON, and nothing that merely resembles them."""

    default_error_messages = {"invalid": N_("Give true or false.")}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class FlagText(fields.Boolean):
    """true or false where everything is text: in queries and forms."""

    default_error_messages = {"invalid": N_("Give true or false.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy={"true", "True"}, falsy={"false", "False"}, **kwargs)


class Whole(fields.Integer):
    """A whole number in a query or form: digits and a sign, no blanks, no underscores."""

    default_error_messages = {"invalid": N_("Give a whole number.")}

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _validated(self, value: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,19}", str(value), re.ASCII):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


def id_text(**kwargs: Any) -> Whole:
    """An id in a query."""
    return Whole(1, MAX_ID, **kwargs)


class Real(fields.Float):
    """A number of JSON: no text, no truth value, nothing infinite."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, **kwargs)

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


def time_zone(**kwargs: Any) -> fields.String:
    def known(value: str) -> None:
        if value not in available_timezones():
            raise ValidationError(_("Give an IANA time zone, such as Asia/Hong_Kong."))

    told = {"format": "time-zone", "examples": ["Asia/Hong_Kong"], "description": "A time zone of the IANA database."}
    return fields.String(validate=known, metadata=told, **kwargs)


LANGUAGE = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z"


def language(**kwargs: Any) -> fields.String:
    return fields.String(
        validate=validate.Regexp(LANGUAGE, error=N_("Give a language such as en or zh-Hant.")), **kwargs
    )


class Currency(fields.String):
    """A currency in use, by its code in ISO 4217."""

    def __init__(self, **kwargs: Any) -> None:
        known = validate.OneOf(tuple(EXPONENTS), error=N_("Give the code of a currency in use, such as HKD."))
        super().__init__(validate=known, **kwargs)

    def json_schema(self) -> dict[str, Any]:
        return {"$ref": "#/components/schemas/Currency"}


def currency(**kwargs: Any) -> Currency:
    return Currency(**kwargs)


class JsonObject(fields.Dict):
    """A JSON object of free content, bounded in size and depth."""

    def __init__(self, *, max_bytes: int = 20_000, **kwargs: Any) -> None:
        self.max_bytes = max_bytes
        super().__init__(keys=fields.String(), **kwargs)

    def json_schema(self) -> dict[str, Any]:
        told = f"At most {self.max_bytes} characters and 8 levels."
        return {"type": "object", "description": told, **_JSON_OBJECT}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        found: Any = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        _check_json(found, depth=0)
        if len(str(found)) > self.max_bytes:
            raise ValidationError(_("Keep it under %(most)s characters.", most=self.max_bytes))
        return found


_JSON_TEXT = {"type": "string", "pattern": PROSE_PATTERN}
_JSON_OBJECT = {
    "propertyNames": {"pattern": PROSE_PATTERN},
    "additionalProperties": {"$ref": "#/components/schemas/JsonValue"},
}
REFERENCE: dict[str, Any] = {
    "description": "The id (a number) or the natural key (a text): a slug, a serial number, a code, a name.",
    "oneOf": [{"type": "integer", "minimum": 1, "maximum": MAX_ID}, Line(max=255, min=1).json_schema()],
}
# What a JsonObject holds.
JSON_VALUE: dict[str, Any] = {
    "description": "Any JSON value without control characters.",
    "oneOf": [
        {"type": ["null", "boolean"]},
        {"type": "number", "minimum": -(2**53), "maximum": 2**53},
        _JSON_TEXT,
        {"type": "array", "items": {"$ref": "#/components/schemas/JsonValue"}},
        {"type": "object", **_JSON_OBJECT},
    ],
}


# Components of the API document that fields refer to.
COMPONENTS = {
    "Currency": {"type": "string", "description": "A currency of ISO 4217.", "enum": list(EXPONENTS)},
    "JsonValue": JSON_VALUE,
    "Reference": REFERENCE,
}


def _check_json(value: Any, depth: int) -> None:
    if depth > 8:
        raise ValidationError(_("This is nested too deeply."))
    if isinstance(value, str) and not PROSE.match(value):
        raise ValidationError(_("Take out the control characters."))
    if isinstance(value, int | float) and not isinstance(value, bool) and not -(2**53) <= value <= 2**53:
        raise ValidationError(_("Numbers must stay within 2**53."))
    if isinstance(value, dict):
        for key, item in value.items():
            _check_json(key, depth + 1)
            _check_json(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_json(item, depth + 1)
