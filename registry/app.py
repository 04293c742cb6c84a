"""create_app(settings): the whole wiring, in order, on one screen."""

import importlib
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from registry.kernel import db, files, jobs, locks, mail, metrics, outgoing, presence, restoring, secrets, signing
from registry.kernel.logs import configure_logs
from registry.kernel.paths import resource_dir
from registry.settings import Settings

ROOMS = (
    "plugins",
    "people",
    "customers",
    "views",
    "products",
    "assets",
    "licences",
    "warranty",
    "contracts",
    "imports",
    "optics",
    "labels",
    "notices",
    "handover",
)


def load_rooms() -> None:
    """Import every room's services: models, permissions, lists, search sources, jobs and subscribers get declared."""
    for room in ROOMS:
        importlib.import_module(f"registry.{room}.declared")


def load_plugins(settings: Settings) -> None:
    """Behind the rooms: what plugins declare may speak of all that rooms have declared."""
    from registry.labels import plugged as labels
    from registry.plugins import installed
    from registry.products import plugged as kinds

    installed.load(settings.plugins, strict=settings.plugins_strict, trace=settings.plugins_trace)
    kinds.take_in()
    labels.take_in()


def open_house(settings: Settings) -> str:
    """What every process needs before it can do anything: rooms declared, data folder, secret, database.

    Answers the installation's secret.
    """
    configure_logs(settings.log_level)
    load_rooms()
    load_plugins(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    secrets.check_folder(settings.data)
    presence.enter(settings.data, restoring.unfinished, restoring.finish)
    secret = secrets.load_secret(settings.data, settings.secret or None)
    secrets.use_secret(secret)
    signing.use_secret(secret)
    mail.use(smtp=settings.smtp, folder=settings.data / "mail", sender=settings.mail_from, public_url=settings.address)
    files.use(settings.storage_url, encrypt=settings.encrypt_files, spool=settings.data / "spool")
    locks.use_folder(settings.data)
    outgoing.use(settings.outgoing_allow)
    metrics.switch(bool(settings.metrics_token))
    importlib.import_module("registry.imports.store").use_folder(settings.data)
    db.open_database(settings.database_url, durable=settings.durable)
    return secret


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """The application. The database must have been migrated; `assetcare serve` sees to that."""
    chosen = settings or Settings.load(**overrides)
    secret = open_house(chosen)

    from registry.web import errors, headers, hosts, identity, policy, routes, rules, speech

    app = Flask("registry", static_folder=None, template_folder=str(resource_dir("templates")))
    app.request_class = hosts.Request
    app.url_rule_class = rules.Rule
    app.config.update(
        ASSETCARE=chosen,
        SECRET_KEY=secret,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_PARTS=100,
        TRUSTED_HOSTS=hosts.trusted_hosts(chosen),
        # What a page says once, after a change; the session of whoever signed in is a row and has a cookie of its own.
        SESSION_COOKIE_NAME="told",
        SESSION_COOKIE_SECURE=chosen.https,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["assetcare_jobs"] = jobs.build_queue(chosen.queue_url, lost_after=chosen.job_lost_seconds)
    if chosen.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, chosen.proxies, chosen.proxies, chosen.proxies)  # type: ignore[method-assign]

    speech.install(app)
    identity.install(app)
    errors.install(app)
    headers.install(app)
    routes.install(app)
    policy.check_routes(app)
    return app
