"""Lists inside a form, as lines of fields: people add lines, take them away and move them, with or without a script.

    form = LinesForm(ProductIn(), request.form, only=FIELDS, lines=[Lines("parameters", Parameter(), ("name", ...))])
    if form.rearranged or not form.send(...):
        show the form again

The fields of the third line of `parameters` are named parameters-2-name, and so on. A button of the form says by its
value what is to happen to the lines: add:parameters, drop:parameters-2 or up:parameters-2. A line in which nothing is
written does not count.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from registry.web.forms import Form, meant

MOST = 250  # lines that are read of one form; the shape says sooner that there are too many
ACT = re.compile(r"(add):([a-z_]+)|(drop|up):([a-z_]+)-([0-9]{1,3})", re.ASCII)
FIELD = re.compile(r"([a-z_]+)-([0-9]{1,3})-([a-z_]+)", re.ASCII)
Line = dict[str, Any]


@dataclass(frozen=True)
class Lines:
    """One list of the form. `cells`: fields of a line; `many`: those that take several values; `telling`: those of
    which one must be filled, or the line is empty (all of them unless some are named)."""

    name: str
    shape: Schema
    cells: tuple[str, ...]
    many: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()

    def empty(self, line: Line) -> bool:
        return not any(_written(line.get(cell)) for cell in self.telling or self.cells)

    def sent(self, form: MultiDict[str, str]) -> dict[int, Line]:
        """Number in the form -> what was typed into that line."""
        found: dict[int, Line] = {}
        for key in form:
            match = FIELD.fullmatch(key)
            if match and match.group(1) == self.name and match.group(3) in self.cells:
                texts = form.getlist(key)
                typed = [text for text in texts if text] if match.group(3) in self.many else texts[-1]
                found.setdefault(int(match.group(2)), {})[match.group(3)] = typed
        return dict(sorted(found.items())[:MOST])


def _written(typed: Any) -> bool:
    return bool(typed.strip() if isinstance(typed, str) else typed)


class LinesForm(Form):
    """`lines`: list -> its lines as typed; `rearranged`: lines were added, moved or taken away, so that the form
    is only to be shown again.

    In `typed` and `errors` the fields of a line stand under their names in the form; what is wrong with a list as a
    whole stands in `errors` under its name.
    """

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        shown: Mapping[str, Any] | None = None,
        only: tuple[str, ...],
        lists: Sequence[Lines],
    ) -> None:
        plain = {name: value for name, value in (shown or {}).items() if name not in {each.name for each in lists}}
        super().__init__(shape, sent, shown=plain, only=only)
        self.lists = {each.name: each for each in lists}
        self.lines: dict[str, list[Line]] = {}
        self.kept: dict[str, list[int]] = {}
        self.rearranged = False
        for each in lists:
            typed = each.sent(sent) if sent is not None else dict(enumerate(self.shown_lines(each, shown or {})))
            self.lines[each.name] = self._arranged(each, typed, sent.get("act", "") if sent is not None else "")
        self._name_lines()

    def shown_lines(self, lines: Lines, shown: Mapping[str, Any]) -> list[Line]:
        """What is stored, as it stands in the fields of each line."""
        return [
            {cell: "" if line.get(cell) is None else str(line[cell]) for cell in lines.cells}
            for line in shown.get(lines.name) or ()
        ]

    def _arranged(self, lines: Lines, typed: dict[int, Line], act: str) -> list[Line]:
        numbers, found = list(typed), ACT.fullmatch(act)
        ready = list(typed.values())
        if found and lines.name in (found.group(2), found.group(4)):
            self.rearranged = True
            at = numbers.index(int(found.group(5))) if found.group(5) and int(found.group(5)) in numbers else -1
            if found.group(1) and len(ready) < MOST:
                ready.append({})
            elif found.group(3) == "drop" and at >= 0:
                del ready[at]
            elif found.group(3) == "up" and at > 0:
                ready[at - 1 : at + 1] = [ready[at], ready[at - 1]]
        return ready or [{}]

    def _name_lines(self) -> None:
        for name, lines in self.lines.items():
            for number, line in enumerate(lines):
                self.typed.update({f"{name}-{number}-{cell}": typed for cell, typed in line.items()})

    def values(self) -> dict[str, Any]:
        plain = {name: text for name, text in self.typed.items() if name in self.shape.fields}
        given = {name: meant(self.shape.fields[name], text) for name, text in plain.items()}
        said = {name: value for name, value in given.items() if value is not ...}
        return self.shape.load({**said, **self.line_values()})  # type: ignore[no-any-return]

    def line_values(self) -> dict[str, list[dict[str, Any]]]:
        """List -> its lines as the shape takes them, without empty ones."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, lines in self.lists.items():
            numbered = [(number, line) for number, line in enumerate(self.lines[name]) if not lines.empty(line)]
            self.kept[name] = [number for number, _ in numbered]
            found[name] = [self.line_value(lines, line) for _, line in numbered]
        return found

    def line_value(self, lines: Lines, line: Line) -> dict[str, Any]:
        fields = lines.shape.fields
        given = {cell: meant(fields[cell], text) for cell, text in line.items()}
        return {cell: value for cell, value in given.items() if value is not ...}

    def send(self, verb: Any, **names: str) -> bool:
        if super().send(verb, **names):
            return True
        self.errors = self.placed(self.errors)
        if self.errors and all(self.knows(name) for name in self.errors):
            self.message = ""
        return False

    def placed(self, errors: Mapping[str, Any]) -> dict[str, Any]:
        """The same errors, those of lines each beside its field."""
        ready = {name: texts for name, texts in errors.items() if name not in self.lists}
        for name in self.lists.keys() & errors.keys():
            found = errors[name]
            if not isinstance(found, Mapping):
                ready[name] = found
                continue
            for at, texts in found.items():
                ready.update(self._of_line(self.lists[name], self._number(name, at), texts))
        return ready

    def _number(self, name: str, at: Any) -> int:
        kept = self.kept.get(name, [])
        return kept[at] if isinstance(at, int) and at < len(kept) else 0

    def _of_line(self, lines: Lines, number: int, texts: Any) -> dict[str, Any]:
        found = texts if isinstance(texts, Mapping) else {lines.cells[0]: texts}
        cells = {cell if cell in lines.cells else self.cell_of(lines, cell): said for cell, said in found.items()}
        return {f"{lines.name}-{number}-{cell}": said for cell, said in cells.items()}

    def cell_of(self, lines: Lines, name: str) -> str:
        """Where an error is shown that is about no field of a line."""
        return lines.cells[0]

    def knows(self, name: str) -> bool:
        """Whether an error of that name stands beside something on the page."""
        known = name in self.names or name in self.typed or name in self.lists
        return known or name.rpartition("-")[0] in self._places()

    def _places(self) -> set[str]:
        return {f"{name}-{number}" for name, lines in self.lines.items() for number in range(len(lines))}

    def other_errors(self) -> dict[str, Any]:
        return {name: texts for name, texts in self.errors.items() if not self.knows(name)}
