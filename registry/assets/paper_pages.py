"""Papers about a unit: its warranty certificate."""

from flask import g
from werkzeug.wrappers import Response

from registry.assets.pages import pages
from registry.web.papers.answers import certificate_for
from registry.web.policy import allow


@pages.get("/assets/<int:asset_id>/certificate.pdf")
@allow("warranty.view")
def show_certificate(asset_id: int) -> Response:
    return certificate_for(g.customer, asset_id)
