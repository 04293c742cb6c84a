"""What a user does not want to be told: his own business, at whichever customer."""

from collections.abc import Iterable

from registry.actions import Action
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, PreconditionRequired
from registry.kernel.writing import change
from registry.notices.models import NoticeChoice


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
