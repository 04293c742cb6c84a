"""What static/js/passkeys.js asks for: options for the browser, and what to do with what it answers.

JSON both ways. Refusals are {"message": ...}, for the person in front of the browser.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import orjson
from flask import Blueprint, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from registry.kernel.errors import Invalid, NotFound, Problem, Unauthenticated
from registry.kernel.language import _
from registry.people import passkeys, signin
from registry.people.models import Passkey, User
from registry.people.passkeys import Site, site_of
from registry.people.signin import SignedIn
from registry.web.account.entering import browser, keep, new_browser, onward, remember
from registry.web.answers import json_response
from registry.web.identity import actor, check_same_site, cookie_name, origin, settings
from registry.web.policy import own, public

pages = Blueprint("passkeys", __name__)
MOST_BYTES = 64 * 1024
View = Callable[..., Response]


def told(view: View) -> View:
    """Problems as JSON: nobody sees a page here."""

    @wraps(view)
    def inner(**given: Any) -> Response:
        try:
            return view(**given)
        except Problem as problem:
            text = " ".join(word for words in problem.errors.values() for word in words) or problem.message
            response = json_response({"code": problem.code, "message": text}, problem.status)
            response.headers.update(problem.headers)
            return response

    return inner


def site() -> Site:
    """Where passkeys of this installation are good. Raises NotFound where browsers allow none."""
    found = site_of(settings().address)
    if found is None:
        raise NotFound(_("Passkeys need an https address with a name."))
    return found


def _body() -> dict[str, Any]:
    if (request.content_length or 0) > MOST_BYTES:
        raise Invalid(_("This is too long."))
    try:
        found = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(_("Send a JSON object."))
    return found


def _next(body: dict[str, Any]) -> str:
    return onward(body.get("next"))


@pages.record_once
def _for_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(own_passkeys=own_passkeys, passkeys_possible=passkeys_possible)


# --- Signing in --------------------------------------------------------------------------------------------


@pages.post("/sign-in/passkey/options")
@public
@told
def sign_in_options() -> Response:
    check_same_site()
    name = new_browser()
    return remember(json_response(passkeys.sign_in_options(site(), name, origin())), name)


@pages.post("/sign-in/passkey")
@public
@told
def sign_in() -> Response:
    check_same_site()
    body = _body()
    secret = passkeys.sign_in(site(), body.get("credential"), browser(), origin())
    return keep(json_response({"next": _next(body)}), secret)


# --- The second factor -------------------------------------------------------------------------------------


def _half() -> tuple[User, str]:
    """Whoever has given the password and not yet the second factor, with what his cookie holds."""
    secret = request.cookies.get(cookie_name(), "")
    half = signin.half_session(secret)
    if half is None:
        raise Unauthenticated(_(signin.ENDED))
    return half.user, secret


@pages.post("/sign-in/second/passkey/options")
@public
@told
def second_factor_options() -> Response:
    check_same_site()
    user, secret = _half()
    return json_response(passkeys.second_factor_options(site(), user, secret))


@pages.post("/sign-in/second/passkey")
@public
@told
def second_factor() -> Response:
    check_same_site()
    user, secret = _half()
    body = _body()
    passkeys.prove_second_factor(site(), user, body.get("credential"), secret, origin())
    return keep(json_response({"next": _next(body)}), signin.finish(secret, origin(), by="passkey"))


# --- Confirming that it is still the user ------------------------------------------------------------------


def _own() -> tuple[User, str]:
    return User.get_by_id(actor().user_id), request.cookies.get(cookie_name(), "")


@pages.post("/account/confirm/passkey/options")
@own(in_person=True, enrolling=True)
@told
def confirm_options() -> Response:
    return json_response(passkeys.second_factor_options(site(), *_own()))


@pages.post("/account/confirm/passkey")
@own(in_person=True, enrolling=True)
@told
def confirm() -> Response:
    user, secret = _own()
    body = _body()
    passkeys.prove_second_factor(site(), user, body.get("credential"), secret, origin())
    signin.confirm_session(cast(int, actor().session_id), second="passkey")
    return json_response({"next": _next(body)})


# --- One's own passkeys ------------------------------------------------------------------------------------


def own_passkeys() -> list[Passkey] | None:
    """For the account's page; None where there can be none."""
    found: SignedIn | None = g.get("signed_in")
    if found is None or site_of(settings().address) is None:
        return None
    return passkeys.passkeys_of(found.actor.user_id or 0)


def passkeys_possible() -> bool:
    """For the page to sign in."""
    return site_of(settings().address) is not None


@pages.post("/account/passkeys/options")
@own(sudo=True, in_person=True, enrolling=True)
@told
def registration_options() -> Response:
    return json_response(passkeys.registration_options(site(), *_own()))


@pages.post("/account/passkeys")
@own(sudo=True, in_person=True, enrolling=True)
@told
def register() -> Response:
    user, secret = _own()
    body = _body()
    name = body.get("name")
    passkeys.register(
        site(), actor(), user, name if isinstance(name, str) else "", body.get("credential"), secret, origin()
    )
    return json_response({"next": _next(body)}, 201)


@pages.post("/account/passkeys/<int:passkey_id>/name")
@own(sudo=True, in_person=True, enrolling=True)
def rename(passkey_id: int) -> Response:
    passkeys.rename(actor(), _own()[0], passkey_id, request.form.get("name", ""))
    return _back()


@pages.post("/account/passkeys/<int:passkey_id>/remove")
@own(sudo=True, in_person=True, enrolling=True)
def remove(passkey_id: int) -> Response:
    passkeys.remove_passkey(actor(), _own()[0], passkey_id)
    return _back()


def _back() -> Response:
    return redirect(url_for("my_account.overview", _anchor="passkeys"), 303)
