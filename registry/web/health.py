"""Is it alive, is it ready: for load balancers and supervisors. They tell no secrets."""

from flask import Blueprint
from werkzeug.wrappers import Response

from registry.kernel import db, migrate
from registry.web.answers import json_response
from registry.web.identity import settings
from registry.web.policy import public

pages = Blueprint("health", __name__)


def healthz() -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


healthz.__static__ = True  # type: ignore[attr-defined]  # needs no database
pages.add_url_rule("/healthz", "healthz", public(healthz))


@pages.get("/readyz")
@public
def readyz() -> Response:
    """The database answers, is migrated, and the data folder can be written."""
    checks = {"database": _database(), "migrations": not migrate.pending(), "data": _writable()}
    ready = all(checks.values())
    return json_response({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)


def _database() -> bool:
    return bool(db.run_sql("SELECT 1").fetchone())


def _writable() -> bool:
    import os

    return os.access(settings().data, os.W_OK)
