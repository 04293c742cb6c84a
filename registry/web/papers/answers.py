"""Papers on their way out: in the reader's language, issued by the operator, to be saved under their own name."""

from flask import url_for
from werkzeug.wrappers import Response

from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.paper import Paper
from registry.web.identity import actor, settings
from registry.web.lists.downloads import disposition
from registry.web.papers.certificate import certificate
from registry.web.papers.site import site_paper


def certificate_for(customer: Customer, asset_id: int) -> Response:
    chosen, today = settings(), clock.today(customer.time_zone)
    link = chosen.address + url_for("assets.show_asset", slug=customer.slug, asset_id=asset_id)
    return saved(certificate(actor(), customer, asset_id, today, issuer=chosen.operator, link=link))


def assets_at(customer: Customer, site_id: int) -> Response:
    today = clock.today(customer.time_zone)
    return saved(site_paper(actor(), customer, site_id, today, issuer=settings().operator))


def saved(paper: Paper) -> Response:
    made = Response(paper.pdf(), content_type="application/pdf")
    made.headers["Content-Disposition"] = disposition(f"{paper.name}.pdf")
    made.headers["Cache-Control"] = "no-store"
    return made
