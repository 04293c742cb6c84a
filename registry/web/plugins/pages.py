"""Pages about plugins: what is installed and how it stands, on and off, and their settings, of the house and of one
customer."""

from copy import copy
from typing import Any

from flask import Blueprint, g, render_template, request
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from registry.customers.service import customer_by
from registry.kernel.language import N_, _
from registry.plugins import incidents, overview, switches, values
from registry.plugins.current import host
from registry.web import slots
from registry.web.acting import sent_version
from registry.web.customer import slugs
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = Blueprint("plugins", __name__, url_prefix="/settings/plugins")
own = customer_pages("own_plugins", __name__)
Page = Response | tuple[str, int] | str


@pages.get("")
@allow("plugin.switch")
def list_plugins() -> Page:
    return render_template("plugins/list.html", plugins=overview.rows(), safe=not host().plugins)


@pages.get("/<plugin>")
@allow("plugin.switch")
def show_plugin(plugin: str) -> Page:
    found, off = switches.installed(plugin), overview.customers_off(plugin)
    around = {"incidents": incidents.latest(plugin, 20), "brings": overview.brings(found), "off": slugs(actor(), off)}
    forms = {form.scope for form in found.declared.settings} if found.declared else set()
    return render_template("plugins/plugin.html", plugin=overview.row(plugin), forms=forms, **around)


@pages.post("/<plugin>/on")
@allow("plugin.switch")
def switch_on(plugin: str) -> Response:
    switches.switch(actor(), plugin, on=True)
    return done(_("The plugin is on. Every process follows within seconds."), "plugins.show_plugin", plugin=plugin)


@pages.post("/<plugin>/off")
@allow("plugin.switch")
def switch_off(plugin: str) -> Response:
    switches.switch(actor(), plugin, on=False)
    return done(_("The plugin is off. It keeps its data."), "plugins.show_plugin", plugin=plugin)


@pages.post("/<plugin>/customers")
@allow("plugin.switch")
def switch_for_customer(plugin: str) -> Response:
    """Off or on (`on` is sent) for the customer that was named."""
    customer = customer_by(actor(), request.form.get("customer", ""))
    turned_on = bool(request.form.get("on"))
    switches.switch(actor(), plugin, on=turned_on, customer_id=customer.id)
    text = N_("On again for %(name)s.") if turned_on else N_("Off for %(name)s. Its data stays.")
    return done(_(text, name=customer.name), "plugins.show_plugin", plugin=plugin)


@pages.get("/<plugin>/settings")
@allow("plugin.switch")
def edit_settings(plugin: str) -> Page:
    return _form(plugin, None, None)


@pages.post("/<plugin>/settings")
@allow("plugin.switch")
def change_settings(plugin: str) -> Page:
    form = _sent(plugin, None)
    if form.status == 200:
        return done(_("Saved."), "plugins.show_plugin", plugin=plugin)
    return _form(plugin, None, form)


@own.get("/plugins")
@allow("plugin.set")
def list_settings() -> Page:
    """Plugins that have something for this reader to set for this customer."""
    found = slots.to_set(g.customer.id, actor())
    return render_template("plugins/own.html", plugins=found)


@own.get("/plugins/<plugin>")
@allow("plugin.set")
def edit_own_settings(plugin: str) -> Page:
    actor().must(values.form_of(plugin, g.customer.id).permission, g.customer.id)
    return _form(plugin, g.customer.id, None)


@own.post("/plugins/<plugin>")
@allow("plugin.set")
def change_own_settings(plugin: str) -> Page:
    form = _sent(plugin, g.customer.id)
    if form.status == 200:
        return done(_("Saved."), "own_plugins.list_settings")
    return _form(plugin, g.customer.id, form)


def _sent(name: str, customer_id: int | None) -> Form:
    form = Form(*_as_sent(name, customer_id))
    version = sent_version() if request.form.get("version") else None
    form.send(lambda given: values.keep(actor(), name, given, version=version, customer_id=customer_id))
    return form


def _as_sent(name: str, customer_id: int | None) -> tuple[Schema, MultiDict[str, str]]:
    """The shape and what was sent, without the secrets that were left empty and are known: those stay what they are."""
    shape, row = values.form_of(name, customer_id).shape, values.row_of(name, customer_id)
    kept = tuple(key for key in (row.secrets if row else ()) if not request.form.get(key))
    if not kept:
        return shape, request.form
    shape = copy(shape)
    shape.partial = kept
    return shape, MultiDict((key, text) for key, text in request.form.items(multi=True) if key not in kept)


def _form(name: str, customer_id: int | None, form: Form | None) -> Page:
    found = values.form_of(name, customer_id)
    row = values.row_of(name, customer_id)
    chosen = form or Form(found.shape, shown=values.shown(name, customer_id))
    around = {"version": row.version if row else "", "known": sorted(row.secrets) if row else []}
    fields_shown = [_field(key, field) for key, field in found.shape.fields.items()]
    plugin = switches.installed(name)
    return render_template(
        "plugins/settings.html", form=chosen, plugin=plugin, fields=fields_shown, of_house=customer_id is None, **around
    ), chosen.status


def _field(name: str, field: fields.Field[Any]) -> dict[str, Any]:
    """How a field of a plugin's shape is drawn. metadata: label, description, long (a text of several lines)."""
    options = next((list(one.choices) for one in _checks(field) if isinstance(one, validate.OneOf)), [])
    about = field.metadata
    return {
        "name": name, "label": about.get("label", name.replace("_", " ").capitalize()),
        "hint": about.get("description", ""), "needed": field.required and not field.load_only,
        "options": [(one, one) for one in options], "kind": _kind(field, bool(options)),
    }  # fmt: skip


def _checks(field: fields.Field[Any]) -> list[Any]:
    return list(getattr(field, "validators", ()))


KINDS: tuple[tuple[type, str], ...] = (
    (fields.Boolean, "tick"), (fields.Integer, "number"), (fields.Float, "decimal"), (fields.Date, "date"),
    (fields.Email, "email"), (fields.Url, "url"),
)  # fmt: skip


def _kind(field: fields.Field[Any], choice: bool) -> str:
    if choice:
        return "choice"
    if field.load_only:
        return "password"
    if field.metadata.get("long"):
        return "area"
    return next((kind for of, kind in KINDS if isinstance(field, of)), "text")
