"""Pages that show one unit: all about it, its history, its QR code."""

from functools import lru_cache

from flask import g, render_template, url_for
from werkzeug.wrappers import Response

from registry.assets.fields import fields_for
from registry.assets.pages import pages
from registry.assets.statuses import statuses
from registry.kernel.shapes import Date, Shape
from registry.labels.service import label_of
from registry.web.identity import actor, settings
from registry.web.labels import code_picture
from registry.web.lists.asked import asked, paged
from registry.web.policy import allow
from registry.web.qr import qr_svg
from registry.web.unit.history import OF_UNIT, history_of
from registry.web.unit.view import asset_view, own_asset


class DayQuery(Shape):
    """`on`: the day for which one wants to know what is owed."""

    on = Date()


@pages.get("/assets/<int:asset_id>")
@allow("asset.view")
def show_asset(asset_id: int) -> tuple[str, int]:
    wanted = asked(DayQuery())
    view = asset_view(actor(), g.customer, asset_id, wanted.values.get("on"))
    return render_template("assets/asset.html", wanted=wanted, **view), wanted.status


@pages.get("/assets/<int:asset_id>/history")
@allow("audit.view")
def show_history(asset_id: int) -> tuple[str, int]:
    asset = own_asset(actor(), g.customer, asset_id)
    wanted = asked(OF_UNIT.arguments())
    fields = fields_for(actor(), g.customer.id, asset.kind)
    page = paged(wanted, lambda given: history_of(actor(), g.customer.id, asset_id, fields, statuses(), given))
    return render_template("assets/history.html", asset=asset, wanted=wanted, page=page), wanted.status


@pages.get("/assets/<int:asset_id>/qr.svg")
@allow("asset.view")
def show_code(asset_id: int) -> Response:
    """What a telephone reads to come to this unit's page: the code of its label, or, without one, the page itself."""
    label = label_of(actor(), own_asset(actor(), g.customer, asset_id))
    page = settings().address + url_for("assets.show_asset", asset_id=asset_id)
    picture = _code(page) if label is None else code_picture(label.code)
    return Response(picture, content_type="image/svg+xml; charset=utf-8")


@lru_cache(maxsize=256)
def _code(address: str) -> bytes:
    return qr_svg(address)
