"""Whether a plugin's blueprints fit: tried on an application that nobody uses, since half of them must never stay."""

from typing import Any

from flask import Flask

from registry.kernel.access import PERMISSIONS
from registry.plugins.host import Plugin
from registry.web.policy import Policy, policy_of

# What a blueprint can do to the whole application, and with it to everybody's pages: how it is called there.
OF_ALL = {
    "before_request_funcs": "before_app_request", "after_request_funcs": "after_app_request",
    "teardown_request_funcs": "teardown_app_request", "error_handler_spec": "app_errorhandler",
    "template_context_processors": "app_context_processor", "url_value_preprocessors": "app_url_value_preprocessor",
    "url_default_functions": "app_url_defaults",
}  # fmt: skip


class Unfit(Exception):
    """What is wrong with the routes of a plugin, in a sentence."""


def blueprints(plugin: Plugin) -> list[Any]:
    return [*plugin.declared.blueprints, *plugin.declared.api_blueprints]


def must_fit(plugin: Plugin, app: Flask) -> None:
    """Raises Unfit, or whatever Flask has against it. `app` is looked at only."""
    trial = Flask("trial", static_folder=None)
    before, routes = _of_all(trial), {rule.endpoint for rule in trial.url_map.iter_rules()}
    for each in blueprints(plugin):
        if getattr(each, "plugin", None) != plugin.name:
            raise Unfit(
                f"The blueprint {each.name} must be made by sdk.customer_pages, sdk.house_pages or sdk.api_routes."
            )
        if each.name in app.blueprints:
            raise Unfit(f"There are pages called {each.name} already.")
        trial.register_blueprint(each)
    for name, found in _of_all(trial).items():
        if found != before[name]:
            raise Unfit(f"It uses {name} of a blueprint, which is for everybody's pages. Keep to its own.")
    for rule in trial.url_map.iter_rules():
        if rule.endpoint not in routes:
            _must_lie_within(plugin.name, rule.rule)
            _must_be_guarded(plugin, rule.rule, policy_of(trial, rule.endpoint))


def _of_all(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute, called in OF_ALL.items():
        there = getattr(app, attribute).get(None, ())
        found[called] = (
            {code: list(kept) for code, kept in there.items() if kept} if isinstance(there, dict) else list(there)
        )
    env = app.jinja_env
    for called, names in (("filter", env.filters), ("test", env.tests), ("global", env.globals)):
        found[f"app_template_{called}"] = set(names)
    found["teardown_appcontext"], found["commands"] = list(app.teardown_appcontext_funcs), set(app.cli.commands)
    found["url_map.converters"] = set(app.url_map.converters)
    return found


def _must_lie_within(name: str, address: str) -> None:
    for place in (f"/x/{name}", f"/c/<slug>/x/{name}", f"/api/v1/x/{name}"):
        if address == place or address.startswith(f"{place}/"):
            return
    raise Unfit(f"The address {address} lies outside of its own.")


def _must_be_guarded(plugin: Plugin, address: str, policy: Policy | None) -> None:
    if policy is None:
        raise Unfit(f"The route {address} does not say who may call it (sdk.allow, sdk.signed_in or sdk.public).")
    if policy.kind == "permission" and policy.permission not in PERMISSIONS:
        raise Unfit(f"The route {address} asks for the right {policy.permission}, which nobody has declared.")
