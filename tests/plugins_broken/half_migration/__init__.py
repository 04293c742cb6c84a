"""Its second migration fails after its first statement."""

from registry.sdk import Owned, PluginInfo, hook

PLUGIN = PluginInfo("half_migration", "Half a migration", "1.0")


class Thing(Owned):
    class Meta:
        table_name = "half_migration_thing"


@hook
def models():  # type: ignore[no-untyped-def]
    return [Thing]


@hook
def on_event(event, actor):  # type: ignore[no-untyped-def]
    raise RuntimeError("nobody may call me: my tables are not there")
