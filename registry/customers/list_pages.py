"""What the lists of customers, of their sites, contacts and people show."""

from typing import Any

from registry.customers.listing import CONTACTS, CUSTOMERS, MEMBERS, SITES
from registry.customers.models import Site
from registry.customers.places import change_contacts
from registry.customers.schemas import ContactChange
from registry.kernel.access import Actor, visible
from registry.kernel.language import N_, _
from registry.kernel.prepared import Kept, fetched
from registry.web.lists import cells, tables
from registry.web.lists.bulk import Bulk, Part
from registry.web.lists.cells import Around, Cell, Row, Show, joined
from registry.web.lists.tables import Control, Empty, New, Table, table
from registry.web.words.countries import country

_texts: Kept = {}


def _customer(row: Row, around: Around) -> Cell:
    link = around.link("overview.overview", {"customer": row["slug"]}, "customer")
    return Cell(row["name"], row["slug"], link, mark="" if row["active"] else _("Inactive"))


def _manager(row: Row, _around: Around) -> Cell:
    if not row["account_manager"]:
        return Cell(_("Nobody yet"), badge="warn")
    return Cell(row["account_manager"], row["account_manager_email"] or "")


def _town(row: Row, _around: Around) -> Cell:
    town = joined(row["city"], row["province"])
    return Cell(town or cells.NOTHING.text, row["address"] or "")


def _country(row: Row, _around: Around) -> Cell:
    return Cell(country(row["country"])) if row["country"] else cells.NOTHING


def _countries(around: Around) -> list[tuple[str, str]]:
    """Those that there are sites in."""

    def write(scope: Actor, customer_id: int = 0) -> Any:
        query = visible(Site, scope, Site.country).where(Site.country != "").distinct().limit(tables.MANY)
        return query.where(Site.customer_id == customer_id) if customer_id else query

    mine = [around.customer.id] if around.customer else []
    found = fetched(_texts, ("countries", bool(mine)), around.who, mine, write)
    return sorted(((code, country(code)) for (code,) in found), key=lambda pair: pair[1])


def _reached(row: Row, _around: Around) -> Cell:
    said = row["email"] or row["phone"] or cells.NOTHING.text
    return Cell(said, row["phone"] if row["email"] else "", style=cells.style_of(said))


CUSTOMER_TABLE = table(
    Table(
        CUSTOMERS,
        N_("Customers"),
        shown=("customer", "account_manager", "policy", "time_zone", "customer_since"),
        shows=(
            Show("customer", N_("Customer"), ("name", "slug"), _customer, ("active",)),
            Show("account_manager", N_("Account manager"), ("account_manager", "account_manager_email"), _manager),
            Show("language", N_("Language"), ("language",), cells.coded("language", "language")),
            Show("policy", N_("Service policy"), ("policy",), cells.gathered("policy", "policies")),
        ),
        controls=(
            tables.find(N_("Name")),
            tables.yes_or_no("active", N_("Active")),
            tables.yes_or_no("without_manager", N_("Account manager"), N_("Nobody yet"), N_("Somebody")),
        ),
        gather=cells.named_policies,
        new=New(N_("New customer"), "customer.edit", ("customers.new_customer",)),
        empty=Empty(N_("There are no customers yet."), N_("Set up the first one."),
                    N_("Ask an administrator to give you a role.")),
        house="home.home",
    )
)  # fmt: skip

SITE_TABLE = table(
    Table(
        SITES,
        N_("Sites"),
        shown=("name", "town", "country"),
        shows=(
            Show("town", N_("Address"), ("city", "province", "address"), _town),
            Show("country", N_("Country"), ("country",), _country),
        ),
        controls=(
            tables.of_customer,
            Control("city", N_("City"), "text"),
            Control("country", N_("Country"), options=_countries),
        ),
        details=("sites.show_site", "sites.edit_site"),
        new=New(N_("New site"), "customer.contacts", ("sites.new_site",)),
        empty=Empty(N_("No sites yet."), N_("Add the first place where assets stand.")),
        endpoint="sites.list_sites",
        house="house_sites.list_sites",
    )
)

CONTACT_TABLE = table(
    Table(
        CONTACTS,
        N_("Contacts"),
        shown=("name", "reached", "site", "trained"),
        shows=(
            Show("name", N_("Name"), ("name", "title"), cells.two_lines("name", "title")),
            Show("reached", N_("E-mail and telephone"), ("email", "phone"), _reached),
            Show("language", N_("Language"), ("language",), cells.coded("language", "language")),
        ),
        controls=(
            tables.find(N_("Name, e-mail or telephone")),
            tables.of_customer,
            tables.yes_or_no("trained", N_("Trained")),
        ),
        details=("contacts.show_contact", "contacts.edit_contact"),
        new=New(N_("New contact"), "customer.contacts", ("contacts.new_contact",)),
        empty=Empty(N_("No contacts yet."), N_("Add the people we may talk to.")),
        bulk=Bulk(
            "customer.contacts",
            ContactChange,
            (
                Part("site", N_("Site"), "choice", tables.sites, clear=None),
                Part("trained", N_("Trained"), "choice", lambda _a: [("true", _("Yes")), ("false", _("No"))]),
                Part("title", N_("Job title"), clear=""),
            ),
            change_contacts,
            ("site", "trained", "title"),
        ),
        endpoint="contacts.list_contacts",
        house="house_contacts.list_contacts",
    )
)

MEMBER_TABLE = table(
    Table(
        MEMBERS,
        N_("People"),
        shown=("name", "role", "kind", "active"),
        shows=(
            Show("name", N_("Name"), ("name", "email"), cells.two_lines("name", "email")),
            Show("role", N_("Role"), ("role",), cells.coded("role", "role")),
            Show("kind", N_("Kind"), ("kind",), cells.coded("kind", "user_kind")),
            Show("active", N_("May sign in"), ("active",), cells.yes_no("active")),
            Show("language", N_("Language"), ("language",), cells.coded("language", "language")),
        ),
        controls=(
            tables.coded("role", N_("Role"), "role", ("manager", "member", "reader")),
            tables.coded("kind", N_("Kind"), "user_kind"),
            tables.yes_or_no("active", N_("May sign in")),
            Control("email", N_("E-mail"), "text"),
        ),
        details=("members.show_person", "members.show_member"),
        key="user_id",
        new=New(N_("Add a person"), "user.edit", ("members.new_person", "members.new_member")),
        empty=Empty(N_("Nobody has access yet."), N_("Invite the first person."), N_("Nobody may sign in here yet.")),
        endpoint="members.list_members",
    )
)
