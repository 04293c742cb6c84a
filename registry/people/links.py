"""Links that go out by mail: 256 random bits, kept as a hash, good once, for one purpose and a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

from registry.kernel import clock, mail, wall
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Problem
from registry.kernel.jobs import job
from registry.kernel.language import N_
from registry.kernel.secrets import hash_token, new_token
from registry.kernel.shapes import LINE
from registry.people.ending import end_links
from registry.people.models import Handshake, MailedLink, User
from registry.people.signin import Origin, actor_of

KEPT = timedelta(days=90)  # after their end, for whoever asks what became of an invitation


class Purpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    EMAIL = "email"


LASTS = {
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.EMAIL: timedelta(days=1),
}
PATHS = {Purpose.INVITATION: "/invitation/", Purpose.RESET: "/reset/", Purpose.EMAIL: "/confirm/"}


class DeadLink(Problem):
    """The same for a link that was used, has expired, was replaced or never was."""

    status, code = 410, "dead_link"
    message = N_("This link is no longer good: it was used, replaced or withdrawn, or its time is over.")


def make_link(user: User, purpose: Purpose, address: str) -> tuple[MailedLink, str]:
    """A new link and its full address; older ones of the same purpose die. Inside the caller's transaction."""
    end_links(user.id, purpose, end="replaced")
    secret, now = new_token(), clock.now()
    link = MailedLink.create(
        user=user, purpose=purpose, hash=hash_token(secret), address=address, mark=_mark(user),
        created_at=now, expires_at=now + LASTS[purpose],
    )  # fmt: skip
    return link, mail.link(PATHS[purpose] + secret)


def find_link(purpose: Purpose, secret: str) -> MailedLink:
    """The living link with its user. Changes nothing: programs that look through mail open links too.

    Raises DeadLink.
    """
    sound = len(secret) <= 64 and LINE.match(secret)
    link = MailedLink.get_or_none(_alive(purpose, hash_token(secret))) if sound else None
    if link is None or not _still_fits(link, link.user):
        raise DeadLink()
    return link


def use_link(purpose: Purpose, secret: str) -> MailedLink:
    """Use the link up, inside the caller's transaction: of many at once one gets it, the others DeadLink."""
    link = find_link(purpose, secret)
    used = MailedLink.update(ended_at=clock.now(), end="used").where(_alive(purpose, link.hash)).execute()
    if not used or not _still_fits(link, User.get_by_id(link.user_id)):
        raise DeadLink()
    return link


def _alive(purpose: Purpose, hashed: str) -> Any:
    same = (MailedLink.hash == hashed) & (MailedLink.purpose == purpose)
    return same & MailedLink.ended_at.is_null() & (MailedLink.expires_at > clock.now())


def _still_fits(link: MailedLink, user: User) -> bool:
    """Whatever changed the password or shut the account, by whichever way, has ended the link with it."""
    return bool(user.active) and link.mark == _mark(user)


def _mark(user: User) -> str:
    return hash_token(f"{user.id} {user.email} {user.password_hash or ''}")


def holder(user: User, origin: Origin) -> Actor:
    """The user as an actor without any right: somebody proved to be him, and changes what is his own."""
    return Actor("user", user.name, {}, user.id, address=origin.address, request_id=origin.request_id)


@contextmanager
def acting_as(user: User) -> Iterator[None]:
    """A block in which the connection sees what the user may see: whoever holds his link acts for him."""
    with wall.carried(wall.scope_of(actor_of(user).customers)):
        yield


@job("people.forget_links", minutes=1440)
def forget_links() -> int:
    """Remove links long after their end, and what somebody began to sign in with and never finished."""
    now = clock.now()
    with transaction():
        Handshake.delete().where(Handshake.expires_at < now).execute()
        return int(MailedLink.delete().where(MailedLink.expires_at < now - KEPT).execute())
