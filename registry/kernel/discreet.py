"""The house's own chain names nobody but the house's own people.

What customers' people do belongs to their customer's chain, which goes when the customer goes. Some of it has no single
customer (a sign-in, an account at two of them) and stands in the house's chain, which stays: there they are numbers.
"""

from collections.abc import Callable, Mapping
from typing import Any

from registry.kernel.access import EVERYWHERE, Actor

# What such an entry may still say: words of our own, chosen by code.
WORDS = frozenset({"how", "second_factor", "step", "role", "state", "stage", "purpose", "end", "kind", "by", "ways"})

_ours: Callable[[int], bool] = lambda _user_id: True  # noqa: E731 - until the room of people says who that is


def house_people(ours: Callable[[int], bool]) -> None:
    """Declared by the room of people: whether an account belongs to the house itself."""
    global _ours
    _ours = ours


def is_ours(actor: Actor) -> bool:
    return actor.user_id is None or EVERYWHERE in actor.grants or _ours(actor.user_id)


def name_of(actor: Actor) -> str:
    return actor.name if is_ours(actor) else f"user {actor.user_id}"


def hides(actor: Actor, person: int | None) -> bool:
    """Whether an entry by `actor`, about the account `person` or something of its, must not name anything."""
    return not is_ours(actor) or (person is not None and not _ours(person))


def hidden_label(object_type: str, object_id: int | None) -> str:
    return f"{object_type} {object_id}" if object_id is not None else object_type


def without_words(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Numbers and our own words stay, whatever somebody typed goes."""
    if values is None:
        return None
    return {name: value for name, value in values.items() if name in WORDS or isinstance(value, bool | int | None)}
