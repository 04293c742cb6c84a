"""Verbs about one's own account: proving again who one is, password, second factor, sessions."""

from datetime import timedelta
from typing import Any

from registry.actions import Action
from registry.kernel import clock, throttle
from registry.kernel.access import Actor
from registry.kernel.db import transaction, write_if_free
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.language import N_, _
from registry.kernel.throttle import Limit
from registry.kernel.writing import note
from registry.people import second_factor, signin
from registry.people.alerts import alert
from registry.people.ending import end_sessions
from registry.people.models import Session, User
from registry.people.passwords import check_password
from registry.people.service import home_of, set_password
from registry.people.signin import Origin

TRIES = Limit(10, 60)
NOT_YOURS = N_("This is not your password.")


def own_user(actor: Actor) -> User:
    """The user behind the actor. Raises NotFound for the house itself."""
    user: User | None = User.get_or_none(User.id == (actor.user_id or 0))
    if user is None:
        raise NotFound()
    return user


def confirm_identity(actor: Actor, password: str, code: str, origin: Origin, *, browser: str = "") -> None:
    """Prove again who one is, by all that signing in with a password asks for; the session remembers it for a while.

    Raises Invalid naming `password` or `code`, Throttled, Conflict for who has no password: he signs in anew.
    """
    user = own_user(actor)
    throttle.take("confirm identity", str(user.id), TRIES)
    if user.password_hash is None:
        raise Conflict(_("You have no password to confirm with: sign out and in again."), code="no_password")
    if not check_password(user.password_hash, password):
        signin.put_on_record(user, origin, "confirmation")
        raise Invalid.field("password", _(NOT_YOURS))
    asked = second_factor.has_app(user.id)
    if asked and signin.check_second_factor(user, code, origin, browser=browser) is None:
        signin.put_on_record(user, origin, "confirmation")
        raise Invalid.field("code", _(second_factor.WRONG))
    signin.confirm_session(actor.session_id or 0)


def change_password(actor: Actor, current: str, new: str) -> User:
    """For whoever knows his password, or has none yet. His other sessions end.

    Raises Invalid naming `current_password` or `new_password`, Throttled.
    """
    user = own_user(actor)
    throttle.take("password change", str(user.id), TRIES)
    if user.password_hash is not None and not check_password(user.password_hash, current):
        raise Invalid.field("current_password", _(NOT_YOURS))
    return set_password(actor, user.id, new, field="new_password")


def confirm_second_factor(actor: Actor, user: User, code: str) -> list[str]:
    """The first code of the app: from now on it is asked for, and the user is told. Answers the recovery codes.

    Raises Conflict, Invalid, Throttled.
    """
    codes = second_factor.confirm(actor, user, code, customer_id=home_of(user))
    with transaction():
        alert("second_factor_on", user, Origin(actor.address))
    return codes


def new_recovery_codes(actor: Actor, user: User) -> list[str]:
    """Ten new ones in place of the old. Raises Conflict for who has no app."""
    return second_factor.new_codes(actor, user, customer_id=home_of(user))


def remove_second_factor(actor: Actor, user: User) -> bool:
    """No app and no recovery codes any more, of whom the caller has made sure; he is told. Whether there were any."""
    with transaction():
        removed = second_factor.remove(actor, user, customer_id=home_of(user))
        if removed:
            alert("second_factor_off", user, Origin(actor.address))
    return removed


# --- Sessions ----------------------------------------------------------------------------------------------


def sweep_sessions(actor: Actor, *, idle: timedelta, longest: timedelta) -> None:
    """Take away one's own sessions that have ended by themselves, before one looks at the list."""
    now = clock.now()
    over = (Session.seen_at < now - idle) | (Session.created_at < now - longest)
    write_if_free(Session.delete().where((Session.user == (actor.user_id or 0)) & over))


def own_sessions(actor: Actor) -> Any:
    """Sessions of one's own that are open: half ones are not."""
    return Session.select().where((Session.user == (actor.user_id or 0)) & (Session.stage == "full"))


def end_own_session(actor: Actor, session_id: int) -> None:
    """Raises NotFound for one that is not one's own, or has ended."""
    session = own_sessions(actor).where(Session.id == session_id).first() if session_id < 2**63 else None
    if session is None:
        raise NotFound()
    with transaction():
        if Session.delete().where(Session.id == session.id).execute():
            note(actor, Action.SESSION_ENDED, session, after={"user": actor.user_id})


def end_other_sessions(actor: Actor) -> int:
    """End all but the one that asks. How many there were."""
    user = own_user(actor)
    with transaction():
        ended = end_sessions(user.id, keep=actor.session_id)
        note(actor, Action.SESSIONS_ENDED, user, customer_id=home_of(user), after={"sessions": ended})
    return ended
