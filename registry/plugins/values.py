"""Settings of plugins: what people typed into a form that was made from the plugin's shape."""

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import ValidationError, missing

from registry.actions import Action
from registry.kernel import wall
from registry.kernel.access import Actor, Permission, declare, visible
from registry.kernel.db import transaction
from registry.kernel.errors import NotFound
from registry.kernel.language import N_
from registry.kernel.secrets import vault
from registry.kernel.writing import change, create
from registry.plugins import switches
from registry.plugins.models import PluginSetting
from registry.plugins.records import SettingsForm

declare(
    Permission("plugin.set", N_("Fill in the settings of plugins"), roles=("supervisor", "account_manager", "manager"))
)
SYSTEM = Actor.system()


def form_of(plugin: str, customer_id: int | None) -> SettingsForm:
    """The form of the house or of customers. Raises NotFound when the plugin has none, does not work, or is off."""
    found = switches.installed(plugin)
    scope = "site" if customer_id is None else "customer"
    form: SettingsForm | None = found.declared.form(scope) if found.works else None
    if form is None or not switches.is_open(plugin, customer_id):
        raise NotFound()
    return form


def row_of(plugin: str, customer_id: int | None) -> PluginSetting | None:
    whose = PluginSetting.customer_id.is_null() if customer_id is None else PluginSetting.customer_id == customer_id
    found: PluginSetting | None = visible(PluginSetting, SYSTEM).where((PluginSetting.plugin == plugin) & whose).first()
    return found


def settings_of(plugin: str, customer_id: int | None = None) -> dict[str, Any]:
    """What stands in the form, with the shape's defaults for what nobody gave; secrets are opened.

    A value that the shape of a newer version no longer accepts is left out, as if nobody had given it.
    """
    form = form_of(plugin, customer_id)
    with wall.everywhere():
        row = row_of(plugin, customer_id)
    given = {**row.given, **{name: vault().open(text) for name, text in row.secrets.items()}} if row else {}
    known = {name: value for name, value in given.items() if name in form.shape.fields}
    try:
        return dict(form.shape.load(known, partial=True)) | _defaults(form, known)
    except ValidationError as error:
        sound = {name: value for name, value in known.items() if name not in error.messages}
        return dict(form.shape.load(sound, partial=True)) | _defaults(form, sound)


def _defaults(form: SettingsForm, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if field.load_default is missing else field.load_default
        for name, field in form.shape.fields.items()
        if name not in given and not field.required
    }


def shown(plugin: str, customer_id: int | None = None) -> dict[str, Any]:
    """What a form shows: secrets stay closed."""
    form, row = form_of(plugin, customer_id), row_of(plugin, customer_id)
    given = row.given if row else {}
    return {name: value for name, value in (_defaults(form, given) | given).items() if name in form.shape.fields}


def keep(
    actor: Actor, plugin: str, values: Mapping[str, Any], *, version: int | None, customer_id: int | None = None
) -> PluginSetting:
    """Keep what was given, checked by the shape before. A secret left empty stays what it was.

    The house's form needs plugin.switch, a customer's the right that it names. Raises NotFound, Stale.
    """
    actor.must("plugin.switch" if customer_id is None else form_of(plugin, customer_id).permission, customer_id)
    form, row = form_of(plugin, customer_id), row_of(plugin, customer_id)
    secret = {name for name, field in form.shape.fields.items() if field.load_only}
    dumped = orjson.loads(orjson.dumps(form.shape.dump(values), default=str))
    sealed = {name: vault().seal(str(values[name])) for name in secret if values.get(name)}
    kept = {"given": dumped, "secrets": {**(row.secrets if row else {}), **sealed}}
    with transaction():
        if row is None:
            whole = {"plugin": plugin, "customer_id": customer_id, **kept}
            return create(actor, PluginSetting, whole, Action.PLUGIN_SET, customer_id=customer_id)
        return change(actor, row, kept, Action.PLUGIN_SET, version=version, customer_id=customer_id)
