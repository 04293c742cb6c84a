"""SQL text kept from one request to the next: writing a statement costs peewee ten times what SQLite needs to run it.

A statement is written once with marks in place of its values, by the same code and through the same scope as any
other; later requests put in their own values, the customer they are confined to among them.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from registry.kernel.access import EVERYWHERE, Actor
from registry.kernel.db import database, is_sqlite

LOWEST = -(2**62)  # marks for numbers count up from here, where no id is
Kept = dict[Hashable, tuple[str, tuple[Any, ...]]]


class Slot(int):
    """Which of the values a parameter is."""


def prepared(
    kept: Kept, key: Hashable, actor: Actor, values: Sequence[Any], write: Callable[..., Any]
) -> tuple[str, list[Any]]:
    """(SQL, parameters) of the query `write(actor, *values)`; its text is kept in `kept`.

    The text may depend on nothing but `key`, the values' types and the scope. `write` gets an actor who has that scope
    and no rights, to hand to `visible`: check permissions before. Values are int or str, as the table holds them.
    Others, and actors with several customers, get a statement written for them alone.
    """
    mine = actor.customers
    kinds = [type(value) for value in values]
    if (mine is not None and len(mine) != 1) or any(kind not in (int, str) for kind in kinds):
        sql, params = write(actor, *values).sql()
        return sql, list(params)
    own = [*values, *(mine or ())]
    shape = (key, is_sqlite(), mine is None, *kinds)
    if shape not in kept:
        kept[shape] = _written(own, mine is None, write)
    text, slots = kept[shape]
    return text, [own[slot] if type(slot) is Slot else slot for slot in slots]


def _written(own: Sequence[Any], everywhere: bool, write: Callable[..., Any]) -> tuple[str, tuple[Any, ...]]:
    marks: list[Any] = [f"\0mark {at}" if isinstance(value, str) else LOWEST + at for at, value in enumerate(own)]
    places = {mark: Slot(at) for at, mark in enumerate(marks)}
    scope = EVERYWHERE if everywhere else marks.pop()
    text, params = write(Actor("system", "", {scope: frozenset()}), *marks).sql()
    slots = tuple(places.get(param, param) if isinstance(param, int | str) else param for param in params)
    lost = set(places.values()) - {slot for slot in slots if type(slot) is Slot}
    if lost:
        raise ValueError(f"values number {sorted(lost)} are no parameters of: {text}")
    return text, slots


def fetched(
    kept: Kept, key: Hashable, actor: Actor, values: Sequence[Any], write: Callable[..., Any]
) -> list[tuple[Any, ...]]:
    """The rows that such a query finds, as the driver hands them out."""
    return database.execute_sql(*prepared(kept, key, actor, values, write)).fetchall()  # type: ignore[no-any-return]


def loaded(
    model: Any, kept: Kept, key: Hashable, actor: Actor, values: Sequence[Any], write: Callable[..., Any]
) -> list[Any]:
    """The same as rows of `model`."""
    sql, params = prepared(kept, key, actor, values, write)
    return list(model.raw(sql, *params))
