"""Sign-in, sessions and tokens: the single place where a credential becomes an actor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from registry.actions import Action
from registry.kernel import clock, throttle
from registry.kernel.access import EVERYWHERE, Actor
from registry.kernel.db import run_sql, transaction, write_if_free
from registry.kernel.errors import Unauthenticated
from registry.kernel.jobs import job
from registry.kernel.language import N_, _
from registry.kernel.logs import log
from registry.kernel.secrets import hash_token, new_token
from registry.kernel.shapes import LINE
from registry.kernel.throttle import Limit, network_of
from registry.kernel.writing import note
from registry.people import second_factor
from registry.people.browsers import is_known
from registry.people.models import Session, Token, User
from registry.people.passwords import check_password, renewed
from registry.people.roles import permissions_of
from registry.people.tokens import expand_scope
from registry.people.vouching import vouched_for

FORGET_AFTER = timedelta(days=30)  # longer than any session may last
TOUCH_AFTER = timedelta(minutes=1)  # last use is kept to the minute: a write for every request would cost more
HALF_FOR = timedelta(minutes=10)
CONFIRMED_FOR = timedelta(minutes=10)
NO_TIME = timedelta(0)
TRIES = Limit(10, 60)  # of one account's password
NETWORK_TRIES = Limit(60, 60)  # from one network: a company has one address, and its people come in the morning
WRONG = N_("E-mail and password do not match an active account.")
ENDED = N_("This sign-in took too long, or it was finished elsewhere. Begin anew.")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str | None = None
    agent: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`confirmed_at`: when he last proved who he is; `second`: the second factor that the session was opened with.
    By token there is neither, nor a CSRF token.
    """

    actor: Actor
    csrf: str | None = None
    confirmed_at: datetime | None = None
    second: str | None = None
    machine: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether he has proved who he is only just."""
        return self.confirmed_at is not None and clock.now() - self.confirmed_at < CONFIRMED_FOR


# --- By password -------------------------------------------------------------------------------------------


def sign_in(email: str, password: str, origin: Origin, *, browser: str = "") -> str:
    """Check the password and open a session; answers what the cookie must hold: of a half session if there is a second
    factor. `browser`: what `known_browser` once gave to this browser.

    Raises Unauthenticated, in the same words and after the same work in every case, and Throttled.
    """
    address = email.strip().lower()
    user = User.get_or_none(User.email == address) if LINE.match(address) else None
    _count(address, user, origin, browser)
    sound = check_password(user.password_hash if user else None, password)
    found = user if sound else vouched_for(address, password)
    if found is None or not found.active:
        put_on_record(found or user, origin)
        raise Unauthenticated(_(WRONG))
    if not sound:
        return open_session(found, origin, how="plugin")
    if renewal := renewed(found.password_hash or "", password):
        User.update(password_hash=renewal).where(User.id == found.id).execute()
        found.password_hash = renewal
    return open_session(found, origin)


def _count(address: str, user: User | None, origin: Origin, browser: str) -> None:
    """Before the check. A browser that has signed in before has a bucket of its own, so that strangers who try the
    account day and night do not lock its owner out."""
    if user is not None and is_known(browser, user):
        throttle.take("sign in, known browser", browser, TRIES)
    else:
        throttle.take("sign in, network", network_of(origin.address), NETWORK_TRIES)
        throttle.take("sign in, account", address, TRIES)


def put_on_record(user: User | None, origin: Origin, step: str = "password") -> None:
    """A proof that was not right. On accounts that do not exist too: otherwise the time would tell which do."""
    tried = user or User(email="unknown account")
    who = Actor("user", tried.email, {}, tried.id, address=origin.address, request_id=origin.request_id)
    with transaction():
        note(who, Action.SIGN_IN_FAILED, tried, after={"step": step})


# --- Sessions ----------------------------------------------------------------------------------------------


def open_session(
    user: User, origin: Origin, *, how: str = "password", second_factor: bool = False, age: timedelta | None = NO_TIME
) -> str:
    """A new session of this user, whatever proved who he is (password, passkey, oidc, link); answers what the cookie
    must hold. It is only half a session if the user has a second factor and `how` was none (`half_session` tells).
    `age`: how long ago that proof was given; None when nobody knows.

    Raises Unauthenticated for an account that is shut, or a machine's, or whose password has just been changed.
    """
    with transaction():
        found = User.get_or_none((User.id == user.id) & (User.active == True) & (User.kind == "person"))  # noqa: E712
        if found is None or (how == "password" and found.password_hash != user.password_hash):
            raise Unauthenticated(_(WRONG))
        if not second_factor and ways_of(found.id):
            log.info("half_signed_in", user_id=found.id, how=how)
            return _store(found, origin, how=how, stage="half")
        return _open_full(found, origin, how, how if second_factor else None, age)


def ways_of(user_id: int) -> list[str]:
    """The second factors that this user has: code, passkey."""
    return second_factor.ways_of(user_id)


def _open_full(user: User, origin: Origin, how: str, second: str | None, age: timedelta | None = NO_TIME) -> str:
    who = Actor("user", user.email, {}, user.id, address=origin.address, request_id=origin.request_id)
    note(who, Action.SIGNED_IN, user, after={"how": how, "second_factor": second})
    return _store(user, origin, how=how, second=second, confirmed_at=None if age is None else clock.now() - age)


def _store(user: User, origin: Origin, **values: Any) -> str:
    secret, now = new_token(), clock.now()
    Session.create(
        id_hash=hash_token(secret), user=user, csrf=new_token(), created_at=now, seen_at=now,
        address=origin.address, agent=(origin.agent or "")[:255], **values,
    )  # fmt: skip
    return secret


def half_session(secret: str) -> Session | None:
    """The half session behind a cookie, with its user: somebody who has still to give a second factor."""
    alive = (Session.stage == "half") & (Session.created_at > clock.now() - HALF_FOR) & (User.active == True)  # noqa: E712
    query: Any = Session.select(Session, User).join(User).where((Session.id_hash == hash_token(secret)) & alive)
    found: Session | None = query.first()
    return found


def finish(half_secret: str, origin: Origin, *, by: str) -> str:
    """The second factor was given (`by`: code, recovery, passkey): a full session under a new id, in place of the half.

    Answers what the cookie must hold. Raises Unauthenticated when the half session has ended; of many callers at once
    one gets through.
    """
    with transaction():
        half = half_session(half_secret)
        if half is None or not Session.delete().where(Session.id == half.id).execute():
            raise Unauthenticated(_(ENDED))
        return _open_full(half.user, origin, half.how, by)


def finish_by_code(half_secret: str, code: str, origin: Origin, *, browser: str = "") -> str:
    """The same by a code of the app or from paper. Raises Unauthenticated, Throttled."""
    half = half_session(half_secret)
    if half is None:
        raise Unauthenticated(_(ENDED))
    by = check_second_factor(half.user, code, origin, browser=browser)
    if by is None:
        put_on_record(half.user, origin, "second factor")
        raise Unauthenticated(_(second_factor.WRONG))
    return finish(half_secret, origin, by=by)


def check_second_factor(user: User, code: str, origin: Origin, *, browser: str = "") -> str | None:
    """Use up a code: which kind it was, or None for one that is not good (any more). Raises Throttled."""
    who = Actor("user", user.email, {}, user.id, address=origin.address, request_id=origin.request_id)
    if second_factor.is_recovery_code(code):
        return "recovery" if second_factor.use_recovery_code(who, user, code) else None
    known = browser if is_known(browser, user) else ""
    return "code" if second_factor.check_code(user.id, code, browser=known) else None


def confirm_session(session_id: int, *, second: str | None = None) -> None:
    """The user of this session has just proved again who he is, by a `second` factor that it may not have had yet."""
    proved = {"second": fn.COALESCE(Session.second, second)} if second else {}
    Session.update(confirmed_at=clock.now(), **proved).where(Session.id == session_id).execute()


def owner_of(secret: str) -> User | None:
    """Whose session this cookie is, half or full, ended or not."""
    row: Any = Session.select(Session, User).join(User).where(Session.id_hash == hash_token(secret)).first()
    return row and row.user


def end_session(secret: str) -> None:
    """End the session of this cookie, if it is one."""
    Session.delete().where(Session.id_hash == hash_token(secret)).execute()


def sign_out(secret: str, actor: Actor) -> None:
    with transaction():
        end_session(secret)
        if actor.user_id:
            note(actor, Action.SIGNED_OUT, User.get_by_id(actor.user_id))


@job("people.forget_sessions", minutes=1440)
def forget_sessions() -> int:
    """Delete sessions that have long ended because nobody came back to them, or never gave the second factor."""
    now = clock.now()
    unfinished = (Session.stage == "half") & (Session.created_at <= now - HALF_FOR)
    return int(Session.delete().where((Session.seen_at < now - FORGET_AFTER) | unfinished).execute())


# --- From credential to actor ------------------------------------------------------------------------------

_WHO = (
    "SELECT u.id, u.name, u.language, u.time_zone, u.kind, m.customer_id, m.role{columns} FROM {source} "
    "LEFT JOIN membership m ON m.user_id = u.id WHERE {condition}"
)
_BY_SESSION = _WHO.format(
    columns=", s.id, s.created_at, s.seen_at, s.csrf, s.confirmed_at, s.second",
    source="session s JOIN app_user u ON u.id = s.user_id",
    condition="s.id_hash = ? AND s.stage = 'full' AND u.active = true AND u.kind = 'person'",
)
_BY_TOKEN = _WHO.format(
    columns=", s.id, s.expires_at, s.last_used_at, s.scope",
    source="token s JOIN app_user u ON u.id = s.user_id",
    condition="s.hash = ? AND s.revoked_at IS NULL AND u.active = true",
)
_BY_USER = _WHO.format(columns="", source="app_user u", condition="u.id = ?")
_OWN = 7  # columns about the user and one of his roles


def by_session(secret: str, origin: Origin, *, idle: timedelta, longest: timedelta) -> SignedIn | None:
    """The actor behind a session cookie, or None when it has ended (idle, too old, revoked, deactivated) or is half."""
    rows = run_sql(_BY_SESSION, (hash_token(secret),)).fetchall()
    if not rows:
        return None
    row_id, created, seen, csrf, confirmed, second = rows[0][_OWN:]
    now = clock.now()
    if now - _instant(created) > longest or now - _instant(seen) > idle:
        write_if_free(Session.delete().where(Session.id == row_id))
        return None
    if now - _instant(seen) > TOUCH_AFTER:
        write_if_free(Session.update(seen_at=now).where(Session.id == row_id))
    return SignedIn(_actor("user", rows, origin, session_id=row_id), csrf, confirmed and _instant(confirmed), second)


def by_token(secret: str, origin: Origin) -> SignedIn | None:
    """The actor behind an API token: its owner's rights, no more than the token's scope."""
    rows = run_sql(_BY_TOKEN, (hash_token(secret),)).fetchall()
    if not rows:
        return None
    token_id, expires, used, scope = rows[0][_OWN:]
    now = clock.now()
    if _instant(expires) <= now:
        return None
    if used is None or now - _instant(used) > TOUCH_AFTER:
        write_if_free(Token.update(last_used_at=now, last_used_address=origin.address).where(Token.id == token_id))
    actor = _actor("token", rows, origin, token_id=token_id)
    names = Token.scope.python_value(scope) if isinstance(scope, str) else scope
    return SignedIn(actor if names is None else actor.narrowed(expand_scope(names)), machine=rows[0][4] == "machine")


def _instant(value: Any) -> datetime:
    parsed = Session.seen_at.python_value(value)
    if parsed is None:
        raise ValueError("a session or token without a time")
    return parsed  # type: ignore[no-any-return]


def _actor(kind: str, rows: Sequence[tuple[Any, ...]], origin: Origin, **credential: int) -> Actor:
    user_id, name, language, time_zone = rows[0][:4]
    grants: dict[int, frozenset[str]] = {}
    for row in rows:
        customer_id, role = row[5:_OWN]
        if role:
            grants[customer_id or EVERYWHERE] = permissions_of(role)
    return Actor(
        kind, name, grants, user_id, address=origin.address, request_id=origin.request_id, language=language,
        time_zone=time_zone, **credential,
    )  # fmt: skip


def actor_of(user: User) -> Actor:
    """The user as an actor: for commands that act on somebody's behalf."""
    return _actor("user", run_sql(_BY_USER, (user.id,)).fetchall(), Origin())
