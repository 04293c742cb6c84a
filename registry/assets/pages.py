"""The list of assets: one customer's, or everybody's. Pages of one unit: unit_pages, form_pages, file_pages."""

from flask import Blueprint

from registry.assets.list_pages import TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("assets", __name__)
house = Blueprint("house_assets", __name__)


@house.get("/assets")
@pages.get("/assets")
@allow("asset.view")
def list_assets() -> Answer:
    return TABLE.answer()
