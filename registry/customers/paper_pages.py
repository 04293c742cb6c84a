"""Papers about a site: the units there."""

from flask import g
from werkzeug.wrappers import Response

from registry.customers.pages import sites
from registry.web.papers.answers import assets_at
from registry.web.policy import allow


@sites.get("/sites/<int:site_id>/assets.pdf")
@allow("export.run")
def print_assets(site_id: int) -> Response:
    return assets_at(g.customer, site_id)
