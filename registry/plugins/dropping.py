"""The end of a plugin's data: its tables and files, its history of migrations, its settings, mail texts and incidents.

One that is installed stays switched off: other processes that run still know it, and its tables are gone.
"""

import re
from typing import NamedTuple

from registry.actions import Action
from registry.kernel import audit, files, mail_texts, schema
from registry.kernel.access import Actor
from registry.kernel.db import database, is_sqlite, run_sql, transaction
from registry.kernel.errors import Conflict, NotFound
from registry.plugins import switches
from registry.plugins.current import host
from registry.plugins.models import PluginSwitch
from registry.plugins.records import NAME

KEPT_ABOUT = ("plugin_setting", "plugin_incident")
FILE = "file_key"  # the column in which tables of ours name a file; those of plugins say theirs in FILES


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


class Dropped(NamedTuple):
    tables: list[str]
    files: int


def drop_data(actor: Actor, plugin: str) -> Dropped:
    """Drop everything that the plugin keeps. There is no way back but a backup, which holds no files of an S3 store.

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
        keys = _files_of(gone)
        if is_sqlite():
            run_sql("PRAGMA defer_foreign_keys = ON")  # a table may go before those that refer to it
        for table in gone if not is_sqlite() else [table for table in gone if not _part_of_search(table)]:
            run_sql(f'DROP TABLE IF EXISTS "{table}"{"" if is_sqlite() else " CASCADE"}')
            if not is_sqlite():
                run_sql(f'DROP FUNCTION IF EXISTS "{table}_refuse"()')
        run_sql(f'DROP TABLE IF EXISTS "schema_migration_{plugin}"')
        for table in KEPT_ABOUT:
            run_sql(f'DELETE FROM "{table}" WHERE plugin = ?', (plugin,))  # noqa: S608 - a name from the tuple above
        _forget_switches(plugin, installed=installed is not None)
        mail_texts.MailText.delete().where(mail_texts.MailText.name.startswith(f"{plugin}.")).execute()
        entry = audit.Entry(
            Action.PLUGIN_DATA_DROPPED, "plugin", None, plugin, {"tables": gone, "files": len(keys)}, None
        )
        audit.record(actor, None, [entry])
    schema.BROUGHT[:] = [model for model in schema.BROUGHT if model._meta.table_name not in gone]
    switches.forget()
    for key in keys:
        files.store().delete(key)
    return Dropped(gone, len(keys))


def _forget_switches(plugin: str, *, installed: bool) -> None:
    doomed = PluginSwitch.plugin == plugin
    if installed:
        doomed &= PluginSwitch.customer_id.is_null(False)
    PluginSwitch.delete().where(doomed).execute()


def _files_of(tables: list[str]) -> list[str]:
    """Keys of the files that rows of these tables name, but for those that other tables name, too."""
    texts = [(table, one.name) for table in tables for one in database.get_columns(table) if _is_text(one.data_type)]
    found = {key for table, column in texts for key in _keys(table, column)}
    kept = [model for model in schema.models() if model._meta.table_name not in tables] if found else []
    for model in kept:
        table, named = str(model._meta.table_name), {FILE, *getattr(model, "FILES", ())}
        for column in named & {one.name for one in database.get_columns(table)}:
            found -= set(_keys(table, column))
    return sorted(found)


def _is_text(kind: str) -> bool:
    return "char" in kind.lower() or kind.lower() == "text"


def _keys(table: str, column: str) -> list[str]:
    sql = f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" LIKE ?'  # noqa: S608 - names of the database's
    return [key for (key,) in run_sql(sql, ("customer/%",)).fetchall() if files.KEY.match(key)]


def _part_of_search(table: str) -> bool:
    """A shadow of a search table, which goes with it."""
    return bool(re.search(r"_fts_(data|idx|docsize|config|content)\Z", table))
