"""Marshmallow fields whose messages name the field and say what it expects."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from .periods import Period

LARGEST = Decimal("1e12")
MOST_PLACES = 12


class NamingSchema(Schema):
    """A schema that says which key it does not know."""

    error_messages = {
        "unknown": "This field is not known here; remove it or check its spelling.",
        "type": "Give an object with named fields.",
    }


class PeriodField(fields.Field[Period]):
    """ISO 8601 period in JSON, `Period` in Python."""

    def _serialize(self, value: Period | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Period:
        try:
            return Period.parse(value)
        except ValueError as error:
            raise ValidationError(f"{self.metadata['label']}: {error}") from error


def _always(message: str) -> dict[str, str]:
    return dict.fromkeys(("required", "null", "invalid", "too_large", "special"), message)


def _settings(label: str, message: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"error_messages": _always(message), "metadata": {"label": label}, **options}


def period(label: str, **options: Any) -> PeriodField:
    return PeriodField(**_settings(label, f"{label} must be a period such as P1Y or P1Y6M.", options))


def choice(label: str, allowed: Collection[str], **options: Any) -> fields.String:
    message = f"{label} must be one of: {', '.join(allowed)}."
    return fields.String(
        validate=validate.OneOf(allowed, error=message), **_settings(label, message, options)
    )


def choices(label: str, allowed: Collection[str], **options: Any) -> fields.List[Any]:
    """A list out of a closed list, each at most once."""

    def once(values: list[str]) -> None:
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValidationError(f"{label} names {', '.join(twice)} more than once.")

    item = choice(f"Each of {label[0].lower()}{label[1:]}", allowed)
    message = f"{label} must be a list out of: {', '.join(allowed)}."
    return fields.List(item, validate=once, **_settings(label, message, options))


def whole(label: str, least: int, most: int, **options: Any) -> fields.Integer:
    message = f"{label} must be a whole number from {least} to {most}."
    in_range = validate.Range(min=least, max=most, error=message)
    return fields.Integer(strict=True, validate=in_range, **_settings(label, message, options))


def flag(label: str, **options: Any) -> fields.Boolean:
    return fields.Boolean(
        truthy={True}, falsy={False}, **_settings(label, f"{label} must be true or false.", options)
    )


def text(label: str, most: int, **options: Any) -> fields.String:
    message = f"{label} must be text of at most {most} characters."
    return fields.String(
        validate=validate.Length(max=most, error=message), **_settings(label, message, options)
    )


def name(label: str, **options: Any) -> fields.String:
    """Text of one line that may not be blank."""
    message = f"{label} must be text of 1 to 200 characters."

    def written(value: str) -> None:
        if not value.strip() or len(value) > 200:
            raise ValidationError(message)

    return fields.String(validate=written, **_settings(label, message, options))


def number(label: str, **options: Any) -> fields.Decimal:
    """A decimal number, negative allowed, dumped as a string so that no digit is lost."""
    message = (
        f"{label} must be a number between -{LARGEST:f} and {LARGEST:f} with at most {MOST_PLACES} decimals."
    )

    def plausible(value: Decimal) -> None:
        if abs(value) > LARGEST or -int(value.as_tuple().exponent) > MOST_PLACES:
            raise ValidationError(message)

    return fields.Decimal(as_string=True, validate=plausible, **_settings(label, message, options))


def day(label: str, **options: Any) -> fields.Date:
    return fields.Date(**_settings(label, f"{label} must be a date such as 2025-01-31.", options))
