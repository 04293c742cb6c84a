"""Pages of the house's statuses and custom fields of assets."""

from flask import render_template, request
from werkzeug.wrappers import Response

from registry.assets import fields, statuses
from registry.assets.models import FIELD_TYPES, META_STATES
from registry.assets.schemas import FieldIn, StatusChange, StatusIn
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.products.kinds import offered
from registry.web.acting import in_parts, pressed, sent_version
from registry.web.customer import choices, customer_id_of, names
from registry.web.forms import Form, done
from registry.web.house import pages
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.words.codes import word

Page = Response | tuple[str, int]
FIELD = ("customer", "title", "name", "type", "kind", "choices", "required")


@pages.get("/statuses")
@allow("setting.edit")
def list_statuses() -> Page:
    return _statuses(Form(StatusIn(), shown={"meta": "in_use"}))


def _statuses(form: Form, changed: str = "", change: Form | None = None) -> Page:
    """`change`: the form of the status `changed` that was refused."""
    around = {"statuses": statuses.statuses(), "metas": META_STATES, "changed": changed, "change": change}
    return render_template("settings/statuses.html", form=form, **around), change.status if change else form.status


@pages.post("/statuses")
@allow("setting.edit")
def create_status() -> Page:
    form = Form(StatusIn(), request.form)
    if form.send(lambda values: statuses.create_status(actor(), values)):
        return done(_("The status is added."), "house.list_statuses")
    return _statuses(form)


@pages.post("/statuses/<code>")
@allow("setting.edit")
def change_status(code: str) -> Page:
    form = Form(StatusChange(), request.form)
    if form.send(lambda values: statuses.change_status(actor(), code, values, sent_version())):
        return done(_("Saved."), "house.list_statuses")
    if form.status == 404:
        raise NotFound()
    return _statuses(Form(StatusIn(), shown={}), code, form)


@pages.get("/fields")
@allow("setting.edit")
def list_fields() -> Page:
    return _fields(Form(FieldIn(), shown={"type": "text"}, only=FIELD))


def _fields(form: Form) -> Page:
    rows = fields.all_fields(actor())
    known = names(actor(), [row.customer_id for row in rows if row.customer_id])
    around = {"rows": rows, "names": known, "types": FIELD_TYPES, "customers": choices(actor())}
    around["kinds"] = [(kind, word("kind", kind)) for kind in offered()]
    return render_template("settings/fields.html", form=form, **around), form.status


@pages.post("/fields")
@allow("setting.edit")
def define_field() -> Page:
    form = Form(FieldIn(), in_parts("choices", request.form), only=FIELD)

    def define(values: dict[str, object]) -> object:
        named = values.pop("customer")
        return fields.define_field(actor(), values, customer_id_of(actor(), named))  # type: ignore[arg-type]

    return done(_("The field is added."), "house.list_fields") if form.send(define) else _fields(form)


@pages.post("/fields/<int:field_id>/remove")
@allow("setting.edit")
def remove_field(field_id: int) -> Page:
    form = pressed(lambda: fields.remove_field(actor(), field_id, sent_version()))
    if form.status == 404:
        raise NotFound()
    if form.status == 200:
        return done(_("The field is no longer asked for. What assets hold in it stays."), "house.list_fields")
    again = Form(FieldIn(), shown={"type": "text"}, only=FIELD)
    again.message, again.status = form.message, form.status
    return _fields(again)
