"""Every route of the application, room by room."""

import importlib

from flask import Blueprint, Flask

from registry.web import api

# Imported inside and not above: query shapes are made when a module of routes is loaded, and by then every room must
# have declared its filters.


def install(app: Flask) -> None:
    from registry.web import metrics, openapi, shell
    from registry.web.plugins import routes as plugins

    built = api.build(app, _rooms())
    openapi.install(app, built)
    shell.install(app)
    metrics.install(app)
    for pages in _pages():
        app.register_blueprint(pages)
    plugins.install(app, built)


def _rooms() -> list[api.ApiBlueprint]:
    """What speaks JSON, in the order of the API's document."""
    from registry.assets.api import blp as assets
    from registry.assets.files_api import blp as asset_files
    from registry.contracts.api import blp as contracts
    from registry.customers.api import blp as customers
    from registry.handover.api import blp as handover
    from registry.handover.erasure_api import blp as erasures
    from registry.imports.api import blp as imports
    from registry.labels.api import blp as labels
    from registry.licences.api import blp as licences
    from registry.notices.api import blp as notices
    from registry.notices.texts_api import blp as mail_texts
    from registry.notices.webhooks_api import blp as webhooks
    from registry.optics.api import blp as optics
    from registry.people.account_api import blp as own_account
    from registry.people.api import blp as people
    from registry.people.helping_api import blp as proofs
    from registry.people.invitations_api import blp as invitations
    from registry.products.api import blp as products
    from registry.views.api import blp as views
    from registry.warranty.api import blp as warranty
    from registry.web import search_api
    from registry.web.history import audit_api
    from registry.web.lists import exports_api
    from registry.web.papers import api as papers_api

    rooms = [customers, own_account, people, invitations, proofs]
    rooms += [products, assets, asset_files, licences, warranty, contracts, imports, webhooks]
    rooms += [notices, mail_texts, views]
    rooms += [labels, optics]
    rooms += [handover, erasures]
    return [*rooms, search_api.blp, audit_api.blp, exports_api.blp, papers_api.blp]


# What adds routes to a blueprint that stands in another module of its room: forms, papers, files ...
ADDING = (
    "assets.file_pages", "assets.form_pages", "assets.paper_pages", "assets.unit_pages", "contracts.content_pages",
    "contracts.contract_pages", "customers.paper_pages", "customers.place_pages", "customers.policy_pages",
    "handover.custody_pages", "handover.leaving_pages", "imports.step_pages", "labels.sheet_pages",
    "licences.licence_pages", "optics.form_pages", "optics.memory_pages",
    "notices.mail_text_pages", "notices.webhook_pages", "people.person_pages", "products.product_pages",
    "warranty.asset_pages", "warranty.warranty_pages", "web.account.my_calendar", "web.lists.bulk_pages",
)  # fmt: skip


def _pages() -> list[Blueprint]:
    """What speaks HTML, and to programs that watch over us."""
    for name in ADDING:
        importlib.import_module(f"registry.{name}")
    return [*_ground(), *_of_rooms(), *_of_all_customers(), *_of_the_company()]


def _ground() -> list[Blueprint]:
    """Getting in, finding, what one sees first."""
    from registry.web import find, health, home, lookups, metrics, statics
    from registry.web.account import joining, my_account, oidc_pages, passkey_pages, signing_in
    from registry.web.dashboard import house as house_dashboard
    from registry.web.dashboard import overview

    modules = [health, metrics, statics, signing_in, my_account, joining, passkey_pages, oidc_pages]
    modules += [home, find, overview, lookups, house_dashboard]
    return [module.pages for module in modules]


def _of_rooms() -> list[Blueprint]:
    from registry.assets.pages import pages as assets
    from registry.contracts.pages import pages as contracts
    from registry.customers.pages import contacts, sites
    from registry.imports.pages import pages as imports
    from registry.labels.device_pages import pages as scanner
    from registry.labels.pages import pages as labels
    from registry.labels.print_pages import pages as label_prints
    from registry.labels.unit_pages import pages as unit_labels
    from registry.licences.pages import pages as licences
    from registry.notices.calendar_pages import pages as calendar
    from registry.notices.unsubscribe_pages import pages as unsubscribe
    from registry.optics.batch_pages import pages as optic_batches
    from registry.optics.pages import pages as optics
    from registry.optics.port_pages import pages as optic_ports
    from registry.optics.profile_pages import pages as optic_profiles
    from registry.people.pages import members, users
    from registry.products.pages import pages as products
    from registry.warranty.pages import pages as warranties
    from registry.warranty.terms_pages import pages as terms

    return [
        assets, licences, warranties, terms, contracts, products, sites, contacts, members, users, imports, calendar,
        unsubscribe, labels, unit_labels, label_prints, scanner, optics,
        optic_batches, optic_ports, optic_profiles,
    ]  # fmt: skip


def _of_all_customers() -> list[Blueprint]:
    """Lists of all customers together, and what is the same for every list."""
    from registry.assets.pages import house as assets
    from registry.contracts.pages import house as contracts
    from registry.customers.pages import house_contacts, house_sites
    from registry.labels.print_pages import house as label_prints
    from registry.licences.pages import house as licences
    from registry.warranty.pages import house as warranties
    from registry.web.lists import pages as list_pages

    known = [assets, licences, warranties, contracts, house_sites, house_contacts]
    return [*known, label_prints, list_pages.lists, list_pages.house_lists]


def _of_the_company() -> list[Blueprint]:
    """About the company itself, its people and its history, and the settings of the house."""
    from registry.assets import setting_pages
    from registry.customers import company_pages
    from registry.handover import pages as handover
    from registry.notices import pages as notices
    from registry.web.history import pages as history
    from registry.web.plugins import pages as plugins

    return [
        company_pages.house, company_pages.pages, handover.pages, notices.pages, history.pages, history.house,
        setting_pages.pages, plugins.pages, plugins.own,
    ]  # fmt: skip
