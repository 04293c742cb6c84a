"""JSON's neighbour: papers as PDF, in the language of the caller."""

from typing import Any

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.assets.service import get_asset
from registry.customers.models import Site
from registry.customers.service import customer_by
from registry.kernel import language
from registry.kernel.access import fetch
from registry.kernel.language import speaking
from registry.kernel.locales import LANGUAGES
from registry.kernel.shapes import Shape
from registry.web.api import blueprint
from registry.web.identity import actor
from registry.web.papers.answers import assets_at, certificate_for
from registry.web.policy import allow

blp = blueprint("papers", "Papers: certificates, lists to print")


class PaperQuery(Shape):
    """`language`: of the paper; the caller's own if none is given."""

    language = fields.String(validate=validate.OneOf(tuple(LANGUAGES)))


PDF = {"type": "string", "format": "binary"}


@blp.route("/assets/<int:asset_id>/certificate.pdf", methods=["GET"])
@blp.arguments(PaperQuery, location="query")
@blp.response(200, PDF, content_type="application/pdf")
@allow("warranty.view")
def get_warranty_certificate(arguments: dict[str, Any], asset_id: int) -> Response:
    """What is promised on the unit, from when to when, on which conditions. 422 for a unit that nothing covers, and
    where a text holds a character that no font has."""
    asset = get_asset(actor(), asset_id)
    with speaking(arguments.get("language") or language.current()):
        return certificate_for(customer_by(actor(), asset.customer_id), asset_id)


@blp.route("/sites/<int:site_id>/assets.pdf", methods=["GET"])
@blp.arguments(PaperQuery, location="query")
@blp.response(200, PDF, content_type="application/pdf")
@allow("export.run")
def get_site_paper(arguments: dict[str, Any], site_id: int) -> Response:
    """All units at the site, by place. 422 for more than 5,000."""
    site = fetch(Site, actor(), site_id)
    with speaking(arguments.get("language") or language.current()):
        return assets_at(customer_by(actor(), site.customer_id), site_id)
