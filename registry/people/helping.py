"""What somebody signs in with, for whoever helps him when he has lost it: what there is, and taking it away.

Nobody gives another user a proof of who he is. Without one he chooses anew: by a link to his mailbox, or an invitation.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registry.kernel.access import Actor
from registry.kernel.errors import Conflict
from registry.kernel.language import _
from registry.people import account, oidc, passkeys, second_factor
from registry.people.models import LinkedIdentity, User
from registry.people.service import get_user, must_outrank
from registry.people.signin import Origin


class Proof(StrEnum):
    """What can be taken away. second_factor: the authenticator app with its recovery codes; identities: who he is at
    identity providers."""

    SECOND_FACTOR = "second_factor"
    PASSKEYS = "passkeys"
    IDENTITIES = "identities"


@dataclass(frozen=True, slots=True)
class Proofs:
    """`identities`: the issuers that know him."""

    password: bool
    second_factor_since: datetime | None
    recovery_codes_left: int
    passkeys: int
    identities: list[str]


def proofs_of(actor: Actor, user_id: int) -> Proofs:
    """Raises NotFound, Forbidden for who may not change him, Conflict for a machine."""
    user = _to_help(actor, user_id)
    issuers = LinkedIdentity.select().where(LinkedIdentity.user == user).order_by(LinkedIdentity.issuer)
    return Proofs(
        user.password_hash is not None,
        second_factor.confirmed_at(user.id),
        second_factor.codes_left(user.id),
        len(passkeys.passkeys_of(user.id)),
        [one.issuer for one in issuers],
    )


def remove_proofs(actor: Actor, user_id: int, kind: Proof) -> bool:
    """Take all proofs of that kind away, for a lost device: make sure first that it is he who asks. He is told by
    mail, and all his sessions end. Whether there were any."""
    user = _to_help(actor, user_id)
    if kind is Proof.SECOND_FACTOR:
        return account.remove_second_factor(actor, user)
    if kind is Proof.PASSKEYS:
        return passkeys.remove_passkeys(actor, user) > 0
    return oidc.unlink(actor, user, Origin(actor.address)) > 0


def _to_help(actor: Actor, user_id: int) -> User:
    user = get_user(actor, user_id)
    must_outrank(actor, user)
    if user.is_machine:
        raise Conflict(_("A machine signs in with tokens only."), code="machine")
    return user
