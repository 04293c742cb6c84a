"""Changing many rows of a list at once: what can be changed, and what would become of each row.

A preview is the change itself, taken back: the verb is called as it will be, what it leaves is looked at, and nothing
stays. So it cannot promise anything else than what happens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from registry.kernel.access import Actor
from registry.kernel.errors import Invalid
from registry.kernel.together import rehearsal
from registry.web.forms import Form

KEEP: Any = object()  # a field that cannot be emptied
Verb = Callable[[Actor, list[dict[str, Any]]], Any]


@dataclass(frozen=True)
class Part:
    """A field that many rows may get at once. kind: text, day, choice, or pick (with `source`, a page of look-ups).

    `clear`: the value that empties it, if it may be empty.
    """

    name: str
    label: str
    kind: str = "text"
    options: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    source: str = ""
    clear: Any = KEEP

    @property
    def clearable(self) -> bool:
        return self.clear is not KEEP


@dataclass(frozen=True)
class Bulk:
    """`shape` checks what was typed; `verb(actor, items)` changes all or nothing, each item with id and version.

    `columns`: those of the listing that may come out different. `others`: what else can be done with rows
    that are ticked: (endpoint of a page that takes ?id=, what the button says, its icon, the right that it asks for).
    """

    permission: str
    shape: Callable[[], Schema]
    parts: tuple[Part, ...]
    verb: Verb
    columns: tuple[str, ...]
    others: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What would become of a row: (column, before, after) for what changes, or why it is refused."""

    row: Mapping[str, Any]
    after: Mapping[str, Any]
    changes: list[str]
    refused: list[str]


def typed(bulk: Bulk, sent: MultiDict[str, str]) -> Form:
    """The form with what is to change: a field left empty stays as it is, unless it was ticked to be emptied."""
    named = [part for part in bulk.parts if sent.get(part.name, "").strip() or _cleared(part, sent)]
    given = MultiDict([(part.name, "" if _cleared(part, sent) else sent[part.name]) for part in named])
    return Form(bulk.shape(), given, only=tuple(part.name for part in named) or ("",))


def _cleared(part: Part, sent: MultiDict[str, str]) -> bool:
    return part.clearable and bool(sent.get(f"clear_{part.name}"))


def outcomes(
    actor: Actor,
    bulk: Bulk,
    rows: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
    look: Callable[[list[int]], list[dict[str, Any]]],
) -> list[Outcome]:
    """What the change would make of each of `rows`. `look(ids)`: the rows as they are at that moment."""
    items = [{"id": row["id"], "version": row["version"], **values} for row in rows]
    refused: dict[int, list[str]] = {}
    with rehearsal():
        try:
            bulk.verb(actor, items)
        except Invalid as problem:
            refused = _refusals(problem, items)
            if accepted := [item for item in items if item["id"] not in refused]:
                bulk.verb(actor, accepted)
        after = {row["id"]: row for row in look([row["id"] for row in rows])}
    return [_outcome(bulk, row, after.get(row["id"], row), refused.get(row["id"], [])) for row in rows]


def _outcome(bulk: Bulk, row: Mapping[str, Any], after: Mapping[str, Any], refused: list[str]) -> Outcome:
    changed = [name for name in bulk.columns if row[name] != after[name]]
    return Outcome(row, after, [] if refused else changed, refused)


def _refusals(problem: Invalid, items: Sequence[Mapping[str, Any]]) -> dict[int, list[str]]:
    """row id -> sentences, from errors by item number. Errors that are about no item are raised again."""
    if not all(number.isdigit() for number in problem.errors):
        raise problem
    return {items[int(number)]["id"]: list(sentences(texts)) for number, texts in problem.errors.items()}


def sentences(texts: Any) -> list[str]:
    if isinstance(texts, Mapping):
        return [one for more in texts.values() for one in sentences(more)]
    return [str(one) for one in texts] if isinstance(texts, list | tuple) else [str(texts)]
