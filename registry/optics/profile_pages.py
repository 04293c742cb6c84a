"""Pages about profiles: what holds for all modules of a part number. The customer's own, and the house's."""

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.shapes import Prose, Shape
from registry.optics import profiling
from registry.optics.decoder.records import PARAMETERS
from registry.optics.listing import PROFILES
from registry.optics.models import OpticProfile
from registry.optics.schemas import STEPS, LimitsIn, ProfileIn
from registry.optics.verdicts.persistence import HOURS, NEEDED
from registry.optics.verdicts.units import UNITS
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lists.asked import asked, one_page
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("optic_profiles", __name__)
Page = Response | tuple[str, int]
CELLS = tuple((parameter, step, f"{parameter}-{step}") for parameter in PARAMETERS for step in STEPS)
USUAL = {"usual_needed": NEEDED, "usual_hours": HOURS}
_limits = {cell: LimitsIn().fields[step] for _parameter, step, cell in CELLS}
_asked = {name: ProfileIn().fields[name] for name in ("vendor", "part_number", "needed", "hours", "notes")}
WHOSE = {"whose": fields.String(validate=validate.OneOf(("own", "house")), load_default="own")}
ChangeForm = Shape.from_dict(
    {**{name: _asked[name] for name in ("needed", "hours")}, "notes": Prose(), **_limits}, name="OpticProfileForm"
)
NewForm = Shape.from_dict({**_asked, **WHOSE, **_limits}, name="NewOpticProfileForm")


@pages.get("/optics/profiles")
@allow("asset.view")
def list_profiles() -> Page:
    """The customer's own, and the house's, which count where he has none."""
    wanted = asked(PROFILES.arguments())
    page = one_page(actor(), PROFILES, wanted, **_here(wanted.values))
    return render_template("optics/profiles.html", wanted=wanted, page=page, may_edit=may_edit, **USUAL), wanted.status


def _here(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"holds_for": g.customer.id, **({} if values.get("sort") else {"sort": "part_number"})}


def may_edit(row: Mapping[str, Any]) -> bool:
    """Whether the reader is offered to; the verb decides."""
    who = actor()
    return who.can("product.edit") if row["customer"] is None else who.can("optic.edit", g.customer.id)


def own(profile_id: int) -> dict[str, Any]:
    """The row as its list describes it: this customer's, or the house's. NotFound for another customer's."""
    found = PROFILES.one(actor(), profile_id)
    if found["customer"] not in (None, g.customer.slug):
        raise NotFound()
    return found


@pages.get("/optics/profiles/new")
@allow("optic.edit")
def new_profile() -> Page:
    shown = {"part_number": request.args.get("part", "")[:64], "vendor": request.args.get("vendor", "")[:64]}
    return _page(Form(NewForm(), shown={**shown, "whose": "own"}))


@pages.post("/optics/profiles/new")
@allow("optic.edit")
def create_profile() -> Page:
    form = Form(NewForm(), request.form)

    def create(values: dict[str, Any]) -> OpticProfile:
        owner = None if values.pop("whose") == "house" else g.customer.slug
        return profiling.create_profile(actor(), {**_gathered(values), "customer": owner})

    if form.send(create):
        return done(_("The profile is added. Conclusions rest on it from now on."), "optic_profiles.list_profiles")
    return _page(form)


@pages.get("/optics/profiles/<int:profile_id>")
@allow("optic.edit")
def edit_profile(profile_id: int) -> Page:
    row = own(profile_id)
    return _page(_as_it_is(row), row)


def _as_it_is(row: Mapping[str, Any]) -> Form:
    limits = {
        f"{parameter}-{step}": value
        for parameter, values in row["limits"].items() for step, value in zip(STEPS, values, strict=True)
    }  # fmt: skip
    known = {name: row[name] for name in ("needed", "hours", "notes")}
    return Form(ChangeForm(), shown={**known, **limits})


@pages.post("/optics/profiles/<int:profile_id>")
@allow("optic.edit")
def change_profile(profile_id: int) -> Page:
    own(profile_id)
    form = Form(ChangeForm(), request.form)
    if form.send(lambda given: profiling.change_profile(actor(), profile_id, _gathered(given), sent_version())):
        return done(_("Saved. Conclusions rest on it from now on."), "optic_profiles.list_profiles")
    return _page(form, own(profile_id))


@pages.post("/optics/profiles/<int:profile_id>/remove")
@allow("optic.edit")
def remove_profile(profile_id: int) -> Page:
    row = own(profile_id)
    form = pressed(lambda: profiling.remove_profile(actor(), profile_id, sent_version()))
    if form.status == 200:
        return done(_("The profile is removed."), "optic_profiles.list_profiles")
    again = _as_it_is(row)
    again.message, again.status = form.message, form.status
    return _page(again, own(profile_id))


def _gathered(values: Mapping[str, Any]) -> dict[str, Any]:
    """The limits of the form's cells by parameter, those that hold anything."""
    ready = {name: value for name, value in values.items() if name not in _limits}
    limits: dict[str, dict[str, float]] = {}
    for parameter, step, cell in CELLS:
        if values.get(cell) is not None:
            limits.setdefault(parameter, {})[step] = values[cell]
    return {**ready, "limits": limits}


def _page(form: Form, row: Mapping[str, Any] | None = None) -> Page:
    around = {
        "form": form, "profile": row, "parameters": PARAMETERS, "steps": STEPS, "units": UNITS, "may_edit": may_edit,
        "house": actor().can("product.edit"), **USUAL,
    }  # fmt: skip
    return render_template("optics/profile.html", **around), form.status
