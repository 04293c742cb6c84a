"""Its page ends the program, and another one fails."""

import sys

from registry.sdk import PluginInfo, hook, house_pages, signed_in

PLUGIN = PluginInfo("view_fails", "View fails", "1.0")
pages = house_pages("view_fails")


@pages.get("/end")
@signed_in
def end() -> str:
    sys.exit(4)


@pages.get("/raise")
@signed_in
def fail() -> str:
    raise LookupError("nothing here")


@hook
def blueprints():  # type: ignore[no-untyped-def]
    return [pages]
