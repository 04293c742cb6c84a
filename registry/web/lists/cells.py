"""What stands in a cell of a list, worked out before the template draws it: a list has hundreds of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from registry.customers.models import Customer
from registry.customers.service import policies
from registry.kernel.access import Actor
from registry.kernel.columns import Column
from registry.kernel.language import N_, _
from registry.web.shell import day, moment, number
from registry.web.words.codes import WORDS, tone, word

LONG = 28  # characters of a word, from which on it may be broken anywhere
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
    customers: Mapping[str, str] = field(default_factory=dict)  # short name -> name, of the rows' customers


Draw = Callable[[Row, Around], Cell]


@dataclass(frozen=True)
class Show:
    """A column of a page. `parts`: columns of the listing that it shows, and that a file of the page holds.

    `also` are read besides. It is sorted by the first of its parts for which the listing has an order. `alone`: what
    stands there follows from `parts` and `also` alone (texts and numbers), and from what is around.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    draw: Draw
    also: tuple[str, ...] = ()
    style: str = ""
    alone: bool = False


def plain(column: Column) -> Show:
    """A column of the listing as it is."""
    return Show(column.name, column.title, (column.name,), _BY_KIND.get(column.kind, text)(column.name),
                style="end" if column.kind in ("integer", "decimal") else "")  # fmt: skip


def text(name: str, style: str = "") -> Draw:
    def draw(row: Row, _around: Around) -> Cell:
        value = row[name]
        return Cell(str(value), style=style or style_of(str(value))) if value not in (None, "") else NOTHING

    return draw


def style_of(said: str) -> str:
    """Of a text with a long word in it, such as an address: it breaks where the column ends."""
    return "long" if len(said) > LONG and max(map(len, said.split())) > LONG else ""


def shipped(name: str, below: str = "") -> Draw:
    """A name of which some come with the product, and have translations; `below` it another column as it is."""

    def draw(row: Row, _around: Around) -> Cell:
        return Cell(_(row[name]), row[below] if below else "") if row[name] else NOTHING

    return draw


def gathered(name: str, what: str) -> Draw:
    """A code by the name that the table has gathered for it."""

    def draw(row: Row, around: Around) -> Cell:
        return Cell(around.more[what].get(row[name], row[name])) if row[name] else NOTHING

    return draw


def named_policies(around: Around, _rows: Sequence[Row]) -> dict[str, Any]:
    """For gather: "policies": code -> what people call it."""
    return {"policies": {policy.code: _(policy.name) for policy in policies(around.who)}}


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
        return _(", ").join(_("%(name)s: %(value)s", name=key, value=_said(one)) for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(_said(one) for one in value)
    return "" if value is None else str(value)


# Filters whose values have words under another name than their own.
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FILTERS = {"state": "contract_state"}


def in_words(name: str, text: str) -> str:
    """The value of a filter as it stands in an address, as people write it: a day, a word for a code."""
    group = FILTERS.get(name, name)
    if group in WORDS:
        return word(group, text)
    return day(text) if DAY.fullmatch(text) else text


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
        state = _state(value, around.today)
        return Cell(day(value), iso=value, mark=word("covered", state) if state else "", tone=tone(state))

    return draw


@lru_cache(maxsize=4096)
def _state(value: str, today: date) -> str:
    left = (date.fromisoformat(value) - today).days
    return "expired" if left < 0 else "expiring" if left <= SOON else ""


def joined(*texts: Any) -> str:
    return " · ".join([str(one) for one in texts if one])


def two_lines(name: str, *below: str, style: str = "") -> Draw:
    """One column, and others in small below it."""

    def draw(row: Row, _around: Around) -> Cell:
        said = joined(*[row[one] for one in below])
        return (
            Cell(str(row[name]), said, style=style or style_of(str(row[name])))
            if row[name]
            else Cell("–", said, style="quiet")
        )

    return draw


_BY_KIND: dict[str, Callable[[str], Draw]] = {
    "integer": whole, "day": on_day, "moment": at_moment, "boolean": yes_no, "json": nested,
}  # fmt: skip
