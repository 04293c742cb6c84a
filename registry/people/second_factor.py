"""The second factor: codes of an authenticator app (TOTP), and recovery codes on paper for when that is gone."""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp

from registry.actions import Action
from registry.kernel import clock, throttle
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid
from registry.kernel.language import N_, _
from registry.kernel.secrets import hash_token, vault
from registry.kernel.throttle import Limit
from registry.kernel.writing import note
from registry.people.ending import end_sessions
from registry.people.models import RecoveryCode, SecondFactor, Session, User

STEP = 30  # seconds
DIGITS = 6
ISSUER = "Assetcare"
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike; sixteen of them are 79 bits
GROUPS, GROUP = 4, 4
PENDING_FOR = timedelta(hours=1)
TRIES = (Limit(10, 60), Limit(100, 86_400))  # the second keeps whoever knows the password from guessing for days
PAPER_TRIES = Limit(10, 60)
WRONG = N_("This code is not right, or it was used before. Wait for the next one, and check the clock of your device.")

Check = Callable[[int], bool]


def has_app(user_id: int) -> bool:
    """Whether codes of an app are asked for."""
    return _of(user_id, SecondFactor.secret.is_null(False)) is not None


def confirmed_at(user_id: int) -> datetime | None:
    """Since when codes of an app are asked for."""
    row = _of(user_id, SecondFactor.secret.is_null(False))
    return row.confirmed_at if row is not None else None


WAYS: dict[str, Check] = {"code": has_app}
"""Second factors by name, and whether a user has it. Whoever has one is asked for it after the password."""


PROOFS: dict[str, Check] = {"code": has_app}
"""What somebody can have who must have a second factor, by name; of it one may be asked for only now and then."""


def ways_of(user_id: int) -> list[str]:
    """The second factors that are asked of this user after his password."""
    return [name for name, has in WAYS.items() if has(user_id)]


def has_any(user_id: int) -> bool:
    return any(has(user_id) for has in PROOFS.values())


def _of(user_id: int, condition: Any) -> SecondFactor | None:
    found: SecondFactor | None = SecondFactor.get_or_none((SecondFactor.user == user_id) & condition)
    return found


# --- Setting it up -----------------------------------------------------------------------------------------


def begin(user: User) -> tuple[str, str]:
    """A new secret for an app, and its otpauth address. Nothing changes until `confirm` has seen a code of it."""
    secret = pyotp.random_base32()
    values = {"pending": vault().seal(secret), "pending_at": clock.now()}
    with transaction():
        SecondFactor.insert(user=user, **values).on_conflict(
            conflict_target=[SecondFactor.user], update=values
        ).execute()
    return secret, address_of(user, secret)


def address_of(user: User, secret: str) -> str:
    """What an authenticator app reads from the picture."""
    return str(pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=user.email, issuer_name=ISSUER))


def pending(user_id: int) -> str | None:
    """The secret that waits for its first code."""
    row = _pending(user_id)
    return vault().open(row.pending or "") if row is not None else None


def _pending(user_id: int) -> SecondFactor | None:
    return _of(user_id, SecondFactor.pending.is_null(False) & (SecondFactor.pending_at > clock.now() - PENDING_FOR))


def confirm(actor: Actor, user: User, code: str, *, customer_id: int | None = None) -> list[str]:
    """The app is set up, in place of an earlier one, and every other session ended; answers new recovery codes.

    Raises Conflict, Invalid, Throttled.
    """
    _count(user.id, "")
    row = _pending(user.id)
    if row is None:
        raise Conflict(_("Nothing waits to be confirmed: begin anew."), code="not_begun")
    step = _step_of(vault().open(row.pending or ""), code)
    if step is None:
        raise Invalid.field("code", _(WRONG))
    ready = {"secret": row.pending, "pending": None, "pending_at": None, "last_step": step}
    with transaction():
        same = (SecondFactor.id == row.id) & (SecondFactor.pending == row.pending)
        if not SecondFactor.update(**ready, confirmed_at=clock.now()).where(same).execute():
            raise Conflict(_("Nothing waits to be confirmed any more: begin anew."), code="not_begun")
        note(actor, Action.SECOND_FACTOR_SET, user, customer_id=customer_id)
        end_sessions(user.id, keep=actor.session_id)
        Session.update(second="code").where((Session.user == user) & (Session.id == actor.session_id)).execute()
        return _new_codes(user)


def remove(actor: Actor, user: User, *, customer_id: int | None = None) -> bool:
    """No app and no recovery codes any more; every other session ends. Whether there were any."""
    with transaction():
        there = SecondFactor.delete().where(SecondFactor.user == user).execute()
        codes = RecoveryCode.delete().where(RecoveryCode.user == user).execute()
        if there or codes:
            note(actor, Action.SECOND_FACTOR_REMOVED, user, customer_id=customer_id)
            end_sessions(user.id, keep=actor.session_id)
            proved = Session.second.in_(("code", "recovery"))
            Session.update(second=None).where((Session.user == user) & proved).execute()
    return bool(there or codes)


# --- Codes -------------------------------------------------------------------------------------------------


def _step_of(secret: str, code: str) -> int | None:
    """The time step that a code belongs to: the present one, the one before or the one after."""
    given = "".join(code.split())
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        return None
    app, now = pyotp.TOTP(secret, digits=DIGITS, interval=STEP), int(clock.now().timestamp()) // STEP
    fits = [step for step in (now, now - 1, now + 1) if hmac.compare_digest(app.generate_otp(step), given)]
    return fits[0] if fits else None


def _count(user_id: int, browser: str) -> None:
    """A browser known to the account has buckets of its own: strangers cannot use up its owner's tries."""
    for limit in TRIES:
        throttle.take(f"second factor in {limit.seconds}", f"{user_id} {browser}", limit)


def check_code(user_id: int, code: str, *, browser: str = "") -> bool:
    """Whether this is a code of the user's app that was not used yet; it is used now. Raises Throttled."""
    _count(user_id, browser)
    row = _of(user_id, SecondFactor.secret.is_null(False))
    step = _step_of(vault().open(row.secret or ""), code) if row is not None else None
    if row is None or step is None:
        return False
    fresh = SecondFactor.last_step.is_null() | (SecondFactor.last_step < step)
    with transaction():
        same = (SecondFactor.id == row.id) & (SecondFactor.secret == row.secret)
        return bool(SecondFactor.update(last_step=step).where(same & fresh).execute())


def new_codes(actor: Actor, user: User, *, customer_id: int | None = None) -> list[str]:
    """Ten new recovery codes; the old ones are good for nothing. They can be seen only now. Raises Conflict."""
    with transaction():
        if not has_app(user.id):
            raise Conflict(_("Set up an authenticator app first."), code="no_second_factor")
        note(actor, Action.RECOVERY_CODES_MADE, user, customer_id=customer_id)
        return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    RecoveryCode.delete().where(RecoveryCode.user == user).execute()
    codes = ["-".join(_letters() for _ in range(GROUPS)) for _ in range(CODES)]
    RecoveryCode.insert_many([{"user": user, "hash": hash_token(_plain(code))} for code in codes]).execute()
    return codes


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUP))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isascii() and letter.isalnum())


def codes_left(user_id: int) -> int:
    return int(RecoveryCode.select().where((RecoveryCode.user == user_id) & RecoveryCode.used_at.is_null()).count())


def use_recovery_code(actor: Actor, user: User, code: str) -> bool:
    """Whether this is one of the user's recovery codes; it is used now, by one caller only. Raises Throttled."""
    throttle.take("recovery code", str(user.id), PAPER_TRIES)
    unused = (RecoveryCode.user == user) & (RecoveryCode.hash == hash_token(_plain(code)))
    with transaction():
        used = RecoveryCode.update(used_at=clock.now()).where(unused & RecoveryCode.used_at.is_null()).execute()
        if used:
            note(actor, Action.RECOVERY_CODE_USED, user, after={"left": codes_left(user.id)})
        return bool(used)


def is_recovery_code(code: str) -> bool:
    """By its looks: people type either into one field."""
    return len(_plain(code)) > DIGITS
