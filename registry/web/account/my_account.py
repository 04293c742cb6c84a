"""Pages of one's own account: profile, password, second factor, sessions, tokens."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from registry.kernel import clock
from registry.kernel.errors import Conflict, Invalid, Problem, Throttled
from registry.kernel.language import _
from registry.kernel.locales import LANGUAGES
from registry.kernel.writing import ANY_VERSION
from registry.people import account, second_factor, service, tokens
from registry.people.addresses import ask_new_email
from registry.people.listing import SESSIONS, TOKENS
from registry.people.schemas import MeChange, TokenIn
from registry.web.account.entering import onward
from registry.web.identity import actor, demands_second_factor, settings
from registry.web.policy import own
from registry.web.qr import qr_picture

pages = Blueprint("my_account", __name__, url_prefix="/account")
Page = Response | tuple[str, int] | tuple[str, int, dict[str, str]]
MOST = 100  # sessions and tokens on the page
# In this order: each names itself as one of those below it, too.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@pages.get("")
@own(in_person=True)
def overview() -> str:
    return _overview()


def _overview(
    errors: Mapping[str, Any] | None = None, typed: Mapping[str, str] | None = None, made: str | None = None
) -> str:
    """`made`: the secret of a token that was just made."""
    who = actor()
    user = account.own_user(who)
    idle, longest = timedelta(minutes=settings().session_idle_minutes), timedelta(hours=settings().session_hours)
    account.sweep_sessions(who, idle=idle, longest=longest)
    return render_template(
        "account/account.html", user=user, languages=LANGUAGES, errors=errors or {}, typed=typed or {}, made=made,
        sessions=SESSIONS.page(who, {"sort": "-id", "limit": MOST})["items"], here=who.session_id,
        tokens=TOKENS.page(who, {"sort": "-id", "limit": MOST})["items"], now=clock.now().isoformat(),
        app_since=second_factor.confirmed_at(user.id), codes_left=second_factor.codes_left(user.id),
    )  # fmt: skip


@pages.post("/profile")
@own(in_person=True)
def change_profile() -> Page:
    given = {name: request.form.get(name, "") for name in ("name", "language", "time_zone")}
    who = actor()
    try:
        service.change_user(who, who.user_id or 0, MeChange().load(given), ANY_VERSION)
    except ValidationError as error:
        return _overview(error.normalized_messages(), given), 422
    return _back("profile")


@pages.post("/language")
@own(in_person=True, enrolling=True)
def change_language() -> Page:
    """From the menu of any page: another language, and back to that page."""
    who, wanted = actor(), {"language": request.form.get("language", "")}
    try:
        service.change_user(who, who.user_id or 0, MeChange().load(wanted), ANY_VERSION)
    except ValidationError as error:
        raise Invalid(errors=error.normalized_messages()) from None
    return redirect(onward(request.form.get("next")), 303)


@pages.app_template_filter("browser")
def browser_name(agent: str | None) -> str:
    """Firefox on Windows, as far as the User-Agent tells; what it does not tell is shown as it came."""
    known = agent or ""
    name = next((called for word, called in BROWSERS.items() if word in known), "")
    system = next((called for word, called in SYSTEMS.items() if word in known), "")
    if name and system:
        return _("%(name)s on %(system)s", name=name, system=system)
    return name or known[:60] or _("Unknown")


@pages.post("/email")
@own(sudo=True, in_person=True)
def new_email() -> Page:
    """Ask for another address; the link to joining's page goes there."""
    given, who = request.form.get("email", ""), actor()
    try:
        ask_new_email(who, account.own_user(who), given)
    except (Invalid, Throttled) as problem:
        return _overview(_errors(problem, "email"), {"email": given}), problem.status, problem.headers
    return redirect(url_for("my_account.overview", email="sent", _anchor="email-address"), 303)


# --- Password ----------------------------------------------------------------------------------------------


@pages.get("/password")
@own(sudo=True, in_person=True)
def password() -> str:
    return _password({})


@pages.post("/password")
@own(sudo=True, in_person=True)
def change_password() -> Page:
    form = request.form
    try:
        if form.get("new_password", "") != form.get("again", ""):
            raise Invalid.field("again", _("This is not the same as the new password above."))
        account.change_password(actor(), form.get("current_password", ""), form.get("new_password", ""))
    except (Invalid, Throttled) as problem:
        return _password(_errors(problem, "current_password")), problem.status, problem.headers
    return _back("password")


def _password(errors: Mapping[str, Any]) -> str:
    user = account.own_user(actor())
    return render_template("account/password.html", user=user, errors=errors)


# --- Second factor -----------------------------------------------------------------------------------------


@pages.get("/second-factor")
@own(sudo=True, in_person=True, enrolling=True)
def second_factor_page() -> str:
    return _second_factor({})


def _second_factor(errors: Mapping[str, Any]) -> str:
    user = account.own_user(actor())
    secret = second_factor.pending(user.id)
    uri = second_factor.address_of(user, secret) if secret else None
    return render_template(
        "account/second_factor.html", errors=errors, app_since=second_factor.confirmed_at(user.id),
        codes_left=second_factor.codes_left(user.id), demanded=demands_second_factor(actor()),
        secret=secret, uri=uri, picture=uri and qr_picture(uri),
    )  # fmt: skip


@pages.post("/second-factor")
@own(sudo=True, in_person=True, enrolling=True)
def begin_second_factor() -> Response:
    second_factor.begin(account.own_user(actor()))
    return redirect(url_for("my_account.second_factor_page"), 303)


@pages.post("/second-factor/confirm")
@own(sudo=True, in_person=True, enrolling=True)
def confirm_second_factor() -> Page:
    try:
        codes = account.confirm_second_factor(actor(), account.own_user(actor()), request.form.get("code", ""))
    except (Invalid, Conflict, Throttled) as problem:
        return _second_factor(_errors(problem, "code")), problem.status, problem.headers
    return render_template("account/recovery_codes.html", codes=codes), 200


@pages.post("/second-factor/remove")
@own(sudo=True, in_person=True)
def remove_second_factor() -> Response:
    account.remove_second_factor(actor(), account.own_user(actor()))
    return redirect(url_for("my_account.second_factor_page"), 303)


@pages.post("/recovery-codes")
@own(sudo=True, in_person=True)
def make_recovery_codes() -> str:
    codes = account.new_recovery_codes(actor(), account.own_user(actor()))
    return render_template("account/recovery_codes.html", codes=codes)


# --- Sessions and tokens -----------------------------------------------------------------------------------


@pages.post("/sessions/<int:sign_in_id>/end")
@own(in_person=True)
def end_session(sign_in_id: int) -> Response:
    account.end_own_session(actor(), sign_in_id)
    return _back("sessions")


@pages.post("/sessions/end-others")
@own(in_person=True)
def end_other_sessions() -> Response:
    account.end_other_sessions(actor())
    return _back("sessions")


@pages.post("/tokens")
@own(sudo=True, in_person=True)
def create_token() -> Page:
    form, who = request.form, actor()
    given: dict[str, Any] = {"name": form.get("name", ""), "scope": ["read"] if form.get("scope") == "read" else None}
    try:
        values = TokenIn().load({**given, "days": int(form.get("days", "")) if form.get("days", "").isdecimal() else 0})
    except (ValidationError, ValueError) as error:
        problems = (
            error.normalized_messages() if isinstance(error, ValidationError) else {"days": [_("Give a number.")]}
        )
        return _overview({f"token_{name}": texts for name, texts in problems.items()}, form), 422
    _token, secret = tokens.create_token(who, account.own_user(who), **values)
    return _overview(made=secret), 200


@pages.post("/tokens/<int:own_token_id>/revoke")
@own(in_person=True)
def revoke_token(own_token_id: int) -> Response:
    tokens.revoke_token(actor(), own_token_id)
    return _back("tokens")


def _back(part: str) -> Response:
    return redirect(url_for("my_account.overview", _anchor=part), 303)


def _errors(problem: Problem, field: str) -> Mapping[str, Any]:
    """Beside the field it is about; what is about none, beside `field`."""
    return problem.errors or {field: [problem.message]}
