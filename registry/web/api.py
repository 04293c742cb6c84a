"""The JSON API under /api/v1: blueprints with our argument parser, one error body, the OpenAPI document."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask import Flask, Request, request
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from webargs import missing
from webargs.flaskparser import FlaskParser, is_json_request

from registry import __version__
from registry.kernel.errors import NotFound, Problem
from registry.kernel.language import _
from registry.kernel.shapes import LINE, MAX_ID, Shape

PREFIX = "/api/v1"
DEEPEST = 32  # levels of JSON
LONGEST = 10_000  # items of a list: each would be checked, and told about, before a shape's own limit counts
F = TypeVar("F", bound=Callable[..., Any])


class ErrorBody(Schema):
    """Every error of the API looks like this."""

    code = fields.String(required=True, metadata={"description": "Stable, for programs."})
    message = fields.String(required=True, metadata={"description": "For people."})
    errors = fields.Dict(required=True, metadata={"description": "Field name to sentences."})
    request_id = fields.String(required=True)


class WrongType(Problem):
    status, code = 415, "unsupported_media_type"


class Parser(FlaskParser):
    """Unknown arguments are errors everywhere: a misspelt filter must not answer the whole list.

    JSON is read strictly: no NaN, nothing after the end, no half characters, no bottomless nesting.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None, "form": None, "files": None}

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not is_json_request(req):
            raise WrongType(_("Send JSON with Content-Type: application/json."))
        try:
            return _plain(orjson.loads(body), DEEPEST)
        except orjson.JSONDecodeError as error:
            raise Problem(
                _("The body is not JSON: %(msg)s, line %(lineno)s.", msg=error.msg, lineno=error.lineno),
                code="bad_json",
            ) from None

    def load_form(self, req: Request, schema: Schema) -> Any:
        if req.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded", ""):
            raise WrongType(_("Send a form with Content-Type: multipart/form-data."))
        return super().load_form(req, schema)


def _plain(value: Any, levels: int) -> Any:
    """5.0 is the same number as 5, so both are whole. What is nested without end is refused before anything
    descends into it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**63 else value
    if isinstance(value, dict | list):
        if not levels:
            raise Problem(_("The body is nested more than %(deepest)s levels deep.", deepest=DEEPEST), code="bad_json")
        if isinstance(value, list):
            if len(value) > LONGEST:
                raise Problem(
                    _("The body holds a list of more than %(longest)s items.", longest=LONGEST), code="bad_json"
                )
            return [_plain(item, levels - 1) for item in value]
        return {name: _plain(item, levels - 1) for name, item in value.items()}
    return value


class ApiBlueprint(Blueprint):
    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: Any, **options: Any) -> Any:
        """As flask-smorest has it, but a shape is made once, not for each request: that took longer than its use."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **options)

    def _prepare_arguments_doc(
        self, doc: dict[str, Any], doc_info: dict[str, Any], *, api: Any, spec: Any, **kwargs: Any
    ) -> dict[str, Any]:
        if "arguments" in doc_info:
            doc_info["arguments"]["parameters"] = _one_body(doc_info["arguments"]["parameters"])
        answer: dict[str, Any] = super()._prepare_arguments_doc(doc, doc_info, api=api, spec=spec, **kwargs)
        return answer


def _one_body(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields of a form and its files are one body in the document."""
    parts = [one for one in parameters if one["in"] in ("form", "files")]
    if len(parts) < 2:
        return parameters
    shapes = [one["schema"]() if isinstance(one["schema"], type) else one["schema"] for one in parts]
    both: dict[str, Any] = {name: field for shape in shapes for name, field in shape.fields.items()}
    name = next(type(shape).__name__ for shape, part in zip(shapes, parts, strict=True) if part["in"] == "form")
    whole = {"in": "files", "required": True, "schema": Shape.from_dict(both, name=name)()}
    return [*(one for one in parameters if one not in parts), whole]


class RegistryApi(Api):
    """Routes are registered at once, their description only when somebody asks for the document: it takes longer
    than everything else at start."""

    ERROR_SCHEMA = ErrorBody
    DEFAULT_ERROR_RESPONSE_NAME = None  # web/document.py names each error that an operation can answer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._undescribed: list[ApiBlueprint] = []
        self.left_out: set[str] = set()  # names of blueprints that could not be described
        super().__init__(*args, **kwargs)

    def register_blueprint(self, blp: ApiBlueprint, *, parameters: Any = None, **options: Any) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undescribed.append(blp)

    def described(self) -> Any:
        """The apispec of everything registered so far."""
        while self._undescribed:
            self.describe(self._undescribed.pop(0))
        return self.spec

    def describe(self, blp: ApiBlueprint) -> None:
        """Put the routes of one blueprint into the document."""
        blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
        self.spec.tag({"name": tag_of(blp.name), "description": blp.description})

    def take_undescribed(self, mine: Callable[[ApiBlueprint], bool]) -> list[ApiBlueprint]:
        """Those that `mine` says yes to; described() leaves them out from now on."""
        found = [blp for blp in self._undescribed if mine(blp)]
        self._undescribed = [blp for blp in self._undescribed if blp not in found]
        return found

    def _register_responses(self) -> None:
        """Those that operations answer are registered by web/document.py."""

    _register_etag_headers = _register_pagination_header = _register_responses

    def _register_error_handlers(self) -> None:
        """Errors are answered by web/errors.py, for pages and API alike."""


def tag_of(blueprint_name: str) -> str:
    return blueprint_name.removeprefix("api_")


def blueprint(name: str, description: str, *, prefix: str = PREFIX) -> ApiBlueprint:
    blp = ApiBlueprint(f"api_{name}", __name__, url_prefix=prefix, description=description)
    blp.before_request(_sound_path)
    return blp


def _sound_path() -> None:
    """What no table could hold names nothing."""
    for value in (request.view_args or {}).values():
        if (value > MAX_ID) if isinstance(value, int) else not LINE.match(value):
            raise NotFound()


def versioned(blp: ApiBlueprint, *, required: bool = True) -> Callable[[F], F]:
    """Document that a route wants If-Match: without it 428 (unless it is optional), with an old version 412."""

    def mark(view: F) -> F:
        header = {"in": "header", "name": "If-Match", "required": required}
        header["schema"] = {"type": "string", "pattern": r'^(\*|(W/)?"?[1-9][0-9]{0,8}"?)$'}
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
        "servers": [{"url": "/"}],
        "info": {"description": "Assets, licences and the warranties owed on them."},
    }
