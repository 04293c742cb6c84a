"""Pages about licences."""

from flask import Blueprint

from registry.licences.list_pages import TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("licences", __name__)
house = Blueprint("house_licences", __name__)


@house.get("/licences")
@pages.get("/licences")
@allow("licence.view")
def list_licences() -> Answer:
    return TABLE.answer()
