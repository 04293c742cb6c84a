"""Pages about a customer's assets: the list, and one unit with what is owed on it."""

from flask import g, render_template

from registry.assets.family import names_of
from registry.assets.listing import ASSETS
from registry.assets.statuses import statuses
from registry.kernel import clock
from registry.web.asset_view import asset_view
from registry.web.identity import actor
from registry.web.lists import asked, one_page
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("assets", __name__)


@pages.get("/assets")
@allow("asset.view")
def list_assets() -> tuple[str, int]:
    wanted = asked(ASSETS.arguments())
    page = one_page(actor(), ASSETS, wanted, customer=g.customer.id)
    around = {
        "parents": names_of(actor(), (row["parent_id"] for row in page["items"])),
        "statuses": {status.code: status for status in statuses()},
        "today": clock.today(g.customer.time_zone),
    }
    return render_template("assets/list.html", wanted=wanted, page=page, **around), wanted.status


@pages.get("/assets/<int:asset_id>")
@allow("asset.view")
def show_asset(asset_id: int) -> str:
    return render_template("assets/asset.html", **asset_view(actor(), g.customer, asset_id))
