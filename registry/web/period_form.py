"""Forms with periods: each is typed as a number and a unit, and sent on as one field in the form of ISO 8601."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from registry.kernel.language import _
from registry.web.forms import Form
from registry.web.words.promises import counted, meant_period


class PeriodForm(Form):
    """`periods`: fields of the shape that are periods; `renewal` is typed as renewal_count and renewal_unit."""

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        shown: Mapping[str, Any] | None = None,
        only: tuple[str, ...] = (),
        periods: tuple[str, ...],
    ) -> None:
        names = tuple(name for name in (only or shape.fields) if name not in periods)
        super().__init__(shape, sent, shown=shown, only=names)
        self.periods = periods
        for name in periods:
            self.names += (f"{name}_count", f"{name}_unit")
            held = counted((shown or {}).get(name))
            for part, text in zip(("count", "unit"), held, strict=True):
                self.typed[f"{name}_{part}"] = text if sent is None else sent.get(f"{name}_{part}", "")

    def values(self) -> dict[str, Any]:
        whole = self.typed
        parts = {f"{name}_{part}" for name in self.periods for part in ("count", "unit")}
        self.typed = {name: text for name, text in whole.items() if name not in parts and name in self.shape.fields}
        for name in self.periods:
            self.typed[name] = meant_period(whole.get(f"{name}_count", ""), whole.get(f"{name}_unit", "")) or ""
        try:
            return super().values()
        finally:
            self.typed = whole

    def send(self, verb: Any, **names: str) -> bool:
        if super().send(verb, **names):
            return True
        for name in self.periods:
            if name in self.errors:
                said, count = self.errors.pop(name), self.typed.get(f"{name}_count", "").strip()
                self.errors[f"{name}_count"] = said if count.isascii() and count.isdigit() else [about_period(count)]
        if self.errors and not self.other_errors():
            self.message = ""
        return False


def about_period(count: str) -> str:
    """What is wrong with the number of a period, in the words of a page."""
    if not count.strip():
        return _("Say for how long.")
    if not (count.strip().isascii() and count.strip().isdigit()):
        return _("Give a whole number, such as 2.")
    return _("A period is longer than nothing and at most 100 years.")


class OneOf(PeriodForm):
    """A form in which `choosing`, no field of the shape, says which of the fields in `ways` count.

    `needed`: way -> the field that says what it is about: whoever chooses that way has to fill it in.
    """

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        only: tuple[str, ...] = (),
        periods: tuple[str, ...] = (),
        choosing: str,
        ways: Mapping[str, tuple[str, ...]],
        usual: str,
        needed: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(shape, sent, only=only, periods=periods)
        self.choosing, self.ways = choosing, ways
        self.names += (choosing,)
        named = sent.get(choosing, usual) if sent is not None else usual
        self.chosen = self.typed[choosing] = named if named in ways else usual
        self.needed = (needed or {}).get(self.chosen) if sent is not None and choosing in sent else None

    def values(self) -> dict[str, Any]:
        whole, wanted = self.typed, self.ways[self.chosen]
        away = {name for names in self.ways.values() for name in names if name not in wanted}
        self.typed = {name: text for name, text in whole.items() if name not in away}
        try:
            found = super().values()
        finally:
            self.typed = whole
        if self.needed and found.get(self.needed) is None:
            raise ValidationError({self.needed: [_("Fill this in.")]})
        return found
