"""Every route of the application, room by room."""

from flask import Blueprint, Flask

from registry.web import api

# Imported inside and not above: query shapes are made when a module of routes is loaded, and by then every room must
# have declared its filters.


def install(app: Flask) -> None:
    from registry.web import metrics, openapi, shell

    built = api.build(app, _rooms())
    openapi.install(app, built)
    shell.install(app)
    metrics.install(app)
    for pages in _pages():
        app.register_blueprint(pages)


def _rooms() -> list[api.ApiBlueprint]:
    """What speaks JSON, in the order of the API's document."""
    from registry.assets.api import blp as assets
    from registry.contracts.api import blp as contracts
    from registry.customers.api import blp as customers
    from registry.handover.api import blp as handover
    from registry.handover.erasure_api import blp as erasures
    from registry.imports.api import blp as imports
    from registry.licences.api import blp as licences
    from registry.notices.api import blp as notices
    from registry.notices.texts_api import blp as mail_texts
    from registry.notices.webhooks_api import blp as webhooks
    from registry.people.account_api import blp as own_account
    from registry.people.api import blp as people
    from registry.people.invitations_api import blp as invitations
    from registry.products.api import blp as products
    from registry.warranty.api import blp as warranty
    from registry.web import audit_api, exports_api, search_api

    rooms = [customers, own_account, people, invitations]
    rooms += [products, assets, licences, warranty, contracts, imports, webhooks]
    rooms += [notices, mail_texts]
    rooms += [handover, erasures]
    return [*rooms, search_api.blp, audit_api.blp, exports_api.blp]


def _pages() -> list[Blueprint]:
    """What speaks HTML, and to programs that watch over us."""
    from registry.assets.pages import pages as assets
    from registry.notices.calendar_pages import pages as calendar
    from registry.web import (
        account,
        find,
        health,
        home,
        joining,
        metrics,
        my_account,
        oidc_pages,
        overview,
        passkey_pages,
        statics,
    )

    modules = (
        health, metrics, statics, account, my_account, joining, passkey_pages, oidc_pages, home, find, overview,
    )  # fmt: skip
    return [*(module.pages for module in modules), assets, calendar]
