"""Implements a hook that does not exist."""

from registry.sdk import PluginInfo, hook

PLUGIN = PluginInfo("misspelt_hook", "Misspelt hook", "1.0")


@hook
def pannels(place, subject, actor):  # type: ignore[no-untyped-def]
    return []
