"""What every answer keeps to: headers, error bodies, hosts, and nothing that comes back as a 500."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from registry.app import create_app
from registry.kernel import db
from registry.kernel.logs import configure_logs
from registry.settings import Settings
from registry.web.policy import check_routes
from tests.houses import SECRET, House, People

ADDRESSES = [
    "/", "/sign-in", "/nowhere", "/c/acme", "/c/nowhere", "/healthz", "/readyz", "/api/v1/me", "/api/v1/assets",
    "/api/v1/assets/999", "/api/v1/nowhere", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/exports/assets.csv",
    "/static/none.css", "/api/v1/assets?limit=0", "/api/v1/customers/a%00b",
]  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("who", ["nobody", "owner"])
def test_every_answer_carries_the_security_headers(people: People, path: str, who: str) -> None:
    answer = people.owner.get(path) if who == "owner" else people.owner.house.client.get(path)
    answer.get_data()
    headers = answer.headers
    policy = {
        part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";") if part.strip()
    }
    assert policy["default-src"] in (["'self'"], ["'none'"])
    assert policy.get("script-src", policy["default-src"]) in (["'self'"], ["'none'"]), "nothing runs inline"
    if "/static/" not in path:
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
    assert "unsafe-eval" not in str(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in headers, "not over plain http"
    if "/static/" not in path:
        assert headers["Cache-Control"] == "no-store"
    if headers["Content-Type"].startswith("text/"):
        assert "charset=utf-8" in headers["Content-Type"]
    assert len(headers["X-Request-Id"]) == 16
    assert "Server" not in headers and "X-Powered-By" not in headers


BAD_CALLS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "nowhere", {}, 404, "not_found"),
    ("GET", "assets/999", {}, 404, "not_found"),
    ("GET", f"assets/{2**63}", {}, 404, "not_found"),
    ("GET", f"assets/{'9' * 5000}", {}, 404, "not_found"),
    ("GET", "assets/-1", {}, 404, "not_found"),
    ("GET", "customers/%00", {}, 404, "not_found"),
    ("GET", "customers/%ff%fe", {}, 404, "not_found"),
    ("GET", "customers/" + "x" * 5000, {}, 404, "not_found"),
    ("PUT", "assets", {"json": {}}, 405, "method_not_allowed"),
    ("GET", "assets?limit=501", {}, 422, "invalid"),
    ("GET", "assets?misspelt=1", {}, 422, "invalid"),
    ("GET", "assets?sort=id;drop", {}, 422, "invalid"),
    ("GET", "assets?sort=product__name", {}, 422, "invalid"),
    ("GET", "assets?q=%00", {}, 422, "invalid"),
    ("GET", "assets?serial=%ff", {}, 200, ""),
    ("POST", "sites", {"json": {}}, 422, "invalid"),
    ("POST", "sites", {"json": []}, 422, "invalid"),
    ("POST", "sites", {"json": {"name": "x", "id": 5}}, 422, "invalid"),
    ("POST", "sites", {"json": {"name": {"a": 1}}}, 422, "invalid"),
    ("POST", "sites", {"data": "{", "content_type": "application/json"}, 400, "bad_json"),
    ("POST", "sites", {"data": b"\xff", "content_type": "application/json"}, 400, "bad_json"),
    ("POST", "sites", {"data": '{"name": NaN}', "content_type": "application/json"}, 400, "bad_json"),
    ("POST", "sites", {"data": "[" * 100_000, "content_type": "application/json"}, 400, "bad_json"),
    ("POST", "sites", {"data": '{"\\ud800": 1}', "content_type": "application/json"}, 400, "bad_json"),
    ("POST", "sites", {"data": '{"name":' + "9" * 5000 + "}", "content_type": "application/json"}, 400, "bad_json"),
    ("POST", "sites", {"data": "name=x", "content_type": "text/plain"}, 415, "unsupported_media_type"),
    ("POST", "sites", {"data": "x" * 3_000_000, "content_type": "application/json"}, 413, "request_entity_too_large"),
    ("PATCH", "users/1", {"json": {"name": "x"}}, 404, "not_found"),
]  # fmt: skip


@pytest.mark.parametrize("call", BAD_CALLS, ids=lambda call: f"{call[0]} {call[1][:40]} {str(call[2])[:40]}")
def test_a_bad_call_has_one_error_body(people: People, call: tuple[str, str, dict[str, Any], int, str]) -> None:
    method, path, options, status, code = call
    answer = people.owner.request(method, f"/api/v1/{path}", **options)
    assert answer.status_code == status, answer.text[:500]
    if status == 200:
        return
    body = answer.json
    assert sorted(body) == ["code", "errors", "message", "request_id"]
    assert body["code"] == code
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["message"].endswith((".", ";")) and isinstance(body["errors"], dict)
    assert "Traceback" not in answer.text and "peewee" not in answer.text
    if status == 405:
        assert "POST" in answer.headers["Allow"]


@pytest.mark.postgres
@pytest.mark.parametrize("call", [call for call in BAD_CALLS if call[0] == "GET"], ids=lambda call: str(call[1])[:40])
def test_a_bad_call_is_the_same_on_postgres(
    postgres_people: People, call: tuple[str, str, dict[str, Any], int, str]
) -> None:
    assert postgres_people.owner.get(f"/api/v1/{call[1]}").status_code == call[3]


@pytest.fixture(scope="module")
def postgres_people(postgres_cluster: Any, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One database for calls that change nothing."""
    url = postgres_cluster.create_database("bad_calls", postgres_template, postgres_cluster.ordinary_user)
    house = House(tmp_path_factory.mktemp("bad_calls"), url)
    house.open()
    people = house.people()
    people.owner.get("/api/v1/me")
    house.close()
    yield people
    house.close()
    postgres_cluster.drop_database("bad_calls")


@pytest.fixture(autouse=True)
def _reopen(request: pytest.FixtureRequest) -> Any:
    """The database proxy is one for the process: point it at the house of this test again."""
    if "postgres_people" in request.fixturenames:
        people = request.getfixturevalue("postgres_people")
        people.owner.house.open()
        yield
        people.owner.house.close()
    else:
        yield


def test_a_person_gets_a_page_and_a_number_to_tell_us(people: People) -> None:
    for path, status in (("/nowhere", 404), ("/c/globex", 404), ("/c/acme/assets/999", 404)):
        answer = people.owner.get(path)
        assert answer.status_code == status and answer.mimetype == "text/html"
        assert answer.headers["X-Request-Id"] in answer.text
        assert "Traceback" not in answer.text
    nobody = people.owner.house.client
    assert nobody.get("/c/acme?x=1").headers["Location"] == "/sign-in?next=/c/acme?x%3D1"
    assert nobody.post("/sign-out").status_code == 401


def test_what_we_did_not_expect_says_nothing_about_itself(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise LookupError("secret detail")

    fail.__policy__ = people.owner.house.app.view_functions["api_account.me"].__policy__  # type: ignore[attr-defined]
    monkeypatch.setitem(people.owner.house.app.view_functions, "api_account.me", fail)
    answer = people.owner.get("/api/v1/me")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret detail" not in answer.text and answer.json["request_id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not db.database.in_transaction()


# --- Hosts -------------------------------------------------------------------------------------------------


def app_with(house: House, **settings: Any) -> Flask:
    house.close()
    return create_app(replace(house.settings, **settings))


def test_an_unknown_host_is_refused(house: House) -> None:
    client = app_with(
        house, public_url="https://assets.example.com", trusted_hosts=("alias.example.com",)
    ).test_client()
    ours = ("assets.example.com", "assets.example.com:443", "alias.example.com", "localhost", "127.0.0.1:8000")
    strange = ("evil.example", "assets.example.com.evil.example", "localhost.evil.example", "a b", "")
    for path in ("/sign-in", "/", "/api/v1/me", "/healthz", "/static/none.css", "/nowhere"):
        for host in strange:
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 400, f"{path} {host!r}: {answer.status_code}"
            assert "Location" not in answer.headers
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        for host in ours:
            assert client.get(path, headers={"Host": host}).status_code != 400, f"{path} {host}"


V6 = ("[::1]", "[::1]:8000")
STRANGE_V6 = ("[::2]", "[::1].evil.example", "[::1]:8000@evil.example", "[::ffff:127.0.0.1]", "::1", "[::1", "[::1]x")


def test_ipv6_loopback_is_loopback(house: House) -> None:
    client = app_with(house, host="::1").test_client()
    for host in V6:
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host
        assert client.get("/", headers={"Host": host}).headers["Location"] == "/sign-in?next=/", host
    for host in STRANGE_V6:
        assert client.get("/healthz", headers={"Host": host}).status_code == 400, host


def test_an_ipv6_public_address_is_answered_to(house: House) -> None:
    client = app_with(house, public_url="https://[2001:db8::7]").test_client()
    assert client.get("/healthz", headers={"Host": "[2001:DB8::7]"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "[2001:db8::8]"}).status_code == 400


def test_without_a_public_address_only_loopback_is_answered(house: House) -> None:
    client = app_with(house).test_client()
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_redirects_name_no_host(people: People) -> None:
    for path in ("/", "/c/acme"):
        assert people.owner.house.client.get(path).headers["Location"].startswith("/sign-in")


def test_a_proxys_headers_count_only_when_there_is_a_proxy(house: House) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    seen = []
    for proxies in (0, 1):
        app = app_with(house, proxies=proxies, public_url="https://assets.example.com")
        app.before_request_funcs[None].insert(0, lambda: seen.append(__import__("flask").request.remote_addr))
        status = app.test_client().get("/healthz", headers=forwarded).status_code
        assert status == (200 if proxies == 0 else 400)
    assert seen == ["127.0.0.1", "203.0.113.9"]


# --- The ground itself -------------------------------------------------------------------------------------


def test_a_route_without_a_policy_keeps_the_application_from_starting(house: House) -> None:
    app = app_with(house)
    app.add_url_rule("/open", "open", lambda: "open")
    with pytest.raises(RuntimeError, match="without a declared policy: open"):
        check_routes(app)
    answer = app.test_client().get("/open")
    assert answer.status_code == 403, "and it stays shut all the same"


def test_health_needs_no_database_and_readiness_does(house: House) -> None:
    client = house.client
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (200, "ready")
    db.run_sql("DROP TABLE schema_migration_core")
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json["checks"]["migrations"]) == (503, False)


def test_a_weak_secret_keeps_the_application_from_starting(house: House) -> None:
    from registry.kernel.secrets import WeakSecret

    with pytest.raises(WeakSecret):
        create_app(Settings(data=house.settings.data, secret="changeme", queue="memory:", log_level="ERROR"))
    assert create_app(Settings(data=house.settings.data, secret=SECRET, queue="memory:", log_level="ERROR"))


def test_etags_guard_every_change(people: People) -> None:
    made = people.owner.post("/api/v1/sites", {"name": "HQ"})
    path = f"/api/v1/sites/{made.json['id']}"
    assert made.headers["ETag"] == '"1"' and made.headers["Location"] == path
    assert people.owner.request("PATCH", path, json={"city": "x"}).status_code == 428
    for tag in ('"2"', "2", '"0"', '"-1"', '"x"', '""', "", '"1", "2"', '"99999999999999999999"', '"١"'):
        answer = people.owner.request(
            "PATCH", path, json={"city": "x"}, headers={"If-Match": tag.encode().decode("latin-1")}
        )
        assert answer.status_code == 412, tag
    for number, tag in enumerate(('"1"', 'W/"2"', "3", "*"), start=2):
        answer = people.owner.request("PATCH", path, json={"city": str(number)}, headers={"If-Match": tag})
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{number}"')
    assert people.owner.get(path).headers["ETag"] == '"5"'
    assert people.admin.get("/api/v1/customers/acme").headers["ETag"]
    new = people.admin.post("/api/v1/customers", {"slug": "initech", "name": "Initech"})
    assert people.admin.get(new.headers["Location"]).json["slug"] == "initech", "Location leads to what was made"


@pytest.mark.parametrize("name", ["a" * 300 + ".css", "a" * 300, "none%00.css"])
def test_a_static_name_that_no_disk_holds_is_not_there(house: House, name: str) -> None:
    assert house.client.get(f"/static/{name}").status_code == 404


def test_a_version_of_thousands_of_digits_is_nobodys(house: House, people: People) -> None:
    asset, digits = house.asset().id, "1" * 5000
    sent = people.owner.post(f"/c/acme/assets/{asset}/assign", data={"version": digits, "holder": ""})
    assert sent.status_code == 412
    assert people.owner.patch(f"/api/v1/assets/{asset}", {"name": "x"}, version=digits).status_code == 412


def test_a_request_leaves_one_line_in_the_log_without_its_query(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = house.people().reader
    configure_logs("INFO", readable=False)
    answer = reader.get("/api/v1/assets?serial=PRIVATE-1")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"request"' in line]
    configure_logs("ERROR")
    assert [(one["method"], one["path"], one["status"]) for one in lines] == [("GET", "/api/v1/assets", 200)]
    assert lines[0]["request_id"] == answer.headers["X-Request-Id"] and lines[0]["user_id"] == reader.user.id
    assert "PRIVATE-1" not in str(lines)
