"""What every page shares: addresses of static files, dates as people read them, who is signed in and what he may."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g
from jinja2.filters import do_filesizeformat

from registry import __version__
from registry.customers.models import Customer
from registry.customers.service import customers
from registry.kernel import language
from registry.kernel.access import Actor
from registry.kernel.language import _, ngettext
from registry.kernel.locales import day_in
from registry.kernel.phrases import said_in
from registry.people.signin import SignedIn
from registry.web import amounts, fragments, navigation, slots
from registry.web.lists.links import page_of, url
from registry.web.statics import static_url
from registry.web.words import codes as words
from registry.web.words import promises as promise_words
from registry.web.words.countries import country

FILES_OF_PAGE = ("img/mark.svg", "js/theme.js", "js/assetcare.js", "dist/tabler.min.css", "css/print.css")
STYLES = tuple(f"css/{name}.css" for name in ("assetcare", "shell", "forms", "tables", "charts"))


def install(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    # Not "newstyle": its wrapper alone costs a tenth of a page. _() puts values in by itself, and all is escaped after.
    env.install_gettext_callables(language._, language.plural, newstyle=False)  # type: ignore[attr-defined]
    env.globals["_n"] = language.ngettext
    env.globals.update(static_url=static_url, own_customer=own_customer, product_version=__version__)
    env.globals.update(word=words.word, field_word=words.field_word, word_choices=words.word_choices, WORDS=words.WORDS)
    env.globals.update(url_for=url, url_if=navigation.url_if)
    env.globals.update(
        tone=words.tone, panels=slots.panels, actions=slots.actions, dashboard_cards=slots.dashboard_cards
    )
    env.filters.update(day=day, moment=moment, as_day=as_day, number=number, size=size)
    env.filters.update(period=promise_words.said_period, country=country)
    env.globals.update(period_units=promise_words.period_units, money=amounts.money)
    env.trim_blocks = env.lstrip_blocks = True
    drawn: Any = lru_cache(env.get_template("parts/icon.html").module.icon)  # type: ignore[attr-defined]
    env.globals["icon"] = lambda name: drawn(name, static_url("dist/icons.svg"))
    fragments.install(env)
    side, head = (fragments.named(env, name) for name in ("side_of_page", "head_of_page"))
    env.globals.update(side=_side(side), head=_head(head))
    env.policies["ext.i18n.trimmed"] = True
    app.context_processor(_who)


def _who() -> dict[str, Any]:
    """For every template. No look at the database: error pages are made with it too."""
    found: SignedIn | None = g.get("signed_in")
    return {"me": found and found.actor, "csrf": found and found.csrf, "customer": g.get("customer"), "may": _may}


def _side(draw: Callable[..., Any]) -> Callable[[], Any]:
    """The ways to go."""

    def side() -> Any:
        customer, who = own_customer(), g.signed_in.actor
        others = who.customers is None or len(who.customers) != 1
        name = customer.name if customer else ""
        return draw(name, page_of("home.home") if others else "", navigation.ways(customer))

    return side


def _head(draw: Callable[..., Any]) -> Callable[[], Any]:
    """Style and scripts. Libraries (dist/...) are not there until `make assets` has run."""

    def head() -> Any:
        htmx = static_url("dist/htmx.min.js") if g.get("signed_in") else None
        return draw(htmx, *map(static_url, FILES_OF_PAGE), tuple(map(static_url, STYLES)))

    return head


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


def day(value: str | date | None) -> str:
    """4 Oct 2025, from a date or its ISO form, as the reader's language writes it; nothing for nothing."""
    return _day(value, language.current()) if value else ""


@lru_cache(maxsize=4096)  # a list says the same few days again and again
def _day(value: str | date, tag: str) -> str:
    return day_in(as_day(value), tag)


def size(count: int) -> str:
    """512 bytes, 12.3 kB."""
    return ngettext("%(num)s byte", "%(num)s bytes", count) if count < 1000 else do_filesizeformat(count)


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
    return _("%(day)s, %(time)s", day=found.date(), time=f"{found:%H:%M}")
