"""A warranty for the unit whose page one comes from; whatever else is done with warranties: warranty_pages."""

from flask import g, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from registry.assets.models import Asset
from registry.assets.pages import pages
from registry.kernel.language import _
from registry.products.kinds import usual_terms
from registry.warranty import service
from registry.warranty.schemas import WarrantyIn
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.terms_offered import terms_for
from registry.web.unit.view import own_asset

Page = Response | tuple[str, int]
GIVEN = ("terms", "kind", "basis", "starts_on", "contract", "note")


@pages.get("/assets/<int:asset_id>/warranties/new")
@allow("warranty.edit")
def new_warranty(asset_id: int) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    return _giving(
        asset, Form(WarrantyIn(), shown={"terms": usual_terms(asset.kind), "kind": "manufacturer"}, only=GIVEN)
    )


@pages.post("/assets/<int:asset_id>/warranties/new")
@allow("warranty.edit")
def give_warranty(asset_id: int) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    form = Form(WarrantyIn(), _without_blanks(request.form), only=GIVEN)
    if not form.send(lambda values: service.start_warranty(actor(), {**values, "asset": asset.id})):
        return _giving(asset, form)
    return done(_("The warranty is given."), "assets.show_asset", asset_id=asset_id)


def _giving(asset: Asset, form: Form) -> Page:
    terms = terms_for(actor(), g.customer)
    return render_template("warranties/give.html", asset=asset, form=form, terms=terms), form.status


def _without_blanks(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was left empty is not said."""
    return MultiDict([(name, text) for name, text in sent.items(multi=True) if text.strip()])
