"""Every option: its variable, default and meaning, in one frozen dataclass."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

LARGEST = 2**31


def option(
    variable: str,
    default: Any,
    meaning: str,
    *,
    must: str = "",
    span: tuple[int, int] = (0, LARGEST),
    secret: bool = False,
) -> Any:
    """`must`: what a text has to match. `span`: least and greatest number. `secret`: never in repr or errors."""
    about = {"variable": variable, "meaning": meaning, "must": must, "span": span, "secret": secret}
    return field(default=default, repr=not secret, metadata=about)


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path = option(
        "ASSETCARE_DATA", Path("data"), "Folder of all state in embedded mode: database, files, secret."
    )
    database: str = option(
        "ASSETCARE_DATABASE",
        "",
        "sqlite:///PATH or postgresql://USER@HOST/NAME. Default: assetcare.db in the data folder.",
        must=r"(sqlite:///|postgres(ql)?://).+",
        secret=True,
    )
    queue: str = option(
        "ASSETCARE_QUEUE",
        "",
        "Where jobs wait: redis://HOST/0 or postgresql://USER@HOST/NAME. Default: the PostgreSQL database if there is "
        "one, else a SQLite file in the data folder.",
        must=r"(sqlite:///|rediss?://|postgres(ql)?://).+|memory:",
        secret=True,
    )
    job_lost_seconds: int = option(
        "ASSETCARE_JOB_LOST_SECONDS",
        60,
        "A job whose worker has given no sign of life for so long is given to another worker.",
        span=(2, LARGEST),
    )
    storage: str = option(
        "ASSETCARE_STORAGE",
        "",
        "file:///PATH or s3://BUCKET?endpoint=URL&region=NAME (credentials as for every AWS tool), or what a plugin "
        "serves. Default: files in the data folder.",
        must=r"[a-z][a-z0-9+.-]*://.+",
    )
    encrypt_files: bool = option(
        "ASSETCARE_ENCRYPT_FILES",
        False,
        "Encrypt new files with a key of each customer's own, sealed with the installation's secret. Files that are "
        "there stay as they are, and all are read whichever way it stands.",
    )
    host: str = option("ASSETCARE_HOST", "127.0.0.1", "Address to listen on.")
    port: int = option("ASSETCARE_PORT", 8000, "Port to listen on.", span=(0, 65535))
    workers: int = option("ASSETCARE_WORKERS", 2, "Web processes that `assetcare serve` starts.", span=(1, LARGEST))
    consumer: bool = option(
        "ASSETCARE_CONSUMER", True, "Whether `assetcare serve` runs the job worker beside the web processes."
    )
    public_url: str = option(
        "ASSETCARE_PUBLIC_URL",
        "",
        "The address people type, e.g. https://assets.example.com. https makes cookies Secure.",
        must=r"https?://[^/\s]+/?",
    )
    trusted_hosts: tuple[str, ...] = option(
        "ASSETCARE_TRUSTED_HOSTS",
        (),
        "Host names to answer to, comma separated. Default: the public URL's, and loopback.",
    )
    proxies: int = option("ASSETCARE_PROXIES", 0, "How many reverse proxies in front may set X-Forwarded-* headers.")
    secret: str = option(
        "ASSETCARE_SECRET",
        "",
        "Installation secret (32 characters or more). Default: made at first start, kept in the data folder.",
        secret=True,
    )
    log_level: str = option(
        "ASSETCARE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.", must="(?i:DEBUG|INFO|WARNING|ERROR)"
    )
    session_idle_minutes: int = option(
        "ASSETCARE_SESSION_IDLE_MINUTES", 30, "A session ends after so long without a request.", span=(1, LARGEST)
    )
    session_hours: int = option(
        "ASSETCARE_SESSION_HOURS", 12, "A session ends after so long in any case.", span=(1, LARGEST)
    )
    require_second_factor: str = option(
        "ASSETCARE_REQUIRE_SECOND_FACTOR",
        "none",
        "Who must have a second factor: none, operator (everybody with a role of the operator) or all. Who lacks one "
        "gets no further than setting it up.",
        must="none|operator|all",
    )
    max_upload_mb: int = option(
        "ASSETCARE_MAX_UPLOAD_MB", 512, "Largest file that an import, or a unit, accepts.", span=(1, LARGEST)
    )
    flows: int = option(
        "ASSETCARE_FLOWS",
        50,
        "How many large files each web process sends and takes at a time; who comes then is told to try again.",
        span=(1, 1000),
    )
    flows_per_network: int = option(
        "ASSETCARE_FLOWS_PER_NETWORK",
        20,
        "How many of ASSETCARE_FLOWS one network address may have, so that others always find a place. A proxy in "
        "front that ASSETCARE_PROXIES leaves out is one address.",
        span=(1, 1000),
    )
    flow_idle_seconds: int = option(
        "ASSETCARE_FLOW_IDLE_SECONDS",
        60,
        "A large upload that sends nothing for so long is ended; what came is kept.",
        span=(1, 3600),
    )
    sendfile: str = option(
        "ASSETCARE_SENDFILE",
        "",
        "Have the proxy in front send files out of the store's folder: x-accel-redirect:/PREFIX/ for nginx, where "
        "/PREFIX/ is an internal location of that folder, or x-sendfile.",
        must=r"x-accel-redirect:/([A-Za-z0-9._-]+/)*|x-sendfile",
    )
    import_inline_mb: int = option(
        "ASSETCARE_IMPORT_INLINE_MB",
        8,
        "Import files up to this size are handled in the request, larger ones by the worker.",
    )
    smtp: str = option(
        "ASSETCARE_SMTP",
        "",
        "smtp://USER:PASSWORD@HOST:587 (TLS by STARTTLS; ?starttls=no to go without) or "
        "smtps://USER:PASSWORD@HOST:465. Default: mails become .eml files in the folder mail of the data folder.",
        must=r"smtps?://.+",
        secret=True,
    )
    operator: str = option("ASSETCARE_OPERATOR", "", "Your company's name, as printed papers tell who issues them.")
    operator_phone: str = option(
        "ASSETCARE_OPERATOR_PHONE",
        "",
        "The number that whoever finds an item is told to call: on labels, and shown to strangers who scan one.",
        must=r"[0-9+(). /-]{3,40}",
    )
    mail_from: str = option(
        "ASSETCARE_MAIL_FROM",
        "",
        "Sender of mails: an address, or Name <address>. Default: assetcare@ the public host.",
    )
    oidc_issuer: str = option(
        "ASSETCARE_OIDC_ISSUER",
        "",
        "Identity provider that people may sign in with (OpenID Connect): its issuer, exactly as its discovery "
        "document writes it, e.g. https://id.example.com. Only this one is believed.",
        must=r"https://[^\s?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^\s?#]*)?",
    )
    oidc_client_id: str = option("ASSETCARE_OIDC_CLIENT_ID", "", "What the identity provider calls this installation.")
    oidc_client_secret: str = option(
        "ASSETCARE_OIDC_CLIENT_SECRET",
        "",
        "The secret it was given there; none for a public client (PKCE is used in any case).",
        secret=True,
    )
    oidc_name: str = option("ASSETCARE_OIDC_NAME", "single sign-on", "What the button says: Sign in with ...")
    oidc_second_factor: bool = option(
        "ASSETCARE_OIDC_SECOND_FACTOR",
        False,
        "Believe the identity provider when it says that it asked for a second factor (amr mfa).",
    )
    outgoing_allow: tuple[str, ...] = option(
        "ASSETCARE_OUTGOING_ALLOW",
        (),
        "Networks that webhooks may call although they are not public, comma separated, e.g. 10.20.0.0/16.",
    )
    metrics_token: str = option(
        "ASSETCARE_METRICS_TOKEN",
        "",
        "Secret (16 characters or more) that opens /metrics to Prometheus. Default: there is no such page.",
        must=r"\S{16,}",
        secret=True,
    )
    plugins: tuple[str, ...] = option(
        "ASSETCARE_PLUGINS",
        (),
        "Names of the plugins that are loaded, comma separated; none starts the core alone (safe mode). Default: all "
        "that are installed.",
    )
    plugins_strict: bool = option(
        "ASSETCARE_PLUGINS_STRICT",
        False,
        "Any failure of a plugin is fatal, at start and later: for a partner's own tests.",
    )
    plugins_trace: bool = option("ASSETCARE_PLUGINS_TRACE", False, "Log every call of a plugin's hook with its time.")
    durable: bool = option(
        "ASSETCARE_DURABLE", False, "SQLite: survive power loss without losing the last commits (slower)."
    )

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> "Settings":
        """Settings from the environment; `overrides` (by field name) win. Raises ValueError naming the variable."""
        source = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = source.get(item.metadata["variable"], "").strip()
            if text:
                values[item.name] = _checked(item.metadata, _parse(item.metadata["variable"], item.default, text))
        return cls(**{**values, **overrides})

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data.resolve() / 'assetcare.db'}"

    @property
    def queue_url(self) -> str:
        if self.queue:
            return self.queue
        return f"sqlite:///{self.data.resolve() / 'jobs.db'}" if self.embedded else self.database

    @property
    def storage_url(self) -> str:
        return self.storage or (self.data.resolve() / "files").as_uri()

    @property
    def embedded(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def address(self) -> str:
        """What links in mails begin with: the public address, or where the server listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")


def _parse(variable: str, default: Any, text: str) -> Any:
    try:
        if isinstance(default, bool):
            return {
                "1": True,
                "true": True,
                "yes": True,
                "on": True,
                "0": False,
                "false": False,
                "no": False,
                "off": False,
            }[text.lower()]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return type(default)(text)
    except (ValueError, KeyError):
        raise ValueError(f"{variable}: {text!r} is not a {type(default).__name__}") from None


def _checked(about: Mapping[str, Any], value: Any) -> Any:
    least, most = about["span"]
    if isinstance(value, int) and not least <= value <= most:
        raise ValueError(f"{about['variable']}: {value} is out of range, give {least} to {most}")
    if about["must"] and not re.fullmatch(about["must"], value):
        shown = "this value" if about["secret"] else repr(value)
        raise ValueError(f"{about['variable']}: {shown} does not fit. {about['meaning']}")
    return value


def describe() -> list[tuple[str, str, str]]:
    """(variable, default, meaning) of every option, for the documentation."""
    return [(f.metadata["variable"], str(f.default), f.metadata["meaning"]) for f in fields(Settings)]
