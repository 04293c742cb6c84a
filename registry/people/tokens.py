"""API tokens: 256 random bits, shown once, kept as a hash; never with more rights than whoever makes them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import PERMISSIONS, Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.secrets import hash_token, new_token
from registry.kernel.writing import note
from registry.people.models import Token, User

TOKEN_DAYS = 90
LONGEST_TOKEN_DAYS = 3650


def expand_scope(names: Iterable[str]) -> set[str]:
    """Permission names behind a scope: `read` stands for every right to look and export."""
    wanted = set(names)
    if "read" in wanted:
        wanted |= {name for name in PERMISSIONS if name.endswith(".view")} | {"export.run"}
    return wanted - {"read"}


def create_token(actor: Actor, owner: User, *, name: str, scope: list[str] | None, days: int) -> tuple[Token, str]:
    """A token of `owner`'s, of whom the caller has made sure; answers the row and the secret, to be had only now."""
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise Invalid.field(
            "days",
            _("Give a number of days between 1 and %(longest_token_days)s.", longest_token_days=LONGEST_TOKEN_DAYS),
        )
    unknown = sorted(set(scope or ()) - set(PERMISSIONS) - {"read"})
    if unknown:
        raise Invalid.field(
            "scope", _("Unknown: %(known)s. Use read, or names of permissions.", known=", ".join(unknown))
        )
    parent = _token_of(actor)
    if parent is not None and not _within(scope, parent.scope):
        raise Invalid.field("scope", _("A token cannot make one with more rights than its own; name a narrower scope."))
    expires_at = clock.now() + timedelta(days=days)
    secret = new_token()
    with transaction():
        token = Token.create(
            user=owner, name=name, prefix=secret[:6], hash=hash_token(secret), scope=scope,
            expires_at=min(expires_at, parent.expires_at) if parent else expires_at,
            made_with=parent and parent.id,
        )  # fmt: skip
        after = {"name": name, "user": owner.id, "scope": scope, "days": days}
        note(actor, Action.TOKEN_CREATED, token, after=after)
    return token, secret


def _token_of(actor: Actor) -> Token | None:
    """The token that is being used, if one is."""
    return Token.get_by_id(actor.token_id) if actor.kind == "token" else None


def _within(scope: list[str] | None, wider: list[str] | None) -> bool:
    return wider is None or (scope is not None and expand_scope(scope) <= expand_scope(wider))


def living() -> Any:
    """The condition that a token is good: neither revoked nor expired."""
    return Token.revoked_at.is_null() & (Token.expires_at > clock.now())


def get_token(owner_id: int, token_id: int) -> Token:
    mine = (Token.id == token_id) & (Token.user == owner_id)
    token = Token.get_or_none(mine) if token_id < 2**63 else None
    if token is None:
        raise NotFound()
    return token


def revoke_token(actor: Actor, token_id: int, owner_id: int | None = None) -> Token:
    """End a token: one's own, or that of `owner_id`, of whom the caller has made sure.

    What was made with it for the same owner ends too: whoever stole it may have made himself another. By token:
    itself, or one that may no more than itself.
    """
    token = get_token(owner_id or actor.user_id or 0, token_id)
    used = _token_of(actor) or token
    if used.id != token.id and not _within(token.scope, used.scope):
        raise Forbidden(_("This token cannot end one that may do more than itself."))
    with transaction():
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            for ended in [token, *_made_with(token)]:
                Token.update(revoked_at=token.revoked_at).where(Token.id == ended.id).execute()
                note(actor, Action.TOKEN_REVOKED, ended)
    return token


def _made_with(token: Token) -> list[Token]:
    """The owner's living tokens that were made with this one, or with one of those."""
    found: list[Token] = []
    makers = [token.id]
    while makers:
        his = (Token.user == token.user_id) & Token.made_with.in_(makers) & Token.revoked_at.is_null()
        made = list(Token.select().where(his).order_by(Token.id))
        found += made
        makers = [one.id for one in made]
    return found
