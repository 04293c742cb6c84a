"""Works until somebody looks at a page."""

from registry.sdk import PluginInfo, hook

PLUGIN = PluginInfo("raises_late", "Raises late", "1.0")


@hook
def panels(place, subject, actor):  # type: ignore[no-untyped-def]
    raise KeyError("nothing of that name")
