"""Every route of the application, room by room."""

from flask import Flask

from registry.web import api


def install(app: Flask) -> None:
    # Imported here and not above: query shapes are made when a module of routes is loaded, and by then every room
    # must have declared its filters.
    from registry.assets.api import blp as assets
    from registry.contracts.api import blp as contracts
    from registry.customers.api import blp as customers
    from registry.imports.api import blp as imports
    from registry.licences.api import blp as licences
    from registry.people.api import blp as people
    from registry.products.api import blp as products
    from registry.warranty.api import blp as warranty
    from registry.web import account, audit_api, exports_api, health, home, openapi, search_api, statics

    rooms = [customers, people, products, assets, licences, warranty, contracts, imports]
    built = api.build(app, [*rooms, search_api.blp, audit_api.blp, exports_api.blp])
    openapi.install(app, built)
    for pages in (health.pages, statics.pages, account.pages, home.pages):
        app.register_blueprint(pages)
