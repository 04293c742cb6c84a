"""/metrics for Prometheus: closed until ASSETCARE_METRICS_TOKEN opens it, and then for its bearer only."""

import platform
from secrets import compare_digest
from time import perf_counter
from typing import Any

from flask import Blueprint, Flask, g, request
from peewee import fn
from werkzeug.wrappers import Response

from registry import __version__
from registry.imports.models import ImportSession
from registry.kernel import clock, db, metrics, wall
from registry.kernel.access import Actor, visible
from registry.kernel.audit import ChainHead
from registry.kernel.db import is_sqlite, run_sql
from registry.kernel.errors import NotFound
from registry.kernel.events import Delivery
from registry.kernel.mail import Mail
from registry.kernel.metrics import Value, counted, gauge
from registry.kernel.tickets import JobTicket
from registry.notices.webhook_models import WebhookDelivery
from registry.web.identity import settings
from registry.web.policy import public

pages = Blueprint("metrics", __name__)

CHALLENGE = {"WWW-Authenticate": "Bearer", "Content-Type": "text/plain; charset=utf-8"}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

metrics.declare_counter("requests", "Requests answered.", "route", "method", "status")
metrics.declare_duration("request_duration", "How long requests took.", "route", "method")
metrics.declare_counter("throttled", "Requests refused because there were too many.", "route")


def install(app: Flask) -> None:
    app.after_request(_count)


def _count(response: Response) -> Response:
    if metrics.is_on() and "started" in g:
        # The rule, not the path: numbers of things would make endless labels. Made-up methods are one, for the same.
        route = request.url_rule.rule if request.url_rule else "(none)"
        method = request.method if request.method in METHODS else "other"
        metrics.count("requests", route, method, metrics.status_class(response.status_code))
        metrics.took("request_duration", perf_counter() - g.started, route, method)
        if response.status_code == 429:
            metrics.count("throttled", route)
    return response


def show() -> Response:
    """Numbers about this installation in Prometheus' text format. It tells nothing about customers."""
    from prometheus_client import CONTENT_TYPE_LATEST  # loaded only where somebody asks

    token = settings().metrics_token
    if not token:
        raise NotFound()
    if not _knows(token):
        return Response("Send the token: Authorization: Bearer <ASSETCARE_METRICS_TOKEN>.\n", 401, CHALLENGE)
    with db.connection(), wall.everywhere():
        body = metrics.text()
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _knows(token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode())


show.__static__ = True  # type: ignore[attr-defined]  # its token is no user's
pages.add_url_rule("/metrics", "show", public(show))


# --- What is measured when somebody asks -------------------------------------------------------------------

SYSTEM = Actor.system(name="metrics")


@gauge("build_info", "Always 1.", "version", "python", "database")
def _build() -> Value:
    return {(__version__, platform.python_version(), "sqlite" if is_sqlite() else "postgresql"): 1}


@gauge("start_time_seconds", "When the server was started, in seconds of Unix time.")
def _start() -> Value:
    return metrics.STARTED


@gauge("outbox", "Events that are due to a subscriber, or parked after too many failures (10000: or more).", "state")
def _outbox() -> Value:
    due = (Delivery.state == "pending") & (Delivery.next_at <= clock.now())
    return _states(Delivery.select(Delivery.id), {"due": due, "parked": Delivery.state == "parked"})


@gauge("mails", "Mails that wait to be sent, or parked after too many failures (10000: or more).", "state")
def _mails() -> Value:
    states = {"queued": Mail.state == "queued", "parked": Mail.state == "parked"}
    return _states(Mail.select(Mail.id), states)


@gauge("webhooks", "Deliveries that are due to a webhook, or parked (10000: or more).", "state")
def _webhooks() -> Value:
    due = (WebhookDelivery.state == "pending") & (WebhookDelivery.next_at <= clock.now())
    every = visible(WebhookDelivery, SYSTEM, WebhookDelivery.id)
    return _states(every, {"due": due, "parked": WebhookDelivery.state == "parked"})


@gauge("jobs_open", "Jobs that wait for a worker, or that one is at.", "state")
def _jobs() -> Value:
    states = {"waiting": JobTicket.seen_at.is_null(), "running": JobTicket.seen_at.is_null(False)}
    return _states(JobTicket.select(JobTicket.id), states)


@gauge("imports_running", "Imports that are running.")
def _imports() -> Value:
    return counted(visible(ImportSession, SYSTEM, ImportSession.id).where(ImportSession.state == "running"))


@gauge("audit_entries", "Entries in all audit chains, by what the heads of the chains say.")
def _audit() -> Value:
    return float(ChainHead.select(fn.COALESCE(fn.SUM(ChainHead.seq), 0)).scalar())


@gauge("database_bytes", "Size of the database.")
def _size() -> Value:
    if not is_sqlite():
        return float(run_sql("SELECT pg_database_size(current_database())").fetchone()[0])
    pages = run_sql("PRAGMA page_count").fetchone()[0]
    return float(pages * run_sql("PRAGMA page_size").fetchone()[0])


def _states(query: Any, states: dict[str, Any]) -> Value:
    return {(name,): counted(query.where(condition)) for name, condition in states.items()}
