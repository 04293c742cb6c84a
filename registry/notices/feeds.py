"""The secret address of a calendar: made, replaced, taken away - and whoever comes with it, as an actor.

A calendar program cannot sign in, so the address is the credential. Each way of signing in (in person, each token)
has at most one, and what it shows is never more than that way would.
"""

from typing import Any

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import transaction, write_if_free
from registry.kernel.errors import Forbidden, NotFound
from registry.kernel.events import Event, subscribe
from registry.kernel.language import _
from registry.kernel.secrets import hash_token, new_token
from registry.kernel.writing import create, note
from registry.notices.models import CalendarFeed
from registry.people.models import Token, User
from registry.people.signin import actor_of
from registry.people.tokens import expand_scope


def own_feed(actor: Actor) -> CalendarFeed:
    """Raises NotFound when there is none, Forbidden for whoever is no user."""
    found = CalendarFeed.get_or_none(_own(actor))
    if found is None:
        raise NotFound(_("You have no calendar address."))
    return found


def _own(actor: Actor) -> Any:
    if actor.user_id is None:
        raise Forbidden()
    made_by = CalendarFeed.token.is_null() if actor.token_id is None else CalendarFeed.token == actor.token_id
    return (CalendarFeed.user == actor.user_id) & made_by


def make_feed(actor: Actor) -> tuple[CalendarFeed, str]:
    """A new address; the one before is good for nothing from now on. The secret is to be had only now."""
    secret = new_token()
    row = {"user": actor.user_id, "token": actor.token_id, "hash": hash_token(secret)}
    with transaction():
        CalendarFeed.delete().where(_own(actor)).execute()
        return create(actor, CalendarFeed, row, Action.CALENDAR_MADE), secret


def remove_feed(actor: Actor) -> None:
    with transaction():
        feed = own_feed(actor)
        note(actor, Action.CALENDAR_REMOVED, feed)
        CalendarFeed.delete().where(CalendarFeed.id == feed.id).execute()


def _end(event: Event, _actor: Actor) -> None:
    """Whoever was shut out and let in again begins without a calendar, as without sessions and tokens."""
    CalendarFeed.delete().where(CalendarFeed.user == event.object_id).execute()


subscribe("calendars", Action.USER_DEACTIVATED, _end)


def reader_of(secret: str) -> Actor | None:
    """Whose calendar this is, with the rights that he has at this moment; None when it is nobody's any more."""
    feed = CalendarFeed.get_or_none(CalendarFeed.hash == hash_token(secret))
    if feed is None:
        return None
    user = User.get_or_none((User.id == feed.user_id) & (User.active == True))  # noqa: E712 - SQL
    if user is None:
        return None
    actor = actor_of(user)
    if feed.token_id is not None:
        alive = (Token.id == feed.token_id) & Token.revoked_at.is_null() & (Token.expires_at > clock.now())
        token = Token.get_or_none(alive)
        if token is None:
            return None
        actor = actor if token.scope is None else actor.narrowed(expand_scope(token.scope))
    write_if_free(CalendarFeed.update(read_at=clock.now()).where(CalendarFeed.id == feed.id))
    return actor
