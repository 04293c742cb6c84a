"""Its page lies where somebody else's pages are."""

from flask import Blueprint

from registry.sdk import PluginInfo, hook, public

PLUGIN = PluginInfo("outside", "Outside", "1.0")
pages = Blueprint("outside", __name__, url_prefix="/settings")


@pages.get("/outside")
@public
def show() -> str:
    return "mine"


@hook
def blueprints():  # type: ignore[no-untyped-def]
    return [pages]
