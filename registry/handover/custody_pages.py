"""Pages about custody: what was taken from a company for which task, and that it went back."""

from typing import Any

from flask import g, render_template, request
from werkzeug.wrappers import Response

from registry.customers.models import Site
from registry.handover import custody
from registry.handover.listing import CUSTODY_ITEMS, CUSTODY_TASKS
from registry.handover.pages import pages
from registry.handover.schemas import CustodyItemIn, CustodyTaskIn, DeletionIn, ReturnIn
from registry.kernel import clock
from registry.kernel.access import visible
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.web.acting import pressed
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow

Page = Response | tuple[str, int]
MOST = 200
TASK = ("title", "reference", "note")
ITEM = ("what", "kind", "quantity", "taken_from", "site", "asset", "note")


@pages.get("/handover/custody/new")
@allow("custody.edit")
def new_task() -> Page:
    return _task_form(Form(CustodyTaskIn(), shown={}, only=TASK))


@pages.post("/handover/custody/new")
@allow("custody.edit")
def create_task() -> Page:
    form = Form(CustodyTaskIn(), request.form, only=TASK)
    if form.send(lambda values: custody.open_task(actor(), {**values, "customer": g.customer.id})):
        return done(_("The task is open. Put down what you take."), "handover.show_task", task_id=form.answer.id)
    return _task_form(form)


def _task_form(form: Form) -> Page:
    return render_template("handover/task_form.html", form=form), form.status


@pages.get("/handover/custody/<int:task_id>")
@allow("custody.view")
def show_task(task_id: int) -> Page:
    return _page(task_id)


def _page(task_id: int, form: Form | None = None, refused: Form | None = None, item_id: int | None = None) -> Page:
    """`form`: of what is taken; `refused`: a button, or how the item `item_id` was to be settled."""
    task = _task(task_id)
    items = CUSTODY_ITEMS.page(actor(), {"task": task_id, "limit": MOST})["items"]
    names = visible(Site, actor(), Site.name).where(Site.customer_id == g.customer.id).order_by(Site.name).limit(MOST)
    around = {
        "task": task, "items": items, "now": clock.now().isoformat(), "refused": refused, "item_id": item_id,
        "form": form or Form(CustodyItemIn(), shown={"quantity": 1, "kind": "media"}, only=ITEM),
        "site_names": [(name, name) for (name,) in names.tuples()],
    }  # fmt: skip
    status = refused.status if refused else form.status if form else 200
    return render_template("handover/task.html", **around), status


def _task(task_id: int) -> dict[str, Any]:
    found = CUSTODY_TASKS.one(actor(), task_id)
    if found["customer"] != g.customer.slug:
        raise NotFound()
    return found


@pages.post("/handover/custody/<int:task_id>/items")
@allow("custody.edit")
def take(task_id: int) -> Page:
    _task(task_id)
    form = Form(CustodyItemIn(), request.form, only=ITEM)
    if form.send(lambda values: custody.take(actor(), task_id, values)):
        return done(_("Put down."), "handover.show_task", task_id=task_id)
    return _page(task_id, form)


@pages.post("/handover/custody/<int:task_id>/items/<int:item_id>/settle")
@allow("custody.edit")
def settle(task_id: int, item_id: int) -> Page:
    """A thing went back, or a digital copy was deleted: the kind of the thing decides which."""
    _task(task_id)
    item = custody.get_item(actor(), item_id)
    if item.task_id != task_id:
        raise NotFound()
    copy = item.kind == custody.COPY
    form = Form(
        DeletionIn() if copy else ReturnIn(), request.form, only=("deletion_method",) if copy else ("returned_to",)
    )
    verb = custody.delete_copy if copy else custody.give_back
    if form.send(lambda values: verb(actor(), item_id, values)):
        text = _("The deletion is on record.") if copy else _("The return is on record.")
        return done(text, "handover.show_task", task_id=task_id)
    return _page(task_id, refused=form, item_id=item_id)


@pages.post("/handover/custody/<int:task_id>/finish")
@allow("custody.edit")
def finish_task(task_id: int) -> Page:
    _task(task_id)
    form = pressed(lambda: custody.finish(actor(), task_id))
    if form.status == 200:
        return done(_("The work is done: what is still out is due back now."), "handover.show_task", task_id=task_id)
    return _page(task_id, refused=form)


@pages.post("/handover/custody/<int:task_id>/close")
@allow("custody.edit")
def close_task(task_id: int) -> Page:
    _task(task_id)
    form = pressed(lambda: custody.close(actor(), task_id))
    if form.status == 200:
        return done(_("Closed: everything is back."), "handover.show_task", task_id=task_id)
    return _page(task_id, refused=form)
