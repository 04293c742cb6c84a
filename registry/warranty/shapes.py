"""Marshmallow fields whose messages name the field and say what it expects."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from registry.kernel.codes import Codes
from registry.kernel.language import Later, _, later
from registry.kernel.shapes import LINE, PROSE, PROSE_PATTERN, WRITTEN_PATTERN, Date, Flag, Shape

from .periods import Period

_YEARS, _MONTHS, _WEEKS, _DAYS = (f"[0-9]{{1,5}}{letter}" for letter in "YMWD")
PERIOD_PATTERN = (
    f"^P({_YEARS}({_MONTHS})?({_WEEKS})?({_DAYS})?|{_MONTHS}({_WEEKS})?({_DAYS})?|{_WEEKS}({_DAYS})?|{_DAYS})$"
)
PERIOD_SCHEMA = {
    "type": "string",
    "format": "period",
    "pattern": PERIOD_PATTERN,
    "description": "Years, months, weeks and days of ISO 8601: longer than zero, at most 100 years.",
    "examples": ["P1Y6M"],
}
LARGEST = Decimal("1e12")
MOST_PLACES = 12


class NamingSchema(Shape):
    """A schema that says which key it does not know."""

    error_messages = {
        "unknown": later("This field is not known here; remove it or check its spelling."),
        "type": later("Give an object with named fields."),
    }


class PeriodField(fields.Field[Period]):
    """ISO 8601 period in JSON, `Period` in Python."""

    def json_schema(self) -> dict[str, Any]:
        return PERIOD_SCHEMA

    def _serialize(self, value: Period | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Period:
        try:
            return Period.parse(value)
        except ValueError as error:
            raise ValidationError(_("%(label)s: %(error)s", label=_(self.metadata["label"]), error=error)) from error


def _named(label: str) -> Later:
    return label if isinstance(label, Later) else later(label)


def _always(message: str) -> dict[str, str]:
    return dict.fromkeys(("required", "null", "invalid", "too_large", "special"), message)


def _settings(label: str, message: str, options: dict[str, Any], **told: Any) -> dict[str, Any]:
    return {"error_messages": _always(message), "metadata": {"label": label, **told}, **options}


def period(label: str, **options: Any) -> PeriodField:
    return PeriodField(
        **_settings(label, later("%(label)s must be a period such as P1Y or P1Y6M.", label=_named(label)), options)
    )


def choice(label: str, allowed: Collection[str], **options: Any) -> fields.String:
    message = later("%(label)s must be one of: %(known)s.", label=_named(label), known=Codes(tuple(allowed)))
    return fields.String(validate=validate.OneOf(allowed, error=message), **_settings(label, message, options))


def choices(label: str, allowed: Collection[str], **options: Any) -> fields.List[Any]:
    """A list out of a closed list, each at most once."""

    def once(values: list[str]) -> None:
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValidationError(
                _("%(label)s names %(known)s more than once.", label=_(label), known=Codes(tuple(twice)))
            )

    item = choice(later("Each entry of %(label)s", label=_named(label)), allowed)
    message = later("%(label)s must be a list out of: %(known)s.", label=_named(label), known=Codes(tuple(allowed)))
    return fields.List(item, validate=once, **_settings(label, message, options, uniqueItems=True))


def whole(label: str, least: int, most: int, **options: Any) -> fields.Integer:
    message = later(
        "%(label)s must be a whole number from %(least)s to %(most)s.", label=_named(label), least=least, most=most
    )
    in_range = validate.Range(min=least, max=most, error=message)
    return fields.Integer(strict=True, validate=in_range, **_settings(label, message, options))


def flag(label: str, **options: Any) -> fields.Boolean:
    return Flag(**_settings(label, later("%(label)s must be true or false.", label=_named(label)), options))


def text(label: str, most: int, **options: Any) -> fields.String:
    message = later("%(label)s must be text of at most %(most)s characters.", label=_named(label), most=most)
    plain = validate.Regexp(
        PROSE, error=later("%(label)s holds control characters; take them out.", label=_named(label))
    )
    short = validate.Length(max=most, error=message)
    told = _settings(label, message, options, pattern=PROSE_PATTERN)
    return fields.String(validate=[short, plain], **told)


def name(label: str, **options: Any) -> fields.String:
    """Text of one line that may not be blank."""
    message = later("%(label)s must be text of 1 to 200 characters.", label=_named(label))

    def written(value: str) -> None:
        if not value.strip() or len(value) > 200 or not LINE.match(value):
            raise ValidationError(message.said())

    told = _settings(label, message, options, minLength=1, maxLength=200, pattern=WRITTEN_PATTERN)
    return fields.String(validate=written, **told)


def number(label: str, **options: Any) -> fields.Decimal:
    """A decimal number, negative allowed, dumped as a string so that no digit is lost."""
    message = later(
        "%(label)s must be a number between -%(largest)s and %(largest)s with at most %(places)s decimals.",
        label=_named(label),
        largest=f"{LARGEST:f}",
        places=MOST_PLACES,
    )

    def plausible(value: Decimal) -> None:
        if abs(value) > LARGEST or -int(value.as_tuple().exponent) > MOST_PLACES:
            raise ValidationError(message.said())

    return fields.Decimal(as_string=True, validate=plausible, **_settings(label, message, options))


def day(label: str, **options: Any) -> Date:
    return Date(**_settings(label, later("%(label)s must be a date such as 2025-01-31.", label=_named(label)), options))
