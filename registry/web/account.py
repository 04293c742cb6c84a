"""Sign in and out."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.kernel.errors import Unauthenticated
from registry.people import signin
from registry.web.identity import actor, check_same_site, cookie_name, origin, settings
from registry.web.policy import public, signed_in

pages = Blueprint("account", __name__)


@pages.get("/sign-in")
@public
def sign_in() -> Response | str:
    if g.get("signed_in"):
        return redirect(_next())
    return render_template("account/sign_in.html", next=request.args.get("next", ""), email="", error=None)


@pages.post("/sign-in")
@public
def sign_in_post() -> Response | tuple[str, int]:
    check_same_site()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        secret = signin.sign_in(email, password, origin())
    except Unauthenticated as refusal:
        page = render_template(
            "account/sign_in.html", next=request.form.get("next", ""), email=email, error=refusal.message
        )
        return page, 401
    signin.end_session(request.cookies.get(cookie_name(), ""))
    response = redirect(_next())
    response.set_cookie(cookie_name(), secret, secure=settings().https, httponly=True, samesite="Lax", path="/")
    return response


@pages.post("/sign-out")
@signed_in
def sign_out() -> Response:
    secret = request.cookies.get(cookie_name())
    if secret:
        signin.sign_out(secret, actor())
    response = redirect(url_for("account.sign_in"))
    response.delete_cookie(cookie_name(), path="/", secure=settings().https, httponly=True, samesite="Lax")
    return response


def _next() -> str:
    """Where to go on: a path of this site, or home. Never an address that somebody else chose."""
    wanted = request.values.get("next", "")
    sound = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if sound and all(ord(letter) >= 32 for letter in wanted) else url_for("home.home")
