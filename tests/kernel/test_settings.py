"""Settings: every variable is read, a bad value names its variable, and secrets do not show."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from registry.settings import Settings, describe

READ: dict[str, tuple[str, Any]] = {
    "ASSETCARE_DATA": ("/srv/assetcare", Path("/srv/assetcare")),
    "ASSETCARE_ENCRYPT_FILES": ("yes", True),
    "ASSETCARE_DATABASE": ("postgresql://a@db/assetcare", "postgresql://a@db/assetcare"),
    "ASSETCARE_PLUGINS": ("rma, acme_loans", ("rma", "acme_loans")),
    "ASSETCARE_PLUGINS_STRICT": ("yes", True),
    "ASSETCARE_PLUGINS_TRACE": ("on", True),
    "ASSETCARE_QUEUE": ("redis://cache/0", "redis://cache/0"),
    "ASSETCARE_JOB_LOST_SECONDS": ("30", 30),
    "ASSETCARE_HOST": (" ::1 ", "::1"),
    "ASSETCARE_PORT": ("9000", 9000),
    "ASSETCARE_WORKERS": ("7", 7),
    "ASSETCARE_CONSUMER": ("no", False),
    "ASSETCARE_PUBLIC_URL": ("https://assets.example.com", "https://assets.example.com"),
    "ASSETCARE_TRUSTED_HOSTS": ("a.example, ,b.example", ("a.example", "b.example")),
    "ASSETCARE_PROXIES": ("2", 2),
    "ASSETCARE_SECRET": ("x" * 40, "x" * 40),
    "ASSETCARE_LOG_LEVEL": ("debug", "debug"),
    "ASSETCARE_SESSION_IDLE_MINUTES": ("5", 5),
    "ASSETCARE_SESSION_HOURS": ("1", 1),
    "ASSETCARE_MAX_UPLOAD_MB": ("64", 64),
    "ASSETCARE_FLOWS": ("8", 8),
    "ASSETCARE_FLOWS_PER_NETWORK": ("7", 7),
    "ASSETCARE_FLOW_IDLE_SECONDS": ("5", 5),
    "ASSETCARE_SENDFILE": ("x-accel-redirect:/kept/", "x-accel-redirect:/kept/"),
    "ASSETCARE_IMPORT_INLINE_MB": ("0", 0),
    "ASSETCARE_SMTP": ("smtp://u:p@mail.example:587", "smtp://u:p@mail.example:587"),
    "ASSETCARE_MAIL_FROM": ("Care <care@operator.example>", "Care <care@operator.example>"),
    "ASSETCARE_OIDC_ISSUER": ("https://id.example.com", "https://id.example.com"),
    "ASSETCARE_OIDC_CLIENT_ID": ("assetcare", "assetcare"),
    "ASSETCARE_OIDC_CLIENT_SECRET": ("given there", "given there"),
    "ASSETCARE_OIDC_NAME": ("Example ID", "Example ID"),
    "ASSETCARE_OIDC_SECOND_FACTOR": ("yes", True),
    "ASSETCARE_REQUIRE_SECOND_FACTOR": ("operator", "operator"),
    "ASSETCARE_OPERATOR": ("Northgate IT Services", "Northgate IT Services"),
    "ASSETCARE_OPERATOR_PHONE": ("+886 2 5555 0100", "+886 2 5555 0100"),
    "ASSETCARE_OUTGOING_ALLOW": ("10.20.0.0/16, fd00::/8", ("10.20.0.0/16", "fd00::/8")),
    "ASSETCARE_METRICS_TOKEN": ("0123456789abcdef", "0123456789abcdef"),
    "ASSETCARE_STORAGE": ("s3://assetcare?endpoint=http://store:8333", "s3://assetcare?endpoint=http://store:8333"),
    "ASSETCARE_DURABLE": ("TRUE", True),
}

BAD = [
    ("ASSETCARE_DATABASE", "mysql://x/y"),
    ("ASSETCARE_DATABASE", "assetcare.db"),
    ("ASSETCARE_QUEUE", "localhost:6379"),
    ("ASSETCARE_JOB_LOST_SECONDS", "0"),
    ("ASSETCARE_PORT", "http"),
    ("ASSETCARE_PORT", "99999"),
    ("ASSETCARE_PORT", "-1"),
    ("ASSETCARE_WORKERS", "0"),
    ("ASSETCARE_WORKERS", "two"),
    ("ASSETCARE_CONSUMER", "maybe"),
    ("ASSETCARE_PUBLIC_URL", "assets.example.com"),
    ("ASSETCARE_PUBLIC_URL", "https://assets.example.com/path"),
    ("ASSETCARE_PROXIES", "-1"),
    ("ASSETCARE_LOG_LEVEL", "LOUD"),
    ("ASSETCARE_SESSION_IDLE_MINUTES", "0"),
    ("ASSETCARE_SESSION_HOURS", "1.5"),
    ("ASSETCARE_MAX_UPLOAD_MB", "1e3"),
    ("ASSETCARE_IMPORT_INLINE_MB", "-5"),
    ("ASSETCARE_FLOWS", "0"),
    ("ASSETCARE_SENDFILE", "x-accel-redirect:kept"),
    ("ASSETCARE_SENDFILE", "yes"),
    ("ASSETCARE_SMTP", "mail.example:587"),
    ("ASSETCARE_OIDC_ISSUER", "http://id.example.com"),
    ("ASSETCARE_OIDC_SECOND_FACTOR", "mfa"),
    ("ASSETCARE_REQUIRE_SECOND_FACTOR", "everybody"),
    ("ASSETCARE_METRICS_TOKEN", "short"),
    ("ASSETCARE_STORAGE", "/srv/files"),
    ("ASSETCARE_DURABLE", "2"),
]


def test_every_setting_has_a_variable_a_meaning_and_a_test() -> None:
    described = {variable: meaning for variable, _, meaning in describe()}
    assert described.keys() == READ.keys()
    assert all(meaning.endswith(".") and len(meaning) > 15 for meaning in described.values())


@pytest.mark.parametrize("variable", READ)
def test_each_variable_is_read(variable: str) -> None:
    text, value = READ[variable]
    name = next(item.name for item in fields(Settings) if item.metadata["variable"] == variable)
    assert getattr(Settings.load({}), name) != value, "the test must not pass by the default"
    assert getattr(Settings.load({variable: text}), name) == value


@pytest.mark.parametrize(("variable", "text"), BAD)
def test_a_bad_value_names_its_variable(variable: str, text: str) -> None:
    with pytest.raises(ValueError, match=variable):
        Settings.load({variable: text})


def test_an_empty_variable_means_the_default() -> None:
    assert Settings.load(dict.fromkeys(READ, "  ")) == Settings.load({})


def test_overrides_win() -> None:
    assert Settings.load({"ASSETCARE_PORT": "9000"}, port=1).port == 1


def test_secrets_show_neither_in_repr_nor_in_errors() -> None:
    chosen = Settings.load({"ASSETCARE_SECRET": "hush" * 10, "ASSETCARE_DATABASE": "postgresql://a:hush@db/x"})
    assert "hush" not in repr(chosen)
    with pytest.raises(ValueError) as refused:
        Settings.load({"ASSETCARE_DATABASE": "mysql://a:hush@db/x"})
    assert "hush" not in str(refused.value)


def test_what_follows_from_settings(tmp_path: Path) -> None:
    small = Settings(data=tmp_path)
    assert small.embedded and not small.https
    assert small.database_url == f"sqlite:///{tmp_path}/assetcare.db"
    assert small.queue_url == f"sqlite:///{tmp_path}/jobs.db"
    large = Settings(database="postgresql://db/x", queue="redis://r/0", public_url="https://a.example")
    assert large.https and not large.embedded
    assert (large.database_url, large.queue_url) == ("postgresql://db/x", "redis://r/0")
