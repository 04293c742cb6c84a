"""Was written for a contract of before."""

from registry.sdk import PluginInfo

PLUGIN = PluginInfo("old_api", "Old API", "0.1", api=0)
