"""What stands in a cell of a list, worked out before the template draws it: a list has hundreds of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from registry.customers.models import Customer
from registry.kernel.access import Actor
from registry.kernel.columns import Column
from registry.kernel.language import N_, _
from registry.web.shell import day, moment, number
from registry.web.words.codes import tone, word

SOON = 90  # days before its end from which on something ends soon
Row = Mapping[str, Any]


class Cell(NamedTuple):
    """`text`, and `sub` in small below it. `badge`: the tone of a badge around the text ("" is a tone), None for none.

    `style`: a class of the text. `iso`: the day that the text says. `mark` and `tone`: a badge behind the text.
    """

    text: str = ""
    sub: str = ""
    href: str = ""
    style: str = ""
    badge: str | None = None
    iso: str = ""
    mark: str = ""
    tone: str = ""


NOTHING = Cell("–", style="quiet")


@dataclass
class Around:
    """What cells may look at: who reads, whose list it is (None: everybody's), today, and what the table gathered."""

    who: Actor
    customer: Customer | None
    today: date
    link: Callable[[str, Row, str], str]  # link(endpoint, row, column of the key): an address, or "" if there is none
    more: dict[str, Any] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)  # what was asked for, as typed


Draw = Callable[[Row, Around], Cell]


@dataclass(frozen=True)
class Show:
    """A column of a page. `parts`: columns of the listing that it shows, and that a file of the page holds.

    `also` are read besides. It is sorted by the first of its parts for which the listing has an order.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    draw: Draw
    also: tuple[str, ...] = ()
    style: str = ""


def plain(column: Column) -> Show:
    """A column of the listing as it is."""
    return Show(column.name, column.title, (column.name,), _BY_KIND.get(column.kind, text)(column.name),
                style="end" if column.kind in ("integer", "decimal") else "")  # fmt: skip


def text(name: str, style: str = "") -> Draw:
    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        return Cell(str(value), style=style) if value not in (None, "") else NOTHING

    return draw


def whole(name: str) -> Draw:
    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        return NOTHING if value is None else Cell(number(value))

    return draw


def on_day(name: str) -> Draw:
    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        return Cell(day(value), iso=value) if value else NOTHING

    return draw


def at_moment(name: str) -> Draw:
    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        return Cell(moment(value), style="nowrap") if value else NOTHING

    return draw


def yes_no(name: str, yes: str = N_("Yes"), no: str = N_("No")) -> Draw:
    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        return NOTHING if value is None else Cell(_(yes) if value else _(no))

    return draw


def nested(name: str) -> Draw:
    """Whatever was put there, as briefly as it can be said."""

    def draw(row: Row, _around: Around) -> Cell:
        said = _said(row[name])
        return Cell(said[:200] + ("…" if len(said) > 200 else "")) if said else NOTHING

    return draw


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(_said(one) for one in value)
    return "" if value is None else str(value)


def coded(name: str, group: str, tones: Mapping[str, str] | None = None) -> Draw:
    """A code by its word (registry/web/words/codes.py), as a badge where `tones` are given."""

    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        if not value:
            return NOTHING
        return Cell(word(group, value), badge=None if tones is None else tones.get(value, ""))

    return draw


def until(name: str, none: str = "") -> Draw:
    """The last day of something, marked when it ends soon or has ended."""

    def draw(row: Row, around: Around) -> Cell:
        value = row[name]
        if not value:
            return Cell(_(none), style="quiet") if none else NOTHING
        left = (date.fromisoformat(value) - around.today).days
        state = "expired" if left < 0 else "expiring" if left <= SOON else ""
        return Cell(day(value), iso=value, mark=word("covered", state) if state else "", tone=tone(state))

    return draw


def joined(*texts: Any) -> str:
    return " · ".join(str(one) for one in texts if one)


def two_lines(name: str, *below: str, style: str = "") -> Draw:
    """One column, and others in small below it."""

    def draw(row: Row, _around: Around) -> Cell:
        said = joined(*(row[one] for one in below))
        return Cell(str(row[name]), said, style=style) if row[name] else Cell("–", said, style="quiet")

    return draw


_BY_KIND: dict[str, Callable[[str], Draw]] = {
    "integer": whole, "day": on_day, "moment": at_moment, "boolean": yes_no, "json": nested,
}  # fmt: skip
