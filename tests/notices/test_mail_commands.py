"""assetcare mail: what waits, what was given up, and whether mail can be sent at all."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from registry import commands
from registry.cli import cli
from registry.kernel.mail import Mail, carry, post
from registry.kernel.secrets import use_secret
from tests.houses import House
from tests.smtp import Sink

VALUES = {"now": "today", "link": "https://assets.example/"}


@pytest.fixture
def settings(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    commands.install(cli)
    monkeypatch.setenv("ASSETCARE_DATA", str(house.settings.data))
    monkeypatch.setenv("ASSETCARE_DATABASE", house.settings.database)
    monkeypatch.setenv("ASSETCARE_SECRET", house.settings.secret)
    monkeypatch.setenv("ASSETCARE_LOG_LEVEL", "ERROR")
    for to in ("alice@acme.example", "nobody", "nowhere"):
        post("mail_test", to, "en", VALUES)
    carry()
    yield monkeypatch
    use_secret(house.settings.secret)
    house.open()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["mail", *arguments])


def test_what_waits_and_what_was_given_up(settings: pytest.MonkeyPatch) -> None:
    shown = run("list")
    assert shown.exit_code == 0 and "parked  mail_test to nobody, 1 tries" in shown.output
    assert "alice" not in shown.output
    told = json.loads(run("list", "--json").stdout)
    assert [(row["to"], row["state"], "no address" in row["error"]) for row in told] == [
        ("nobody", "parked", True), ("nowhere", "parked", True),
    ]  # fmt: skip
    assert [row["to"] for row in json.loads(run("list", "--state", "sent", "--json").stdout)] == ["alice@acme.example"]


def test_parked_ones_go_back_into_the_queue(settings: pytest.MonkeyPatch) -> None:
    parked = Mail.get(Mail.to == "nobody")
    assert run("retry", str(parked.id)).output == "1 mails put back into the queue.\n"
    assert run("retry", str(parked.id)).exit_code == 1, "it is back already"
    assert run("retry", "--all").output == "1 mails put back into the queue.\n"
    assert {row.state for row in Mail.select().where(Mail.to != "alice@acme.example")} == {"queued"}
    for wrong in ((), ("1", "--all"), ("x",)):
        assert run("retry", *wrong).exit_code == 2


def test_a_mail_sent_at_once_says_what_became_of_it(settings: pytest.MonkeyPatch) -> None:
    with Sink(lambda to: "550 no such user" if to.startswith("nobody") else None) as sink:
        settings.setenv("ASSETCARE_SMTP", f"smtp://127.0.0.1:{sink.port}")
        settings.setenv("ASSETCARE_MAIL_FROM", "Care <care@operator.example>")
        sent = run("test", "alice@acme.example", "--language", "zh-Hant")
        assert (sent.exit_code, sent.output.startswith("Sent: <")) == (0, True), sent.output
        refused = run("test", "nobody@acme.example")
        assert (refused.exit_code, refused.stderr) == (1, "Error: 550 no such user\n")
    assert str(sink.messages[0]["From"]) == "Care <care@operator.example>"
    away = run("test", "alice@acme.example")
    assert away.exit_code == 1 and "refused" in away.stderr.lower()
    assert run("test", "alice").exit_code == 1


def test_settings_that_cannot_work_are_named(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("ASSETCARE_SMTP", "smtp://care:geheim@mail.example?starttls=no")
    told = run("list")
    assert told.exit_code == 1 and "ASSETCARE_SMTP" in told.stderr and "geheim" not in told.output
