"""What happened, entry by entry: of one customer (/c/<slug>/history) and of the house (/history)."""

from typing import Any

from flask import Blueprint, g, render_template, request
from marshmallow import Schema
from werkzeug.wrappers import Response

from registry.actions import Action
from registry.kernel import audit, chain_check
from registry.kernel.access import Actor
from registry.kernel.language import _
from registry.kernel.shapes import Shape
from registry.web.customer import choices
from registry.web.forms import done
from registry.web.history.audit_api import AUDIT
from registry.web.history.entries import told
from registry.web.identity import actor
from registry.web.lists.asked import Asked, asked, one_page
from registry.web.policy import allow
from registry.web.tenant import customer_pages
from registry.web.words.codes import WORDS, word

pages = customer_pages("history", __name__)
house = Blueprint("house_history", __name__, url_prefix="/history")
Page = Response | tuple[str, int]
LENGTH = 25
SHOWN = ("who", "action", "object_type", "since", "until", "customer", "object_id", "request", "batch", "cursor")


def _query() -> Schema:
    """The filters of the page, which always shows the newest first."""
    known = AUDIT.arguments().fields
    return Shape.from_dict({name: known[name] for name in SHOWN}, name="HistoryQuery")()


@pages.get("/history")
@allow("audit.view")
def list_history() -> Page:
    return _page(asked(_query()), g.customer.id)


@house.get("", endpoint="list_history")
@allow("audit.view")
def list_house_history() -> Page:
    """Every chain that one may read; `customer` narrows it to one, or to the house's own."""
    return _page(asked(_query()), None)


def _page(wanted: Asked, customer_id: int | None, fault: str | None = None) -> Page:
    fixed = {"customer": customer_id} if customer_id else {}
    who = actor()
    page = one_page(who, AUDIT, wanted, **fixed, sort="-id", limit=LENGTH)
    around = {
        "wanted": wanted, "page": page, "entries": told(who, page["items"]), "house": customer_id is None,
        "standing": _standing(who, customer_id), "fault": fault, "at_once": chain_check.AT_ONCE,
        "owners": _owners(who, wanted) if customer_id is None else [],
        "actions": _choices("done", list(Action)), "things": _choices("thing", list(WORDS["thing"])),
    }  # fmt: skip
    return render_template("history/list.html", **around), 409 if fault else wanted.status


def _owners(who: Actor, wanted: Asked) -> list[tuple[str, str]]:
    """Whose entries can be asked for, where that fits a drop-down; what an address asks for stays chosen."""
    if not (customers := choices(who)):
        return []
    known, asked_for = [("house", _("The house")), *customers], wanted.given.get("customer", "")
    return known if not asked_for or asked_for in dict(known) else [*known, (asked_for, asked_for)]


def _standing(who: Actor, customer_id: int | None) -> chain_check.Standing | None:
    """How far the chain was checked; the house's own is no business of its customers."""
    may = customer_id is not None or who.can("audit.view")
    return chain_check.standing(customer_id or audit.HOUSE) if may else None


def _choices(group: str, codes: list[str]) -> list[tuple[str, str]]:
    return sorted(((str(code), word(group, code)) for code in codes), key=lambda pair: pair[1])


@pages.post("/history/check")
@allow("audit.view")
def check() -> Page:
    return _checked(g.customer.id)


@house.post("/check")
@allow("audit.view")
def check_house() -> Page:
    actor().must("audit.view")
    return _checked(None)


def _checked(customer_id: int | None) -> Page:
    """Check a piece of the chain; GET never does."""
    found: Any = chain_check.check_on(customer_id or audit.HOUSE)
    if found.fault:
        return _page(Asked({}), customer_id, found.fault)
    text = _("Sound up to entry %(number)s.", number=found.verified)
    return done(text, f"{request.blueprint}.list_history")
