"""Its page does not say who may see it."""

from registry.sdk import PluginInfo, hook, house_pages

PLUGIN = PluginInfo("unclassified", "Unclassified", "1.0")
pages = house_pages("unclassified")


@pages.get("/all")
def show() -> str:
    return "all of it"


@hook
def blueprints():  # type: ignore[no-untyped-def]
    return [pages]
