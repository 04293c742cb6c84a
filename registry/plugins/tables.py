"""The tables of plugins: each has a history of its own, and what fails there stops that plugin alone."""

from registry.kernel import mending, migrate, schema, search, wall
from registry.kernel.db import connection, database, is_sqlite, run_sql
from registry.kernel.logs import log
from registry.kernel.migrate import Owner
from registry.plugins import finding
from registry.plugins.current import host
from registry.plugins.host import Plugin

NOT_YET = "Its tables are not up to date. Run: assetcare migrate"


class NotBuilt(Exception):
    """What the migrations have built is not what the plugin's models need."""


def owner_of(plugin: Plugin) -> Owner:
    return Owner(plugin.name, plugin.declared.folder / "migrations")


def settle(*, may_migrate: bool) -> list[str]:
    """Bring the tables of every working plugin up to date; answer what ran. One whose tables cannot be made is off."""
    done: list[str] = []
    take_back()
    schema.BROUGHT.clear()
    del migrate.OWNERS[1:]
    with connection(), wall.everywhere():
        for plugin in host().working():
            if plugin.declared.models:
                done += _settle(plugin, may_migrate)
    finding.check_needs(host())
    return done


def take_back() -> None:
    """Another database is open, or this one was mended: those whose tables could not be made may try again."""
    lost = [plugin for plugin in host().plugins.values() if plugin.lost]
    for plugin in lost:
        plugin.lost = False
        host().register_again(plugin)
        for source in plugin.declared.search_sources:
            search.declare(source)
    if lost:
        with_tables = [plugin for plugin in host().working() if plugin.declared.models]
        schema.BROUGHT[:] = [model for plugin in with_tables for model in plugin.declared.models]
        migrate.OWNERS[1:] = [owner_of(plugin) for plugin in with_tables]


def pending() -> list[str]:
    """Names of plugins' migrations that have not run, as plugin/name."""
    return [
        name for plugin in host().working() if plugin.declared.models for name in migrate.pending([owner_of(plugin)])
    ]


def _settle(plugin: Plugin, may_migrate: bool) -> list[str]:
    done: list[str] = []
    try:
        if migrate.pending([owner_of(plugin)]):
            if not may_migrate:
                raise NotBuilt(NOT_YET)
            done = migrate.migrate([owner_of(plugin)])
        _check(plugin)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        mending.put_right(0)  # a migration may have left anything behind
        if host().strict:
            raise
        for source in plugin.declared.search_sources:
            search.SOURCES.pop(source.kind, None)
        known = isinstance(error, NotBuilt)
        plugin.lost = True
        host().remove(plugin, str(error) if known else f"Its tables could not be made: {error!s:.300}")
        log.error("plugin_off", plugin=plugin.name, reason=plugin.reason, exc_info=None if known else error)
    else:
        schema.BROUGHT.extend(plugin.declared.models)
        migrate.OWNERS.append(owner_of(plugin))
    return done


def _check(plugin: Plugin) -> None:
    """Every table is there with its columns and, on PostgreSQL, behind the wall."""
    there = set(database.get_tables())
    for model in plugin.declared.models:
        table = model._meta.table_name
        if table not in there:
            raise NotBuilt(f"Its migrations do not make the table {table}.")
        lacking = set(model._meta.columns) - {column.name for column in database.get_columns(table)}
        if lacking:
            raise NotBuilt(f"Its migrations do not make the columns {', '.join(sorted(lacking))} of {table}.")
        if not is_sqlite() and (wall.column_of(model) or wall.parent_of(model)) and not _walled(table):
            raise NotBuilt(f"The table {table} has no row-level security: make its migration by plugin freeze.")


def _walled(table: str) -> bool:
    sql = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = to_regclass(?)"
    return bool(run_sql(sql, (table,)).fetchone()[0])


migrate.LOOKING.append(settle)
