"""Logs: one JSON object a line, in UTC, and no secret by name however deep."""

import json
from collections.abc import Iterator

import pytest
import structlog

from registry.kernel.logs import configure_logs, log
from tests.houses import House


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    yield
    structlog.contextvars.clear_contextvars()
    configure_logs("ERROR")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_one_json_object_with_level_and_utc_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", readable=False)
    structlog.contextvars.bind_contextvars(request_id="r1")
    log.info("asset\ncreated", asset_id=7, name="Zürich\n{}")
    log.debug("not shown")
    [line] = lines(capsys)
    assert line["event"] == "asset\ncreated" and line["name"] == "Zürich\n{}"
    assert (line["level"], line["asset_id"], line["request_id"]) == ("info", 7, "r1")
    assert str(line["timestamp"]).endswith("Z")


SECRETS = (
    "password",
    "new_password",
    "ASSETCARE_SECRET",
    "token",
    "api_token",
    "Authorization",
    "Cookie",
    "licence_key",
)


@pytest.mark.parametrize("name", SECRETS)
def test_values_under_secret_names_are_hidden(capsys: pytest.CaptureFixture[str], name: str) -> None:
    configure_logs("INFO", readable=False)
    log.info("request", **{name: "hush-hush"}, token_id=5, headers={name: "hush-hush", "more": {name: "hush-hush"}})
    shown = capsys.readouterr().err
    assert "hush" not in shown
    assert json.loads(shown)["token_id"] == 5
    assert shown.count("(hidden)") == 3


def test_a_readable_line_hides_secrets_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", readable=True)
    log.info("request", password="hush-hush")
    assert "hush" not in capsys.readouterr().err


def test_an_exception_is_logged_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", readable=False)
    try:
        raise LookupError("gone")
    except LookupError:
        log.exception("failed")
    [line] = lines(capsys)
    assert "LookupError: gone" in str(line["exception"])


def test_no_request_leaves_a_secret_in_the_log(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.customer("acme")
    alice = house.person("alice@acme.example", "manager", "acme", password="correct horse battery")
    client = house.app.test_client()
    configure_logs("DEBUG", readable=False)
    client.post("/sign-in", data={"email": "alice@acme.example", "password": "correct horse battery"})
    client.post("/sign-in", data={"email": "alice@acme.example", "password": "wrong horse battery"})
    made = alice.post("/api/v1/tokens", {"name": "second"}).json
    alice.get("/api/v1/me", headers={"Authorization": "Bearer no-such-token"})
    shown = capsys.readouterr().err
    cookie = client.get_cookie("assetcare")
    assert cookie and shown.count("/sign-in") >= 2 and "/api/v1/tokens" in shown, "something is logged"
    for secret in ("horse", alice.token, made["token"], cookie.value, "no-such-token"):
        assert secret not in shown
