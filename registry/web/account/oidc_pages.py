"""To the identity provider and back."""

from flask import Blueprint, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from registry.kernel.errors import Unauthenticated
from registry.kernel.language import _
from registry.people import oidc
from registry.people.oidc_client import Client
from registry.web.account.entering import browser, enter, new_browser, onward, remember, sign_in_again
from registry.web.identity import origin, settings
from registry.web.policy import public

pages = Blueprint("oidc", __name__)
ANSWER = ("code", "state", "iss", "error")
LONGEST = 4000


def client() -> Client | None:
    """What this installation is at its identity provider; None without one."""
    chosen = settings()
    if not chosen.oidc_issuer:
        return None
    redirect_to = chosen.address + url_for("oidc.back")
    return Client(chosen.oidc_issuer, chosen.oidc_client_id, chosen.oidc_client_secret, redirect_to)


def provider_name() -> str | None:
    """What the button on the page to sign in says; None when there is to be none."""
    return settings().oidc_name if settings().oidc_issuer else None


@pages.record_once
def _for_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(provider_name=provider_name)


@pages.get("/sign-in/provider")
@public
def begin() -> Response:
    """A link, not a form: our content policy lets no form lead to another site."""
    wanted = onward(request.args.get("next"))
    provider = client()
    if provider is None or request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        return redirect(url_for("account.sign_in", next=wanted))  # nobody is sent there by another site
    name = new_browser()
    try:
        fresh = "fresh" in request.args
        return remember(redirect(oidc.begin(provider, name, origin(), wanted, fresh=fresh), 303), name)
    except Unauthenticated as refusal:
        return sign_in_again(refusal.message)


@pages.get("/sign-in/provider/back")
@public
def back() -> Response:
    provider = client()
    given = {name: request.args[name][:LONGEST] for name in ANSWER if name in request.args}
    try:
        if provider is None:
            raise Unauthenticated(_(oidc.REFUSED))
        trust = settings().oidc_second_factor
        secret, wanted = oidc.finish(provider, given, browser(), origin(), trust_second_factor=trust)
    except Unauthenticated as refusal:
        return sign_in_again(refusal.message)
    return enter(secret, wanted)
