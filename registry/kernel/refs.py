"""References in requests: an id or a natural key, resolved through the same scope as the row it lands on."""

from collections.abc import Iterator
from typing import Any

from registry.kernel.access import Actor, Shared, visible
from registry.kernel.errors import Invalid
from registry.kernel.language import _, quoted
from registry.kernel.prepared import Kept, prepared

MAX_ID = 2**63
_texts: Kept = {}


def refer(
    model: Any,
    actor: Actor,
    value: int | str | None,
    *,
    field: str,
    keys: tuple[str, ...],
    customer_id: int | None = None,
    where: Any = None,
) -> Any:
    """The visible row that `value` names: an integer is an id, a text one of the columns `keys`, tried in order.

    `customer_id`: only this customer's rows, and the house's where the table has such. `where`: any further condition.
    What cannot be seen does not exist: Invalid names `field` in both cases. Two fits are refused, not guessed.
    """
    for key in _keys(value, keys):
        found = list(_fitting(model, actor, key, value, customer_id, where))
        if len(found) > 1:
            raise Invalid.field(
                field, _("%(value)s fits more than one; give its id (a number) instead.", value=quoted(value))
            )
        if found:
            return found[0]
    raise Invalid.field(field, _("There is no %(value)s that you can use.", value=quoted(value)))


def _keys(value: int | str | None, keys: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(value, bool) or value is None:
        return ()
    if isinstance(value, int):
        return ("id",) if 0 < value < MAX_ID else ()
    return keys


def _fitting(model: Any, actor: Actor, key: str, value: Any, customer_id: int | None, where: Any) -> Iterator[Any]:
    def write(scope: Actor, value: Any, owner: int | None = None) -> Any:
        query = visible(model, scope).where(getattr(model, key) == value)
        if owner is not None:
            own = model.customer_id == owner
            query = query.where(own | model.customer_id.is_null() if issubclass(model, Shared) else own)
        return (query if where is None else query.where(where)).order_by(model.id).limit(2)

    values = [value] if customer_id is None else [value, customer_id]
    kept = _texts if where is None else {}  # a condition may have any text
    sql, params = prepared(kept, (model, key), actor, values, write)
    return iter(model.raw(sql, *params))
