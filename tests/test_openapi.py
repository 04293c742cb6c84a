"""The OpenAPI document: valid, complete, closed, and cheap until somebody asks for it."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from registry.app import create_app
from registry.kernel.listing import LISTINGS
from registry.web.document import describe, operations, path_of
from registry.web.lists.exports_api import plural
from registry.web.policy import policy_of
from tests.houses import House

ERRORS = {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "503"}
# Not operations of the API: the document itself, and the page that shows it.
BESIDE = {"openapi.openapi_json", "openapi.docs"}


@pytest.fixture
def document(house: House) -> dict[str, Any]:
    answer = house.app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200 and answer.content_type == "application/json"
    return answer.json  # type: ignore[no-any-return]


def described(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of the whole document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name


def test_every_route_is_in_it_and_nothing_else(house: House, document: dict[str, Any]) -> None:
    routes = {(path_of(rule), method) for rule, method in operations(house.app)}
    export = "/api/v1/exports/{kind}.{form}"
    lists = {(export.replace("{kind}", plural(kind)), "get") for kind in LISTINGS}
    assert {(path, method) for path, method, _ in described(document)} == routes - {(export, "get")} | lists
    under = {rule.endpoint for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert {name for name in under if not name.startswith("api_")} == BESIDE


def test_names_of_operations_are_unique_and_said_in_words(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in described(document)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)+", name) for name in names)
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for _, _, operation in described(document):
        assert operation["summary"] and all(tags[tag] for tag in operation["tags"])


# Routes that name a further answer themselves.
SAID = {"get /api/v1/me/calendar", "get /api/v1/users/{machine_id}/tokens"}


def test_every_operation_says_what_it_answers(document: dict[str, Any]) -> None:
    for path, method, operation in described(document):
        where, answers = f"{method} {path}", operation["responses"]
        done = {code for code in answers if code < "400"}
        assert len(done) == 1 and set(answers) - done <= ERRORS, where
        (code,) = done
        assert code == "204" or all(media["schema"] for media in answers[code]["content"].values()), where
        assert ("404" in answers) == ("{" in path or "/v1/x/" in path or where in SAID), where
        assert ("415" in answers) == ("400" in answers) == ("requestBody" in operation), where
        assert ("409" in answers) == (
            method != "get" or "{machine_id}" in where or where.endswith("user_id}/proofs")
        ), where
        wants = [one["required"] for one in operation.get("parameters", ()) if one["name"] == "If-Match"]
        assert ("412" in answers) == bool(wants) and ("428" in answers) == (wants == [True]), where


def test_every_route_that_wants_a_version_says_so(document: dict[str, Any]) -> None:
    for path, method, operation in described(document):
        versioned = any(one["name"] == "If-Match" for one in operation.get("parameters", ()))
        unversioned = ("calendar", "documents", "tokens", "sessions", "second-factor", "invitation", "proofs", "files")
        without = any(word in path for word in unversioned)
        if method == "patch" or (method == "delete" and not without):
            assert versioned, f"{method} {path}"


def test_tokens_are_wanted_wherever_a_route_is_not_public(house: House, document: dict[str, Any]) -> None:
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for rule, method in operations(house.app):
        if path_of(rule) in document["paths"]:
            policy = policy_of(house.app, rule.endpoint)
            operation = document["paths"][path_of(rule)][method]
            assert policy and ("security" in operation) == (policy.kind == "public")
            assert ("401" in operation["responses"]) == (policy.kind != "public")


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object that names properties, however deep."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            yield node
        for child in node.values():
            yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


def test_every_schema_is_closed(document: dict[str, Any]) -> None:
    found = list(objects(document))
    assert len(found) > 100
    assert [schema for schema in found if schema.get("additionalProperties") is not False] == []
    assert [name for name in document["components"]["schemas"] if name[-1].isdigit()] == []


def test_no_pattern_speaks_python_only(document: dict[str, Any]) -> None:
    assert not re.search(r"\\\\[ZA]|\(\?P", str(document))


def test_what_a_new_asset_takes(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["AssetIn"]
    shown = schema["properties"]
    assert schema["required"] == ["product"]
    assert shown["product"] == {"$ref": "#/components/schemas/Reference"}
    assert shown["site"] == {"anyOf": [{"$ref": "#/components/schemas/Reference"}, {"type": "null"}]}
    assert shown["delivered_on"]["type"] == ["string", "null"] and shown["delivered_on"]["format"] == "date"
    assert shown["serial"]["maxLength"] == 255 and shown["status"]["minLength"] == 1
    reference = document["components"]["schemas"]["Reference"]["oneOf"]
    assert [one["type"] for one in reference] == ["integer", "string"] and reference[0]["maximum"] == 2**63 - 1


def test_what_a_list_of_assets_answers(document: dict[str, Any]) -> None:
    page = document["components"]["schemas"]["AssetPage"]
    assert sorted(page["required"]) == ["items", "next"] and page["properties"]["next"]["type"] == ["string", "null"]
    item = document["components"]["schemas"]["AssetItem"]
    assert sorted(item["required"]) == sorted(item["properties"])
    assert item["properties"]["id"]["type"] == "integer" and item["properties"]["site"]["type"] == ["string", "null"]


def test_a_file_to_import_is_one_form(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/imports"]["post"]["requestBody"]
    name = body["content"]["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    form = document["components"]["schemas"][name]
    assert body["required"] and sorted(form["required"]) == ["file", "kind"]
    assert form["properties"]["file"]["format"] == "binary"


def test_every_list_can_be_exported_with_its_own_filters(document: dict[str, Any]) -> None:
    path = document["paths"]["/api/v1/exports/assets.{form}"]
    assert path["parameters"][0]["schema"]["enum"] == ["csv", "json", "xlsx"]
    assert {"customer", "covered", "q"} <= {one["name"] for one in path["get"]["parameters"]}
    assert set(path["get"]["responses"]["200"]["content"]) >= {"text/csv", "application/json"}


def test_versions_and_places_stand_in_headers(house: House, document: dict[str, Any]) -> None:
    made = document["paths"]["/api/v1/assets"]["post"]["responses"]["201"]
    assert set(made["headers"]) == {"ETag", "Location"}
    admin = house.people().admin
    house.product("Switch")
    answer = admin.post("/api/v1/assets", {"customer": "acme", "product": "Switch"})
    assert admin.get(answer.headers["Location"]).json == answer.json
    assert answer.headers["ETag"] == f'"{answer.json["version"]}"'
    customer = admin.post("/api/v1/customers", {"slug": "initech", "name": "Initech"})
    assert customer.headers["Location"] == "/api/v1/customers/initech"
    policy = admin.post("/api/v1/policies", {"code": "own", "name": "Own"})
    assert policy.status_code == 201 and "Location" not in policy.headers  # there is no route to read one


def test_routes_are_described_only_when_asked(house: House) -> None:
    app = create_app(house.settings)
    api = app.extensions["assetcare_api"]
    assert api.spec.to_dict()["paths"] == {}
    assert describe(app) == describe(app) and api.spec.to_dict()["paths"]
