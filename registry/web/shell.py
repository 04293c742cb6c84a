"""What every page shares: addresses of static files, dates as people read them, who is signed in and what he may."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request, url_for

from registry import __version__
from registry.customers.models import Customer
from registry.customers.service import customers
from registry.kernel import language
from registry.kernel.access import Actor
from registry.kernel.locales import FALLBACK
from registry.kernel.paths import resource_dir
from registry.kernel.phrases import said_in
from registry.people.signin import SignedIn
from registry.web import amounts, navigation, slots
from registry.web.words import codes as words
from registry.web.words import promises as promise_words


def install(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    # Not "newstyle": its wrapper alone costs a tenth of a page. _() puts values in by itself, and all is escaped after.
    env.install_gettext_callables(language._, language.plural, newstyle=False)  # type: ignore[attr-defined]
    env.globals["_n"] = language.ngettext
    env.globals.update(static_url=static_url, own_customer=own_customer, version=__version__)
    env.globals.update(word=words.word, word_choices=words.word_choices, WORDS=words.WORDS)
    env.globals.update(url_if=navigation.url_if)
    env.globals.update(tone=words.tone, panels=slots.panels, actions=slots.actions)
    env.filters.update(day=day, moment=moment, as_day=as_day, number=number, period=promise_words.said_period)
    env.globals.update(period_units=promise_words.period_units, money=amounts.money)
    env.trim_blocks = env.lstrip_blocks = True
    drawn: Any = lru_cache(env.get_template("parts/icon.html").module.icon)  # type: ignore[attr-defined]
    env.globals["icon"] = lambda name: drawn(name, static_url("dist/icons.svg"))
    env.globals["side"] = _side(env.get_template("parts/side.html").module)
    env.policies["ext.i18n.trimmed"] = True
    app.context_processor(_who)


def _who() -> dict[str, Any]:
    """For every template. No look at the database: error pages are made with it too."""
    found: SignedIn | None = g.get("signed_in")
    return {"me": found and found.actor, "csrf": found and found.csrf, "customer": g.get("customer"), "may": _may}


def _side(drawer: Any) -> Callable[[], Any]:
    """What draws the ways to go. The same for all who may do the same, so it is drawn once and kept."""

    @lru_cache(maxsize=512)
    def draw(_language: str, _signs: str | None, *shown: Any) -> Any:
        return drawer.side(*shown)

    def side() -> Any:
        customer, who = own_customer(), g.signed_in.actor
        others = who.customers is None or len(who.customers) != 1
        name = customer.name if customer else ""
        return draw(language.current(), static_url("dist/icons.svg"), name, others, navigation.ways(customer))

    return side


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

    Front-end libraries (dist/...) are not there until `make assets` has run. A page asks for dozens: what was found
    holds for two seconds.
    """
    key = (resource_dir, request.script_root, name)
    known = _static.get(key)
    if known is None or known[0] < monotonic():
        known = _static[key] = (monotonic() + 2, _static_url(name))
    return known[1]


_static: dict[Any, tuple[float, str | None]] = {}  # as many as there are files


def _static_url(name: str) -> str | None:
    path = resource_dir("static") / name
    if not path.is_file():
        return None
    return url_for("static.static", filename=name, v=_hash(path, path.stat().st_mtime_ns)[:12])


@lru_cache(maxsize=64)
def _hash(path: Path, _changed: int) -> str:
    manifest = path.parent / "manifest.json"
    known = json.loads(manifest.read_text()) if manifest.is_file() else {}
    return known.get(path.name) or hashlib.sha256(path.read_bytes()).hexdigest()


def day(value: str | date | None) -> str:
    """4 Oct 2025, from a date or its ISO form, as the reader's language writes it; nothing for nothing."""
    if not value:
        return ""
    found = as_day(value)
    if language.current() != FALLBACK:
        return said_in(found, language.current())
    return f"{found.day} {found:%b %Y}"


def number(value: int) -> str:
    """12,345 as the reader's language writes it."""
    return said_in(value, language.current())


def as_day(value: str | date) -> date:
    """A date as a date, so that templates may count days."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def moment(value: str, zone: str = "") -> str:
    """4 Oct 2025, 14:03 on the clocks of `zone` (the reader's own if none is given), from an ISO instant."""
    reader: SignedIn | None = g.get("signed_in")
    found = datetime.fromisoformat(value).astimezone(ZoneInfo(zone or (reader.actor.time_zone if reader else "UTC")))
    return f"{day(found.date())}, {found:%H:%M}"
