"""What a plugin does around its own requests: before, after, at the end. Its failures stay failures of its own page.

An exception in a view or before it becomes an answer 500 by itself. One after it would keep the core's own handlers
from running: security headers, the connection given back.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from flask import Flask, g
from werkzeug.wrappers import Response

from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin


class Ended(Exception):
    """A view tried to end the program."""


def contain(app: Flask, plugin: Plugin, blueprint: str) -> None:
    """Put a guard around every handler of one blueprint of the plugin."""
    for kept in (
        app.before_request_funcs, app.template_context_processors, app.url_value_preprocessors,
        app.url_default_functions,
    ):  # fmt: skip
        _wrap(kept, blueprint, never_ending)
    _wrap(app.after_request_funcs, blueprint, lambda handler: _once(plugin, handler))
    _wrap(app.teardown_request_funcs, blueprint, lambda handler: _passed_over(plugin, handler))
    for handlers in app.error_handler_spec.get(blueprint, {}).values():
        handlers.update({kind: never_ending(handler) for kind, handler in handlers.items()})


def _wrap(kept: Any, blueprint: str, guard: Callable[[Any], Any]) -> None:
    if blueprint in kept:
        kept[blueprint] = [guard(handler) for handler in kept[blueprint]]


def never_ending(work: Any) -> Any:
    """sys.exit() is a failure like any other."""

    @wraps(work)
    def guarded(*args: Any, **values: Any) -> Any:
        try:
            return work(*args, **values)
        except SystemExit as error:
            raise Ended(f"it tried to end the program (exit {error.code})") from error

    return guarded


def _once(plugin: Plugin, handler: Any) -> Any:
    """A handler of answers that fails is not asked about the answer that says so."""

    @wraps(handler)
    def guarded(response: Response) -> Any:
        if g.get("plugin_failed"):
            return response
        try:
            return never_ending(handler)(response)
        except BaseException as error:
            g.plugin_failed = True
            raise host().failed(plugin, "after_request", error) from error

    return guarded


def _passed_over(plugin: Plugin, handler: Any) -> Any:
    @wraps(handler)
    def guarded(error: BaseException | None) -> None:
        with suppress(Failure):  # strict: it is in the log, and the connection has to be given back
            host().guarded(plugin, "teardown", handler, error)

    return guarded
