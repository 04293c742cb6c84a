"""The OpenAPI document, and a page to try it."""

from threading import Lock

import orjson
from flask import Blueprint, Flask, render_template
from flask_smorest import Api
from werkzeug.wrappers import Response

from registry.web import document
from registry.web.api import PREFIX
from registry.web.policy import public, signed_in

# The viewer sets style attributes from its script; everything else stays as strict as elsewhere.
DOCS_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install(app: Flask, api: Api) -> None:
    pages = Blueprint("openapi", __name__)
    made: list[bytes] = []  # at the first request, since most processes are never asked
    making = Lock()

    @pages.get(f"{PREFIX}/openapi.json")
    @public
    def openapi_json() -> Response:
        if not made:
            with making:
                made[:] = made or [orjson.dumps(document.describe(app))]
        return Response(made[0], content_type="application/json")

    @pages.get(f"{PREFIX}/docs")
    @signed_in
    def docs() -> Response:
        page = render_template("api_docs.html")
        return Response(page, headers={"Content-Security-Policy": DOCS_CSP}, mimetype="text/html")

    app.extensions["assetcare_api"] = api
    app.register_blueprint(pages)
