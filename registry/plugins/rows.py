"""Rows of plugins' own tables: read and written like ours, but for customers for whom the plugin is switched off."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from registry.kernel import access, events, listing, wall, writing
from registry.kernel.access import Actor, Owned, Shared
from registry.kernel.db import Row
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.writing import Versioned
from registry.plugins import switches
from registry.plugins.current import host
from registry.plugins.records import Event

MOST_EVENTS = 1_000
R = TypeVar("R", bound=Row)
V = TypeVar("V", bound=Versioned)


def owner_of(model: Any) -> str | None:
    """The name of the plugin that brought this table."""
    return next((one.name for one in host().working() if one.declared and model in one.declared.models), None)


def _closed(model: Any) -> list[int]:
    """Ids of the customers for whom the plugin of this table is off."""
    plugin = owner_of(model)
    return sorted(switches.closed_for(plugin)) if plugin else []


def _open_only(model: Any, query: Any) -> Any:
    closed = _closed(model)
    if not closed:
        return query
    open_ones = model.customer_id.not_in(closed)
    return query.where(open_ones | model.customer_id.is_null() if issubclass(model, Shared) else open_ones)


def visible(model: Any, actor: Actor, *fields: Any) -> Any:
    """SELECT from `model` (a ModelSelect), only what `actor` may see: the one way to read rows. Those of the plugin's
    own tables are left out for customers for whom it is switched off."""
    return _open_only(model, access.visible(model, actor, *fields))


def of_the_house(model: Any, *where: Any, newest: int | None = None) -> list[Any]:
    """Rows of the house (customer NULL) in a table of the plugin's own that keeps them to the house, by id; `newest`:
    so many at most, the last first. Whoever asks gets them: call it when your verb has found out that they are for him,
    or to find that out. One statement, past the wall."""
    if owner_of(model) is None:
        raise LookupError(f"no plugin has declared the table {model._meta.table_name}: read the core's by its verbs")
    with wall.everywhere():
        query = access.visible(model, Actor.system()).where(model.customer_id.is_null(), *where)
        query = query.order_by(model.id) if newest is None else query.order_by(model.id.desc()).limit(newest)
        return list(query)


def fetch(model: Any, actor: Actor, row_id: int, *, lock: bool = False) -> Any:
    """The row with this id, or NotFound: a stranger learns nothing about whether it exists."""
    row = access.fetch(model, actor, row_id, lock=lock)
    plugin = owner_of(model)
    if plugin and not switches.is_open(plugin, getattr(row, "customer_id", None)):
        raise NotFound()
    return row


class Listing(listing.Listing):
    """The list of one kind of thing, paged and filtered as the core's are. `joins` are (model, condition), always
    joined from the left."""

    def _joined(self, confined: Actor) -> Any:
        return _open_only(self.model, super()._joined(confined))

    def _fetched(self, actor: Actor, key: Any, values: list[Any], write: Any) -> list[tuple[Any, ...]]:
        """Statements are kept by `key`, and this one depends on who is left out, too."""
        return super()._fetched(actor, (key, *_closed(self.model)), values, write)


def create(actor: Actor, model: type[R], values: Mapping[str, Any], action: str) -> R:
    """Insert a row of a table of the plugin's own, with its audit entry and event, all or nothing. `action`:
    <plugin>.<what was done>.

    Raises Conflict (a duplicate), Invalid (too long) and NotFound while the plugin is off for the row's customer.
    """
    _must_be_open(model, values.get("customer_id"))
    return writing.create(actor, model, values, action)


def create_many(actor: Actor, model: type[R], rows: Sequence[Mapping[str, Any]], action: str) -> list[R]:
    """The same for many rows of one customer, all or nothing, in two statements each."""
    for customer_id in {values.get("customer_id") for values in rows}:
        _must_be_open(model, customer_id)
    return writing.create_many(actor, model, rows, action)


def change(actor: Actor, row: V, values: Mapping[str, Any], action: str, *, version: int | None) -> V:
    """Set `values` on `row` if it still is of this `version` (ANY_VERSION for one read in the same transaction).

    Raises Stale when somebody was faster, PreconditionRequired without a version, and what create() raises.
    """
    _must_be_open(type(row), getattr(row, "customer_id", None))
    return writing.change(actor, row, values, action, version=version)


def remove(actor: Actor, row: Any, action: str, *, version: int | None) -> None:
    """Delete the row; the audit chain keeps what it was. Raises as change() does."""
    _must_be_open(type(row), getattr(row, "customer_id", None))
    writing.remove(actor, row, action, version=version)


def note(actor: Actor, row: Any, action: str, *, before: Any = None, after: Any = None) -> None:
    """Write down that something happened to `row`: an audit entry and an event. Inside of a transaction()."""
    writing.note(actor, action, row, before=before, after=after)


def _must_be_open(model: Any, customer_id: int | None) -> None:
    table, plugin = str(model._meta.table_name), owner_of(model)
    if plugin is None:
        raise LookupError(f"no plugin has declared the table {table}: write the core's by its verbs")
    if not switches.is_open(plugin, customer_id):
        raise NotFound()
    if customer_id is None and issubclass(model, Owned):
        raise Invalid.field("customer_id", f"A row of {table} belongs to a customer: give customer_id.")


def events_of(actor: Actor, name: str, *, limit: int = 100) -> list[Event]:
    """The last events of this name about customers whom the actor sees, the newest first; those of the house (customer
    None) for its own people. Events are kept for 30 days."""
    query: Any = events.Event.select().where(events.Event.name == name)
    if actor.customers is not None:
        query = query.where(events.Event.customer_id.in_(sorted(actor.customers)))
    return [told(row) for row in query.order_by(events.Event.id.desc()).limit(min(limit, MOST_EVENTS))]


def told(row: events.Event) -> Event:
    return Event(row.id, row.name, row.customer_id, row.object_type, row.object_id, row.payload, row.at)
