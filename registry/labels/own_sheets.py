"""Verbs about sheets of one's own: measured by oneself, or one of ours moved by what a printer is off."""

from collections.abc import Mapping
from typing import Any

from registry.actions import Action
from registry.customers.models import Customer
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.errors import Conflict, Invalid, NotFound, PreconditionRequired
from registry.kernel.language import _
from registry.kernel.writing import change, create, remove
from registry.labels.models import LabelSheet
from registry.labels.sheets import SHEETS, Sheet, check, sheet_of

MEASURES = ("page_wide", "page_high", "wide", "high", "left", "top", "pitch_x", "pitch_y")
MOST = 50


def own_sheets(actor: Actor, customer_id: int | None) -> list[LabelSheet]:
    """Those of the customer and of the house; with None, of the house alone."""
    return list(visible(LabelSheet, actor).where(_usable(actor, customer_id)).order_by(LabelSheet.name).limit(2 * MOST))


def _usable(actor: Actor, customer_id: int | None) -> Any:
    house = LabelSheet.customer_id.is_null()
    if customer_id is None:
        return house
    mine = LabelSheet.customer_id == customer_id
    return mine | house if actor.is_operator else mine


def sheet_named(actor: Actor, customer_id: int | None, name: str) -> Sheet:
    """One of ours, or of those that somebody measured: by its name."""
    if name in SHEETS:
        return SHEETS[name]
    found = visible(LabelSheet, actor).where(_usable(actor, customer_id) & (LabelSheet.name == name))
    row = found.order_by(LabelSheet.customer_id.is_null()).first()
    if row is None:
        raise Invalid.field("sheet", _("There is no such sheet. Choose one of: %(known)s.", known=", ".join(SHEETS)))
    return sheet_of({column: getattr(row, column) for column in ("name", "columns", "rows", *MEASURES)})


def _ready(values: Mapping[str, Any]) -> dict[str, Any]:
    """Millimetres to the hundredths that are stored. Raises Invalid for labels beyond the page."""
    ready = {name: round(value * 100) if name in MEASURES else value for name, value in values.items()}
    ready["pitch_x"] = ready.get("pitch_x") or ready["wide"]
    ready["pitch_y"] = ready.get("pitch_y") or ready["high"]
    check(sheet_of({"name": "", "columns": 1, "rows": 1, "left": 0, "top": 0, **ready}))
    return ready


def add_sheet(actor: Actor, customer: Customer | None, values: Mapping[str, Any]) -> LabelSheet:
    """values: name, columns, rows, and in millimetres MEASURES."""
    actor.must("label.batch", customer.id if customer else None)
    _check_name(actor, customer.id if customer else None, values["name"])
    ready = {**_ready(values), "customer_id": customer.id if customer else None}
    return create(actor, LabelSheet, ready, Action.SHEET_ADDED)


def change_sheet(actor: Actor, sheet_id: int, values: Mapping[str, Any], version: int | None) -> LabelSheet:
    row = get_sheet(actor, sheet_id)
    actor.must("label.batch", row.customer_id)
    if version is None:
        raise PreconditionRequired()
    if values.get("name", row.name) != row.name:
        _check_name(actor, row.customer_id, values["name"])
    kept = {name: getattr(row, name) / 100 for name in MEASURES}
    ready = _ready({"name": row.name, "columns": row.columns, "rows": row.rows, **kept, **values})
    return change(actor, row, ready, Action.SHEET_CHANGED, version=version)


def remove_sheet(actor: Actor, sheet_id: int, version: int | None) -> None:
    row = get_sheet(actor, sheet_id)
    actor.must("label.batch", row.customer_id)
    remove(actor, row, Action.SHEET_REMOVED, version=version)


def get_sheet(actor: Actor, sheet_id: int) -> LabelSheet:
    row: LabelSheet = fetch(LabelSheet, actor, sheet_id)
    if row.customer_id is None and not actor.is_operator:
        raise NotFound()
    return row


def _check_name(actor: Actor, customer_id: int | None, name: str) -> None:
    same = LabelSheet.customer_id.is_null() if customer_id is None else LabelSheet.customer_id == customer_id
    known = [row.name for row in visible(LabelSheet, actor, LabelSheet.name).where(same)]
    if name in SHEETS or name in known:
        said = _("There is a sheet of this name already.")
        raise Conflict(said, code="duplicate", errors={"name": [said]})
    if len(known) >= MOST:
        raise Invalid.field("name", _("There are %(most)s sheets already; delete one first.", most=MOST))
