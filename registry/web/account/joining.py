"""Pages behind mailed links: joining, a new password, another address. To open such a link changes nothing."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from marshmallow import ValidationError, fields
from werkzeug.wrappers import Response

from registry.kernel.errors import Conflict, Invalid
from registry.kernel.language import N_, _
from registry.kernel.locales import LANGUAGES
from registry.kernel.shapes import Line, Shape, time_zone
from registry.people.addresses import confirm_email
from registry.people.invitations import join
from registry.people.links import Purpose, find_link
from registry.people.models import User
from registry.people.recovery import ask_reset, reset
from registry.web.account.entering import enter
from registry.web.identity import check_same_site, origin
from registry.web.policy import public
from registry.web.speech import meet

pages = Blueprint("joining", __name__)
# A forgotten password stops none of his programs; one that was stolen may have made somebody a way in of his own.
RESET = N_(
    "Sign in with it from now on. API tokens, passkeys and calendar addresses go on "
    "working: if somebody else may have known your password, look through them on the "
    "page of your account, and take away what is not yours."
)


class Password(Shape):
    """A form's fields; what a password must be is for people/passwords.py to say."""

    password = fields.String(required=True)


class Joining(Password):
    name = Line(max=255, min=1, required=True)
    language = fields.String(required=True)
    time_zone = time_zone(required=True)


def _read(shape: type[Shape]) -> dict[str, Any]:
    """The form's fields. Raises Invalid."""
    check_same_site()
    try:
        return dict(shape().load({name: request.form.get(name, "") for name in shape().fields}))
    except ValidationError as error:
        raise Invalid(errors=error.normalized_messages()) from None


def _again(template: str, refusal: Invalid, **values: Any) -> tuple[str, int]:
    return render_template(template, errors=refusal.errors, **values), refusal.status


# --- Joining -----------------------------------------------------------------------------------------------


@pages.get("/invitation/<secret>")
@public
def invitation(secret: str) -> str:
    user = find_link(Purpose.INVITATION, secret).user
    meet(user.language)
    return render_template("account/invitation.html", errors={}, **_shown(user, secret))


@pages.post("/invitation/<secret>")
@public
def invitation_post(secret: str) -> Response | tuple[str, int]:
    user = find_link(Purpose.INVITATION, secret).user
    meet(user.language)
    try:
        values = _read(Joining)
        if values["language"] not in LANGUAGES:
            raise Invalid.field("language", _("Choose one of the languages in the list."))
        return enter(join(secret, origin(), **values), url_for("home.home"))
    except Invalid as refusal:
        return _again("account/invitation.html", refusal, **_shown(user, secret, request.form))


def _shown(user: User, secret: str, typed: Any = None) -> dict[str, Any]:
    known = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    return {"secret": secret, "email": user.email, "given": {**known, **(typed or {})}, "languages": LANGUAGES}


# --- A forgotten password ----------------------------------------------------------------------------------


@pages.get("/forgot")
@public
def forgot() -> str:
    return render_template("account/forgot.html")


@pages.post("/forgot")
@public
def forgot_post() -> str:
    check_same_site()
    ask_reset(request.form.get("email", ""), origin(), current_app.extensions["assetcare_jobs"].enqueue)
    return render_template("account/forgot.html", sent=True)


@pages.get("/reset/<secret>")
@public
def new_password(secret: str) -> str:
    user = _owner(secret)
    meet(user.language)
    return render_template("account/reset.html", errors={}, secret=secret, email=user.email)


@pages.post("/reset/<secret>")
@public
def new_password_post(secret: str) -> str | tuple[str, int]:
    user = _owner(secret)
    meet(user.language)
    email = user.email
    try:
        reset(secret, _read(Password)["password"], origin())
    except Invalid as refusal:
        return _again("account/reset.html", refusal, secret=secret, email=email)
    return render_template("account/done.html", title=_("Your password is set"), text=_(RESET))


def _owner(secret: str) -> User:
    return find_link(Purpose.RESET, secret).user  # type: ignore[no-any-return]


# --- Another e-mail address --------------------------------------------------------------------------------


@pages.get("/confirm/<secret>")
@public
def confirm(secret: str) -> str:
    return render_template("account/confirm.html", secret=secret, email=find_link(Purpose.EMAIL, secret).address)


@pages.post("/confirm/<secret>")
@public
def confirm_post(secret: str) -> str | tuple[str, int]:
    check_same_site()
    try:
        user = confirm_email(secret, origin())
    except Conflict as refusal:
        return render_template("account/done.html", title=_("This cannot be"), text=refusal.message), refusal.status
    text = _("Your account goes by %(email)s from now on: sign in with it.", email=user.email)
    return render_template("account/done.html", title=_("Your address is changed"), text=text)
