"""Signing in and out in a browser."""

import re
from typing import Any

from registry.people.service import set_password
from tests.web.world import World

PASSWORD = "correct horse battery"
CANARY = "<script>alert(1)</script>\"'><img src=x>"


def _browser(world: World, password: str = PASSWORD) -> Any:
    set_password(world.house.system, world.people.owner.user.id, PASSWORD)
    browser = world.house.app.test_client()
    form = {"email": "alice@acme.example", "password": password, "next": "/c/acme/assets?q=1"}
    return browser, browser.post("/sign-in", data=form)


def test_sign_in_goes_where_one_wanted_to_go(world: World) -> None:
    browser, answer = _browser(world)
    assert (answer.status_code, answer.location) == (302, "/c/acme/assets?q=1")
    assert browser.get("/c/acme").status_code == 200
    assert browser.get("/sign-in").location == "/"


def test_a_refused_sign_in_keeps_what_was_typed_but_the_password(world: World) -> None:
    _, answer = _browser(world, "not the password")
    assert answer.status_code == 401
    assert 'value="alice@acme.example"' in answer.text and 'value="/c/acme/assets?q=1"' in answer.text
    assert "not the password" not in answer.text
    assert 'role="alert"' in answer.text
    assert 'autocomplete="username"' in answer.text and 'autocomplete="current-password"' in answer.text


def test_the_sign_in_page_escapes_what_it_keeps(world: World) -> None:
    answer = world.house.client.post("/sign-in", data={"email": CANARY, "password": "x", "next": CANARY})
    assert CANARY not in answer.text and "<img" not in answer.text.split('class="card"')[1]


def test_signing_out_needs_the_forms_token(world: World) -> None:
    browser, _ = _browser(world)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/c/acme").text)
    assert token
    assert browser.post("/sign-out").status_code == 403
    assert browser.get("/c/acme").status_code == 200
    assert browser.post("/sign-out", data={"csrf_token": token.group(1)}).location == "/sign-in"
    assert browser.get("/c/acme").status_code == 302
