"""Fields and a base for the shapes of input: closed (unknown fields are errors), clear about what to do instead."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate

LINE = re.compile(r"^[^\x00-\x1f\x7f\ud800-\udfff]*\Z")
PROSE = re.compile(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]*\Z")
SLUG = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?\Z"
CODE = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z"


class Shape(Schema):
    """Base of every input and output shape."""

    class Meta:
        unknown = RAISE


class Line(fields.String):
    """One line of text without control characters; blanks around it are taken off."""

    def __init__(self, *, max: int = 255, min: int = 0, **kwargs: Any) -> None:
        validators = [validate.Length(min=min or None, max=max)] if min else [validate.Length(max=max)]
        super().__init__(validate=[*validators, *kwargs.pop("also", ())], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not LINE.match(text):
            raise ValidationError("Write it on one line, without control characters.")
        return text.strip()


class Prose(fields.String):
    """Text of several lines."""

    def __init__(self, *, max: int = 10_000, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=max), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not PROSE.match(text):
            raise ValidationError("Take out the control characters.")
        return text


class Slug(fields.String):
    """A short name for addresses: lower-case letters, digits and hyphens."""

    def __init__(self, *, pattern: str = SLUG, **kwargs: Any) -> None:
        text = "Use lower-case letters, digits and hyphens, at most 64."
        super().__init__(validate=validate.Regexp(pattern, error=text), **kwargs)


class Ref(fields.Field[int | str]):
    """A reference: the id (a number), or the natural key (a text)."""

    default_error_messages = {"invalid": "Give an id (a number) or a name (a text)."}

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

    default_error_messages = {"invalid": "Write the date as YYYY-MM-DD.", "range": "Give a year from 1900 to 2999."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> dt.date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise self.make_error("invalid")
        day: dt.date = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= day.year <= 2999:
            raise self.make_error("range")
        return day


def time_zone(**kwargs: Any) -> fields.String:
    def known(value: str) -> None:
        if value not in available_timezones():
            raise ValidationError("Give an IANA time zone, such as Asia/Hong_Kong.")

    return fields.String(validate=known, **kwargs)


LANGUAGE = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z"


def language(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(LANGUAGE, error="Give a language such as en or zh-Hant."), **kwargs)


def currency(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(r"^[A-Z]{3}\Z", error="Give a currency code such as HKD."), **kwargs)


class JsonObject(fields.Dict):
    """A JSON object of free content, bounded in size and depth."""

    def __init__(self, *, max_bytes: int = 20_000, **kwargs: Any) -> None:
        self.max_bytes = max_bytes
        super().__init__(keys=fields.String(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)
        _check_json(found, depth=0)
        if len(str(found)) > self.max_bytes:
            raise ValidationError(f"Keep it under {self.max_bytes} characters.")
        return found


def _check_json(value: Any, depth: int) -> None:
    if depth > 8:
        raise ValidationError("This is nested too deeply.")
    if isinstance(value, str) and not PROSE.match(value):
        raise ValidationError("Take out the control characters.")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**53) <= value <= 2**53:
        raise ValidationError("Numbers must stay within 2**53.")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_json(key, depth + 1)
            _check_json(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_json(item, depth + 1)
