"""Sign-in, sessions and tokens: the single place where a credential becomes an actor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import EVERYWHERE, PERMISSIONS, Actor
from registry.kernel.db import run_sql, transaction, write_if_free
from registry.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from registry.kernel.jobs import job
from registry.kernel.secrets import hash_token, new_token
from registry.kernel.shapes import LINE
from registry.kernel.writing import note
from registry.people.models import Session, Token, User
from registry.people.passwords import check_password
from registry.people.roles import permissions_of

TOKEN_DAYS = 90
FORGET_AFTER = timedelta(days=30)  # longer than any session may last
LONGEST_TOKEN_DAYS = 3650
TOUCH_AFTER = timedelta(minutes=1)  # last use is kept to the minute: a write for every request would cost more


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str | None = None
    agent: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    actor: Actor
    csrf: str | None = None


def sign_in(email: str, password: str, origin: Origin) -> str:
    """Check the password and open a session; answers what the cookie must hold. The same refusal in every case."""
    address = email.strip().lower()
    user = User.get_or_none(User.email == address) if LINE.match(address) else None
    sound = check_password(user.password_hash if user else None, password) and user is not None and user.active
    with transaction():
        if user is not None:
            who = Actor("user", user.email, {}, user.id, address=origin.address, request_id=origin.request_id)
            note(who, Action.SIGNED_IN if sound else Action.SIGN_IN_FAILED, user)
        if sound and user is not None:
            return open_session(user, origin)
    raise Unauthenticated("E-mail and password do not match an active account.")


def open_session(user: User, origin: Origin) -> str:
    """A new session of this user, whatever proved who he is; answers what the cookie must hold."""
    secret = new_token()
    Session.create(
        id_hash=hash_token(secret), user=user, csrf=new_token(), address=origin.address,
        agent=(origin.agent or "")[:255],
    )  # fmt: skip
    return secret


def end_session(secret: str) -> None:
    """End the session of this cookie, if it is one."""
    Session.delete().where(Session.id_hash == hash_token(secret)).execute()


@job("people.forget_sessions", minutes=1440)
def forget_sessions() -> int:
    """Delete sessions that have long ended because nobody came back to them."""
    old = clock.now() - FORGET_AFTER
    return int(Session.delete().where(Session.seen_at < old).execute())


def sign_out(secret: str, actor: Actor) -> None:
    with transaction():
        end_session(secret)
        if actor.user_id:
            note(actor, Action.SIGNED_OUT, User.get_by_id(actor.user_id))


_PEOPLE = (
    "u.id, u.name, u.email, u.language, m.customer_id, m.role FROM {table} s JOIN app_user u ON u.id = s.user_id "
    "LEFT JOIN membership m ON m.user_id = u.id WHERE s.{column} = ? AND u.active = {true}"
)
_BY_SESSION = "SELECT s.id, s.created_at, s.seen_at, s.csrf, " + _PEOPLE.format(
    table="session", column="id_hash", true="true"
)
_BY_TOKEN = "SELECT s.id, s.expires_at, s.last_used_at, s.scope, " + _PEOPLE.format(
    table="token", column="hash", true="true AND s.revoked_at IS NULL"
)


def by_session(secret: str, origin: Origin, *, idle: timedelta, longest: timedelta) -> SignedIn | None:
    """The actor behind a session cookie, or None when it has ended (idle, too old, revoked, deactivated)."""
    rows = run_sql(_BY_SESSION, (hash_token(secret),)).fetchall()
    if not rows:
        return None
    row_id, created, seen, csrf = rows[0][:4]
    now = clock.now()
    if now - _instant(created) > longest or now - _instant(seen) > idle:
        write_if_free(Session.delete().where(Session.id == row_id))
        return None
    if now - _instant(seen) > TOUCH_AFTER:
        write_if_free(Session.update(seen_at=now).where(Session.id == row_id))
    return SignedIn(_actor("user", rows, origin), csrf)


def by_token(secret: str, origin: Origin) -> SignedIn | None:
    """The actor behind an API token: its owner's rights, no more than the token's scope."""
    rows = run_sql(_BY_TOKEN, (hash_token(secret),)).fetchall()
    if not rows:
        return None
    token_id, expires, used, scope = rows[0][:4]
    now = clock.now()
    if _instant(expires) <= now:
        return None
    if used is None or now - _instant(used) > TOUCH_AFTER:
        write_if_free(Token.update(last_used_at=now, last_used_address=origin.address).where(Token.id == token_id))
    actor = _actor("token", rows, origin, token_id)
    names = Token.scope.python_value(scope) if isinstance(scope, str) else scope
    return SignedIn(actor if names is None else actor.narrowed(expand_scope(names)))


def _instant(value: Any) -> datetime:
    parsed = Session.seen_at.python_value(value)
    if parsed is None:
        raise ValueError("a session or token without a time")
    return parsed  # type: ignore[no-any-return]


def _actor(kind: str, rows: list[tuple[Any, ...]], origin: Origin, token_id: int | None = None) -> Actor:
    user_id, name, _email, language = rows[0][4:8]
    grants: dict[int, frozenset[str]] = {}
    for row in rows:
        customer_id, role = row[8:10]
        if role:
            grants[customer_id or EVERYWHERE] = permissions_of(role)
    return Actor(kind, name, grants, user_id, token_id, origin.address, origin.request_id, language)


def actor_of(user: User) -> Actor:
    """The user as an actor: for commands that act on somebody's behalf."""
    rows = run_sql(
        "SELECT 0, 0, 0, 0, u.id, u.name, u.email, u.language, m.customer_id, m.role FROM app_user u "
        "LEFT JOIN membership m ON m.user_id = u.id WHERE u.id = ?",
        (user.id,),
    ).fetchall()
    return _actor("user", rows, Origin())


def expand_scope(names: Iterable[str]) -> set[str]:
    """Permission names behind a scope: `read` stands for every right to look and export."""
    wanted = set(names)
    if "read" in wanted:
        wanted |= {name for name in PERMISSIONS if name.endswith(".view")} | {"export.run"}
    return wanted - {"read"}


def create_token(actor: Actor, owner: User, *, name: str, scope: list[str] | None, days: int) -> tuple[Token, str]:
    """A token of the owner's own; answers the row and the secret, which is never to be had again."""
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise Invalid.field("days", f"Give a number of days between 1 and {LONGEST_TOKEN_DAYS}.")
    unknown = sorted(set(scope or ()) - set(PERMISSIONS) - {"read"})
    if unknown:
        raise Invalid.field("scope", f"Unknown: {', '.join(unknown)}. Use read, or names of permissions.")
    parent = Token.get_by_id(actor.token_id) if actor.kind == "token" else None
    if parent is not None and not _within(scope, parent.scope):
        raise Invalid.field("scope", "A token cannot make one with more rights than its own; name a narrower scope.")
    expires_at = clock.now() + timedelta(days=days)
    secret = new_token()
    with transaction():
        token = Token.create(
            user=owner, name=name, prefix=secret[:6], hash=hash_token(secret), scope=scope,
            expires_at=min(expires_at, parent.expires_at) if parent else expires_at,
        )  # fmt: skip
        note(actor, Action.TOKEN_CREATED, token, after={"name": name, "scope": scope, "days": days})
    return token, secret


def _within(scope: list[str] | None, wider: list[str] | None) -> bool:
    return wider is None or (scope is not None and expand_scope(scope) <= expand_scope(wider))


def get_token(actor: Actor, token_id: int) -> Token:
    token = (
        Token.get_or_none((Token.id == token_id) & (Token.user == (actor.user_id or 0))) if token_id < 2**63 else None
    )
    if token is None:
        raise NotFound()
    return token


def revoke_token(actor: Actor, token_id: int) -> Token:
    """End a token of one's own. By token: itself, or one that may no more than itself."""
    token = get_token(actor, token_id)
    used = Token.get_by_id(actor.token_id) if actor.kind == "token" else token
    if used.id != token.id and not _within(token.scope, used.scope):
        raise Forbidden("This token cannot end one that may do more than itself.")
    with transaction():
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            Token.update(revoked_at=token.revoked_at).where(Token.id == token.id).execute()
            note(actor, Action.TOKEN_REVOKED, token)
    return token
