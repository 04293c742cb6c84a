"""Plugins for one test module: a process that has taken in some, and afterwards knows nothing of them."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from flask import Flask

from registry.app import create_app, load_rooms
from registry.kernel import access, db, events, jobs, language, mail_texts, migrate, schema, search, writing
from registry.kernel.jobs import build_queue
from registry.labels import templates
from registry.plugins import asking, current, finding, switches
from registry.plugins.host import Host, Open
from registry.plugins.scaffolding import begin
from registry.products import kinds
from registry.web.words import codes
from tests.houses import House

BROKEN = (
    "closed", "exits", "exits_late", "fails_on_import", "generator_that_raises", "half_migration", "missing_module",
    "misspelt_hook", "needy", "no_info", "old_api", "outside", "raises_late", "slow", "sql_error",
    "table_without_prefix", "template_outside", "unclassified", "view_fails", "wrong_signature",
)  # fmt: skip
KEPT: tuple[tuple[Any, str], ...] = (
    (access, "PERMISSIONS"), (access, "GIVEN"), (access, "VETOES"), (jobs, "JOBS"), (search, "SOURCES"),
    (events, "_subscribers"), (events, "_conditions"), (writing, "OBJECTORS"), (schema, "BROUGHT"), (migrate, "OWNERS"),
    (migrate, "INSTALLED"), (language, "_folders"), (mail_texts, "KINDS"), (codes, "WORDS"), (kinds, "KINDS"),
    (templates, "FIELDS"), (templates, "TEMPLATES"), (templates, "CHOOSERS"),
)  # fmt: skip


def broken(*names: str) -> list[EntryPoint]:
    return [EntryPoint(name, f"tests.plugins_broken.{name}", finding.GROUP) for name in names]


def sample(folder: Path) -> EntryPoint:
    """The plugin that `assetcare plugin new acme-loans` makes."""
    if not (folder / "acme-loans").exists():
        begin("acme-loans", folder)
    if str(folder / "acme-loans") not in sys.path:
        sys.path.insert(0, str(folder / "acme-loans"))
    return EntryPoint("acme_loans", "acme_loans.plugin", finding.GROUP)


@contextmanager
def taken_in(entries: Iterable[EntryPoint], *, is_open: Open = switches.is_open) -> Iterator[Host]:
    """A host of its own with these plugins, in the place of the process's; what they declare is forgotten after."""
    load_rooms()
    with standing(_state(Host(open=is_open))) as made:
        finding.load(made, entries)
        if made.implementations("validate") and asking.objections not in writing.OBJECTORS:
            writing.OBJECTORS.append(asking.objections)
        if made.implementations("allow") and asking.refuses not in access.VETOES:
            access.VETOES.append(asking.refuses)
        yield made


State = tuple[Host, list[Any]]


def _state(host: Host) -> State:
    return host, [_copied(getattr(module, name)) for module, name in KEPT]


def _copied(there: Any) -> Any:
    """One level deep; two where there are sets or tables."""
    return (
        {key: copy(kept) if isinstance(kept, set | dict) else kept for key, kept in there.items()}
        if isinstance(there, dict)
        else copy(there)
    )


@contextmanager
def standing(state: State) -> Iterator[Host]:
    """The process as it was when `state` was taken; afterwards as it was before."""
    before = _state(current._host)
    try:
        _stand(state)
        yield state[0]
    finally:
        _stand(before)
        switches.forget()
        language.catalogue.cache_clear()


def _stand(state: State) -> None:
    current._host = state[0]
    for (module, name), kept in zip(KEPT, state[1], strict=True):
        there = getattr(module, name)
        there.clear()
        fresh = _copied(kept)
        there.extend(fresh) if isinstance(there, list) else there.update(fresh)


class Plugged:
    """One plugin and an application with it, made once for many tests."""

    def __init__(self, house: House, entry: EntryPoint) -> None:
        with taken_in([entry]) as host:
            self.app = application(house)
            self._state = _state(host)
            self._plugin = host.plugins[entry.name]
            self._as_new = copy(self._plugin), copy(self._plugin.declared)

    @contextmanager
    def there(self, house: House) -> Iterator[Host]:
        with standing(self._state) as host:
            plugin, declared = self._as_new
            self._plugin.__dict__.update(plugin.__dict__ | {"declared": copy(declared)})
            host._hooks.clear()
            host.unwritten.clear()
            if not host.manager.is_registered(plugin.module):
                host.manager.register(plugin.module, plugin.name)
            house.app = self.app
            self.app.config.update(ASSETCARE=house.settings, TRUSTED_HOSTS=None)
            self.app.extensions["assetcare_jobs"] = build_queue("memory:")
            yield host


def application(house: House) -> Flask:
    """One with the plugins of the moment, for this house."""
    house.close()
    app = create_app(house.settings)
    house.open()
    db.connect()
    return app
