"""The end of a plugin's data: its tables, its history of migrations, its switches, settings and incidents."""

import re

from registry.actions import Action
from registry.kernel import audit, schema
from registry.kernel.access import Actor
from registry.kernel.db import database, is_sqlite, run_sql, transaction
from registry.kernel.errors import Conflict, NotFound
from registry.plugins import switches
from registry.plugins.current import host
from registry.plugins.records import NAME

KEPT_ABOUT = ("plugin_switch", "plugin_setting", "plugin_incident")


def tables_of(plugin: str) -> list[str]:
    """Names of the tables that a plugin, installed or gone, has left in the database: those of its own prefix, but for
    those of another plugin whose name begins with the same words."""
    others = [name for name in _owners() if name != plugin and name.startswith(f"{plugin}_")]
    return sorted(
        table
        for table in database.get_tables()
        if table.startswith(f"{plugin}_") and not table.startswith(tuple(f"{other}_" for other in others))
    )


def _owners() -> set[str]:
    """Everybody who has a history of migrations, and everybody installed."""
    histories = (
        table.removeprefix("schema_migration_") for table in database.get_tables() if "schema_migration_" in table
    )
    return {*histories, *host().plugins} - {"core"}


def drop_data(actor: Actor, plugin: str) -> list[str]:
    """Drop everything that the plugin keeps; answers the names of the tables. There is no way back but a backup.

    Raises NotFound when there is nothing of that name, Conflict while the plugin is on.
    """
    actor.must("plugin.switch")
    if not NAME.match(plugin) or plugin not in _owners():
        raise NotFound()
    installed = host().plugins.get(plugin)
    if installed is not None and installed.works and switches.is_open(plugin, None):
        raise Conflict(f"The plugin {plugin} is on. Switch it off first: assetcare plugin disable {plugin}")
    with transaction():
        gone = tables_of(plugin)
        if is_sqlite():
            run_sql("PRAGMA defer_foreign_keys = ON")  # a table may go before those that refer to it
        for table in gone if not is_sqlite() else [table for table in gone if not _part_of_search(table)]:
            run_sql(f'DROP TABLE IF EXISTS "{table}"{"" if is_sqlite() else " CASCADE"}')
            if not is_sqlite():
                run_sql(f'DROP FUNCTION IF EXISTS "{table}_refuse"()')
        run_sql(f'DROP TABLE IF EXISTS "schema_migration_{plugin}"')
        for table in KEPT_ABOUT:
            run_sql(f'DELETE FROM "{table}" WHERE plugin = ?', (plugin,))  # noqa: S608 - a name from the tuple above
        entry = audit.Entry(Action.PLUGIN_DATA_DROPPED, "plugin", None, plugin, {"tables": gone}, None)
        audit.record(actor, None, [entry])
    schema.BROUGHT[:] = [model for model in schema.BROUGHT if model._meta.table_name not in gone]
    switches.forget()
    return gone


def _part_of_search(table: str) -> bool:
    """A shadow of a search table, which goes with it."""
    return bool(re.search(r"_fts_(data|idx|docsize|config|content)\Z", table))
