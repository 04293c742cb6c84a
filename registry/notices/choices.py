"""What a user does not want to be told: his own business, at whichever customer.

Every mail about it brings an address that takes his word for it without a sign-in (RFC 8058). It is signed, not kept:
good for this one thing, for this account, as long as its mail goes to the same address.
"""

import hmac
from collections.abc import Iterable
from dataclasses import replace

from registry.actions import Action
from registry.kernel import mail, wall
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, PreconditionRequired
from registry.kernel.secrets import vault
from registry.kernel.writing import ANY_VERSION, change
from registry.notices.models import KINDS, NoticeChoice
from registry.people.models import User
from registry.people.signin import actor_of

MARK = 40  # hexadecimal digits: 160 bits


def muted_by(user_id: int) -> frozenset[str]:
    return frozenset(choice_of(user_id).muted)


def choice_of(user_id: int) -> NoticeChoice:
    """What the user chose, or what holds while he has not."""
    found = NoticeChoice.get_or_none(NoticeChoice.user == user_id)
    return found or NoticeChoice(user=user_id)


def own_choice(actor: Actor) -> NoticeChoice:
    if actor.user_id is None:
        raise Forbidden()
    return choice_of(actor.user_id)


def mute(actor: Actor, kinds: Iterable[str], version: int | None) -> NoticeChoice:
    """Be told nothing of these kinds any more, and again of all others. Never chosen counts as version 1."""
    own_choice(actor)
    if version is None:
        raise PreconditionRequired()
    with transaction():
        NoticeChoice.insert(user=actor.user_id).on_conflict_ignore().execute()
        muted = sorted(set(kinds))
        return change(actor, own_choice(actor), {"muted": muted}, Action.NOTICES_CHOSEN, version=version)


def unsubscribe_link(user: User) -> str:
    return mail.link(f"/unsubscribe/{user.id}-{_mark_for(user)}")


def _mark_for(user: User) -> str:
    return vault().mark("unsubscribe", f"{user.id} {user.email}")[:MARK]


def reader_of(secret: str) -> User | None:
    """Whom the end of an unsubscribe address stands for; None when it is not one of ours, or his no more."""
    number, _dash, mark = secret.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    user = User.get_or_none(User.id == int(number))
    return user if user is not None and hmac.compare_digest(mark.encode(), _mark_for(user).encode()) else None


def unsubscribe(user: User, address: str | None) -> None:
    """No more mails about what ends, of whichever kind. To do so twice changes nothing. `address`: whence it came."""
    with wall.everywhere():  # who he is; he has not signed in
        actor = replace(actor_of(user), kind="link", address=address)
    mute(actor, KINDS, ANY_VERSION)
