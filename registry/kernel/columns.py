"""What a list is made of: columns, filters, and the order that a page is read in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from marshmallow import fields

from registry.kernel.access import Actor
from registry.kernel.shapes import FlagText, Line

KINDS = ("text", "integer", "decimal", "boolean", "day", "moment", "json")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. kind: one of KINDS. `detail`: only on the single object, unless somebody asks for it.

    `seen(actor)`: the expression in place of `expression`, for a column that tells more to some than to others.
    """

    name: str
    title: str
    expression: Any
    kind: str = "text"
    detail: bool = False
    seen: Callable[[Actor], Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.name}: kind {self.kind!r} is none of {', '.join(KINDS)}")


def seen_by(actor: Actor, columns: Sequence[Column]) -> list[Column]:
    return [replace(one, expression=one.seen(actor)) if one.seen else one for one in columns]


@dataclass(frozen=True, slots=True)
class Filter:
    """How a query parameter is read, and the condition it means: condition(actor, value) -> peewee expression."""

    field: fields.Field[Any]
    condition: Callable[[Actor, Any], Any]
    order: str | None = None  # the order that fits this filter's index, unless the caller names one
    # A plain condition uses nothing but scope and value, and its text is the same for every value: it is written once.
    plain: bool = False
    # So few rows fit that they are found first and sorted then. An engine without statistics may do it the other way
    # round, and walk a million rows in order to find one.
    few: bool = False
    find: Callable[[Actor, Any], Any] | None = None  # find(actor, value): what the table holds in place of the value


class Order(NamedTuple):
    """By which order, and in which direction. `late`: an engine must not walk it, but find first and sort then."""

    name: str
    descending: bool = False
    late: bool = False

    @property
    def turned(self) -> "Order":
        return self._replace(descending=not self.descending)


class Window(NamedTuple):
    """A page of a list, with the cursors of the pages behind and before it (None where there is none)."""

    items: list[dict[str, Any]]
    next: str | None = None
    previous: str | None = None


BY_ID = Order("id")


def equals(expression: Any, *, few: bool = False) -> Filter:
    """A filter for exactly this text. `few`: no more than a handful of rows can have it."""
    return Filter(Line(max=255, min=1), lambda _actor, value: expression == value, plain=True, few=few)


def flag(condition: Any) -> Filter:
    """A filter ?name=true|false for a condition and its opposite."""
    return Filter(FlagText(), lambda _actor, value: condition if value else ~condition)
