"""Its template lies where the core's are."""

from registry.sdk import PluginInfo

PLUGIN = PluginInfo("template_outside", "Template outside", "1.0")
