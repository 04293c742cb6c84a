"""Tokens of machine users: made and revoked by whoever may change the machine."""

from registry.kernel.access import Actor
from registry.kernel.errors import Conflict
from registry.kernel.language import _
from registry.people.models import Token, User
from registry.people.service import get_user, must_outrank
from registry.people.tokens import create_token, revoke_token


def machine_of(actor: Actor, user_id: int) -> User:
    """The machine, if the actor may change it: then he holds every right that it holds, so no token of it can give
    him more. Raises NotFound, Forbidden, Conflict for a person."""
    user = get_user(actor, user_id)
    must_outrank(actor, user)
    if not user.is_machine:
        raise Conflict(_("This is a person, who makes tokens himself."), code="person")
    return user


def create_machine_token(
    actor: Actor, user_id: int, *, name: str, scope: list[str] | None, days: int
) -> tuple[Token, str]:
    machine = machine_of(actor, user_id)
    if not machine.active:
        raise Conflict(_("This account is deactivated."), code="deactivated")
    return create_token(actor, machine, name=name, scope=scope, days=days)


def revoke_machine_token(actor: Actor, user_id: int, token_id: int) -> Token:
    return revoke_token(actor, token_id, machine_of(actor, user_id).id)
