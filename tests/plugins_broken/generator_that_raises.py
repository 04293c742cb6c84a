"""Fails after its first answer."""

from registry.sdk import Action, PluginInfo, hook

PLUGIN = PluginInfo("generator_that_raises", "Generator that raises", "1.0")


@hook
def actions(place, subject, actor):  # type: ignore[no-untyped-def]
    yield Action("Lend", "home.home")
    raise ValueError("the second is not there")
