"""The door: sign in with a password and, where there is one, the second factor; confirm who one is; sign out."""

import secrets

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.kernel.errors import Forbidden, Problem, Throttled, Unauthenticated
from registry.kernel.language import _
from registry.people import account, signin
from registry.people.second_factor import has_app
from registry.web.account.entering import enter, known, leave, onward
from registry.web.identity import actor, check_same_site, cookie_name, origin
from registry.web.policy import own, public

pages = Blueprint("account", __name__)
Page = Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@pages.get("/sign-in")
@public
def sign_in() -> Response | str:
    if g.get("signed_in"):
        return redirect(_place())
    return render_template("account/sign_in.html", next=request.args.get("next", ""), email="", error=None)


@pages.post("/sign-in")
@public
def sign_in_post() -> Page:
    check_same_site()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        secret = signin.sign_in(email, password, origin(), browser=known())
    except (Unauthenticated, Throttled) as refusal:
        return _again("account/sign_in.html", refusal, email=email)
    return enter(secret, _place())


@pages.get("/sign-in/second-step")
@public
def second_step() -> Response | str:
    """Only with a half session; anybody else begins at the beginning."""
    half = signin.half_session(request.cookies.get(cookie_name(), ""))
    if half is None:
        return redirect(url_for("account.sign_in", next=_place()))
    ways = signin.ways_of(half.user_id)
    return render_template("account/second_step.html", next=_place(), ways=ways, half_csrf=half.csrf, error=None)


@pages.post("/sign-in/second-step")
@public
def second_step_post() -> Page:
    check_same_site()
    secret = request.cookies.get(cookie_name(), "")
    half = signin.half_session(secret)
    if half is None:
        return redirect(url_for("account.sign_in", next=_place()))
    if not secrets.compare_digest(request.form.get("csrf_token", "").encode(), half.csrf.encode()):
        raise Forbidden(_("The form has expired. Go back, reload the page and send it again."), code="csrf")
    try:
        full = signin.finish_by_code(secret, request.form.get("code", ""), origin(), browser=known())
    except (Unauthenticated, Throttled) as refusal:
        ways = signin.ways_of(half.user_id)
        return _again("account/second_step.html", refusal, ways=ways, half_csrf=half.csrf)
    return enter(full, _place())


@pages.get("/account/confirm")
@own(in_person=True, enrolling=True)
def confirm() -> str:
    return _confirm_page({})


@pages.post("/account/confirm")
@own(in_person=True, enrolling=True)
def confirm_post() -> Page:
    form = request.form
    try:
        account.confirm_identity(actor(), form.get("password", ""), form.get("code", ""), origin(), browser=known())
    except Problem as problem:
        errors = problem.errors or {"password": [problem.message]}
        return _confirm_page(errors), problem.status, problem.headers
    return redirect(_place("my_account.overview"))


@pages.post("/sign-out")
@own(enrolling=True)
def sign_out() -> Response:
    secret = request.cookies.get(cookie_name())
    if secret:
        signin.sign_out(secret, actor())
    return leave(redirect(url_for("account.sign_in")))


def _again(template: str, refusal: Problem, **values: object) -> Page:
    page = render_template(template, next=request.form.get("next", ""), error=refusal.message, **values)
    return page, refusal.status, refusal.headers


def _confirm_page(errors: object) -> str:
    user = account.own_user(actor())
    return render_template(
        "account/confirm_identity.html", next=_place("my_account.overview"), errors=errors,
        has_password=user.password_hash is not None, has_app=has_app(user.id),
    )  # fmt: skip


def _place(default: str = "home.home") -> str:
    return onward(request.values.get("next") or url_for(default))
