"""The form of a unit: where it stands said by one choice, its cost as people write money, its custom fields by type."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from registry.assets.models import KEY_DATES, AssetField
from registry.kernel.money import exact
from registry.web.amounts import minor_of
from registry.web.forms import Form
from registry.web.lookups import written

AT_PLACE, IN_PARENT = ("site", "place"), ("parent", "slot")
WHERE = (*AT_PLACE, *IN_PARENT)
IDENTITY = ("product", "serial", "tag", "name")
PAPERS = ("supplier", "order_number", "currency", "notes")
# What each form of a unit has on it.
PARTS: dict[str, tuple[str, ...]] = {
    "edit": (*IDENTITY, *WHERE, "holder", *KEY_DATES, *PAPERS),
    "status": ("status",),
    "move": WHERE,
    "assign": ("holder",),
    "dates": KEY_DATES,
}
WITH_CUSTOM = ("edit",)
USUAL = ("status",)  # left empty, the verb chooses
NEW = (*IDENTITY, "status", *WHERE, "holder", *KEY_DATES, *PAPERS, "terms")
# What is the same for the next of many units.
KEPT = ("product", "status", *WHERE[:3], "where", "holder", *KEY_DATES, "supplier", "order_number", "terms")


class AssetForm(Form):
    """`custom`: the custom fields that are on the page, each as custom.<name>; `money`: whether its cost is."""

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        only: tuple[str, ...],
        shown: dict[str, Any] | None = None,
        custom: Sequence[AssetField] = (),
    ) -> None:
        super().__init__(shape, sent, shown=shown, only=only)
        self.custom, self.money = custom, "currency" in only
        further = [f"custom.{field.name}" for field in custom] + (["cost"] if self.money else [])
        further += ["where"] if "parent" in only else []
        self.names += tuple(further)
        for name in further:
            held = (shown or {}).get(name) if sent is None else sent.get(name)
            if held is not None:
                self.typed[name] = str(held).lower() if isinstance(held, bool) else str(held)
        if self.typed.get("where") not in ("place", "parent") and "parent" in only:
            self.typed["where"] = "parent" if self.typed.get("parent") else "place"

    def values(self) -> dict[str, Any]:
        whole = self.typed
        away = (*self._away, *(name for name in USUAL if not whole.get(name)))
        self.typed = {name: text for name, text in whole.items() if name in self.shape.fields and name not in away}
        try:
            given = super().values()
        finally:
            self.typed = whole
        return {**given, **self._place(), **self._cost(given), **self._custom()}

    @property
    def _away(self) -> tuple[str, ...]:
        """Of the two ways to say where it is, the one that was not chosen."""
        return {"place": IN_PARENT, "parent": AT_PLACE}.get(self.typed.get("where", ""), ())

    def _place(self) -> dict[str, Any]:
        return {name: "" if name == "place" else None for name in self._away}

    def _cost(self, given: dict[str, Any]) -> dict[str, Any]:
        if not self.money:
            return {}
        minor = minor_of(self.typed.get("cost", ""), given.get("currency"))
        return {"cost_minor": minor, **({"currency": None} if minor is None else {})}

    def _custom(self) -> dict[str, Any]:
        found = {}
        for field in self.custom:
            text = self.typed.get(f"custom.{field.name}")
            if text is not None:
                found[field.name] = _typed_as(field.type, text.strip())
        return {"custom": found} if found else {}


def _typed_as(kind: str, text: str) -> Any:
    """What is typed into a custom field; the check of the field says what is wrong with it."""
    if not text:
        return None
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def shown_of(asset: dict[str, Any]) -> dict[str, Any]:
    """A unit, as its list describes it, as it stands in the form."""
    known = {name: asset.get(name) for name in (*IDENTITY, *WHERE, *KEY_DATES, *PAPERS, "status")}
    known["product"] = written(asset["product_id"], asset["product"])
    if asset["parent_id"]:
        known["parent"] = written(asset["parent_id"], asset["parent"])
    known["holder"] = written(asset["holder_id"], asset["holder"]) if asset["holder_id"] else None
    if asset["cost_minor"] is not None:
        known["cost"] = f"{exact(asset['cost_minor'], asset['currency'] or 'USD'):f}"
    return {**known, **{f"custom.{name}": value for name, value in (asset["custom"] or {}).items()}}
