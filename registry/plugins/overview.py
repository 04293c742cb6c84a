"""What is to be known about every plugin, for the page and for `assetcare plugin list`."""

from typing import Any

from registry.kernel import wall
from registry.plugins import incidents, switches
from registry.plugins.current import host
from registry.plugins.host import Plugin


def rows() -> list[dict[str, Any]]:
    """One plugin each: name, title, version, distribution, description, api, needs, state, reason, failures, calls,
    seconds (both of this process).

    state: working, off (switched off), suspended (stopped by itself), failed (could not be taken in).
    """
    with wall.everywhere():
        failed = incidents.counts()
    return [{**_row(plugin), "failures": failed.get(plugin.name, 0)} for _, plugin in sorted(host().plugins.items())]


def row(name: str) -> dict[str, Any]:
    """The same for one. Raises NotFound."""
    plugin = switches.installed(name)
    with wall.everywhere():
        failed = incidents.counts()
    return {**_row(plugin), "failures": failed.get(name, 0)}


def _row(plugin: Plugin) -> dict[str, Any]:
    info = plugin.info
    state, reason = _standing(plugin)
    return {
        "name": plugin.name, "title": plugin.title, "version": info.version if info else "",
        "distribution": plugin.distribution, "description": info.description if info else "",
        "api": info.api if info else None, "needs": list(info.needs) if info else [], "state": state, "reason": reason,
        "calls": plugin.calls, "milliseconds": round(plugin.seconds * 1000, 1),
    }  # fmt: skip


def _standing(plugin: Plugin) -> tuple[str, str]:
    with wall.everywhere():
        said = switches.switch_of(plugin.name)
    if said is not None and not said.on:
        return ("suspended", said.reason) if said.reason else ("off", "")
    return plugin.state, plugin.reason


def customers_off(plugin: str) -> list[int]:
    return sorted(switches.closed_for(plugin))


def brings(plugin: Plugin) -> dict[str, list[str]]:
    """What it declared: kind of thing -> names."""
    declared = plugin.declared
    if declared is None:
        return {}
    found = {
        "tables": [str(model._meta.table_name) for model in declared.models],
        "permissions": [each.name for each in declared.permissions],
        "jobs": [each.name for each in declared.jobs],
        "commands": [str(each.name) for each in declared.commands],
        "hooks": sorted(
            {hook for hook in host().hooks() for one in host().implementations(hook) if one.plugin is plugin}
        ),
    }
    return {kind: names for kind, names in found.items() if names}
