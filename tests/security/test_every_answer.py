"""What holds for every route there is: headers, hosts, types. Found from the URL map, so a new one is in it too."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.people.models import Membership, Session, Token, User
from tests.houses import House
from tests.security.random_calls import told
from tests.test_tenancy import routes
from tests.two_companies import Companies

pytestmark = pytest.mark.slow

HTTPS = "https://assets.example.com"
SCANNING = ("/scan", "/scan/alone")  # the page that reads codes with the camera, with and without a connection


def check(told: str, answer: TestResponse) -> None:
    headers = answer.headers
    policy = {
        part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";") if part.split()
    }
    assert headers["X-Content-Type-Options"] == "nosniff", told
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), told
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", told
    scanning = told.split(" ")[-1].split("?")[0] in SCANNING and not told.startswith("TRACE")
    scripts = policy.get("script-src", policy.get("default-src"))
    assert scripts in ([["'self'", "'wasm-unsafe-eval'"]] if scanning else [["'self'"], ["'none'"]]), told
    assert headers["Permissions-Policy"].startswith("camera=(self)," if scanning else "camera=(),"), told
    if "/static/" not in told:
        assert headers["Cache-Control"] == "no-store", told
        for name in ("object-src", "base-uri", "frame-ancestors"):
            assert policy.get(name, policy.get("default-src")) == ["'none'"], f"{told}: {name}"
    if headers.get("Content-Type", "").startswith(("text/", "application/xml", "image/svg")):
        assert "charset=utf-8" in headers["Content-Type"].lower(), told
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & {name.title() for name, _ in headers}, told
    for cookie in headers.getlist("Set-Cookie"):
        name, *parts = [part.strip() for part in cookie.split(";")]
        assert name.startswith("__Host-") and {"Secure", "HttpOnly", "Path=/"} <= set(parts), f"{told}: {cookie}"
        assert any(part.startswith("SameSite=") and part != "SameSite=None" for part in parts), f"{told}: {cookie}"
        assert not any(part.startswith("Domain") for part in parts), f"{told}: {cookie}"


def test_every_route_answers_with_the_headers_that_keep_browsers_safe(companies: Companies) -> None:
    """Asked by nobody and by the administrator, over https, for what there is and with methods that there are not."""
    house = companies.house
    house.settings = replace(house.settings, public_url=HTTPS)
    nobody = house.app.test_client()
    for route in routes(house):
        for ids in (companies.acme, companies.globex):
            with closing(
                nobody.open(route.path(ids), method=route.method, base_url=HTTPS, **route.options(ids))
            ) as answer:
                check(f"nobody {route.name}", answer)
        if route.method == "GET":
            for path in (route.path(companies.acme), "/nowhere" + route.path(companies.acme)):
                with closing(companies.people.admin.get(path, base_url=HTTPS)) as answer:
                    check(f"admin {path}", answer)
        check(f"TRACE {route.rule}", nobody.open(route.path(companies.acme), method="TRACE", base_url=HTTPS))


@pytest.mark.parametrize("host", ["evil.example", "assets.example.com.evil.example", "127.0.0.1.evil.example"])
def test_no_route_answers_to_another_name(companies: Companies, host: str) -> None:
    house = companies.house
    asked = [(route.method, route.path(companies.acme)) for route in routes(house)]
    client = app_of(house).test_client()
    assert client.get("/healthz", headers={"Host": "assets.example.com"}).status_code == 200, "to its own it does"
    assert len(asked) > 200
    for method, path in asked:
        answer = client.open(path, method=method, headers={"Host": host, "X-Forwarded-Host": host})
        assert answer.status_code == 400, f"{method} {path}: {answer.status_code}"
        assert answer.mimetype in ("text/plain", "application/json") and "Location" not in answer.headers, path


def app_of(house: House) -> Any:
    house.close()
    return create_app(replace(house.settings, public_url=HTTPS))


TELLING_OF_SETTINGS = ("/settings/health", "/settings/installation")  # to administrators, as text


def test_no_answer_names_the_host_it_was_asked_under(companies: Companies) -> None:
    """Links are paths, or made from the configured address: a second name of the house gets into none of them."""
    house = companies.house
    house.settings = replace(house.settings, public_url=HTTPS, trusted_hosts=("alias.example.net",))
    answered = 0
    for route in routes(house):
        if route.method == "GET" and route.rule not in TELLING_OF_SETTINGS:
            url = "https://alias.example.net"
            with closing(companies.people.admin.get(route.path(companies.acme), base_url=url)) as answer:
                assert "alias.example.net" not in "".join(told(answer)), route.name
                answered += answer.status_code == 200
    assert answered > 60


def test_an_installation_begins_without_anybody(house: House) -> None:
    """No default account, no default token, and no route that makes the first one."""
    assert [model.select().count() for model in (User, Membership, Session, Token)] == [0, 0, 0, 0]
    for role in ("admin", "reader"):
        answer = house.client.post("/api/v1/users", json={"email": "a@example.com", "role": role})
        assert answer.status_code == 401
