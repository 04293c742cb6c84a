"""When contracts end or parts of what they cover, and by when notice has to be given so that they do: asked of many at
once."""

from datetime import date
from typing import Any, NamedTuple

from peewee import fn

from registry.contracts.models import Contract, ContractLine
from registry.contracts.renewal import notice_by
from registry.contracts.standing import agreements
from registry.kernel.access import Actor, visible
from registry.warranty.covered import day_after


def ends_of_contracts(actor: Actor, first: date, last: date) -> Any:
    """SELECT customer_id, subject_id, ends_on, changed_at: contracts whose last day in force lies from `first` to
    `last`.

    Not one that renews itself, nor one that another contract follows on from without a gap, nor one that was
    terminated: whoever did that knows.
    """
    following: Any = Contract.alias("following")
    follows = following.select(following.id).where(  # of a contract that the outer query has found, so scoped with it
        (following.previous == Contract.id)
        & (following.starts_on <= day_after(Contract.in_force_until))
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


def ends_of_parts(actor: Actor, first: date, last: date) -> Any:
    """The same of lines that end while their contract goes on: one row for all lines of a contract that end on a day.

    Not a line that another one of the same contract follows on from without a gap, about the same thing.
    """
    later: Any = ContractLine.alias("later")
    ends_on = ContractLine.ends_on
    same = (later.everything == True) & (ContractLine.everything == True)  # noqa: E712 - SQL
    for name in ("asset", "licence", "product", "site"):
        same |= getattr(later, name) == getattr(ContractLine, name)
    follows = later.select(later.id).where(  # of a line that the outer query has found, so scoped with it
        (later.contract == ContractLine.contract)
        & same
        & (later.starts_on.is_null() | (later.starts_on <= day_after(ends_on)))
        & (later.ends_on.is_null() | (later.ends_on > ends_on))
    )
    changed_at = fn.MAX(ContractLine.changed_at).alias("changed_at")
    rows = visible(
        ContractLine, actor, ContractLine.customer_id, ContractLine.contract.alias("subject_id"), ends_on, changed_at
    ).join(Contract)
    goes_on = Contract.in_force_until.is_null() | (Contract.in_force_until > ends_on)
    found = rows.where(ends_on.between(first, last) & (Contract.starts_on <= ends_on) & goes_on & ~fn.EXISTS(follows))
    return found.group_by(ContractLine.customer_id, ContractLine.contract, ends_on)


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
