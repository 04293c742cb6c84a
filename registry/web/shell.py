"""What every page shares: addresses of static files, dates as people read them, who is signed in and what he may."""

import hashlib
import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, url_for

from registry import __version__
from registry.customers.models import Customer
from registry.customers.service import customers
from registry.kernel.access import Actor
from registry.kernel.paths import resource_dir
from registry.kernel.phrases import FALLBACK, said_in, supported
from registry.people.signin import SignedIn


def install(app: Flask) -> None:
    app.jinja_env.globals.update(static_url=static_url, own_customer=own_customer, version=__version__)
    app.jinja_env.filters.update(day=day, moment=moment, as_day=as_day)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_who)


def _who() -> dict[str, Any]:
    """For every template. No look at the database: error pages are made with it too."""
    found: SignedIn | None = g.get("signed_in")
    return {"me": found and found.actor, "csrf": found and found.csrf, "customer": g.get("customer"), "may": _may}


def _may(permission: str) -> bool:
    """Whether he holds the right for the customer of this page; on a page of the house, for any."""
    found: SignedIn | None = g.get("signed_in")
    if found is None:
        return False
    customer = g.get("customer")
    return found.actor.can(permission, customer.id) if customer else found.actor.can_somewhere(permission)


def own_customer() -> Customer | None:
    """The customer of this page; elsewhere the only one that he belongs to, so that his pages are one step away."""
    if "customer" in g:
        return g.customer  # type: ignore[no-any-return]
    found: SignedIn | None = g.get("signed_in")
    return only_customer(found.actor) if found else None


def only_customer(actor: Actor) -> Customer | None:
    mine = actor.customers
    return customers(actor).first() if mine is not None and len(mine) == 1 else None


def static_url(name: str) -> str | None:
    """The address of a static file with a hash of its content, so that browsers may keep it; None when it is not there.

    Front-end libraries (dist/...) are not there until `make assets` has run.
    """
    path = resource_dir("static") / name
    if not path.is_file():
        return None
    return url_for("static.static", filename=name, v=_hash(path, path.stat().st_mtime_ns)[:12])


@lru_cache(maxsize=64)
def _hash(path: Path, _changed: int) -> str:
    manifest = path.parent / "manifest.json"
    known = json.loads(manifest.read_text()) if manifest.is_file() else {}
    return known.get(path.name) or hashlib.sha256(path.read_bytes()).hexdigest()


def _reader() -> Actor | None:
    found: SignedIn | None = g.get("signed_in")
    return found.actor if found else None


def day(value: str | date | None) -> str:
    """4 Oct 2025, from a date or its ISO form, as the reader's language writes it; nothing for nothing."""
    if not value:
        return ""
    found, reader = as_day(value), _reader()
    if reader is not None and supported(reader.language) != FALLBACK:
        return said_in(found, reader.language)
    return f"{found.day} {found:%b %Y}"


def as_day(value: str | date) -> date:
    """A date as a date, so that templates may count days."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def moment(value: str, zone: str = "") -> str:
    """4 Oct 2025, 14:03 on the clocks of `zone` (the reader's own if none is given), from an ISO instant."""
    reader = _reader()
    found = datetime.fromisoformat(value).astimezone(ZoneInfo(zone or (reader.time_zone if reader else "UTC")))
    return f"{day(found.date())}, {found:%H:%M}"
