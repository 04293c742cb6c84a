"""The OpenAPI document: what smorest knows of the routes, made exact and complete in one place.

Success answers come from the routes; the errors that each can answer, headers, security, names and the bounds of
ids follow from its policy, method, path and arguments.
"""

from collections.abc import Container, Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from marshmallow import fields
from werkzeug.routing import Rule

from registry.kernel import errors
from registry.kernel.listing import LISTINGS, plural
from registry.kernel.shapes import CODE, COMPONENTS, MAX_ID, SLUG
from registry.web.api import PREFIX, ErrorBody, RegistryApi, WrongType, tag_of
from registry.web.lists.exports_api import TYPES, arguments_of
from registry.web.plugins import documents
from registry.web.policy import policy_of

Json = dict[str, Any]
EXPORTS = f"{PREFIX}/exports/{{kind}}.{{form}}"

# Status -> the component that describes it, and what it means.
PROBLEMS = {
    400: ("BadRequest", "The body is not what its Content-Type says."),
    401: ("Unauthenticated", errors.Unauthenticated.message),
    403: ("Forbidden", errors.Forbidden.message),
    404: ("NotFound", errors.NotFound.message),
    409: ("Conflict", errors.Conflict.message),
    412: ("Stale", errors.Stale.message),
    413: ("TooLarge", errors.TooLarge.message),
    415: (WrongType.__name__, "Send the Content-Type that is documented here."),
    422: ("Invalid", errors.Invalid.message),
    428: ("PreconditionRequired", errors.PreconditionRequired.message),
    429: ("Throttled", errors.Throttled.message),
    503: ("Busy", errors.Busy.message),
}
_NAMES: dict[str, Json] = {
    "slug": {"type": "string", "pattern": SLUG},
    "code": {"type": "string", "pattern": CODE},
}
_KEPT = ("description", "default", "examples", "writeOnly")


def describe(app: Flask) -> Json:
    """The whole document as plain JSON data."""
    api: RegistryApi = app.extensions["assetcare_api"]
    _prepare(api)
    documents.describe(api, app, operations, _complete)
    document: Json = deepcopy(api.described().to_dict())
    for rule, method in operations(app, without=api.left_out):
        _complete(document, app, rule, method)
    _spell_out_exports(document, api)
    document["components"]["schemas"] = deepcopy(api.spec.to_dict()["components"]["schemas"])
    _tidy(document)
    return document


def operations(app: Flask, *, without: Container[str] = ()) -> Iterator[tuple[Rule, str]]:
    """Every route of the API with each of its methods, but for those of blueprints of these names."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api_") and rule.endpoint.partition(".")[0] not in without:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method.lower()


def path_of(rule: Rule) -> str:
    """/assets/<int:asset_id> as /assets/{asset_id}."""
    path: str = FlaskPlugin.flaskpath2openapi(rule.rule)
    return path


def _prepare(api: RegistryApi) -> None:
    """Once: teach the converter our fields, and put in the components that every operation refers to."""
    components = api.spec.components
    if "ErrorBody" in components.schemas:
        return
    api.ma_plugin.converter.add_attribute_function(_as_field_says)
    components.schema("ErrorBody", schema=ErrorBody)
    for name, schema in COMPONENTS.items():
        components.schema(name, schema)
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    for status, (name, text) in PROBLEMS.items():
        told: Json = {"description": text, "content": error}
        if status in (429, 503):
            told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
        components.response(name, told)
    components.header("ETag", {"description": "The version, for If-Match.", **_text(r'^"[0-9]+"$')})
    components.header("Location", {"description": "Where it can be read from now on.", **_text("^/")})


def _text(pattern: str) -> Json:
    return {"required": True, "schema": {"type": "string", "pattern": pattern}}


def _as_field_says(_converter: Any, field: fields.Field[Any], ret: Json) -> Json:
    """For apispec: a field's own json_schema(), and what apispec cannot say of the fields of marshmallow."""
    own = getattr(field, "json_schema", None)
    if own is not None:
        _replace(ret, own(), nullable=field.allow_none)
    elif isinstance(field, fields.Decimal):
        _replace(ret, _decimal(ret, field), nullable=field.allow_none)
    elif isinstance(field, fields.Dict):
        ret.update(_renamed(ret, {"minLength": "minProperties", "maxLength": "maxProperties"}))
        if field.key_field is not None and field.key_field.validators:
            ret["propertyNames"] = _converter.field2property(field.key_field)
    elif isinstance(field, fields.Url):
        ret |= {"format": "uri", "pattern": "^https?://"}
    if ret.get("default", ...) is None:
        del ret["default"]
    return {}


def _replace(ret: Json, schema: Json, *, nullable: bool) -> None:
    kept = {name: ret[name] for name in _KEPT if name in ret}
    ret.clear()
    if nullable and "$ref" in schema:
        schema = {"anyOf": [schema, {"type": "null"}]}
    elif nullable and "oneOf" in schema:
        schema = {**schema, "oneOf": [*schema["oneOf"], {"type": "null"}]}
    elif nullable:
        schema = {**schema, "type": [schema["type"], "null"]}
    ret.update({**schema, **kept})


def _decimal(ret: Json, field: fields.Decimal) -> Json:
    """Decimals are taken as numbers or texts, and given as texts where no digit may get lost."""
    bounds = {name: ret[name] for name in ("minimum", "maximum") if name in ret}
    text = {"type": "string", "pattern": ret.get("pattern", r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$")}
    return {"oneOf": [{"type": "number", **bounds}, text]}


def _renamed(ret: Json, names: dict[str, str]) -> Json:
    return {new: ret.pop(old) for old, new in names.items() if old in ret}


def _complete(document: Json, app: Flask, rule: Rule, method: str) -> None:
    """One operation: its name, security, errors and headers."""
    path = document["paths"][path_of(rule)]
    operation, policy = path[method], policy_of(app, rule.endpoint)
    room, function = rule.endpoint.split(".")
    operation["tags"] = [tag_of(room)]
    operation["operationId"] = function if "_" in function else f"{function}_{tag_of(room)}"
    operation.setdefault("summary", function.replace("_", " ").capitalize())
    if policy is not None and policy.kind == "public":
        operation["security"] = []
    if "requestBody" in operation:
        _soften_body(document, operation["requestBody"])
    for parameter in path.get("parameters", ()):
        _bound(parameter)
    answers = {code: answer for code, answer in operation["responses"].items() if int(code) < 400}
    said = {int(code) for code in operation["responses"]} & PROBLEMS.keys()  # by the route itself, as alt_response
    for code, answer in answers.items():
        _add_headers(document, app, rule, code, answer)
    if hasattr(app.blueprints[room], "plugin"):
        said.add(404)  # the plugin may be off
    for status in {*said, *_problems(operation, rule, method, public=policy is not None and policy.kind == "public")}:
        answers[str(status)] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    operation["responses"] = dict(sorted(answers.items()))


def _soften_body(document: Json, body: Json) -> None:
    """A body without any required field may be left out."""
    schema = next(iter(body["content"].values()))["schema"]
    body["required"] = bool(_resolved(document, schema).get("required"))


def _bound(parameter: Json) -> None:
    if parameter["schema"].get("type") == "integer":
        parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    elif parameter["name"] in _NAMES:
        parameter["schema"] = dict(_NAMES[parameter["name"]])


def _problems(operation: Json, rule: Rule, method: str, *, public: bool) -> list[int]:
    header = next((one for one in operation.get("parameters", ()) if one["name"] == "If-Match"), None)
    changes, body = method != "get", "requestBody" in operation
    found = {
        400: body,
        401: not public,
        403: not public,
        404: bool(rule.arguments),
        409: changes,
        412: header is not None,
        413: body,
        415: body,
        422: body or bool(operation.get("parameters")),
        428: header is not None and header["required"],
        429: not public,  # wrong tokens are counted on every route, and what sends mail on its own
        503: changes,
    }
    return [status for status, possible in found.items() if possible]


def _add_headers(document: Json, app: Flask, rule: Rule, code: str, answer: Json) -> None:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    if "version" in _resolved(document, schema).get("properties", {}):
        answer.setdefault("headers", {})["ETag"] = {"$ref": "#/components/headers/ETag"}
    if code == "201" and _readable(app, rule):
        answer.setdefault("headers", {})["Location"] = {"$ref": "#/components/headers/Location"}


def _readable(app: Flask, rule: Rule) -> bool:
    """Whether what is made here can be read by GET one step further down."""
    below = f"{rule.rule}/<"
    return any(
        other.rule.startswith(below) and "/" not in other.rule[len(below) :] and "GET" in (other.methods or ())
        for other in app.url_map.iter_rules()
    )


def _resolved(document: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _spell_out_exports(document: Json, api: RegistryApi) -> None:
    """One path for each list, since each has filters of its own."""
    path = document["paths"].pop(EXPORTS)
    form = [one for one in path["parameters"] if one["name"] == "form"]
    for listing in LISTINGS.values():
        word, operation = plural(listing.kind), deepcopy(path["get"])
        query = api.ma_plugin.converter.schema2parameters(arguments_of(listing), location="query")
        operation |= {"operationId": f"export_{listing.kind}", "summary": f"Export {word}", "parameters": query}
        operation["responses"]["200"]["content"] = _files(
            api.ma_plugin.converter.resolve_nested_schema(listing.shape())
        )
        operation["responses"]["422"] = {"$ref": "#/components/responses/Invalid"}
        document["paths"][EXPORTS.replace("{kind}", word)] = {"parameters": form, "get": operation}


def _files(row: Json) -> Json:
    found = {kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES.values()}
    return {**found, TYPES["json"]: {"schema": {"type": "array", "items": row}}}


def _tidy(node: Any) -> None:
    """What JSON cannot hold and what other dialects of patterns do not know, throughout the document."""
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            node["pattern"] = node["pattern"].replace(r"\Z", "$")
        for key, value in node.items():
            if isinstance(value, Decimal):
                node[key] = float(value)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _tidy(child)
