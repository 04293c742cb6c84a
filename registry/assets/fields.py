"""Custom fields of assets: declared with a type, checked by it, stored as JSON beside the row."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.actions import Action
from registry.assets.models import FIELD_TYPES, AssetField
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.errors import Invalid
from registry.kernel.shapes import Date, Line
from registry.kernel.writing import create, remove

MAX_FIELDS = 100


def fields_for(actor: Actor, customer_id: int, kind: str | None = None) -> list[AssetField]:
    """The fields that a unit of this customer (and kind) may have: the house's and his own."""
    query = visible(AssetField, actor).where(
        AssetField.customer_id.is_null() | (AssetField.customer_id == customer_id)
    )
    if kind is not None:
        query = query.where(AssetField.kind.in_(("", kind)))
    return list(query.order_by(AssetField.id))


def all_fields(actor: Actor) -> list[AssetField]:
    return list(visible(AssetField, actor).order_by(AssetField.id))


def define_field(actor: Actor, values: Mapping[str, Any], customer_id: int | None) -> AssetField:
    """values: name, title, type, kind, choices, required. The house's fields (customer None) are the operator's."""
    actor.must("setting.edit", customer_id)
    if values["type"] not in FIELD_TYPES:
        raise Invalid.field("type", f"Choose one of: {', '.join(FIELD_TYPES)}.")
    if values["type"] == "choice" and not values.get("choices"):
        raise Invalid.field("choices", "List the values to choose from.")
    return create(actor, AssetField, {**values, "customer_id": customer_id}, Action.FIELD_DEFINED)


def remove_field(actor: Actor, field_id: int, version: int | None) -> None:
    """No longer asked for; values that units hold stay with them."""
    row = fetch(AssetField, actor, field_id)
    actor.must("setting.edit", row.customer_id)
    remove(actor, row, Action.FIELD_REMOVED, version=version)


def check_custom(actor: Actor, customer_id: int, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` by the declared types. Raises Invalid naming custom.<field>."""
    return check_values(fields_for(actor, customer_id, kind), kind, values)


def check_values(rows: Sequence[AssetField], kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with the declared fields at hand."""
    declared = {row.name: row for row in rows if row.kind in ("", kind)}
    errors: dict[str, list[str]] = {}
    ready: dict[str, Any] = {}
    for name, value in values.items():
        if name not in declared:
            known = ", ".join(declared) or "none yet"
            errors[f"custom.{name}"] = [f"There is no such custom field for {kind}. Declared: {known}."]
        elif value is not None and value != "":
            _put(ready, errors, declared[name], value)
    for name, row in declared.items():
        if row.required and name not in ready:
            errors.setdefault(f"custom.{name}", [f"{row.title} is required."])
    if errors:
        raise Invalid(errors=errors)
    return ready


def _put(ready: dict[str, Any], errors: dict[str, list[str]], row: AssetField, value: Any) -> None:
    try:
        ready[row.name] = CHECKS[row.type](value, row)
    except (ValueError, InvalidOperation) as error:
        errors[f"custom.{row.name}"] = [str(error) if isinstance(error, ValueError) else "Give a number."]


def _text(value: Any, _row: AssetField) -> str:
    return Line(max=2000).deserialize(value)


def _integer(value: Any, _row: AssetField) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("Give a whole number.")
    try:
        number = int(value)
    except ValueError:
        raise ValueError("Give a whole number.") from None
    if abs(number) > 2**53:
        raise ValueError("Keep it within 2**53.")
    return number


def _decimal(value: Any, _row: AssetField) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Give a number.")
    number = Decimal(str(value))
    if not number.is_finite() or len(str(value)) > 40:
        raise ValueError("Give a number of ordinary size.")
    return str(number)


def _boolean(value: Any, _row: AssetField) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("Give true or false.")


def _day(value: Any, _row: AssetField) -> str:
    return Date().deserialize(value).isoformat()


def _choice(value: Any, row: AssetField) -> str:
    if value not in row.choices:
        raise ValueError(f"Choose one of: {', '.join(row.choices)}.")
    return str(value)


CHECKS: dict[str, Callable[[Any, AssetField], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "day": _day,
    "choice": _choice,
}
