"""Who acts, what he may do, and which rows he may see. Closed by default: no query without an actor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from peewee import Model

from registry.kernel.db import Row, customer_column
from registry.kernel.errors import Forbidden, NotFound

EVERYWHERE = 0  # the key of rights that hold for every customer: the operator's own people


@dataclass(frozen=True, slots=True)
class Permission:
    """A right, declared as data by the room that checks it. `customer` tells whether customers' roles may hold it.

    `roles`: names of roles that hold it although people/roles.py does not name it: the rights of plugins.
    """

    name: str
    label: str
    customer: bool = True
    roles: tuple[str, ...] = ()


PERMISSIONS: dict[str, Permission] = {}
GIVEN: dict[str, set[str]] = {}  # role -> permissions that name it


def declare(*permissions: Permission) -> None:
    for permission in permissions:
        PERMISSIONS[permission.name] = permission
        for role in permission.roles:
            GIVEN.setdefault(role, set()).add(permission.name)


# Each may take a right away from a person or token, and can give none: veto(permission, customer's id or None, actor).
VETOES: list[Callable[[str, int | None, "Actor"], bool]] = []


# Rights over what the kernel itself keeps; every other one is declared by the room that checks it.
declare(Permission("audit.view", "Read the audit chain"), Permission("export.run", "Export lists"))


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks. `grants` maps a customer's id (or EVERYWHERE) to the names of permissions held there."""

    kind: str  # user, token, command, job, system
    name: str
    grants: dict[int, frozenset[str]] = field(default_factory=dict, hash=False)
    user_id: int | None = None
    token_id: int | None = None
    address: str | None = None
    request_id: str | None = None
    language: str = "en"
    time_zone: str = "UTC"
    session_id: int | None = None

    @classmethod
    def system(cls, customer_id: int | None = None, *, name: str = "system", kind: str = "system") -> "Actor":
        """Assetcare itself: for one customer, or (None) for the house. It holds every permission there."""
        return cls(kind, name, {customer_id or EVERYWHERE: frozenset(PERMISSIONS)})

    @property
    def customers(self) -> frozenset[int] | None:
        """Ids of the customers whose rows are visible; None means all of them."""
        return None if EVERYWHERE in self.grants else frozenset(self.grants)

    @property
    def is_operator(self) -> bool:
        return EVERYWHERE in self.grants

    def can(self, permission: str, customer_id: int | None = None) -> bool:
        """May he, for this customer? With None: may he for the house (catalogue, users of the operator)?"""
        if permission not in self.grants.get(EVERYWHERE, ()) and (
            customer_id is None or permission not in self.grants.get(customer_id, ())
        ):
            return False
        return not (VETOES and self._refused(permission, customer_id))

    def _refused(self, permission: str, customer_id: int | None) -> bool:
        return self.kind in ("user", "token") and any(veto(permission, customer_id, self) for veto in VETOES)

    def can_somewhere(self, permission: str) -> bool:
        return any(permission in names for names in self.grants.values())

    def must(self, permission: str, customer_id: int | None = None) -> None:
        """Raise Forbidden unless he may; NotFound when even the customer is not his to know about."""
        if permission not in PERMISSIONS:
            raise LookupError(f"permission {permission!r} was never declared")
        if customer_id is not None and not self.sees(customer_id):
            raise NotFound()
        if not self.can(permission, customer_id):
            raise Forbidden()

    def sees(self, customer_id: int | None) -> bool:
        return customer_id is None or EVERYWHERE in self.grants or customer_id in self.grants

    def where(self, permission: str) -> "Actor":
        """The same actor, confined to the customers for whom he holds `permission`."""
        if permission in self.grants.get(EVERYWHERE, ()):
            return replace(self, grants={}) if VETOES and self._refused(permission, None) else self
        there = {key: held for key, held in self.grants.items() if permission in held}
        if VETOES:
            there = {key: held for key, held in there.items() if not self._refused(permission, key)}
        return replace(self, grants=there)

    def narrowed(self, names: Iterable[str]) -> "Actor":
        """The same actor with no more than `names`: how a token's scope works."""
        allowed = frozenset(names)
        return replace(self, grants={key: held & allowed for key, held in self.grants.items()})


class UnscopedQuery(RuntimeError):
    """Code asked a customer-owned table without saying for whom. A programming error, never shown as data."""


class Scoped(Row):
    """select() is shut: rows come through visible(Model, actor) alone, foreign keys and get() included."""

    @classmethod
    def select(cls, *fields: Any) -> Any:
        raise UnscopedQuery(f"{cls.__name__}: use visible({cls.__name__}, actor)")


class Owned(Scoped):
    """A row that belongs to exactly one customer."""

    customer_id = customer_column()


class Shared(Scoped):
    """A row of the house's catalogue (customer_id NULL, readable by all) or of one customer.

    Without SELECT among its HOUSE_ROWS those of the house are for the house alone.
    """

    HOUSE_ROWS: tuple[str, ...] = ("SELECT",)

    customer_id = customer_column(null=True)


def visible(model: Any, actor: Actor | None, *fields: Any) -> Any:
    """SELECT from `model` (a ModelSelect), only what `actor` may see. The one way to read a customer-owned table."""
    if not isinstance(actor, Actor):
        raise UnscopedQuery(f"{model.__name__}: a query needs an actor")
    query = Model.select.__func__(model, *fields)  # type: ignore[attr-defined]  # past the shut door of Scoped
    mine = actor.customers
    if mine is None:
        return query
    column = model.id if model._meta.table_name == "customer" else model.customer_id
    inside = column == next(iter(mine)) if len(mine) == 1 else column.in_(sorted(mine))
    for_all = issubclass(model, Shared) and "SELECT" in model.HOUSE_ROWS
    return query.where(inside | column.is_null()) if for_all else query.where(inside)


def fetch(model: Any, actor: Actor, row_id: int, *, lock: bool = False) -> Any:
    """The row with this id, or NotFound: a stranger learns nothing about whether it exists."""
    if not -(2**63) <= row_id < 2**63:
        raise NotFound()
    query = visible(model, actor).where(model.id == row_id)
    row = (query.for_update() if lock and model._meta.database.for_update else query).first()
    if row is None:
        raise NotFound()
    return row
