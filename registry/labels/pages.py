"""Opening a label, and the box to scan or type into. Both are looks: nothing changes but the log of scans.

The camera of the page asks the API's resolve what it reads, and goes on by GET /scan?q= (static/js/scan.js).
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.assets.listing import ASSETS
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.language import _
from registry.labels.barcodes import as_read
from registry.labels.codes import grouped, read
from registry.labels.resolving import MOST, Meaning, meaning_of, said_by_others, told, why_not
from registry.labels.scanning import Opened, opened_by
from registry.labels.service import claim, claimable
from registry.web.customer import names_of
from registry.web.forms import done
from registry.web.headers import scans
from registry.web.identity import SecondFactorRequired, actor, lacks_second_factor, settings
from registry.web.labels import target_of
from registry.web.policy import allow, public, signed_in

pages = Blueprint("labels", __name__)
Page = Response | tuple[str, int]


@pages.get("/L/<label>")
@pages.get("/l/<label>", endpoint="open_typed")
@public
def open_label(label: str) -> Page:
    """What a telephone opens that reads a label."""
    known = g.get("signed_in")
    if known is not None and lacks_second_factor(known):
        raise SecondFactorRequired()
    opened = opened_by(known.actor if known else None, label, request.remote_addr)
    if opened is not None:
        return _led(opened)
    sound = read(label)
    others = said_by_others(known.actor, sound) if known is not None and sound else None
    if others is not None and others.units:  # a code that a plugin has printed
        return _meant(label, others)
    # The same page for a code of others and for one that there is not: here a signed-in stranger is any stranger.
    back = url_for("labels.open_label", label=sound) if sound and known is None else None
    return render_template(
        "labels/stranger.html", sound=sound, back=back, operator=settings().operator, phone=settings().operator_phone
    ), 200 if sound else 404


def _led(opened: Opened) -> Response:
    if opened.asset_id is None:
        if opened.on == "free":
            return redirect(url_for("labels.claim_label", free_label=opened.code), 303)
        raise NotFound(_("The label %(code)s is out of use, and was never on a unit.", code=grouped(opened.code)))
    if opened.on == "revoked":
        flash(_("The label %(code)s is not valid any more: take it off this unit.", code=grouped(opened.opened)))
    return redirect(target_of(opened), 303)


@pages.get("/scan")
@signed_in
@scans
def scan() -> Page:
    """Type, or let a scanner type, what stands on a unit."""
    text = request.args.get("q", "")
    if not text.strip():
        return render_template("labels/scan.html", text="", units=[], message=""), 200
    try:
        meaning = meaning_of(actor(), text, request.remote_addr)
    except Invalid as problem:
        return render_template("labels/scan.html", text="", units=[], message=problem.errors["q"][0]), 422
    return _meant(text, meaning)


def _meant(text: str, meaning: Meaning) -> Page:
    if meaning.opened is not None:
        return _led(meaning.opened)
    units = told(actor(), meaning.units) if meaning.units else []
    if len(units) == 1:
        here = units[0]
        return redirect(url_for("assets.show_asset", slug=here["customer"], asset_id=here["id"]), 303)
    message = "" if units else why_not(text)
    shown = {"units": units, "customers": _customers(units), "message": message, "most": len(units) == MOST}
    return render_template("labels/scan.html", text=as_read(text), **shown), 200 if units else 404


# --- A label that was printed in advance -----------------------------------------------------------------------


@pages.get("/labels/claim/<free_label>")
@allow("label.edit")
def claim_label(free_label: str) -> Page:
    """Choose the unit that the label in one's hand is to go on."""
    return _choose(free_label)


def _choose(code: str, problem: Problem | None = None) -> Page:
    who = actor()
    try:
        row = claimable(who, code)
    except Conflict:  # on a unit by now: where it leads
        return redirect(url_for("labels.open_label", label=code), 303)
    except Invalid:
        raise NotFound() from None
    wanted = request.values.get("q", "").strip()
    units = _units(row.customer_id, wanted) if wanted else []
    shown: dict[str, Any] = {"row": row, "code": row.code, "wanted": wanted, "units": units, "problem": problem,
                             "customers": _customers(units)}  # fmt: skip
    return render_template("labels/claim.html", most=MOST, **shown), problem.status if problem else 200


def _customers(units: list[dict[str, Any]]) -> dict[str, str]:
    """Short name -> name."""
    return names_of(actor(), {unit["customer"] for unit in units if unit["customer"]})


def _units(customer_id: int | None, wanted: str) -> list[dict[str, Any]]:
    """Units that this may be put on: by a part of serial number, tag or name."""
    confined = {"customer": customer_id} if customer_id else {}
    found = ASSETS.window(actor().where("label.edit"), {"q": wanted[:100], "limit": MOST, **confined})
    return found.items


@pages.post("/labels/claim/<free_label>")
@allow("label.edit")
def claim_post(free_label: str) -> Page:
    number = request.form.get("asset", "")
    asset_id = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    try:
        row = claim(actor(), {"code": free_label, "asset": asset_id, "replace": request.form.get("replace") == "true"})
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _choose(free_label, problem)
    known = told(actor(), [asset_id])
    slug = known[0]["customer"] if known else ""
    return done(_("The label %(code)s is on this unit now.", code=row.label), "assets.show_asset",
                slug=slug, asset_id=asset_id)  # fmt: skip
