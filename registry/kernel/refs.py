"""References in requests: an id or a natural key, resolved through the same scope as the row it lands on."""

from typing import Any

from registry.kernel.access import Actor, visible
from registry.kernel.errors import Invalid

MAX_ID = 2**63


def refer(
    model: Any, actor: Actor, value: int | str | None, *, field: str, keys: tuple[str, ...], where: Any = None
) -> Any:
    """The visible row that `value` names: an integer is an id, a text one of the columns `keys`, tried in order.

    What cannot be seen does not exist: Invalid names `field` in both cases. Two fits are refused, not guessed.
    """
    query = visible(model, actor)
    if where is not None:
        query = query.where(where)
    for condition in _conditions(model, value, keys):
        found = list(query.where(condition).order_by(model.id).limit(2))
        if len(found) > 1:
            raise Invalid.field(field, f"{value!r} fits more than one; give its id (a number) instead.")
        if found:
            return found[0]
    raise Invalid.field(field, f"There is no {field.replace('_', ' ')} {value!r} that you can use.")


def _conditions(model: Any, value: int | str | None, keys: tuple[str, ...]) -> list[Any]:
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int):
        return [model.id == value] if 0 < value < MAX_ID else []
    return [getattr(model, key) == value for key in keys]
