"""Routes of plugins in the API's document: those of a plugin whose shapes cannot be described are left out of it."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import orjson
from flask import Flask

from registry.plugins.current import host
from registry.plugins.host import Failure
from registry.web.api import ApiBlueprint, RegistryApi

Operations = Callable[[Flask], Iterable[tuple[Any, str]]]
Complete = Callable[[dict[str, Any], Flask, Any, str], None]


def describe(api: RegistryApi, app: Flask, operations: Operations, complete: Complete) -> None:
    """Describe what belongs to plugins, one blueprint at a time; the rest is for api.described()."""
    for blp in api.take_undescribed(lambda one: getattr(one, "plugin", "") in host().plugins):
        before, tags = _state(api), len(api.spec._tags)
        plugin = host().plugins[blp.plugin]  # type: ignore[attr-defined]
        done = host().guarded(plugin, "document", _try, api, app, blp, operations, complete)
        if isinstance(done, Failure):
            _restore(api, before)
            del api.spec._tags[tags:]
            api.left_out.add(blp.name)


def _try(api: RegistryApi, app: Flask, blp: ApiBlueprint, operations: Operations, complete: Complete) -> None:
    """All that is ever done with it, so that it fails here."""
    known = set(api.spec.components.schemas)
    api.describe(blp)
    whole = api.spec.to_dict()
    shapes = {name: shape for name, shape in whole["components"]["schemas"].items() if name not in known}
    mine = [(rule, method) for rule, method in operations(app) if rule.endpoint.partition(".")[0] == blp.name]
    trial = {"paths": deepcopy(dict(whole["paths"])), "components": whole["components"]}
    for rule, method in mine:
        complete(trial, app, rule, method)
    orjson.dumps([trial["paths"], shapes], default=_plain)


def _plain(value: Any) -> float:
    if isinstance(value, Decimal):  # which the document tidies up in the end
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot stand in the document")


def _state(api: RegistryApi) -> list[dict[Any, Any]]:
    return [dict(kept) for kept in _kept(api)]


def _restore(api: RegistryApi, before: list[dict[Any, Any]]) -> None:
    for kept, there in zip(_kept(api), before, strict=True):
        kept.clear()
        kept.update(there)


def _kept(api: RegistryApi) -> tuple[Any, ...]:
    """What describing writes to."""
    return api.spec._paths, api.spec.components.schemas, api.ma_plugin.converter.refs
