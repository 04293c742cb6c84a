"""What is the same for every list: its file, its saved filters. For the lists of one customer, and for the house's."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.views import service
from registry.views.schemas import ViewChange, ViewIn
from registry.web.acting import sent_version
from registry.web.answers import stream
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lists.asked import asked
from registry.web.lists.exports_api import TYPES, write
from registry.web.lists.page import confined
from registry.web.lists.tables import Answer, Table, table_named
from registry.web.policy import allow, signed_in
from registry.web.tenant import customer_pages

lists = customer_pages("lists", __name__)
house_lists = Blueprint("house_lists", __name__)
V = TypeVar("V", bound=Callable[..., Any])


def both(rule: str, method: str) -> Callable[[V], V]:
    """The same route for one customer's lists and for the house's."""

    def mark(view: V) -> V:
        for pages in (lists, house_lists):
            pages.add_url_rule(f"/lists/<kind>{rule}", view_func=view, methods=[method])
        return view

    return mark


def open_table(kind: str) -> Table:
    """The list's table, for whoever may see the list."""
    found = table_named(kind)
    found.must_be_there(actor(), g.get("customer"))
    return found


@both(".<any(csv, xlsx):form>", "GET")
@allow("export.run")
def export(kind: str, form: str) -> Response:
    """The list as a file: what the page shows, with its filters, its order and its columns."""
    table, customer = open_table(kind), g.get("customer")
    wanted = asked(table.shape)
    if wanted.errors:
        raise Invalid(errors=wanted.errors)
    shows = [table.known[name] for name in wanted.values.get("columns") or table.usual(customer)]
    names = list(dict.fromkeys(part for show in shows for part in show.parts))
    known = {*table.listing.filters, "sort"}
    arguments = {name: value for name, value in wanted.values.items() if name in known}
    chunks = write(table.listing, actor(), confined(table, customer, arguments), form, names=names, bom=True)
    return stream(chunks, TYPES[form], f"{kind}.{form}")


# --- Saved filters -----------------------------------------------------------------------------------------


@both("/views", "GET")
@signed_in
def list_views(kind: str) -> str:
    """Those of this list, to rename, share or delete."""
    table = open_table(kind)
    views = service.views_for(actor(), kind, g.get("customer"))
    return _views(table, views, Form(ViewChange()))


@both("/views", "POST")
@signed_in
def save_view(kind: str) -> Answer:
    """What the list shows at this moment, under a name."""
    table = open_table(kind)
    form = Form(ViewIn(only=("name", "shared", "is_default")), request.form, only=("name", "shared", "is_default"))
    customer = g.get("customer")

    def save(values: dict[str, Any]) -> Any:
        return service.save_view(actor(), kind, customer, {**values, "query": _typed_query()})

    if form.send(save):
        flash(_("Saved as “%(name)s”.", name=form.answer.name))
        return redirect(table.address(opened(form.answer)), 303)
    views = service.views_for(actor(), kind, customer)
    return _views(table, views, form, new=request.form.get("query", "")), form.status


@both("/views/<int:saved_id>", "POST")
@signed_in
def change_view(kind: str, saved_id: int) -> Answer:
    """A new name, shared or not, opened by default or not; or (with a query) what it shows."""
    table = open_table(kind)
    form = Form(ViewChange(), request.form, only=("name", "shared", "is_default"))

    def change(values: dict[str, Any]) -> Any:
        ready = {**values, "query": _typed_query()} if "query" in request.form else values
        return service.change_view(actor(), saved_id, ready, sent_version())

    if form.send(change):
        told = _("“%(name)s” was changed.", name=form.answer.name)
        if "query" not in request.form:
            return _to_views(told, kind)
        flash(told)
        return redirect(table.address(opened(form.answer)), 303)
    return _views(table, service.views_for(actor(), kind, g.get("customer")), form, wrong=saved_id), form.status


@both("/views/<int:saved_id>/remove", "POST")
@signed_in
def remove_view(kind: str, saved_id: int) -> Answer:
    open_table(kind)
    view = service.get_view(actor(), saved_id)
    service.remove_view(actor(), saved_id, sent_version())
    return _to_views(_("“%(name)s” was deleted.", name=view.name), kind)


def _typed_query() -> dict[str, str]:
    """The part of an address behind the question mark, as the page has put it into the form."""
    try:
        pairs = dict(parse_qsl(request.form.get("query", ""), max_num_fields=60))
    except ValueError:
        raise Invalid.field("query", _("There are too many filters.")) from None
    return dict(ViewChange(only=("query",)).load({"query": pairs})["query"])


def opened(view: Any) -> dict[str, str]:
    return {**view.query, "view": str(view.id)}


def _to_views(told: str, kind: str) -> Response:
    return done(told, f"{'lists' if 'customer' in g else 'house_lists'}.list_views", kind=kind)


def _views(table: Table, views: list[Any], form: Form, *, wrong: int = 0, new: str | None = None) -> str:
    who = actor()
    return render_template(
        "lists/views.html", table=table, views=views, form=form, wrong=wrong, new=new,
        changeable={view.id for view in views if service.may_change(who, view)},
        may_share=(place := service.place_of(who, g.get("customer"))) is not None
        and who.can("view.share", place.customer_id),
        address=lambda view: table.address(opened(view)),
    )  # fmt: skip
