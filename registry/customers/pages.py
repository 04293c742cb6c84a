"""Pages about a customer's sites and contacts."""

from flask import Blueprint

from registry.customers.list_pages import CONTACT_TABLE, SITE_TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

sites = customer_pages("sites", __name__)
contacts = customer_pages("contacts", __name__)
house_sites = Blueprint("house_sites", __name__)
house_contacts = Blueprint("house_contacts", __name__)


@house_sites.get("/sites")
@sites.get("/sites")
@allow("customer.view")
def list_sites() -> Answer:
    return SITE_TABLE.answer()


@house_contacts.get("/contacts")
@contacts.get("/contacts")
@allow("customer.view")
def list_contacts() -> Answer:
    return CONTACT_TABLE.answer()
