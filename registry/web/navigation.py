"""The ways to go: what stands in the navigation, for whom, in which order."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

from flask import current_app, g, request, url_for

from registry.kernel.access import Actor
from registry.kernel.language import N_
from registry.web import slots
from registry.web.lists.links import pages_of


@dataclass(frozen=True, slots=True)
class Way:
    """`permission`: the right that the page asks for; "" for none. `below`: further blueprints that it leads to. A way
    whose page does not exist is not shown."""

    endpoint: str
    text: str
    icon: str
    permission: str = ""
    below: tuple[str, ...] = ()

    @property
    def blueprint(self) -> str:
        return self.endpoint.partition(".")[0]


OF_OPTICS = ("optic_batches", "optic_ports", "optic_profiles")
# Groups of ways: (heading, ways). Those of a customer lead to /c/<slug>/..., those of the house to its own pages.
OF_CUSTOMER = (
    ("", (Way("overview.overview", N_("Overview"), "layout-dashboard", "customer.view"),)),
    (
        N_("Inventory"),
        (
            Way("assets.list_assets", N_("Assets"), "server", "asset.view"),
            Way("optics.list_optics", N_("Optics"), "cable", "asset.view", OF_OPTICS),
            Way("licences.list_licences", N_("Licences"), "key-round", "licence.view"),
            Way("imports.list_imports", N_("Imports"), "upload", "import.run"),
            Way("label_prints.overview", N_("Labels"), "tag", "label.print"),
            Way("labels.scan", N_("Scan"), "qr-code", "asset.view"),
        ),
    ),
    (
        N_("What is promised"),
        (
            Way("warranties.list_warranties", N_("Warranties"), "shield-check", "warranty.view"),
            Way("contracts.list_contracts", N_("Contracts"), "file-text", "contract.view"),
        ),
    ),
    (
        N_("Company"),
        (
            Way("sites.list_sites", N_("Sites"), "map-pin", "customer.view"),
            Way("contacts.list_contacts", N_("Contacts"), "contact", "customer.view"),
            Way("members.list_members", N_("People"), "users", "user.view"),
            Way("notices.overview", N_("Notices"), "bell", "notice.view"),
            Way("handover.overview", N_("Handing over"), "package", "custody.view"),
            Way("history.list_history", N_("History"), "history", "audit.view"),
        ),
    ),
)
# Of all customers together: shown while no customer is chosen.
OF_ALL = (
    (
        N_("All customers"),
        (
            Way("house_assets.list_assets", N_("Assets"), "server", "asset.view"),
            Way("labels.scan", N_("Scan"), "qr-code", "asset.view"),
            Way("house_licences.list_licences", N_("Licences"), "key-round", "licence.view"),
            Way("house_warranties.list_warranties", N_("Warranties"), "shield-check", "warranty.view"),
            Way("house_contracts.list_contracts", N_("Contracts"), "file-text", "contract.view"),
            Way("house_sites.list_sites", N_("Sites"), "map-pin", "customer.view"),
            Way("house_contacts.list_contacts", N_("Contacts"), "contact", "customer.view"),
        ),
    ),
)
OF_HOUSE = (
    (
        N_("House"),
        (
            Way("house_dashboard.overview", N_("Dashboard"), "chart-column", "customer.view"),
            Way("home.home", N_("Customers"), "building-2"),
            Way("products.list_products", N_("Products"), "boxes", "product.view"),
            Way("house_label_prints.overview", N_("Labels"), "tag", "label.print"),
            Way("terms.list_terms", N_("Warranty terms"), "scroll-text", "warranty.view"),
            Way("users.list_users", N_("Users"), "users", "user.view"),
            Way("house_history.list_history", N_("History"), "history", "audit.view"),
            Way("house.overview", N_("Settings"), "settings", "setting.edit"),
        ),
    ),
)


def url_if(endpoint: str, **values: Any) -> str | None:
    """The address of a page, if there is such a page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


class Step(NamedTuple):
    """A way as it stands on a page."""

    url: str
    text: str
    icon: str
    here: bool


Groups = tuple[tuple[str, tuple[Step, ...]], ...]


def ways(customer: Any) -> Groups:
    """((heading, (step, ...)), ...) for the reader of this page.

    `customer`: of the page, or the only one that he belongs to; None for neither.
    """
    who: Actor = g.signed_in.actor
    found = [(heading, _open(who, group, customer)) for heading, group in OF_CUSTOMER] if customer else []
    if customer:
        found.append((N_("Added by plugins") if who.is_operator else N_("More"), _of_plugins(who, customer)))
    if who.is_operator:
        groups = OF_HOUSE if customer else (*OF_HOUSE, *OF_ALL)
        found += [(heading, _open(who, group, None)) for heading, group in groups]
        found.append((N_("Added by plugins"), _of_plugins(who, None)))
    return tuple((heading, steps) for heading, steps in found if steps)


def _open(who: Actor, group: tuple[Way, ...], customer: Any) -> tuple[Step, ...]:
    here, pages = request.blueprint, current_app.view_functions
    address = pages_of(customer.slug if customer else "")
    return tuple(
        Step(address(way.endpoint), way.text, way.icon, here == way.blueprint or here in way.below)
        for way in group
        if way.endpoint in pages and _may(who, way.permission, customer)
    )


def _likeness(way: Any) -> int:
    """Of how many steps of its address this page is: a plugin may have several ways."""
    pairs = zip(way.url.split("/"), request.path.split("/"), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _of_plugins(who: Actor, customer: Any) -> tuple[Step, ...]:
    """What plugins add for the customer, or for the house."""
    here, found = request.blueprint, slots.menu(customer, who)
    nearest = max((way for way in found if way.blueprint == here), key=_likeness, default=None)
    steps = [Step(way.url, way.text, way.icon, way is nearest) for way in found]
    if customer and who.can("plugin.set", customer.id) and slots.to_set(customer.id, who):
        steps.append(Step(pages_of(customer.slug)(SET.endpoint), SET.text, SET.icon, here == SET.blueprint))
    return tuple(steps)


SET = Way("own_plugins.list_settings", N_("Their settings"), "plug")


def _may(who: Actor, permission: str, customer: Any) -> bool:
    if not permission:
        return True
    return who.can(permission, customer.id) if customer else who.can_somewhere(permission)
