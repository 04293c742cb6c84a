"""Blueprints for plugins: each knows whose it is and answers 404 while that plugin is off.

pages = customer_pages("acme_loans")      /c/<slug>/x/acme_loans/...   endpoints acme_loans.<view>
house = house_pages("acme_loans")         /x/acme_loans/...            endpoints acme_loans_house.<view>
api = api_routes("acme_loans", "Loans")   /api/v1/x/acme_loans/...     endpoints api_acme_loans.<view>
"""

from functools import partial
from typing import Any

from flask import Blueprint, g

from registry.kernel.errors import NotFound
from registry.plugins import switches
from registry.plugins.current import host
from registry.web.api import PREFIX, ApiBlueprint, blueprint
from registry.web.tenant import customer_pages as of_one_customer


def customer_pages(plugin: str) -> Blueprint:
    """Pages of one customer: `g.customer` is there, and url_for() fills in whose page it is."""
    pages = of_one_customer(plugin, plugin, below=f"/x/{plugin}")
    return _marked(pages, plugin)


def house_pages(plugin: str) -> Blueprint:
    """Pages of no single customer."""
    return _marked(Blueprint(f"{plugin}_house", plugin, url_prefix=f"/x/{plugin}"), plugin)


def api_routes(plugin: str, description: str) -> ApiBlueprint:
    """JSON routes; they appear in the API's document under the plugin's name."""
    return _marked(blueprint(plugin, description, prefix=f"{PREFIX}/x/{plugin}"), plugin)


def _marked(made: Any, plugin: str) -> Any:
    made.plugin = plugin
    made.before_request(partial(_gate, plugin))
    return made


def _gate(plugin: str) -> None:
    """There is no such page while the plugin is off: for the house, or for the customer whose page it is."""
    found = host().plugins.get(plugin)
    customer = g.customer.id if "customer" in g else None
    if found is None or not switches.is_open(plugin, customer) or not found.works:
        raise NotFound()
