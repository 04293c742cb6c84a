"""On and off at run time: for the house, or for one customer.

A plugin that is off keeps its tables and its data; its pages answer 404, and no hook of it is called. Every process
looks for itself once in a while, so a switch holds everywhere within HOLDS seconds.
"""

from time import monotonic
from typing import Any

from registry.actions import Action
from registry.kernel import events, wall
from registry.kernel.access import Actor, Permission, declare, visible
from registry.kernel.db import database, transaction
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.language import N_, _
from registry.kernel.writing import ANY_VERSION, change, create
from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.plugins.models import PluginSwitch

declare(Permission("plugin.switch", N_("Switch plugins on and off"), customer=False))

HOLDS = 2.0  # seconds
SYSTEM = Actor.system()
Off = frozenset[tuple[str, int | None]]
_known: tuple[float, Off] = (0.0, frozenset())


def forget() -> None:
    """Look again at the next question."""
    global _known
    _known = (0.0, frozenset())


def is_open(plugin: str, customer_id: int | None) -> bool:
    """Whether the plugin is on for the house and, if one is given, for the customer."""
    off = _off()
    return not off or ((plugin, None) not in off and (customer_id is None or (plugin, customer_id) not in off))


def _off() -> Off:
    global _known
    until, off = _known
    if until < monotonic():
        with wall.everywhere():
            query: Any = visible(PluginSwitch, SYSTEM, PluginSwitch.plugin, PluginSwitch.customer_id)
            off = frozenset(query.where(~PluginSwitch.on).tuples())
        _known = (monotonic() + HOLDS, off)
        for plugin in host().plugins.values():
            if plugin.told and (plugin.name, None) not in off:  # somebody has switched it on again, elsewhere
                host().resume(plugin)
    return off


def closed_for(plugin: str) -> frozenset[int]:
    """Ids of the customers for whom the plugin is off."""
    return frozenset(customer for name, customer in _off() if name == plugin and customer is not None)


def installed(plugin: str) -> Plugin:
    """The plugin of this name. Raises NotFound when there is none."""
    found = host().plugins.get(plugin)
    if found is None:
        raise NotFound()
    return found


def switch_of(plugin: str, customer_id: int | None = None) -> PluginSwitch | None:
    whose = PluginSwitch.customer_id.is_null() if customer_id is None else PluginSwitch.customer_id == customer_id
    found: PluginSwitch | None = visible(PluginSwitch, SYSTEM).where((PluginSwitch.plugin == plugin) & whose).first()
    return found


def switch(actor: Actor, plugin: str, *, on: bool, customer_id: int | None = None) -> PluginSwitch:
    """Switch it for the house, or for one customer. Raises NotFound for a plugin that is not installed, Conflict where
    it has lost its tables."""
    actor.must("plugin.switch")
    found = installed(plugin)
    if customer_id is not None and not actor.sees(customer_id):
        raise NotFound()
    if on:
        _must_have_tables(found)
    with transaction():
        done = _set(actor, plugin, customer_id, Action.PLUGIN_ON if on else Action.PLUGIN_OFF, on=on, reason="")
    forget()
    if on and customer_id is None:
        host().resume(found)
    return done


def _must_have_tables(plugin: Plugin) -> None:
    wanted = {str(model._meta.table_name) for model in plugin.declared.models} if plugin.declared else set()
    if wanted and plugin.works and (gone := sorted(wanted - set(database.get_tables()))):
        raise Conflict(
            _("Its tables are gone (%(names)s). Restart Assetcare, then switch it on.", names=", ".join(gone))
        )


def stop(plugin: Plugin) -> None:
    """It failed again and again: off for the house in every process, and whoever may switch it on again is told."""
    with wall.everywhere(), transaction():
        stopped = _set(SYSTEM, plugin.name, None, Action.PLUGIN_SUSPENDED, on=False, reason=plugin.reason)
        events.emit("plugin.suspended", None, "plugin_switch", stopped.id, {"plugin": plugin.name})
    plugin.told = True
    forget()


def _set(actor: Actor, plugin: str, customer_id: int | None, action: Action, **values: Any) -> PluginSwitch:
    row = switch_of(plugin, customer_id)
    if row is None:
        whole = {"plugin": plugin, "customer_id": customer_id, **values}
        return create(actor, PluginSwitch, whole, action, customer_id=customer_id)
    return change(actor, row, values, action, version=ANY_VERSION, customer_id=customer_id)
