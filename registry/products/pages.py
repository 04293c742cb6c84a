"""Pages about the catalogue."""

from flask import Blueprint

from registry.products.list_pages import TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow

pages = Blueprint("products", __name__, url_prefix="/products")


@pages.get("")
@allow("product.view")
def list_products() -> Answer:
    return TABLE.answer()
