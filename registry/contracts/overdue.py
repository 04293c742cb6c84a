"""Duties that should have been done by now, asked of many contracts at once."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from peewee import JOIN

from registry.contracts.duties import schedule_of
from registry.contracts.models import Contract, ContractLine, Duty, DutyDone
from registry.contracts.renewal import last_day
from registry.contracts.schedule import state_on
from registry.contracts.standing import agreements
from registry.kernel.access import Actor, visible


class Overdue(NamedTuple):
    """`missing` times it was not done by its day, the first of them on `due_on`."""

    customer_id: int
    contract_id: int
    contract: str
    duty_id: int
    title: str
    due_on: date
    missing: int


def overdue_duties(actor: Actor, today: Callable[[int], date], customer_id: int | None = None) -> list[Overdue]:
    """Of contracts in force, the longest overdue first. `today(customer_id)`: the day that it is there.

    Three statements, however many contracts and duties there are. Whether he may see contracts is the caller's to ask.
    """
    duties = _scheduled(actor, customer_id)
    done = _done(actor, customer_id)
    known = agreements(actor, {duty.contract_id: duty.contract for duty in duties}.values())
    ends = {key: last_day(agreed) for key, agreed in known.items()}
    found = []
    for duty in duties:
        contract, day = duty.contract, today(duty.customer_id)
        until = ends[contract.id]
        if contract.starts_on > day or (until is not None and until < day):
            continue
        state = state_on(schedule_of(duty, contract, until), done[duty.id], day)
        if state.state == "overdue" and state.due_on is not None:
            found.append(Overdue(duty.customer_id, contract.id, contract.number, duty.id, duty.title, state.due_on,
                                 state.missing))  # fmt: skip
    return sorted(found, key=lambda one: (one.due_on, one.duty_id))


def _scheduled(actor: Actor, customer_id: int | None) -> list[Any]:
    """Duties with a day to keep: those owed all the time are never overdue."""
    query = visible(Duty, actor, Duty, Contract, ContractLine).join(Contract).switch(Duty)
    query = query.join(ContractLine, JOIN.LEFT_OUTER).where(Duty.due_on.is_null(False) | Duty.per_year.is_null(False))
    return list(query.where(Duty.customer_id == customer_id) if customer_id else query)


def _done(actor: Actor, customer_id: int | None) -> dict[int, list[date]]:
    query = visible(DutyDone, actor, DutyDone.duty, DutyDone.done_on).order_by(DutyDone.done_on)
    query = query.where(DutyDone.customer_id == customer_id) if customer_id else query
    found: dict[int, list[date]] = defaultdict(list)
    for duty_id, day in query.tuples():
        found[duty_id].append(day)
    return found
