"""Its question to the database is wrong, in the middle of somebody else's transaction."""

from registry.kernel.db import run_sql
from registry.sdk import PluginInfo, hook

PLUGIN = PluginInfo("sql_error", "SQL error", "1.0")


@hook
def validate(kind, subject, changes, actor):  # type: ignore[no-untyped-def]
    run_sql("SELECT 1 FROM nowhere")
