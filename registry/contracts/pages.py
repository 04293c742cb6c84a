"""Pages about contracts."""

from flask import Blueprint

from registry.contracts.list_pages import TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("contracts", __name__)
house = Blueprint("house_contracts", __name__)


@house.get("/contracts")
@pages.get("/contracts")
@allow("contract.view")
def list_contracts() -> Answer:
    return TABLE.answer()
