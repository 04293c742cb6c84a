"""Lists of customers, sites, contacts and policies."""

from typing import Any

from peewee import fn

from registry.customers.models import (
    CONTACT_SEARCH,
    CUSTOMER_SEARCH,
    AccountManager,
    Contact,
    Customer,
    ServicePolicy,
    Site,
)
from registry.customers.service import customer_by, policies, without_manager
from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.search import matching
from registry.kernel.shapes import FlagText, Line, Ref
from registry.people.models import Membership, User


def of_customer(model: Any) -> Filter:
    """The filter ?customer=slug-or-id for any customer-owned table; our own pages give the customer they have found."""
    return Filter(
        Ref(),
        lambda _actor, customer_id: model.customer_id == customer_id,
        plain=True,
        find=lambda actor, value: value.id if isinstance(value, Customer) else customer_by(actor, value).id,
    )


def _unmanaged(actor: Actor, wanted: bool) -> Any:
    ids = without_manager(actor).select(Customer.id)
    return Customer.id.in_(ids) if wanted else Customer.id.not_in(ids)


CUSTOMERS = declare(
    Listing(
        "customer",
        Customer,
        "customer.view",
        columns=[
            Column("id", "Id", Customer.id, "integer"),
            Column("slug", "Short name", Customer.slug),
            Column("name", "Name", Customer.name),
            Column("language", "Language", Customer.language),
            Column("time_zone", "Time zone", Customer.time_zone),
            Column("currency", "Currency", Customer.currency),
            Column("customer_since", "Customer since", Customer.customer_since, "day"),
            Column("active", "Active", Customer.active, "boolean"),
            Column("account_manager", "Account manager", User.name),
            Column("account_manager_email", "Account manager's e-mail", User.email),
            Column("policy", "Service policy", ServicePolicy.code),
            Column("version", "Version", Customer.version, "integer"),
            Column("policy_overrides", "Policy overrides", Customer.policy_overrides, "json", detail=True),
            Column("notes", "Notes", Customer.notes, detail=True),
            Column("created_at", "Created", Customer.created_at, "moment", detail=True),
            Column("changed_at", "Changed", Customer.changed_at, "moment", detail=True),
        ],
        joins=[
            (
                AccountManager,
                (AccountManager.customer_id == Customer.id) & AccountManager.until.is_null(),
            ),
            (User, (User.id == AccountManager.user) & (User.active == True)),  # noqa: E712 - SQL
            (ServicePolicy, Customer.policy == ServicePolicy.id),
        ],
        filters={
            "q": Filter(Line(max=100, min=1), lambda _a, v: matching(CUSTOMER_SEARCH, v)),
            "slug": equals(Customer.slug),
            "active": flag(Customer.active == True),  # noqa: E712 - SQL
            "without_manager": Filter(FlagText(), _unmanaged),
        },
        orders={"slug": Customer.slug},
    )
)

SITES = declare(
    Listing(
        "site",
        Site,
        "customer.view",
        columns=[
            Column("id", "Id", Site.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("name", "Name", Site.name),
            Column("address", "Address", Site.address),
            Column("city", "City", Site.city),
            Column("province", "Province", Site.province),
            Column("country", "Country", Site.country),
            Column("postal_code", "Postal code", Site.postal_code),
            Column("version", "Version", Site.version, "integer"),
        ],
        joins=[(Customer, Site.customer_id == Customer.id)],
        filters={
            "customer": of_customer(Site),
            "name": equals(Site.name),
            "city": equals(Site.city),
            "country": Filter(Line(max=2, min=2), lambda _a, v: Site.country == v.upper()),
        },
    )
)

CONTACTS = declare(
    Listing(
        "contact",
        Contact,
        "customer.view",
        columns=[
            Column("id", "Id", Contact.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("name", "Name", Contact.name),
            Column("email", "E-mail", Contact.email),
            Column("phone", "Telephone", Contact.phone),
            Column("title", "Title", Contact.title),
            Column("site", "Site", Site.name),
            Column("trained", "Trained", Contact.trained, "boolean"),
            Column("language", "Language", Contact.language),
            Column("notes", "Notes", Contact.notes),
            Column("version", "Version", Contact.version, "integer"),
        ],
        joins=[(Customer, Contact.customer_id == Customer.id), (Site, Contact.site == Site.id)],
        filters={
            "customer": of_customer(Contact),
            "q": Filter(Line(max=100, min=1), lambda _a, v: matching(CONTACT_SEARCH, v)),
            "email": Filter(Line(max=255, min=1), lambda _a, v: fn.LOWER(Contact.email) == v.lower()),
            "trained": flag(Contact.trained == True),  # noqa: E712 - SQL
        },
    )
)

POLICIES = declare(
    Listing(
        "policy",
        ServicePolicy,
        "customer.view",
        columns=[
            Column("id", "Id", ServicePolicy.id, "integer"),
            Column("code", "Code", ServicePolicy.code),
            Column("name", "Name", ServicePolicy.name),
            Column("settings", "Settings", ServicePolicy.settings, "json"),
            Column("version", "Version", ServicePolicy.version, "integer"),
        ],
        scope=policies,
    )
)


def _members(actor: Actor) -> Any:
    query = Membership.select().where(Membership.customer_id.is_null(False))
    mine = actor.customers
    return query if mine is None else query.where(Membership.customer_id.in_(sorted(mine)))


# Who may act for a customer, with his role there: for its page. The API tells of a user and all of his roles.
MEMBERS = Listing(
    "member",
    Membership,
    "user.view",
    columns=[
        Column("id", "Id", Membership.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("user_id", "User id", Membership.user_id, "integer"),
        Column("name", "Name", User.name),
        Column("email", "E-mail", User.email),
        Column("role", "Role", Membership.role),
        Column("active", "Active", User.active, "boolean"),
        Column("kind", "Kind", User.kind),
        Column("language", "Language", User.language, detail=True),
        Column("time_zone", "Time zone", User.time_zone, detail=True),
        Column("created_at", "Created", User.created_at, "moment", detail=True),
    ],
    joins=[(User, Membership.user == User.id), (Customer, Membership.customer_id == Customer.id)],
    filters={
        "customer": of_customer(Membership),
        "role": equals(Membership.role),
        "active": flag(User.active == True),  # noqa: E712 - SQL
        "kind": equals(User.kind),
        "email": Filter(Line(max=255, min=1), lambda _a, v: User.email == v.lower()),
    },
    scope=_members,
)
