"""Custom fields of assets: declared with a type, checked by it, stored as JSON beside the row."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from registry.actions import Action
from registry.assets.models import FIELD_TYPES, AssetField
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.codes import Codes
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.prepared import Kept, prepared
from registry.kernel.shapes import Date, Line
from registry.kernel.writing import create, remove

WHOLE = re.compile(r"[+-]?[0-9]{1,16}", re.ASCII)
NUMBER = re.compile(r"[+-]?[0-9]{1,24}(\.[0-9]{1,24})?(e[+-]?[0-9]{1,2})?", re.ASCII | re.IGNORECASE)

_texts: Kept = {}


def fields_for(actor: Actor, customer_id: int, kind: str | None = None) -> list[AssetField]:
    """The fields that a unit of this customer (and kind) may have: the house's and his own."""

    def write(scope: Actor, owner: int, wanted: str | None = None) -> Any:
        query = visible(AssetField, scope).where(AssetField.customer_id.is_null() | (AssetField.customer_id == owner))
        if wanted is not None:
            query = query.where(AssetField.kind.in_(("", wanted)))
        return query.order_by(AssetField.id)

    values = [customer_id] if kind is None else [customer_id, kind]
    sql, params = prepared(_texts, "fields", actor, values, write)
    return list(AssetField.raw(sql, *params))


def all_fields(actor: Actor) -> list[AssetField]:
    return list(visible(AssetField, actor).order_by(AssetField.id))


def define_field(actor: Actor, values: Mapping[str, Any], customer_id: int | None) -> AssetField:
    """values: name, title, type, kind, choices, required. The house's fields (customer None) are the operator's."""
    actor.must("setting.edit", customer_id)
    if values["type"] not in FIELD_TYPES:
        raise Invalid.field("type", _("Choose one of: %(known)s.", known=Codes(tuple(FIELD_TYPES), "type")))
    if values["type"] == "choice" and not values.get("choices"):
        raise Invalid.field("choices", _("List the values to choose from."))
    return create(actor, AssetField, {**values, "customer_id": customer_id}, Action.FIELD_DEFINED)


def remove_field(actor: Actor, field_id: int, version: int | None) -> None:
    """No longer asked for; values that units hold stay with them."""
    row = fetch(AssetField, actor, field_id)
    actor.must("setting.edit", row.customer_id)
    remove(actor, row, Action.FIELD_REMOVED, version=version)


def check_custom(
    actor: Actor, customer_id: int, kind: str, values: Mapping[str, Any], held: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a unit that holds `held` has once it is given `values`. Raises Invalid naming custom.<field>."""
    return check_values(fields_for(actor, customer_id, kind), kind, values, held)


def check_values(
    rows: Sequence[AssetField], kind: str, values: Mapping[str, Any], held: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The same, with the declared fields at hand. Held values stay, also of fields that are no longer declared."""
    declared = {row.name: row for row in rows if row.kind in ("", kind)}
    errors: dict[str, list[str]] = {}
    ready: dict[str, Any] = {name: value for name, value in (held or {}).items() if name not in values}
    for name, value in values.items():
        if name not in declared and name in (held or {}) and value is None:
            continue
        if name not in declared:
            known = ", ".join(declared) or _("none yet")
            errors[f"custom.{name}"] = [
                _("There is no such custom field for %(kind)s. Declared: %(known)s.", kind=kind, known=known)
            ]
        elif value is not None and value != "":
            _put(ready, errors, declared[name], value)
    for name, row in declared.items():
        if row.required and name not in ready:
            errors.setdefault(f"custom.{name}", [_("%(title)s is required.", title=row.title)])
    if errors:
        raise Invalid(errors=errors)
    return ready


def _put(ready: dict[str, Any], errors: dict[str, list[str]], row: AssetField, value: Any) -> None:
    try:
        ready[row.name] = CHECKS[row.type](value, row)
    except ValidationError as error:
        errors[f"custom.{row.name}"] = [str(text) for text in error.messages]
    except ValueError as error:
        errors[f"custom.{row.name}"] = [str(error)]


def _text(value: Any, _row: AssetField) -> str:
    return Line(max=2000).deserialize(value)


def _integer(value: Any, _row: AssetField) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not WHOLE.fullmatch(str(value).strip()):
        raise ValueError(_("Give a whole number, within 2**53."))
    number = int(value)
    if abs(number) > 2**53:
        raise ValueError(_("Give a whole number, within 2**53."))
    return number


def _decimal(value: Any, _row: AssetField) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not NUMBER.fullmatch(text):
        raise ValueError(_("Give a number, such as 3.25."))
    return str(Decimal(text))


def _boolean(value: Any, _row: AssetField) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(_("Give true or false."))


def _day(value: Any, _row: AssetField) -> str:
    return Date().deserialize(value).isoformat()


def _choice(value: Any, row: AssetField) -> str:
    if value not in row.choices:
        raise ValueError(_("Choose one of: %(known)s.", known=", ".join(row.choices)))
    return str(value)


CHECKS: dict[str, Callable[[Any, AssetField], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "day": _day,
    "choice": _choice,
}
