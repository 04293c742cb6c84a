"""Values of rows as JSON, the same from either database, and back again."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import orjson
from peewee import BooleanField, CharField, DecimalField, Field, ForeignKeyField, IntegerField, JSONField, TextField

from registry.handover.problems import refuse
from registry.kernel.db import Day, Instant

LARGEST = 2**63


def plain(value: Any) -> Any:
    """Instants as ISO 8601 in UTC with microseconds, days as ISO 8601, decimals as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def line(values: dict[str, Any]) -> bytes:
    """One row as a line of JSON."""
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def kind_of(field: Field) -> str:
    """How schema.json calls the kind of a column."""
    kinds = (
        (ForeignKeyField, "reference"), (BooleanField, "boolean"), (JSONField, "json"), (Instant, "moment"),
        (Day, "day"), (DecimalField, "decimal"), (IntegerField, "integer"), (CharField, "text"), (TextField, "text"),
    )  # fmt: skip
    found = next((word for known, word in kinds if isinstance(field, known)), None)
    if found is None:
        raise TypeError(f"{field.model.__name__}.{field.name}: a package cannot hold a {type(field).__name__}")
    return found


def told(field: Field, value: Any) -> Any:
    """A value of a package, which may come from anywhere, as the column takes it. Raises BadPackage naming it."""
    if value is None:
        if not field.null:
            _refuse(field, "is missing")
        return None
    kind = kind_of(field)
    try:
        return _READ[kind](field, value)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        _refuse(field, f"is no {kind}")


def _refuse(field: Field, text: str) -> NoReturn:
    refuse(f"{field.model._meta.table_name}.{field.column_name}: a value {text}")


def _text(field: Field, value: Any) -> str:
    longest = getattr(field, "max_length", None)
    if not isinstance(value, str) or "\0" in value or (longest and len(value) > longest):
        raise ValueError
    return value


def _integer(_field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -LARGEST <= value < LARGEST:
        raise ValueError
    return value


def _boolean(_field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _moment(_field: Field, value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found


def _json(_field: Field, value: Any) -> Any:
    if b"\\u0000" in orjson.dumps(value):  # PostgreSQL holds no NUL
        raise ValueError
    return value


_READ: dict[str, Any] = {
    "reference": _integer,
    "integer": _integer,
    "boolean": _boolean,
    "text": _text,
    "decimal": lambda _field, value: Decimal(value),
    "day": lambda _field, value: date.fromisoformat(value),
    "moment": _moment,
    "json": _json,
}
