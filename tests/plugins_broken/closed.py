"""Wants to be asked, and cannot answer: what it guards stays shut."""

from registry.sdk import PluginInfo, hook

PLUGIN = PluginInfo("closed", "Closed", "1.0", fail_closed=True)


@hook
def validate(kind, subject, changes, actor):  # type: ignore[no-untyped-def]
    if kind == "contact":
        raise ConnectionError("the other system is away")
