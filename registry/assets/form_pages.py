"""Pages that change a unit: register, edit, move, assign, set dates and status, remove."""

from collections.abc import Iterable
from typing import Any

from flask import g, render_template, request
from werkzeug.wrappers import Response

from registry.assets import service
from registry.assets.fields import fields_for
from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.assets.pages import pages
from registry.assets.schemas import AssetChange
from registry.assets.statuses import status_names
from registry.kernel.errors import Problem
from registry.kernel.language import N_, _
from registry.kernel.money import EXPONENTS
from registry.products.kinds import usual_terms
from registry.products.service import product_by
from registry.warranty.registering import register_covered
from registry.warranty.schemas import AssetRegistration
from registry.web.acting import pressed, sent_version
from registry.web.forms import PICKED, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.terms_offered import terms_for
from registry.web.unit.forms import KEPT, NEW, PARTS, WITH_CUSTOM, AssetForm, shown_of
from registry.web.unit.view import own_asset

Page = Response | tuple[str, int]
PART = "<any(edit, status, move, assign, dates):part>"
TITLES = {
    "edit": N_("Edit %(unit)s"), "status": N_("Status of %(unit)s"), "move": N_("Move %(unit)s"),
    "assign": N_("Assign %(unit)s"), "dates": N_("Key dates of %(unit)s"),
}  # fmt: skip


@pages.get("/assets/new")
@allow("asset.edit")
def new_asset() -> Page:
    """The query may say what is known already: of the last unit, or of the one that this will be inside of."""
    known: dict[str, Any] = {name: text for name, text in request.args.items() if name in (*NEW, "where")}
    known.setdefault("currency", g.customer.currency)
    kind = _kind_of(known.get("product", ""))
    if kind and "terms" not in request.args:
        known["terms"] = usual_terms(kind) or ""
    return _registration(_registering(kind, shown=known))


@pages.post("/assets/new")
@allow("asset.edit")
def register_asset() -> Page:
    form = _registering(_kind_of(request.form.get("product", "")), sent=request.form)
    mine = {"customer": g.customer.id}
    if not form.send(lambda values: register_covered(actor(), {**values, **mine}), starts_on="terms"):
        return _registration(form)
    asset: Asset = form.answer
    told = _("%(unit)s is registered.", unit=asset.label)
    if request.form.get("then") == "another":
        return done(told, "assets.new_asset", **{name: form.typed[name] for name in KEPT if form.typed.get(name)})
    return done(told, "assets.show_asset", asset_id=asset.id)


def _registering(kind: str | None, **typed: Any) -> AssetForm:
    only = NEW if actor().can("warranty.edit", g.customer.id) else NEW[:-1]
    custom = fields_for(actor(), g.customer.id, kind)
    return AssetForm(AssetRegistration(), only=only, custom=custom, **typed)


def _kind_of(picked: str) -> str | None:
    """Of the product that was picked, so that the form can ask what such units are asked for."""
    found = PICKED.search(picked)
    try:
        return str(product_by(actor(), int(found.group(1)), customer_id=g.customer.id).kind) if found else None
    except Problem:  # the verb says what is wrong with it
        return None


def _registration(form: AssetForm) -> Page:
    known = {**_choices(), "terms": terms_for(actor(), g.customer) if "terms" in form.names else []}
    return render_template("assets/new.html", form=form, **known), form.status


def _choices() -> dict[str, Any]:
    """What the drop-downs of a unit's form offer."""
    known = list(status_names().items())
    return {"statuses": known, "currencies": _pairs(sorted(EXPONENTS)), "pairs": _pairs}


def _pairs(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes that speak for themselves, for a drop-down."""
    return [(code, code) for code in codes]


@pages.get(f"/assets/<int:asset_id>/{PART}")
@allow("asset.edit")
def edit_asset(asset_id: int, part: str) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    return _editing(asset, part, _form(asset, part, shown=shown_of(ASSETS.one(actor(), asset_id))))


@pages.post(f"/assets/<int:asset_id>/{PART}")
@allow("asset.edit")
def change_asset(asset_id: int, part: str) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    form = _form(asset, part, sent=request.form)
    verb = service.set_status if part == "status" else service.change_asset
    if not form.send(lambda values: verb(actor(), asset_id, values, sent_version())):
        return _editing(asset, part, form)
    return done(_("%(unit)s is changed.", unit=form.answer.label), "assets.show_asset", asset_id=asset_id)


def _form(asset: Asset, part: str, **typed: Any) -> AssetForm:
    custom = fields_for(actor(), g.customer.id, asset.kind) if part in WITH_CUSTOM else ()
    return AssetForm(AssetChange(), only=PARTS[part], custom=custom, **typed)


def _editing(asset: Asset, part: str, form: AssetForm) -> Page:
    title = _(TITLES[part], unit=asset.label)
    known = {"asset": asset, "part": part, "title": title, "kind": asset.kind, **_choices()}
    return render_template("assets/edit.html", form=form, **known), form.status


@pages.get("/assets/<int:asset_id>/remove")
@allow("asset.edit")
def confirm_removal(asset_id: int) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    return render_template("assets/remove.html", asset=asset, form=None), 200


@pages.post("/assets/<int:asset_id>/remove")
@allow("asset.edit")
def remove_asset(asset_id: int) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    form = pressed(lambda: service.remove_asset(actor(), asset_id))
    if form.status != 200:
        return render_template("assets/remove.html", asset=asset, form=form), form.status
    return done(_("%(unit)s is removed.", unit=asset.label), "assets.list_assets")
