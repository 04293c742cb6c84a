"""Ends the program while a page is made."""

import sys

from registry.sdk import PluginInfo, hook

PLUGIN = PluginInfo("exits_late", "Exits late", "1.0")


@hook
def menu(customer, actor):  # type: ignore[no-untyped-def]
    sys.exit("no more menus")
