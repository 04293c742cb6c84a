"""Whose fault it was: an unexpected error on a page of a plugin counts as that plugin's."""

from flask import current_app, request

from registry.plugins.current import host
from registry.plugins.host import Failure


def blame(error: BaseException) -> str | None:
    """Counts an unexpected error on a page of a plugin as that plugin's; answers the incident's number."""
    made = [getattr(current_app.blueprints.get(name), "plugin", "") for name in request.blueprints]
    plugin = host().plugins.get(next(filter(None, made), ""))
    if plugin is None:
        return None
    try:
        return host().failed(plugin, "route", error).incident.number
    except Failure as failure:  # strict: it is told all the same
        return failure.incident.number
