"""The JSON API under /api/v1: blueprints with our argument parser, one error body, the OpenAPI document."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from webargs.flaskparser import FlaskParser

from registry import __version__

PREFIX = "/api/v1"
F = TypeVar("F", bound=Callable[..., Any])


class ErrorBody(Schema):
    """Every error of the API looks like this."""

    code = fields.String(required=True, metadata={"description": "Stable, for programs."})
    message = fields.String(required=True, metadata={"description": "For people."})
    errors = fields.Dict(required=True, metadata={"description": "Field name to sentences."})
    request_id = fields.String(required=True)


class Parser(FlaskParser):
    """Unknown arguments are errors everywhere: a misspelt filter must not answer the whole list."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None, "form": None, "files": None}


class ApiBlueprint(Blueprint):
    ARGUMENTS_PARSER = Parser()


class RegistryApi(Api):
    ERROR_SCHEMA = ErrorBody

    def _register_error_handlers(self) -> None:
        """Errors are answered by web/errors.py, for pages and API alike."""


def blueprint(name: str, description: str) -> ApiBlueprint:
    return ApiBlueprint(f"api_{name}", __name__, url_prefix=PREFIX, description=description)


def versioned(blp: ApiBlueprint) -> Callable[[F], F]:
    """Document that a route wants If-Match: without it 428, with an old version 412."""

    def mark(view: F) -> F:
        header = {"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}}
        header["description"] = 'The ETag of the version that you are changing, such as "3"; or * for whatever it is.'
        marked: F = blp.doc(parameters=[header])(view)
        return marked

    return mark


def build(app: Flask, blueprints: list[ApiBlueprint]) -> RegistryApi:
    app.config.update(
        API_TITLE="Assetcare",
        API_VERSION=f"v{__version__}",
        OPENAPI_VERSION="3.1.0",
    )
    api = RegistryApi(app, spec_kwargs=_spec())
    for each in blueprints:
        api.register_blueprint(each)
    return api


def _spec() -> dict[str, Any]:
    bearer = {"type": "http", "scheme": "bearer", "description": "An API token (assetcare token create)."}
    return {
        "components": {"securitySchemes": {"token": bearer}},
        "security": [{"token": []}],
        "info": {"description": "Assets, licences and the warranties owed on them."},
    }
