"""Asks for an argument that the hook does not have."""

from registry.sdk import PluginInfo, hook

PLUGIN = PluginInfo("wrong_signature", "Wrong signature", "1.0")


@hook
def menu(customer, actor, weather):  # type: ignore[no-untyped-def]
    return []
