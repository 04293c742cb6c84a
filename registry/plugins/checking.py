"""Whether plugins fit and are healthy: for `assetcare plugin check` and `assetcare check`."""

from collections.abc import Iterator
from typing import NamedTuple

from registry.kernel import language
from registry.plugins import overview, tables
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin

STATES = ("ok", "advice", "fault")


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
    told = [*_texts(host().plugins[name]), *_health(host().plugins[name])]
    yield from told or [Finding(name, "ok", "It fits, and says nothing about its health.")]


def _texts(plugin: Plugin) -> Iterator[Finding]:
    """Catalogues that cannot be read."""
    for path in sorted((plugin.declared.folder / "translations").glob("*.po")):
        language.catalogue(path.stem)
        if why := language.UNREAD.get(path):
            yield Finding(plugin.name, "fault", f"translations/{path.name} cannot be read: {why}")


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
