"""Custody: what was taken from a customer, for which task, and that it went back when the task was finished."""

from collections.abc import Mapping
from typing import Any

from registry.actions import Action
from registry.assets.models import Asset
from registry.customers.models import Site
from registry.customers.service import customer_by
from registry.handover.models import CustodyItem, CustodyTask
from registry.kernel import access, clock
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.codes import Code
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.writing import ANY_VERSION, change, create

access.declare(
    Permission("custody.view", "See what was taken from one's company, and what is still out"),
    Permission("custody.edit", "Take things into custody, and record their return", customer=False),
)

OUT = CustodyItem.returned_at.is_null() & CustodyItem.deleted_at.is_null()
COPY = "digital_copy"


def open_task(actor: Actor, values: Mapping[str, Any]) -> CustodyTask:
    """values: customer, title, reference, note."""
    customer = customer_by(actor, values.get("customer"))
    actor.must("custody.edit", customer.id)
    row = {**values, "customer_id": customer.id}
    row.pop("customer", None)
    return create(actor, CustodyTask, row, Action.CUSTODY_OPENED)


def get_task(actor: Actor, task_id: int, *, edit: bool = False, lock: bool = False) -> CustodyTask:
    found: CustodyTask = fetch(CustodyTask, actor, task_id, lock=lock)
    actor.must("custody.edit" if edit else "custody.view", found.customer_id)
    return found


def take(actor: Actor, task_id: int, values: Mapping[str, Any]) -> CustodyItem:
    """Take something into custody for an open task. values: what, kind, quantity, taken_from; taken_at (now), taken_by
    (the actor), site, asset, note."""
    with transaction():
        task = get_task(actor, task_id, edit=True, lock=True)
        if task.state != "open":
            raise Conflict(
                _("Nothing more is taken for this task. Its state: %(state)s.", state=Code("task_state", task.state)),
                code="wrong_state",
            )
        change(actor, task, {}, Action.CUSTODY_TAKEN, version=task.version)
        row = {"taken_by": actor.name, "taken_at": clock.now(), **_placed(actor, task, values)}
        if row["taken_at"] > clock.now():
            raise Invalid.field("taken_at", _("This moment is still to come."))
        return create(actor, CustodyItem, {**row, "task": task.id, "customer_id": task.customer_id},
                      Action.CUSTODY_TAKEN)  # fmt: skip


def _placed(actor: Actor, task: CustodyTask, values: Mapping[str, Any]) -> dict[str, Any]:
    ready = {name: value for name, value in values.items() if value is not None}
    keys: dict[str, tuple[Any, tuple[str, ...]]] = {"site": (Site, ("name",)), "asset": (Asset, ("serial", "tag"))}
    for name, (model, found_by) in keys.items():
        if name in ready:
            ready[name] = refer(model, actor, ready[name], field=name, keys=found_by, customer_id=task.customer_id).id
    return ready


def finish(actor: Actor, task_id: int) -> CustodyTask:
    """The work is done: everything that is still out is due back now."""
    with transaction():
        task = _moved(actor, task_id, "open", "finished", Action.CUSTODY_FINISHED, finished_at=clock.now())
        for item in _items(actor, task).where(OUT):
            change(actor, item, {"due_at": task.finished_at}, Action.CUSTODY_DUE, version=ANY_VERSION)
    return task


def close(actor: Actor, task_id: int) -> CustodyTask:
    """Close a finished task for good. Raises Conflict (items_out) while anything is out."""
    with transaction():
        task = _moved(actor, task_id, "finished", "closed", Action.CUSTODY_CLOSED, closed_at=clock.now())
        left = [item.label for item in _items(actor, task).where(OUT).order_by(CustodyItem.id)]
        if left:
            raise Conflict(
                _(
                    "%(count)s still out: %(known)s. Record their return (or the deletion of copies) first.",
                    count=len(left),
                    known=", ".join(left[:5]),
                ),
                code="items_out",
            )
    return task


def _moved(actor: Actor, task_id: int, before: str, after: str, action: Action, **values: Any) -> CustodyTask:
    task = get_task(actor, task_id, edit=True, lock=True)
    if task.state != before:
        raise Conflict(
            _(
                "This needs a task in the state: %(before)s. The state of this one: %(state)s.",
                before=Code("task_state", before),
                state=Code("task_state", task.state),
            ),
            code="wrong_state",
        )
    return change(actor, task, {"state": after, **values}, action, version=task.version)


def _items(actor: Actor, task: CustodyTask) -> Any:
    return visible(CustodyItem, actor).where(CustodyItem.task == task.id)


def get_item(actor: Actor, item_id: int, *, edit: bool = False, lock: bool = False) -> CustodyItem:
    found: CustodyItem = fetch(CustodyItem, actor, item_id, lock=lock)
    actor.must("custody.edit" if edit else "custody.view", found.customer_id)
    return found


def give_back(actor: Actor, item_id: int, values: Mapping[str, Any]) -> CustodyItem:
    """The item went back. values: returned_to (who received it), returned_at (now)."""
    ready = {"returned_at": clock.now(), "returned_by": actor.name, **values}
    return _settled(actor, item_id, ready, "returned_at", Action.CUSTODY_RETURNED)


def delete_copy(actor: Actor, item_id: int, values: Mapping[str, Any]) -> CustodyItem:
    """A digital copy was deleted. values: deletion_method, deleted_by (the actor), deleted_at (now)."""
    ready = {"deleted_at": clock.now(), "deleted_by": actor.name, **values}
    return _settled(actor, item_id, ready, "deleted_at", Action.CUSTODY_DELETED)


def _settled(actor: Actor, item_id: int, values: dict[str, Any], when: str, action: Action) -> CustodyItem:
    with transaction():
        item = get_item(actor, item_id, edit=True, lock=True)
        if item.returned_at or item.deleted_at:
            raise Conflict(_("This has been settled already."), code="wrong_state")
        if (item.kind == COPY) != (when == "deleted_at"):
            told = (
                _("A copy is settled by its deletion.") if item.kind == COPY else _("A thing is settled by its return.")
            )
            raise Conflict(told, code="wrong_kind")
        if not item.taken_at <= values[when] <= clock.now():
            raise Invalid.field(when, _("Give a moment after it was taken, and not after now."))
        return change(actor, item, values, action, version=item.version)


def still_out(customer_id: int) -> int:
    """How many things of this customer's are still out."""
    mine = visible(CustodyItem, Actor.system(customer_id)).where(CustodyItem.customer_id == customer_id)
    return int(mine.where(OUT).count())
