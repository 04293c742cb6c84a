"""Pages of one customer, under /c/<customer>/x/sendbig/: patches and documents, and which version each unit runs."""

from typing import Any

from flask import request
from marshmallow import fields, validate

from registry.sdk import (
    Form,
    Line,
    NotFound,
    Prose,
    Shape,
    Whole,
    _,
    allow,
    asked,
    done,
    here,
    me,
    ngettext,
    pressed,
    render_template,
)
from registry_sendbig.places import pages
from registry_sendbig.releases import entitled, installed, taking
from registry_sendbig.releases import views as release_views
from registry_sendbig.releases.installed import Unit
from registry_sendbig.releases.schemas import version_line

Page = Any


class OffersPage(Shape):
    before = Whole(1, 2**62)


class OfferPage(Shape):
    after = Whole(0, 2**62, load_default=0)


class VersionsPage(OfferPage):
    state = fields.String(validate=validate.OneOf(("known", "unknown")), load_default="")


class UnitForm(Shape):
    asset = Whole(1, 2**62, allow_none=True)
    licence = Whole(1, 2**62, allow_none=True)


class VersionForm(Shape):
    installed_version = version_line(min=1, required=True)


class ManyForm(Shape):
    csv = Prose(max=500_000, required=True)
    source = Line(max=255, load_default="")


@pages.get("/patches")
@allow("sendbig.view")
def list_patches() -> Page:
    wanted = asked(OffersPage())
    page = release_views.offers_page(me(), here().id, wanted.values.get("before"))
    return render_template("sendbig/patches/list.html", wanted=wanted, **page), wanted.status


@pages.get("/patches/<int:release_id>")
@allow("sendbig.view")
def show_patch(release_id: int) -> Page:
    return _show(release_id, Form(UnitForm()))


def _show(release_id: int, form: Form) -> Page:
    wanted = asked(OfferPage())
    page = release_views.offer_page(me(), here().id, release_id, wanted.values.get("after", 0))
    return render_template("sendbig/patches/one.html", form=form, wanted=wanted, **page), form.status


@pages.post("/patches/<int:release_id>/installed")
@allow("sendbig.install")
def confirm_installed(release_id: int) -> Page:
    """The receipt of a patch, for one unit."""
    me().must("sendbig.install", here().id)
    offer = entitled.offer(me(), here().id, release_id)
    form = Form(UnitForm(), request.form)
    if form.send(lambda values: installed.confirm(me(), offer, _named(values))):
        told = _("%(unit)s runs %(version)s.", unit=form.answer.unit_label, version=form.answer.version_name)
        return done(told, "sendbig.show_patch", release_id=release_id)
    return _show(release_id, form)


def _named(values: dict[str, Any]) -> Unit:
    """By id, as the page's own buttons name it."""
    return installed.unit_of(
        me(), asset=values.get("asset"), licence=values.get("licence"), customer_id=here().id
    )  # fmt: skip


@pages.route("/flow/patches/<int:release_file_id>", methods=["GET", "HEAD"])
@allow("sendbig.view")
def fetch_patch_file(release_file_id: int) -> Page:
    return taking.send(me(), here().id, release_file_id)


# --- Versions ---------------------------------------------------------------------------------------------------


@pages.get("/patches/versions")
@allow("sendbig.view")
def list_versions() -> Page:
    return _versions(Form(ManyForm()))


def _versions(form: Form) -> Page:
    wanted = asked(VersionsPage())
    values = wanted.values or {"state": "", "after": 0}
    page = release_views.versions_page(me(), here().id, values["state"], values["after"])
    states = [("unknown", _("Version unknown")), ("known", _("Version known"))]
    status = form.status if form.status != 200 else wanted.status
    return render_template("sendbig/patches/versions.html", form=form, wanted=wanted, states=states, **page), status


@pages.post("/patches/versions")
@allow("sendbig.install")
def record_versions() -> Page:
    """Many at once, as lines that were pasted."""
    me().must("sendbig.install", here().id)
    form = Form(ManyForm(), request.form)
    if form.send(lambda values: _many(values)):
        told = ngettext("%(num)s version is recorded.", "%(num)s versions are recorded.", form.answer)
        return done(told, "sendbig.list_versions")
    return _versions(form)


def _many(values: dict[str, Any]) -> int:
    return installed.record_many(me(), here().id, installed.from_csv(values["csv"]), values["source"])


@pages.get("/patches/assets/<int:asset_id>")
@allow("sendbig.install")
def ask_asset_version(asset_id: int) -> Page:
    return _ask(_own(installed.asset_unit(me(), asset_id)))


@pages.post("/patches/assets/<int:asset_id>")
@allow("sendbig.install")
def record_asset_version(asset_id: int) -> Page:
    return _record(_own(installed.asset_unit(me(), asset_id)))


@pages.get("/patches/licences/<int:licence_id>")
@allow("sendbig.install")
def ask_licence_version(licence_id: int) -> Page:
    return _ask(_own(installed.licence_unit(me(), licence_id)))


@pages.post("/patches/licences/<int:licence_id>")
@allow("sendbig.install")
def record_licence_version(licence_id: int) -> Page:
    return _record(_own(installed.licence_unit(me(), licence_id)))


def _own(unit: Unit) -> Unit:
    """NotFound for another customer's, also to those who may see both."""
    if unit.customer_id != here().id:
        raise NotFound()
    me().must("sendbig.install", unit.customer_id)
    return unit


def _ask(unit: Unit, form: Form | None = None) -> Page:
    known = installed.known(me(), unit)
    shown = {"installed_version": known.version_name} if known else {}
    form = form or Form(VersionForm(), shown=shown)
    return render_template("sendbig/patches/version.html", form=form, unit=unit, known=known), form.status


def _record(unit: Unit) -> Page:
    if request.form.get("forget"):
        form = pressed(lambda: installed.forget(me(), unit))
    else:
        form = Form(VersionForm(), request.form)
        verb = installed.record
        form.send(lambda values: verb(me(), unit, values["installed_version"]), version="installed_version")
    if form.status != 200:
        return _ask(unit, form)
    endpoint = "assets.show_asset" if unit.asset_id else "licences.show_licence"
    named = {"asset_id": unit.asset_id} if unit.asset_id else {"licence_id": unit.licence_id}
    return done(_("The version of %(unit)s is recorded.", unit=unit.label), endpoint, **named)
