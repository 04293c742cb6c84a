"""Pages about one warranty of a unit or licence: look, give, extend, declare void, move to another unit."""

from datetime import date
from typing import Any

from flask import g, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from registry.assets.service import asset_by, get_asset
from registry.kernel import clock
from registry.kernel.access import fetch
from registry.kernel.language import _
from registry.licences.service import get_licence, licence_by
from registry.warranty import service
from registry.warranty.claims import case_on
from registry.warranty.decision import decide
from registry.warranty.listing import WARRANTIES
from registry.warranty.models import TermsVersion
from registry.warranty.pages import pages
from registry.warranty.schemas import Extension, Transfer, Voiding, WarrantyIn
from registry.web.acting import own_row, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.terms_offered import terms_for
from registry.web.timeline import timeline
from registry.web.words.codes import word

Page = Response | tuple[str, int]
GIVEN = ("asset", "licence", "terms", "kind", "basis", "starts_on", "contract", "note")
EXTENDED = ("by", "until", "remedies", "reason")


# --- Look --------------------------------------------------------------------------------------------------


@pages.get("/warranties/<int:warranty_id>")
@allow("warranty.view")
def show_warranty(warranty_id: int) -> Page:
    row, today = own_row(WARRANTIES, warranty_id), clock.today(g.customer.time_zone)
    warranty = service.get_warranty(actor(), warranty_id)
    known = {"warranty": row, "today": today, **service.details(actor(), warranty_id)}
    version = fetch(TermsVersion, actor(), warranty.terms_version_id)
    known |= {"body": version.body, "terms_id": version.terms_id}
    return render_template("warranties/warranty.html", **known, **_standing(row, today)), 200


def _standing(row: dict[str, Any], today: date) -> dict[str, Any]:
    """What a decision says of this one warranty today, and its coverages in time."""
    subject: Any = get_asset(actor(), row["asset_id"]) if row["asset_id"] else get_licence(actor(), row["licence_id"])
    case = case_on(actor(), subject, today)
    found = [each for each in decide(case, today).as_dict()["warranties"] if each["id"] == row["id"]]
    verdict = next(each for each in found if each["kind"] == row["kind"])
    facts = [each for each in case.warranties if each.id == row["id"] and each.kind == row["kind"]]
    return {"verdict": verdict, "line": timeline(facts, today) if facts[0].spans else None, "label": subject.label}


# --- Give --------------------------------------------------------------------------------------------------


@pages.get("/warranties/new")
@allow("warranty.edit")
def new_warranty() -> Page:
    """The query may say for what."""
    known = {name: text for name, text in request.args.items() if name in GIVEN}
    return _giving(Form(WarrantyIn(), shown={"kind": "manufacturer", **known}, only=GIVEN))


@pages.post("/warranties/new")
@allow("warranty.edit")
def give_warranty() -> Page:
    form = Form(WarrantyIn(), _without_blanks(request.form), only=GIVEN)
    if form.send(lambda values: service.start_warranty(actor(), _here(values))):
        return done(_("The warranty is given."), "warranties.show_warranty", warranty_id=form.answer.id)
    return _giving(form)


def _here(values: dict[str, Any]) -> dict[str, Any]:
    """The same for a unit or licence of this customer alone, whatever else he may see."""
    find = {"asset": asset_by, "licence": licence_by}
    mine = {name: find[name](actor(), values[name], customer_id=g.customer.id).id for name in find if values.get(name)}
    return {**values, **mine}


def _giving(form: Form) -> Page:
    terms = terms_for(actor(), g.customer)
    return render_template("warranties/new.html", form=form, terms=terms), form.status


# --- Extend, void, move ------------------------------------------------------------------------------------


@pages.get("/warranties/<int:warranty_id>/extend")
@allow("warranty.edit")
def extend_warranty(warranty_id: int) -> Page:
    return _lengthening(warranty_id, Form(Extension(), shown={}, only=EXTENDED))


@pages.post("/warranties/<int:warranty_id>/extend")
@allow("warranty.edit")
def extend_warranty_now(warranty_id: int) -> Page:
    own_row(WARRANTIES, warranty_id)
    form = Form(Extension(), _without_blanks(request.form), only=EXTENDED)

    def extend(values: dict[str, Any]) -> Any:
        by, remedies = values.get("by") or values["until"], values.get("remedies")
        more = {"remedies": remedies, "reason": values["reason"], "version": sent_version()}
        return service.extend_warranty(actor(), warranty_id, by=by, **more)

    return _back(_("The warranty is extended."), warranty_id) if form.send(extend) else _lengthening(warranty_id, form)


def _lengthening(warranty_id: int, form: Form) -> Page:
    action = url_for("warranties.extend_warranty_now", warranty_id=warranty_id)
    return render_template("warranties/own_extend.html", form=form, action=action, **_around(warranty_id)), form.status


@pages.get("/warranties/<int:warranty_id>/void")
@allow("warranty.edit")
def void_warranty(warranty_id: int) -> Page:
    return _ending(warranty_id, Form(Voiding(), shown={"on": clock.today(g.customer.time_zone)}))


@pages.post("/warranties/<int:warranty_id>/void")
@allow("warranty.edit")
def void_warranty_now(warranty_id: int) -> Page:
    own_row(WARRANTIES, warranty_id)
    form = Form(Voiding(), request.form)

    def void(values: dict[str, Any]) -> Any:
        reason, version = values["reason"], sent_version()
        return service.void_warranty(actor(), warranty_id, on=values.get("on"), reason=reason, version=version)

    return _back(_("The warranty is void."), warranty_id) if form.send(void) else _ending(warranty_id, form)


def _ending(warranty_id: int, form: Form) -> Page:
    action = url_for("warranties.void_warranty_now", warranty_id=warranty_id)
    return render_template("warranties/own_void.html", form=form, action=action, **_around(warranty_id)), form.status


@pages.get("/warranties/<int:warranty_id>/move")
@allow("warranty.edit")
def move_warranty(warranty_id: int) -> Page:
    return _moving(warranty_id, Form(Transfer(), shown={"on": clock.today(g.customer.time_zone)}))


@pages.post("/warranties/<int:warranty_id>/move")
@allow("warranty.edit")
def move_warranty_now(warranty_id: int) -> Page:
    own_row(WARRANTIES, warranty_id)
    form = Form(Transfer(), request.form)

    def move(values: dict[str, Any]) -> Any:
        more = {"on": values.get("on"), "reason": values["reason"], "version": sent_version()}
        return service.transfer_warranty(actor(), warranty_id, asset=values["asset"], **more)

    if not form.send(move):
        return _moving(warranty_id, form)
    told = _("The warranty has moved; this is what the unit got.")
    return done(told, "warranties.show_warranty", warranty_id=form.answer.id)


def _moving(warranty_id: int, form: Form) -> Page:
    action = url_for("warranties.move_warranty_now", warranty_id=warranty_id)
    return render_template("warranties/own_move.html", form=form, action=action, **_around(warranty_id)), form.status


def _back(told: str, warranty_id: int) -> Response:
    return done(told, "warranties.show_warranty", warranty_id=warranty_id)


def _around(warranty_id: int) -> dict[str, Any]:
    """What the forms of these acts show besides."""
    row, held = own_row(WARRANTIES, warranty_id), service.details(actor(), warranty_id)["coverages"]
    return {
        "warranty": row,
        "coverages": held,
        "offered": [(remedy, word("remedy", remedy)) for remedy in dict.fromkeys(each["remedy"] for each in held)],
        "back": url_for("warranties.show_warranty", warranty_id=warranty_id),
        "subject": row["asset"] or row["licence"] or row["product"] or "",
    }


def _without_blanks(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was left empty is not said."""
    return MultiDict([(name, text) for name, text in sent.items(multi=True) if text.strip()])
