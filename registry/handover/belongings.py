"""Which rows belong to a customer: worked out from the models, so that the tables of tomorrow are in by themselves.

own: the row says so (customer_id, or it is the customer). person: the accounts of his people. through: rows that
hang on one of these by a reference. Everything else is the house's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from peewee import Field, ForeignKeyField

from registry.kernel import schema
from registry.kernel.access import Actor, visible
from registry.people.models import Membership, User

HOUSE = Actor.system()
# What lets somebody in, or is on its way to him, hangs on his account. Another table that hangs on rows of a customer
# needs an entry here with a reason, or a customer_id of its own, with which it goes along.
_OF_HERE = "of use in this installation only"
LEFT_OUT = {
    **dict.fromkeys(
        (
            "handshake",
            "linked_identity",
            "mailed_link",
            "passkey",
            "recovery_code",
            "second_factor",
            "session",
            "token",
        ),
        f"ways of signing in, {_OF_HERE}",
    ),
    "calendar_feed": f"a secret address, {_OF_HERE}",
    "delivery": f"messages, {_OF_HERE}",
    "notice_choice": f"what somebody does not want to be told, {_OF_HERE}",
    "audit_entry": "stands in audit/chain.jsonl, with its hashes",
    "chain_head": "stands in manifest.json",
    "event": "messages inside of this installation",
    "mail": "letters that this installation has sent or is about to send",
}
# In a package for people to read, but of no meaning in another installation.
_SENDING = "tells whom this installation informed, by numbers of its own; set it up anew"
NOT_READ = {
    "notice": _SENDING,
    "notice_plan": _SENDING,
    "notice_run": _SENDING,
    "webhook": "its secret does not leave this installation; set it up anew",
    "webhook_delivery": _SENDING,
}
CUSTOMER = "customer"
STEP = 1000


@dataclass(frozen=True)
class Owner:
    """The customer `id`, and the accounts that exist for him alone."""

    id: int
    people: tuple[int, ...] = ()


def owner_of(customer_id: int) -> Owner:
    return Owner(customer_id, tuple(people_of(customer_id)))


def people_of(customer_id: int) -> list[int]:
    """Accounts with roles at this customer and nowhere else."""
    mine = Membership.select(Membership.user).where(Membership.customer_id == customer_id)
    elsewhere = Membership.select(Membership.user).where(
        (Membership.customer_id != customer_id) | Membership.customer_id.is_null()
    )
    query: Any = User.select(User.id).where(User.id.in_(mine) & User.id.not_in(elsewhere)).order_by(User.id)
    return [row[0] for row in query.tuples()]


def table_of(model: Any) -> str:
    return str(model._meta.table_name)


def references(model: Any) -> list[ForeignKeyField]:
    return [field for field in model._meta.sorted_fields if isinstance(field, ForeignKeyField)]


def models() -> tuple[Any, ...]:
    """Every table, referenced ones first."""
    return _models(tuple(schema.BROUGHT))


@cache
def _models(_brought: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(schema.models())


@cache
def way(model: Any) -> str:
    """own, person, through or house."""
    if table_of(model) == CUSTOMER or "customer_id" in model._meta.fields:
        return "own"
    if model is User:
        return "person"
    return "through" if any(_leads(field, model) for field in references(model)) else "house"


def _leads(field: ForeignKeyField, model: Any) -> bool:
    return field.rel_model is not model and way(field.rel_model) in ("own", "person", "through")


def condition(model: Any, owner: Owner) -> Any:
    """What picks the rows of `model` that belong to `owner`; None when there can be none."""
    if table_of(model) == CUSTOMER:
        return model.id == owner.id
    if "customer_id" in model._meta.fields:
        return model.customer_id == owner.id
    if model is User:
        return model.id.in_(list(owner.people))
    found = None
    for field in references(model):
        if _leads(field, model):
            one = field.in_(select(field.rel_model, owner, field.rel_model.id))
            found = one if found is None else found | one
    return found


def select(model: Any, owner: Owner, *fields: Any) -> Any:
    """SELECT the owner's rows."""
    return visible(model, HOUSE, *fields).where(condition(model, owner))


def count(model: Any, owner: Owner) -> int:
    return int(select(model, owner).count())


def rows(query: Any, model: Any, fields: Sequence[Field], step: int = STEP) -> Iterator[tuple[Any, ...]]:
    """(id, values of `fields` ...) of every row of `query` in order of ids, read in steps so that memory stays flat."""
    after = 0
    while True:
        found = list(query.select(model.id, *fields).where(model.id > after).order_by(model.id).limit(step).tuples())
        yield from found
        if len(found) < step:
            return
        after = found[-1][0]


def secrets_of(model: Any) -> frozenset[str]:
    return frozenset(getattr(model, "SECRET", ()))


def sealed_of(model: Any) -> frozenset[str]:
    """Columns sealed by the vault, which may be opened for whoever has the right to what is in them."""
    return frozenset(getattr(model, "SEALED", ()))


def files_of(model: Any) -> tuple[str, ...]:
    """Columns that hold keys of the file store."""
    return tuple(getattr(model, "FILES", ()))


def links_of(model: Any) -> dict[str, str]:
    """Columns that name a row of another table without a foreign key: column -> table."""
    return dict(getattr(model, "LINKS", {}))


def left_out(model: Any) -> str | None:
    """Why rows of `model` do not go into a package; None when they do."""
    reason = getattr(model, "LEFT_OUT", None) or LEFT_OUT.get(table_of(model))
    return str(reason) if reason else None


def not_read(model: Any) -> str | None:
    """Why rows of `model` go into a package, but not from there into an installation."""
    reason = getattr(model, "NOT_READ", None) or NOT_READ.get(table_of(model))
    return str(reason) if reason else None


def packed() -> list[Any]:
    """Tables whose rows go into a package, referenced ones first."""
    return [model for model in models() if way(model) in ("own", "person") and left_out(model) is None]


def batches(numbers: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    chunk: list[int] = []
    for number in numbers:
        chunk.append(number)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
