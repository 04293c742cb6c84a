"""Plugins are found by their entry points, checked, and taken in; one that does not fit stays outside and says why."""

import importlib
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from registry import hookspecs
from registry.kernel.logs import log
from registry.plugins import names
from registry.plugins.answers import said
from registry.plugins.declaring import Declared, Wrong, declare
from registry.plugins.host import Failure, Host, Plugin
from registry.plugins.records import API, PluginInfo

GROUP = "registry.plugins"
DECLARING = tuple(name for name, kind in hookspecs.KINDS.items() if kind == "declare")


class Unfit(Exception):
    """Why a plugin cannot be taken in, in a sentence for whoever installed it."""


def installed(only: Iterable[str] | None = None) -> list[EntryPoint]:
    """The entry points of this Python environment, by name. `only`: names of those that may be loaded."""
    allowed = None if only is None else set(only)
    found = sorted(entry_points(group=GROUP), key=lambda each: each.name)
    return [each for each in found if allowed is None or each.name in allowed]


def load(host: Host, entries: Iterable[EntryPoint]) -> None:
    """Take in what fits. Each plugin is a matter of its own, but for those that it needs."""
    by_name: dict[str, list[EntryPoint]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    for name, found in by_name.items():
        plugin = host.plugins[name] = Plugin(name, distribution=", ".join(_brought_by(each) for each in found))
        _if_it_fits(host, plugin, partial(_take_in, host, plugin, found))
    check_needs(host)
    for plugin in host.working():
        _if_it_fits(host, plugin, partial(declare, host, plugin))
    check_needs(host)


def _brought_by(entry: EntryPoint) -> str:
    return str(entry.dist.name) if entry.dist else ""


def _if_it_fits(host: Host, plugin: Plugin, work: Callable[[], None]) -> None:
    try:
        work()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if host.strict:
            raise Unfit(f"{plugin.name}: {_why(error)}") from error
        host.remove(plugin, _why(error))
        trace = None if _known(error) else error
        log.warning("plugin_off", plugin=plugin.name, reason=plugin.reason, exc_info=trace)


def _take_in(host: Host, plugin: Plugin, entries: list[EntryPoint]) -> None:
    if len(entries) > 1:
        raise Unfit(f"More than one distribution brings it: {plugin.distribution}. Uninstall all but one.")
    [entry] = entries
    if ":" in entry.value:
        raise Unfit(f"Its entry point says {entry.value}: name the module alone, {entry.module}.")
    plugin.module = importlib.import_module(entry.module)
    plugin.info = _info(plugin)
    if taken := names.taken(plugin.name):
        raise Unfit(f"The name {plugin.name} is taken: {taken}. Call it otherwise.")
    _check_templates(plugin)
    host.register(plugin)
    found: dict[str, list[Any]] = {}
    own = ((hook, each) for hook in DECLARING for each in host.implementations(hook) if each.plugin is plugin)
    for hook, one in own:
        answer = host.call(hook, one, {})
        if isinstance(answer, Failure):
            raise Unfit(f"{hook}() failed: {answer.incident.error}") from answer.cause
        found[hook] = list(answer or ())
    declared = Declared.checked(plugin.info, folder_of(plugin), found)
    there = {model._meta.table_name for each in host.working() if each.declared for model in each.declared.models}
    if twice := sorted(there & {model._meta.table_name for model in declared.models}):
        raise Unfit(f"Another plugin has a table of that name: {', '.join(twice)}.")
    plugin.declared = declared


def _info(plugin: Plugin) -> PluginInfo:
    info = getattr(plugin.module, "PLUGIN", None)
    if not isinstance(info, PluginInfo):
        raise Unfit(f"{plugin.module.__name__} has no PLUGIN = PluginInfo(...).")
    if info.api != API:
        newer = "Upgrade Assetcare" if info.api > API else "Ask its makers for a newer version"
        raise Unfit(f"It was written for API {info.api}, and this is API {API}. {newer}.")
    if info.name != plugin.name:
        raise Unfit(f"It calls itself {info.name!r}, but its entry point says {plugin.name!r}.")
    return info


def folder_of(plugin: Plugin) -> Path:
    """Where templates/, static/ and migrations/ of a plugin lie: beside the module that its entry point names."""
    return Path(plugin.module.__file__).parent


def _check_templates(plugin: Plugin) -> None:
    """Two plugins with a template of one name would get each other's page: so each keeps to a folder of its name."""
    root = folder_of(plugin) / "templates"
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file() and path.relative_to(root).parts[0] != plugin.name:
            raise Unfit(f"Its template {path.relative_to(root)} lies outside of templates/{plugin.name}/.")


def check_needs(host: Host) -> None:
    """Until nothing changes: a plugin goes when one that it needs is not working."""
    while True:
        lacking = [
            (plugin, name)
            for plugin in host.plugins.values()
            if not plugin.reason and plugin.info
            for name in plugin.info.needs
            if name not in host.plugins or host.plugins[name].reason
        ]
        if not lacking:
            return
        for plugin, name in lacking:
            there = "does not work" if name in host.plugins else "is not installed"
            if host.strict:
                raise Unfit(f"{plugin.name} needs the plugin {name}, which {there}.")
            host.remove(plugin, f"It needs the plugin {name}, which {there}.")


def _known(error: BaseException) -> bool:
    """Whether the sentence says it all, and no trace is needed."""
    return isinstance(error, Unfit | Wrong | pluggy.PluginValidationError | SystemExit | ModuleNotFoundError)


def _why(error: BaseException) -> str:
    if isinstance(error, Unfit | Wrong):
        return str(error)
    if isinstance(error, pluggy.PluginValidationError):
        return f"A hook does not fit the contract: {' '.join(str(error).split())}"[:500]
    if isinstance(error, SystemExit):
        return f"It tried to end the program (exit {error.code}) while it was loaded."
    if isinstance(error, ModuleNotFoundError):
        return f"The module {error.name} is missing: install it beside the plugin."
    return f"{type(error).__name__}: {' '.join(said(error).split())}"[:500]
