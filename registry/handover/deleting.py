"""Deleting all rows of one customer: in small transactions, whoever refers to others first, and countable."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from peewee import fn

from registry.handover import belongings
from registry.handover.belongings import CUSTOMER, Owner, references, select, table_of, way
from registry.kernel import audit, schema
from registry.kernel.audit import AuditEntry, ChainHead
from registry.kernel.db import transaction

STEP = 1000
Counted = Callable[[str, int], None]
LAST = ("audit_entry", "chain_head", CUSTOMER)  # kept until everything else is gone


def doomed() -> list[Any]:
    """Tables that may hold rows of a customer, whoever refers to others first; without LAST."""
    return [one for one in reversed(belongings.models()) if way(one) != "house" and table_of(one) not in LAST]


def total(owner: Owner) -> int:
    return sum(belongings.count(model, owner) for model in belongings.models() if way(model) != "house")


def delete_rows(owner: Owner, counted: Counted) -> None:
    """All rows but those of LAST. `counted(table, rows)` is called inside of each transaction."""
    for model in doomed():
        while _delete_some(model, owner, counted):
            pass


def _delete_some(model: Any, owner: Owner, counted: Counted) -> bool:
    with transaction():
        ids = _next(model, owner)
        if not ids:
            return False
        with schema.unguarded(table_of(model)) if getattr(model, "APPEND_ONLY", False) else nullcontext():
            counted(table_of(model), int(model.delete().where(model.id.in_(ids)).execute()))
    return True


def _next(model: Any, owner: Owner) -> list[int]:
    """Ids that can go now: of rows that are nested in one another, those that hold nothing - or all, in a ring."""
    query = select(model, owner, model.id)
    inside = [field for field in references(model) if field.rel_model is model]
    for field in inside:
        other = model.alias()
        query = query.where(~fn.EXISTS(other.select(other.id).where(getattr(other, field.name) == model.id)))
    found = [row[0] for row in query.order_by(model.id).limit(STEP).tuples()]
    return found or ([row[0] for row in select(model, owner, model.id).tuples()] if inside else [])


def delete_chain(owner: Owner, counted: Counted, step: int = 20 * STEP) -> None:
    """The customer's audit chain. The triggers that guard the table rest inside of these transactions, here alone."""
    while True:
        with transaction():
            mine: Any = AuditEntry.select(AuditEntry.id).where(AuditEntry.customer_id == owner.id)
            ids = [row[0] for row in mine.order_by(AuditEntry.id.desc()).limit(step).tuples()]
            if not ids:
                return
            with schema.unguarded("audit_entry"):
                for chunk in belongings.batches(ids):
                    counted("audit_entry", int(AuditEntry.delete().where(AuditEntry.id.in_(chunk)).execute()))


def delete_last(owner: Owner, counted: Counted) -> None:
    """What came in the meantime, the rest of the chain, and the customer himself. Inside of one transaction."""
    delete_rows(owner, counted)
    delete_chain(owner, counted)
    counted("chain_head", int(ChainHead.delete().where(ChainHead.customer_id == owner.id).execute()))
    customer = next(one for one in belongings.models() if table_of(one) == CUSTOMER)
    counted(CUSTOMER, int(customer.delete().where(customer.id == owner.id).execute()))


def left_over(owner: Owner) -> dict[str, int]:
    """table -> rows that are still there; empty when nothing is."""
    found = {table_of(one): belongings.count(one, owner) for one in belongings.models() if way(one) != "house"}
    return {table: count for table, count in (found | schema.rows_of_strangers(owner.id)).items() if count}


def chain_of(customer_id: int) -> tuple[int, str]:
    head = ChainHead.get_or_none(ChainHead.customer_id == customer_id)
    return (int(head.seq), str(head.hash)) if head else (0, audit.GENESIS)
