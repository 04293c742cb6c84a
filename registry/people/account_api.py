"""JSON routes about one's own account: profile, password, second factor, sessions.

Whatever proves who somebody is can be changed by himself only, signed in with a browser: no token does it.
"""

from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from registry.kernel.access import EVERYWHERE
from registry.kernel.errors import Forbidden
from registry.people import account, second_factor, service
from registry.people.listing import SESSIONS
from registry.people.models import Token
from registry.people.schemas import (
    CodeIn,
    ConfirmIn,
    EndedOut,
    MeChange,
    MeOut,
    PasswordIn,
    RecoveryCodesOut,
    SecondFactorBegun,
    SecondFactorOut,
    SessionPage,
)
from registry.web.account.entering import known
from registry.web.answers import if_match, json_response, nothing, thing
from registry.web.api import blueprint, versioned
from registry.web.customer import slugs
from registry.web.identity import actor, demands_second_factor, origin, settings
from registry.web.policy import own, signed_in

blp = blueprint("account", "One's own account")


@blp.route("/me", methods=["GET"])
@blp.response(200, MeOut)
@own(enrolling=True)
def me() -> Response:
    """Who the caller is, and what he may do where."""
    return _me()


@blp.route("/me", methods=["PATCH"])
@versioned(blp)
@blp.arguments(MeChange)
@blp.response(200, MeOut)
@signed_in
def change_me(values: dict[str, Any]) -> Response:
    """One's own name, language and time zone. Not by a token with a scope: that is for something else."""
    who = actor()
    if who.token_id is not None and Token.get_by_id(who.token_id).scope is not None:
        raise Forbidden()
    service.change_user(who, account.own_user(who).id, values, if_match())
    return _me()


def _me() -> Response:
    who, user = actor(), account.own_user(actor())
    names = slugs(who, [key for key in who.grants if key != EVERYWHERE])
    places = {("operator" if key == EVERYWHERE else names[key]): sorted(held) for key, held in who.grants.items()}
    shown = ("id", "email", "name", "kind", "language", "time_zone", "version")
    return thing({**{name: getattr(user, name) for name in shown}, "permissions": places})


@blp.route("/me/confirm", methods=["POST"])
@blp.arguments(ConfirmIn)
@blp.response(204)
@own(in_person=True, enrolling=True)
def confirm_me(values: dict[str, Any]) -> Response:
    """Prove again who one is, for the next ten minutes: whatever answers confirm_identity is open then."""
    account.confirm_identity(actor(), values["password"], values["code"], origin(), browser=known())
    return nothing()


@blp.route("/me/password", methods=["POST"])
@blp.arguments(PasswordIn)
@blp.response(204)
@own(sudo=True, in_person=True)
def change_password(values: dict[str, Any]) -> Response:
    """A new password. One's other sessions end; tokens and the second factor stay."""
    account.change_password(actor(), values["current_password"], values["new_password"])
    return nothing()


# --- The second factor -------------------------------------------------------------------------------------


@blp.route("/me/second-factor", methods=["GET"])
@blp.response(200, SecondFactorOut)
@own(in_person=True, enrolling=True)
def get_second_factor() -> Response:
    who = actor()
    since = second_factor.confirmed_at(who.user_id or 0)
    left = second_factor.codes_left(who.user_id or 0)
    known = {"active": since is not None, "confirmed_at": since, "recovery_codes_left": left}
    return json_response({**known, "demanded": demands_second_factor(who)})


@blp.route("/me/second-factor", methods=["POST"])
@blp.response(201, SecondFactorBegun)
@own(sudo=True, in_person=True, enrolling=True)
def begin_second_factor() -> Response:
    """A secret for an authenticator app. It counts once a code of it has come back; until then all stays as it is."""
    secret, uri = second_factor.begin(account.own_user(actor()))
    return json_response({"secret": secret, "uri": uri}, 201)


@blp.route("/me/second-factor/confirm", methods=["POST"])
@blp.arguments(CodeIn)
@blp.response(200, RecoveryCodesOut)
@own(sudo=True, in_person=True, enrolling=True)
def confirm_second_factor(values: dict[str, Any]) -> Response:
    """The first code of the app. One's other sessions end. The recovery codes are shown here and never again."""
    codes = account.confirm_second_factor(actor(), account.own_user(actor()), values["code"])
    return json_response({"recovery_codes": codes})


@blp.route("/me/second-factor", methods=["DELETE"])
@blp.response(204)
@own(sudo=True, in_person=True)
def remove_second_factor() -> Response:
    """No app and no recovery codes any more. One's other sessions end."""
    account.remove_second_factor(actor(), account.own_user(actor()))
    return nothing()


@blp.route("/me/recovery-codes", methods=["POST"])
@blp.response(200, RecoveryCodesOut)
@own(sudo=True, in_person=True)
def make_recovery_codes() -> Response:
    """New recovery codes in place of the old ones, shown here and never again."""
    return json_response({"recovery_codes": account.new_recovery_codes(actor(), account.own_user(actor()))})


# --- Sessions ----------------------------------------------------------------------------------------------


@blp.route("/sessions", methods=["GET"])
@blp.arguments(SESSIONS.arguments(), location="query")
@blp.response(200, SessionPage)
@own(in_person=True)
def list_sessions(arguments: dict[str, Any]) -> Response:
    """Where one is signed in."""
    return json_response(sessions(arguments))


def sessions(arguments: dict[str, Any]) -> dict[str, Any]:
    who, chosen = actor(), settings()
    idle, longest = timedelta(minutes=chosen.session_idle_minutes), timedelta(hours=chosen.session_hours)
    account.sweep_sessions(who, idle=idle, longest=longest)
    found = SESSIONS.page(who, arguments)
    for item in found["items"]:
        item["current"] = item["id"] == who.session_id
    return found


@blp.route("/sessions/<int:sign_in_id>", methods=["DELETE"])
@blp.response(204)
@own(in_person=True)
def end_session(sign_in_id: int) -> Response:
    account.end_own_session(actor(), sign_in_id)
    return nothing()


@blp.route("/sessions/end-others", methods=["POST"])
@blp.response(200, EndedOut)
@own(in_person=True)
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    return json_response({"ended": account.end_other_sessions(actor())})
