"""Static files, with no look at the database. A name that carries its hash may be kept for a year."""

from flask import Blueprint, request, send_from_directory
from werkzeug.wrappers import Response

from registry.kernel.paths import resource_dir
from registry.web.policy import public

pages = Blueprint("static", __name__)
YEAR = 31_536_000


def static(filename: str) -> Response:
    lasting = "v" in request.args
    response = send_from_directory(resource_dir("static"), filename, max_age=YEAR if lasting else 3600)
    if lasting:
        response.cache_control.immutable = True
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; sandbox"
    return response


static.__static__ = True  # type: ignore[attr-defined]  # needs no database
pages.add_url_rule("/static/<path:filename>", "static", public(static))
