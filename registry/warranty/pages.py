"""Pages about warranties."""

from flask import Blueprint

from registry.warranty.list_pages import TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("warranties", __name__)
house = Blueprint("house_warranties", __name__)


@house.get("/warranties")
@pages.get("/warranties")
@allow("warranty.view")
def list_warranties() -> Answer:
    return TABLE.answer()
