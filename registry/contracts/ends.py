"""When contracts end, and by when notice has to be given so that they do: asked of many at once."""

from datetime import date
from typing import Any, NamedTuple

from peewee import fn

from registry.contracts.models import Contract
from registry.contracts.renewal import notice_by
from registry.contracts.standing import agreements
from registry.kernel.access import Actor, visible
from registry.kernel.db import is_sqlite


def ends_of_contracts(actor: Actor, first: date, last: date) -> Any:
    """SELECT customer_id, subject_id, ends_on, changed_at: contracts whose last day in force lies from `first` to
    `last`.

    Not one that renews itself, nor one that another contract follows on from without a gap, nor one that was
    terminated: whoever did that knows.
    """
    following: Any = Contract.alias("following")
    next_day = fn.DATE(Contract.in_force_until, "+1 day") if is_sqlite() else Contract.in_force_until + 1
    follows = following.select(following.id).where(  # of a contract that the outer query has found, so scoped with it
        (following.previous == Contract.id)
        & (following.starts_on <= next_day)
        & (following.in_force_until.is_null() | (following.in_force_until > Contract.in_force_until))
    )
    by_itself = Contract.terminated_on.is_null() | (Contract.terminated_on > Contract.in_force_until)
    return visible(
        Contract,
        actor,
        Contract.customer_id,
        Contract.id.alias("subject_id"),
        Contract.in_force_until.alias("ends_on"),
        Contract.changed_at,
    ).where(Contract.in_force_until.between(first, last) & by_itself & ~fn.EXISTS(follows))


class NoticeDay(NamedTuple):
    """The last day on which notice ends a contract with its present term; after it, it renews itself."""

    customer_id: int
    subject_id: int
    ends_on: date
    changed_at: Any


def notice_days(actor: Actor, on: date, last: date, *where: Any) -> list[NoticeDay]:
    """The next such day of every contract that renews itself, from `on` to `last`, soonest first."""
    rolling = (Contract.renewal == "tacit") & Contract.in_force_until.is_null() & Contract.ends_on.is_null(False)
    contracts = list(visible(Contract, actor).where(rolling, *where))
    known = agreements(actor, contracts)
    days = [(notice_by(known[each.id], on), each) for each in contracts]
    soon = [(day, each) for day, each in days if day is not None and day <= last]
    found = [NoticeDay(each.customer_id, each.id, day, each.changed_at) for day, each in soon]
    return sorted(found, key=lambda one: (one.ends_on, one.subject_id))
