"""Verbs about the duties of a contract, and the list of them all with their state on a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from peewee import JOIN

from registry.actions import Action
from registry.contracts.contents import contents
from registry.contracts.lines import line_of
from registry.contracts.models import Contract, ContractLine, Duty, DutyDone
from registry.contracts.renewal import last_day
from registry.contracts.rules import period_of
from registry.contracts.schedule import DutyState, Schedule, state_on
from registry.contracts.service import for_reading, for_writing
from registry.contracts.standing import agreement
from registry.customers.service import today_of
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.writing import create, remove
from registry.products.models import Product
from registry.products.service import product_by
from registry.warranty.periods import Period


def add_duty(actor: Actor, contract_id: int, values: Mapping[str, Any]) -> Duty:
    """values: kind, title, line, product; when it is owed: due_on (with every: again and again) or per_year.

    Without any of the three it is owed all the time.
    """
    contract = for_writing(actor, contract_id)
    ready = dict(values)
    _check_schedule(ready)
    if ready.get("line") is not None:
        ready["line"] = _own_line(actor, contract, ready["line"])
    if ready.get("product") is not None:
        ready["product"] = product_by(actor, ready["product"], customer_id=contract.customer_id).id
    row = {**ready, "contract": contract.id, "customer_id": contract.customer_id}
    return create(actor, Duty, row, Action.DUTY_ADDED)


def _own_line(actor: Actor, contract: Contract, line_id: int) -> int:
    try:
        return int(line_of(actor, contract, line_id).id)
    except NotFound:
        raise Invalid.field("line", _("Give the id of one of this contract's lines.")) from None


def _check_schedule(values: Mapping[str, Any]) -> None:
    every, due_on, per_year = (values.get(name) for name in ("every", "due_on", "per_year"))
    if every is not None:
        period_of(every, "every")
        if due_on is None:
            raise Invalid.field("due_on", _("Say when it is due for the first time."))
    if per_year is not None and (every is not None or due_on is not None):
        raise Invalid.field("per_year", _("Give per_year alone, or due_on with every."))


def duty_of(actor: Actor, contract: Contract, duty_id: int) -> Duty:
    mine = visible(Duty, actor).where(Duty.contract == contract.id)
    found = mine.where(Duty.id == duty_id).first()
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def remove_duty(actor: Actor, contract_id: int, duty_id: int, version: int | None) -> None:
    """Delete a duty entered by mistake. Raises Conflict when something was done for it: that is history."""
    contract = for_writing(actor, contract_id)
    remove(actor, duty_of(actor, contract, duty_id), Action.DUTY_REMOVED, version=version)


def record_done(actor: Actor, contract_id: int, duty_id: int, values: Mapping[str, Any]) -> DutyDone:
    """Say that a duty was fulfilled. values: done_on (today), done_by (who says it), note, evidence."""
    contract = for_writing(actor, contract_id)
    duty = duty_of(actor, contract, duty_id)
    today = today_of(actor, contract.customer_id)
    day = values.get("done_on") or today
    if day > today:
        raise Invalid.field("done_on", _("This day is still to come; record it when it is done."))
    row = {**values, "done_on": day, "done_by": values.get("done_by") or actor.name}
    row |= {"duty": duty.id, "customer_id": contract.customer_id}
    return create(actor, DutyDone, row, Action.DUTY_DONE)


def duties_of(actor: Actor, contract_id: int, on: date | None = None) -> dict[str, Any]:
    """{"on", "items", "without_duty"}: every duty with its state on a day, and the products without any.

    The same number of statements however many duties, lines and products there are.
    """
    contract = for_reading(actor, contract_id)
    day = on or today_of(actor, contract.customer_id)
    found = contents(actor, contract, day)
    duties = _duties(actor, contract)
    done = _done(actor, [duty.id for duty in duties])
    until = last_day(agreement(actor, contract))
    items = []
    for duty in duties:
        state = state_on(schedule_of(duty, contract, until), [row.done_on for row in done[duty.id]], day)
        items.append(_item(duty, state, done[duty.id], found.of(duty.line_id, duty.product)))
    cared_for = {product["id"] for item in items for product in item["products"]}
    return {
        "on": day,
        "items": items,
        "without_duty": [product for product in found.open() if product["id"] not in cared_for],
    }


def _duties(actor: Actor, contract: Contract) -> list[Duty]:
    query = visible(Duty, actor, Duty, Product, ContractLine).join(Product, JOIN.LEFT_OUTER)
    query = query.switch(Duty).join(ContractLine, JOIN.LEFT_OUTER)
    return list(query.where(Duty.contract == contract.id).order_by(Duty.id))


def _done(actor: Actor, duty_ids: Iterable[int]) -> dict[int, list[DutyDone]]:
    found: dict[int, list[DutyDone]] = defaultdict(list)
    rows = visible(DutyDone, actor).where(DutyDone.duty.in_(list(duty_ids)))
    for row in rows.order_by(DutyDone.done_on, DutyDone.id):
        found[row.duty_id].append(row)
    return found


def schedule_of(duty: Duty, contract: Contract, until: date | None) -> Schedule:
    """When the duty is owed: within the contract, and within its line when that has days of its own."""
    line: Any = duty.line
    starts = [day for day in (contract.starts_on, line and line.starts_on) if day]
    ends = [day for day in (until, line and line.ends_on) if day]
    every = Period.parse(duty.every) if duty.every else None
    return Schedule(max(starts), min(ends, default=None), duty.due_on, every, duty.per_year)


def _item(duty: Duty, state: DutyState, done: list[DutyDone], products: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": duty.id,
        "kind": duty.kind,
        "title": duty.title,
        "line_id": duty.line_id,
        "products": products,
        "due_on": duty.due_on,
        "every": duty.every,
        "per_year": duty.per_year,
        "state": state.state,
        "next_due_on": state.due_on,
        "missing": state.missing,
        "reason": state.reason,
        "done": [done_item(row) for row in done],
        "version": duty.version,
    }


def done_item(row: DutyDone) -> dict[str, Any]:
    return {
        "id": row.id,
        "duty_id": row.duty_id,
        "done_on": row.done_on,
        "done_by": row.done_by,
        "note": row.note,
        "evidence": row.evidence,
    }
