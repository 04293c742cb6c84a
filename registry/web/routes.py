"""Every route of the application, room by room."""

from flask import Flask

from registry.web import api


def install(app: Flask) -> None:
    # Imported here and not above: query shapes are made when a module of routes is loaded, and by then every room
    # must have declared its filters.
    from registry.assets.api import blp as assets
    from registry.assets.pages import pages as asset_pages
    from registry.contracts.api import blp as contracts
    from registry.customers.api import blp as customers
    from registry.imports.api import blp as imports
    from registry.licences.api import blp as licences
    from registry.people.api import blp as people
    from registry.products.api import blp as products
    from registry.warranty.api import blp as warranty
    from registry.web import account, audit_api, exports_api, find, health, home, openapi, overview, search_api, shell
    from registry.web.statics import pages as static_files

    rooms = [customers, people, products, assets, licences, warranty, contracts, imports]
    built = api.build(app, [*rooms, search_api.blp, audit_api.blp, exports_api.blp])
    openapi.install(app, built)
    shell.install(app)
    for pages in (health.pages, static_files, account.pages, home.pages, find.pages, overview.pages, asset_pages):
        app.register_blueprint(pages)
