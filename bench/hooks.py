"""What a hook costs through the isolating manager, beside the same functions called by hand."""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.house import House
from bench.report import Result, middle
from registry.plugins.host import Host, Plugin
from registry.sdk import Panel, PluginInfo, hook

PLUGINS, CALLS, ROUNDS = 5, 2000, 15
MOST_MICROSECONDS = 20.0


def calling(work: Path) -> list[Result]:
    """One hook that five plugins implement: under 20 microseconds for all of them, with a database as in a request."""
    with House.create(work / "hooks").opened():
        return _calling()


def _calling() -> list[Result]:
    host, functions = Host(), []
    for number in range(PLUGINS):
        module, name = ModuleType(f"bench_{number}"), f"bench_{number}"
        module.panels = hook(_panels())  # type: ignore[attr-defined]
        functions.append(module.panels)
        host.plugins[name] = Plugin(name, PluginInfo(name, name, "1"), module)
        host.register(host.plugins[name])
    gc.collect()
    gc.freeze()  # as the server does: what other measurements left is no part of a call
    plain = {"place": "asset", "subject": None, "actor": None}
    managed = _microseconds(lambda: host.each("panels", None, **plain))
    by_hand = _microseconds(lambda: [function(None, None, None) for function in functions])
    none = _microseconds(lambda: host.each("actions", None, **plain))
    told = f"{managed:.1f} us; by hand {by_hand:.1f} us; a hook that nobody implements {none:.1f} us"
    return [Result("hooks", f"one hook, {PLUGINS} plugins", managed, "us", MOST_MICROSECONDS, detail=told)]


def _panels() -> Callable[..., Any]:
    def panels(place: Any, subject: Any, actor: Any) -> list[Panel]:
        return [Panel("Title", "template.html")]

    return panels


def _microseconds(work: Callable[[], Any]) -> float:
    found = []
    for _round in range(ROUNDS):
        started = time.process_time()
        for _call in range(CALLS):
            work()
        found.append((time.process_time() - started) / CALLS * 1_000_000)
    return middle(found)
