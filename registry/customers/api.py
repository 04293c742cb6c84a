"""JSON routes about customers, their sites, contacts, account manager and policies."""

from typing import Any

from werkzeug.wrappers import Response

from registry.customers import places, service
from registry.customers.listing import CONTACTS, CUSTOMERS, POLICIES, SITES
from registry.customers.schemas import (
    ContactChange,
    ContactIn,
    CustomerChange,
    CustomerIn,
    ManagerIn,
    ManagersOut,
    PolicyChange,
    PolicyIn,
    PolicyInForce,
    SiteChange,
    SiteIn,
)
from registry.web.answers import if_match, json_response, nothing, one, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("customers", "Customers, sites, contacts, service policies")


@blp.route("/customers", methods=["GET"])
@blp.arguments(CUSTOMERS.arguments(), location="query")
@blp.response(200, CUSTOMERS.page_shape())
@allow("customer.view")
def list_customers(arguments: dict[str, Any]) -> Response:
    return page(CUSTOMERS, arguments)


@blp.route("/customers", methods=["POST"])
@blp.arguments(CustomerIn)
@blp.response(201, CUSTOMERS.shape())
@allow("customer.edit")
def create_customer(values: dict[str, Any]) -> Response:
    made = service.create_customer(actor(), values)
    return thing(CUSTOMERS.one(actor(), made.id), 201, name=made.slug)


@blp.route("/customers/<slug>", methods=["GET"])
@blp.response(200, CUSTOMERS.shape())
@allow("customer.view")
def get_customer(slug: str) -> Response:
    return one(CUSTOMERS, service.get_customer(actor(), slug).id)


@blp.route("/customers/<slug>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(CustomerChange)
@blp.response(200, CUSTOMERS.shape())
@allow("customer.edit")
def change_customer(values: dict[str, Any], slug: str) -> Response:
    return one(CUSTOMERS, service.change_customer(actor(), slug, values, if_match()).id)


@blp.route("/customers/<slug>/policy", methods=["GET"])
@blp.response(200, PolicyInForce)
@allow("customer.view")
def get_policy(slug: str) -> Response:
    """The service policy as it holds for this customer, his overrides included."""
    return json_response(service.effective_policy(actor(), service.get_customer(actor(), slug)))


@blp.route("/customers/<slug>/account-manager", methods=["GET"])
@blp.response(200, ManagersOut)
@allow("customer.view")
def get_manager(slug: str) -> Response:
    """The account managers of this customer, the active one last."""
    customer = service.get_customer(actor(), slug)
    return json_response({"items": [_manager(row) for row in service.manager_history(actor(), customer)]})


@blp.route("/customers/<slug>/account-manager", methods=["PUT"])
@blp.arguments(ManagerIn)
@blp.response(200, ManagersOut)
@allow("customer.edit")
def put_manager(values: dict[str, Any], slug: str) -> Response:
    service.assign_manager(actor(), slug, values["user"])
    customer = service.get_customer(actor(), slug)
    return json_response({"items": [_manager(row) for row in service.manager_history(actor(), customer)]})


def _manager(row: Any) -> dict[str, Any]:
    user = row.user
    active = row.until is None and user.active
    known = {"user_id": user.id, "name": user.name, "email": user.email, "since": row.since, "until": row.until}
    return {**known, "active": active}


@blp.route("/sites", methods=["GET"])
@blp.arguments(SITES.arguments(), location="query")
@blp.response(200, SITES.page_shape())
@allow("customer.view")
def list_sites(arguments: dict[str, Any]) -> Response:
    return page(SITES, arguments)


@blp.route("/sites", methods=["POST"])
@blp.arguments(SiteIn)
@blp.response(201, SITES.shape())
@allow("customer.view")
def create_site(values: dict[str, Any]) -> Response:
    return one(SITES, places.create_site(actor(), values).id, 201)


@blp.route("/sites/<int:site_id>", methods=["GET"])
@blp.response(200, SITES.shape())
@allow("customer.view")
def get_site(site_id: int) -> Response:
    return one(SITES, site_id)


@blp.route("/sites/<int:site_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(SiteChange)
@blp.response(200, SITES.shape())
@allow("customer.view")
def change_site(values: dict[str, Any], site_id: int) -> Response:
    return one(SITES, places.change_site(actor(), site_id, values, if_match()).id)


@blp.route("/sites/<int:site_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("customer.view")
def remove_site(site_id: int) -> Response:
    places.remove_site(actor(), site_id, if_match())
    return nothing()


@blp.route("/contacts", methods=["GET"])
@blp.arguments(CONTACTS.arguments(), location="query")
@blp.response(200, CONTACTS.page_shape())
@allow("customer.view")
def list_contacts(arguments: dict[str, Any]) -> Response:
    return page(CONTACTS, arguments)


@blp.route("/contacts", methods=["POST"])
@blp.arguments(ContactIn)
@blp.response(201, CONTACTS.shape())
@allow("customer.view")
def create_contact(values: dict[str, Any]) -> Response:
    return one(CONTACTS, places.create_contact(actor(), values).id, 201)


@blp.route("/contacts/<int:contact_id>", methods=["GET"])
@blp.response(200, CONTACTS.shape())
@allow("customer.view")
def get_contact(contact_id: int) -> Response:
    return one(CONTACTS, contact_id)


@blp.route("/contacts/<int:contact_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(ContactChange)
@blp.response(200, CONTACTS.shape())
@allow("customer.view")
def change_contact(values: dict[str, Any], contact_id: int) -> Response:
    return one(CONTACTS, places.change_contact(actor(), contact_id, values, if_match()).id)


@blp.route("/contacts/<int:contact_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("customer.view")
def remove_contact(contact_id: int) -> Response:
    places.remove_contact(actor(), contact_id, if_match())
    return nothing()


@blp.route("/policies", methods=["GET"])
@blp.arguments(POLICIES.arguments(), location="query")
@blp.response(200, POLICIES.page_shape())
@allow("customer.view")
def list_policies(arguments: dict[str, Any]) -> Response:
    return page(POLICIES, arguments)


@blp.route("/policies", methods=["POST"])
@blp.arguments(PolicyIn)
@blp.response(201, POLICIES.shape())
@allow("customer.edit")
def create_policy(values: dict[str, Any]) -> Response:
    return one(POLICIES, service.create_policy(actor(), values).id, 201)


@blp.route("/policies/<code>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(PolicyChange)
@blp.response(200, POLICIES.shape())
@allow("customer.edit")
def change_policy(values: dict[str, Any], code: str) -> Response:
    return one(POLICIES, service.change_policy(actor(), code, values, if_match()).id)
