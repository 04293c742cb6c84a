"""Into the house: what every way of signing in ends with, and where one goes on to."""

from typing import Any, cast

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.kernel.secrets import new_token
from registry.people import signin
from registry.people.browsers import is_known, known_browser
from registry.web.identity import cookie_name, settings

KNOWN_SECONDS = 365 * 86_400
JOURNEY_SECONDS = 600


def enter(secret: str, place: str) -> Response:
    """The answer to a sign-in: the new session's cookie, and on to `place` - by way of the second factor while the
    session is but half of one."""
    half = signin.half_session(secret) is not None
    return keep(redirect(url_for("account.second_step", next=place) if half else place), secret)


def keep(response: Response, secret: str) -> Response:
    """The answer with the new session's cookie; whatever was open in this browser ends."""
    signin.end_session(request.cookies.get(cookie_name(), ""))
    user = signin.owner_of(secret)
    if user is not None and not is_known(known(), user) and signin.half_session(secret) is None:
        _set(response, f"{cookie_name()}-known", known_browser(user), seconds=KNOWN_SECONDS)
    return _set(response, cookie_name(), secret)


def leave(response: Response) -> Response:
    """The answer to whoever signs out."""
    response.delete_cookie(cookie_name(), path="/", secure=settings().https, httponly=True, samesite="Lax")
    return response


def known() -> str:
    """What this browser kept of an earlier sign-in, if anything: see people/browsers.py."""
    return request.cookies.get(f"{cookie_name()}-known", "")


def _set(response: Response, name: str, value: str, *, seconds: int | None = None) -> Response:
    """A cookie that no script reads. It goes with the browser's session, or lasts `seconds`."""
    secure = settings().https
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


# --- Journeys: begun in one browser, to be finished in the same one ----------------------------------------


def new_browser() -> str:
    """A name for this browser while it is on such a journey: several tabs share it."""
    return browser() or new_token()


def browser() -> str:
    """The name that it was given; "" for one that has begun nothing."""
    found = request.cookies.get(f"{cookie_name()}-journey", "")
    return found if len(found) == len(new_token()) and found.isascii() else ""


def remember(response: Response, name: str) -> Response:
    return _set(response, f"{cookie_name()}-journey", name, seconds=JOURNEY_SECONDS)


# --- Where to ----------------------------------------------------------------------------------------------


def onward(wanted: Any) -> str:
    """Where to go on: a path of this site, or home. Never an address that somebody else chose."""
    sound = isinstance(wanted, str) and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    if sound and "\\" not in wanted and all(ord(letter) >= 32 for letter in wanted):
        return cast(str, wanted)
    return url_for("home.home")


def sign_in_again(message: str, wanted: str = "") -> Response:
    """The page to sign in, with what went wrong."""
    return make_response(render_template("account/sign_in.html", next=wanted, email="", error=message), 401)
