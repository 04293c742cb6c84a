"""Routes of plugins, taken in one plugin at a time: what does not fit keeps that plugin out, and nobody else."""

from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

from registry.kernel.logs import log
from registry.plugins import finding, incidents
from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.web import statics
from registry.web.plugins import handlers
from registry.web.plugins.fitting import must_fit
from registry.web.plugins.handlers import never_ending
from registry.web.words.codes import WORDS


def install(app: Flask, api: Any) -> None:
    for plugin in host().working():
        try:
            must_fit(plugin, app)
            _take_in(app, api, plugin)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if host().strict:
                raise
            host().remove(plugin, f"Its pages do not fit: {error!s:.300}")
            log.error("plugin_off", plugin=plugin.name, reason=plugin.reason, exc_info=error)
    finding.check_needs(host())
    _templates(app)
    app.teardown_request(lambda _error: incidents.write_down())


def _take_in(app: Flask, api: Any, plugin: Plugin) -> None:
    known = set(app.view_functions)
    for each in plugin.declared.blueprints:
        app.register_blueprint(each)
    for each in plugin.declared.api_blueprints:
        api.register_blueprint(each)
    for endpoint in set(app.view_functions) - known:
        app.view_functions[endpoint] = never_ending(app.view_functions[endpoint])
    for name in sorted({endpoint.rpartition(".")[0] for endpoint in set(app.view_functions) - known}):
        handlers.contain(app, plugin, name)
    statics.add_folder(plugin.name, plugin.declared.folder / "static")
    for group, said in plugin.declared.all_words():
        WORDS[group] = {**said, **WORDS.get(group, {})}  # what the core has said already stays


def _templates(app: Flask) -> None:
    """Each finds the core's templates and its own, and nobody can put one in another's place."""
    folders = {
        plugin.name: FileSystemLoader(plugin.declared.folder / "templates" / plugin.name)
        for plugin in host().plugins.values()
        if plugin.works
    }
    if folders:
        app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, PrefixLoader(folders)])  # type: ignore[list-item]
