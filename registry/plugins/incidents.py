"""Failures of plugins, written down where people read them: the log has the whole story, here are number and cause."""

from datetime import timedelta
from typing import Any

from registry.kernel import clock, wall
from registry.kernel.db import run_sql, transaction
from registry.kernel.errors import Busy
from registry.kernel.jobs import courier, job
from registry.kernel.logs import log
from registry.plugins import switches
from registry.plugins.current import host
from registry.plugins.host import Incident
from registry.plugins.models import PluginIncident

SAME_FOR = timedelta(days=1)  # the same failure again within a day is counted, not written again
KEPT_FOR = timedelta(days=90)


def write_down() -> None:
    """What has failed since the last time. After the transaction of whoever met it, whose end may have undone all."""
    found = host()
    if not found.unwritten:
        return
    waiting, found.unwritten = found.unwritten, []
    try:
        with wall.everywhere(), transaction():
            for incident in waiting:
                _keep(incident)
    except Busy:
        found.unwritten = waiting + found.unwritten
        return
    except Exception:  # the log has them; a page that was made must not fail after the fact
        log.exception("incidents_not_written")
    for plugin in found.plugins.values():
        if plugin.suspended and not plugin.told:
            switches.stop(plugin)


@courier("plugins")
def write_down_in_the_worker() -> int:
    """Where no request ends: jobs, and what plugins hear of events."""
    write_down()
    return 0


def _keep(incident: Incident) -> None:
    now = clock.now()
    same = (
        (PluginIncident.plugin == incident.plugin)
        & (PluginIncident.hook == incident.hook)
        & (PluginIncident.error == incident.error)
        & (PluginIncident.last_at > now - SAME_FOR)
    )
    again = PluginIncident.update(times=PluginIncident.times + 1, last_at=now).where(same).execute()
    if not again:
        PluginIncident.create(**incident._asdict(), first_at=now, last_at=now)


def latest(plugin: str, limit: int = 50) -> list[PluginIncident]:
    """The failures of one plugin, the newest first."""
    query: Any = PluginIncident.select().where(PluginIncident.plugin == plugin)
    return list(query.order_by(PluginIncident.last_at.desc(), PluginIncident.id.desc()).limit(limit))


def counts() -> dict[str, int]:
    """plugin -> how often it failed in the time that is kept."""
    return {name: int(times) for name, times in run_sql(
        "SELECT plugin, SUM(times) FROM plugin_incident GROUP BY plugin"
    ).fetchall()}  # fmt: skip


@job("plugins.forget_incidents", minutes=1440)
def forget_old() -> int:
    return int(PluginIncident.delete().where(PluginIncident.last_at < clock.now() - KEPT_FOR).execute())
