"""Kinds of products and units that plugins bring."""

from functools import partial

from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.products.kinds import Kind, declare_kind


def take_in() -> None:
    """One that is called like another keeps its plugin out."""
    for plugin in host().working():
        try:
            for each in plugin.declared.asset_kinds:
                declare_kind(
                    Kind(each.name, each.within or each.title, each.terms, plugin.name, partial(_is_on, plugin))
                )
        except LookupError as error:
            if host().strict:
                raise
            host().remove(plugin, f"A hook does not fit the contract: {error}")


def _is_on(plugin: Plugin) -> bool:
    return plugin.works and host().open(plugin.name, None)
