"""Bodies and paths that no client of good will sends: each gets its 4xx, none a 500."""

import json
from typing import Any

import pytest

from tests.houses import House, Person

ASSETS = "/api/v1/assets"
JSON = {"Content-Type": "application/json"}
SWITCH = {"product": "Switch"}


@pytest.fixture
def admin(house: House) -> Person:
    people = house.people()
    house.product("Switch")
    return people.admin


@pytest.mark.parametrize(
    "body",
    [
        b"{", b'{"product": "Switch"} x', b'{"product": NaN}', b'{"cost_minor": 1e999}', b'{"name": "\\ud800"}',
        b"\xff\xfe", b"[" * 2000 + b"]" * 2000, b'{"custom": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"cost_minor": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut", "garbage", "nan", "infinite", "half character", "no utf-8", "deep", "too deep", "long number"],
)  # fmt: skip
def test_what_is_no_json_is_refused_as_such(admin: Person, body: bytes) -> None:
    answer = admin.request("POST", ASSETS, data=body, headers=JSON)
    assert answer.status_code == 400 and answer.json["code"] == "bad_json", answer.text


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ([], "body"), (None, "body"), ("text", "body"), (5, "body"), ({}, "product"),
        ({"product": True}, "product"), ({"product": 1.5}, "product"), ({"product": 2**63}, "product"),
        (SWITCH | {"cost_minor": 2.5}, "cost_minor"), (SWITCH | {"cost_minor": "5"}, "cost_minor"),
        (SWITCH | {"cost_minor": 2**63}, "cost_minor"), (SWITCH | {"name": "a\0b"}, "name"),
        (SWITCH | {"name": "x" * 300}, "name"), (SWITCH | {"name": " " * 300}, "name"),
        (SWITCH | {"custom": {"a": "\0"}}, "custom"), (SWITCH | {"custom": {"a": 1e300}}, "custom"),
        (SWITCH | {"unknown": 1}, "unknown"), (SWITCH | {"delivered_on": "2025-02-30"}, "delivered_on"),
    ],
)  # fmt: skip
def test_values_of_a_wrong_kind_are_refused_by_name(admin: Person, values: Any, named: str) -> None:
    whole = {"customer": "acme", **values} if isinstance(values, dict) else values
    answer = admin.request("POST", ASSETS, data=json.dumps(whole), headers=JSON)
    assert answer.status_code == 422 and named in answer.json["errors"], answer.text


def test_a_whole_number_may_be_written_with_a_point(admin: Person) -> None:
    answer = admin.request(
        "POST", ASSETS, data=b'{"customer": "acme", "product": 1.0, "cost_minor": 5.00}', headers=JSON
    )
    assert answer.status_code == 201 and answer.json["cost_minor"] == 5


def test_the_last_of_doubled_names_counts(admin: Person) -> None:
    body = b'{"customer": "acme", "product": "Switch", "name": "a", "name": "b"}'
    assert admin.request("POST", ASSETS, data=body, headers=JSON).json["name"] == "b"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
def test_json_must_be_called_json(admin: Person, kind: str) -> None:
    answer = admin.request("POST", ASSETS, data=b'{"product": "Switch"}', headers={"Content-Type": kind})
    assert answer.status_code == 415 and "application/json" in answer.json["message"]


def test_a_form_must_be_called_a_form(admin: Person) -> None:
    answer = admin.post("/api/v1/imports", {"kind": "assets"})
    assert answer.status_code == 415 and "multipart/form-data" in answer.json["message"]


def test_a_body_without_required_fields_may_be_left_out(admin: Person) -> None:
    made = admin.post(ASSETS, {"customer": "acme", "product": "Switch"}).json
    retired = admin.request("POST", f"{ASSETS}/{made['id']}/retire", headers={"If-Match": "*"})
    assert retired.status_code == 200 and retired.json["state"] == "retired"
    assert "product" in admin.request("POST", ASSETS).json["errors"]


@pytest.mark.parametrize(
    "path",
    ["assets/0", f"assets/{2**63}", f"users/{10**40}", f"tokens/{2**64}", f"contracts/1/lines/{2**63}",
     "customers/%00", "customers/a%0Ab", "customers/%ED%A0%80", "exports/assets.pdf", "exports/nothing.csv"],
)  # fmt: skip
def test_a_path_that_names_nothing_is_not_found(admin: Person, path: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        answer = admin.request(method, f"/api/v1/{path}", headers={"If-Match": "*"})
        assert answer.status_code in (404, 405), answer.text


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"), ("limit=501", "limit"), ("limit=1e2", "limit"), ("limit=1_0", "limit"),
        ("limit=%205", "limit"),
        ("parent=-1", "parent"), (f"parent={2**63}", "parent"), ("cursor=nonsense", "cursor"), ("sort=serial", "sort"),
        ("q=", "q"), ("q=a%00b", "q"), ("covered=maybe", "covered"), ("expires_before=1.1.2026", "expires_before"),
        ("unknown=1", "unknown"),
    ],
)  # fmt: skip
def test_wrong_queries_are_refused_by_name(admin: Person, query: str, named: str) -> None:
    answer = admin.get(f"{ASSETS}?{query}")
    assert answer.status_code == 422 and named in answer.json["errors"], answer.text


@pytest.mark.parametrize("flag", ["1", "yes", "on", "TRUE!", ""])
def test_a_flag_is_true_or_false(admin: Person, flag: str) -> None:
    assert "active" in admin.get(f"/api/v1/customers?active={flag}").json["errors"]
    assert admin.get("/api/v1/customers?active=true").status_code == 200


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_nothing_but_true_and_false_is_a_truth_value(admin: Person, value: Any) -> None:
    answer = admin.patch("/api/v1/customers/acme", {"active": value})
    assert answer.status_code == 422 and "active" in answer.json["errors"]


def test_a_currency_must_be_one_in_use(admin: Person) -> None:
    """Later on, amounts are read by its decimals."""
    for code in ("AAA", "hkd", "", 5):
        assert "currency" in admin.patch("/api/v1/customers/acme", {"currency": code}).json["errors"]
    assert admin.patch("/api/v1/customers/acme", {"currency": "JPY"}).json["currency"] == "JPY"


def test_wrong_methods_are_told_the_right_ones(admin: Person) -> None:
    answer = admin.request("DELETE", ASSETS)
    assert answer.status_code == 405 and set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert answer.json["code"] == "method_not_allowed"
    assert admin.request("HEAD", ASSETS).status_code == 200
    assert "POST" in admin.request("OPTIONS", ASSETS).headers["Allow"]
