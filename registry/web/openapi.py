"""The OpenAPI document, and a page to try it."""

from typing import Any

import orjson
from flask import Blueprint, Flask, render_template
from flask_smorest import Api
from werkzeug.wrappers import Response

from registry.web.api import PREFIX
from registry.web.policy import public, signed_in

# The viewer sets style attributes from its script; everything else stays as strict as elsewhere.
DOCS_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install(app: Flask, api: Api) -> None:
    pages = Blueprint("openapi", __name__)
    made: list[bytes] = []

    @pages.get(f"{PREFIX}/openapi.json")
    @public
    def document() -> Response:
        if not made:
            made.append(orjson.dumps(describe(api), default=float))  # limits may be Decimals
        return Response(made[0], content_type="application/json")

    @pages.get(f"{PREFIX}/docs")
    @signed_in
    def docs() -> Response:
        page = render_template("api_docs.html")
        return Response(page, headers={"Content-Security-Policy": DOCS_CSP}, mimetype="text/html")

    app.register_blueprint(pages)
    app.extensions["assetcare_api"] = api


def describe(api: Api) -> dict[str, Any]:
    """The document as a dict."""
    return api.spec.to_dict()
