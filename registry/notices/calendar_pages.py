"""The address that calendar programs read."""

from dataclasses import replace

from flask import Blueprint, request
from werkzeug.wrappers import Response

from registry.kernel import throttle, wall
from registry.kernel.errors import NotFound
from registry.kernel.throttle import Limit, network_of
from registry.notices.calendar import calendar_of
from registry.notices.feeds import reader_of
from registry.people.signin import SignedIn
from registry.web.identity import lacks_second_factor
from registry.web.policy import public

pages = Blueprint("calendar", __name__)

WRONG = Limit(60, 3600)  # of one network


@pages.get("/calendar/<secret>.ics")
@public
def calendar(secret: str) -> Response:
    """The calendar of whoever the secret was made for; 404 once he may no more, as for one that never was."""
    reader = reader_of(secret)
    if reader is None or lacks_second_factor(SignedIn(replace(reader, kind="token"))):
        throttle.take("calendar", network_of(request.remote_addr), WRONG, wait=False)
        raise NotFound()
    with wall.carried(wall.scope_of(reader.customers)):
        body = calendar_of(reader)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    # Kept by the program that asked, and asked for again each time: an unchanged calendar costs no transfer.
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)
