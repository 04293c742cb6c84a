"""A plugin made in a test: a module with these hooks, and maybe an application with its routes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

from registry.plugins import finding
from registry.plugins.host import Host, Open
from registry.plugins.records import PluginInfo
from registry.plugins.switches import is_open
from registry.sdk import hook
from tests.plugins.world import taken_in


def entry(name: str = "guest", *, file: str = __file__, info: Any = None, **hooks: Callable[..., Any]) -> EntryPoint:
    module = ModuleType(f"made_{name}")
    module.__file__ = file
    module.PLUGIN = info or PluginInfo(name, name.title(), "1.0")  # type: ignore[attr-defined]
    for called, function in hooks.items():
        setattr(module, called, hook(function))
    sys.modules[module.__name__] = module
    return EntryPoint(name, module.__name__, finding.GROUP)


@contextmanager
def guest(name: str = "guest", *, is_open: Open = is_open, **hooks: Callable[..., Any]) -> Iterator[Host]:
    with taken_in([entry(name, **hooks)], is_open=is_open) as host:
        yield host
