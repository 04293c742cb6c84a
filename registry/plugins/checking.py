"""Whether plugins fit and are healthy: for `assetcare plugin check` and `assetcare check`."""

from collections.abc import Iterator
from typing import NamedTuple

from registry.kernel import files, language
from registry.kernel.errors import Problem
from registry.plugins import overview, storing, tables
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin

STATES = ("ok", "advice", "fault")
_BACK = "It keeps the files: one went there and came back."


class Finding(NamedTuple):
    plugin: str
    state: str  # ok, advice or fault
    text: str


def findings(name: str | None = None) -> list[Finding]:
    """Of every plugin, or of one."""
    waiting = tables.pending()
    found: list[Finding] = []
    for row in overview.rows():
        if name in (None, row["name"]):
            found += _of_one(row["name"], row["state"], row["reason"], waiting)
    return found


def _of_one(name: str, state: str, reason: str, waiting: list[str]) -> Iterator[Finding]:
    if state in ("failed", "suspended"):
        yield Finding(name, "fault", reason)
        return
    if state == "off":
        yield Finding(name, "ok", "It is switched off.")
        return
    late = [one for one in waiting if one.startswith(f"{name}/")]
    if late:
        yield Finding(name, "fault", f"{len(late)} migrations are pending. Run: assetcare migrate")
    plugin = host().plugins[name]
    told = [*_texts(plugin), *_store(plugin), *_health(plugin)]
    yield from told or [Finding(name, "ok", "It fits, and says nothing about its health.")]


def _texts(plugin: Plugin) -> Iterator[Finding]:
    """Catalogues that cannot be read."""
    for path in sorted((plugin.declared.folder / "translations").glob("*.po")):
        language.catalogue(path.stem)
        if why := language.UNREAD.get(path):
            yield Finding(plugin.name, "fault", f"translations/{path.name} cannot be read: {why}")


def _store(plugin: Plugin) -> Iterator[Finding]:
    """Where it keeps the files of the installation: one there and back."""
    if not storing.keeps(plugin):
        return
    try:
        same = files.goes_there_and_back(64)
        yield Finding(plugin.name, "ok" if same else "fault", _BACK if same else "It gives back other bytes.")
    except Problem as error:
        yield Finding(plugin.name, "fault", error.message)


def _health(plugin: Plugin) -> Iterator[Finding]:
    for each in plugin.declared.health:
        answer = host().guarded(plugin, "health", each.check)
        if isinstance(answer, Failure):
            yield Finding(plugin.name, "fault", f"{each.name}: could not be checked: {answer.incident.error}")
            continue
        state, text = (
            answer if isinstance(answer, tuple) and len(answer) == 2 else ("fault", f"answered {answer!r:.100}")
        )
        yield Finding(plugin.name, state if state in STATES else "fault", f"{each.name}: {text}")
