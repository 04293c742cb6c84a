"""Needs a plugin that is not there."""

from registry.sdk import PluginInfo

PLUGIN = PluginInfo("needy", "Needy", "1.0", needs=("nowhere",))
