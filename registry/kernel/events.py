"""The outbox: an event is a row in the same transaction as its change, delivered after commit, once per subscriber."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import Instant, Row, transaction
from registry.kernel.logs import log

MAX_TRIES = 8


class Event(Row):
    HOUSE_ROWS = ("SELECT", "INSERT")  # INSERT ... RETURNING reads

    name = CharField(max_length=64)
    customer_id = IntegerField(null=True)
    object_type = CharField(max_length=64)
    object_id = BigIntegerField(null=True)
    payload = JSONField()
    at = Instant()

    class Meta:
        table_name = "event"
        indexes = ((("at",), False), (("customer_id", "id"), False))


class Delivery(Row):
    """An event on its way to one subscriber: pending, done, or parked after too many failures."""

    event = ForeignKeyField(Event, on_delete="CASCADE")
    subscriber = CharField(max_length=64)
    state = CharField(max_length=8, default="pending")
    tries = IntegerField(default=0)
    next_at = Instant()
    error = TextField(null=True)

    class Meta:
        table_name = "delivery"
        indexes = ((("event", "subscriber"), True), (("state", "next_at", "id"), False))


Handler = Callable[[Event, Actor], None]
_subscribers: dict[str, tuple[str, Handler]] = {}
_conditions: dict[str, Callable[[], bool]] = {}


def subscribe(name: str, pattern: str, handler: Handler, *, wanted: Callable[[], bool] | None = None) -> None:
    """Call `handler(event, actor)` once for every event whose name fits `pattern` (asset.*). `name` is its address.

    `wanted` is asked inside the transaction of the change, so it must be quick: without it every event that fits
    costs a row and a transaction of the worker's, also when the handler has nothing to do.
    """
    _subscribers[name] = (pattern, handler)
    if wanted is not None:
        _conditions[name] = wanted


def _always() -> bool:
    return True


def emit(
    name: str,
    customer_id: int | None,
    object_type: str,
    object_id: int | None,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Put an event in the outbox. Call inside the transaction of the change it tells of."""
    now = clock.now()
    event_id = Event.insert(
        name=str(name),
        customer_id=customer_id,
        object_type=object_type,
        object_id=object_id,
        payload=dict(payload or {}),
        at=now,
    ).execute()
    for subscriber, (pattern, _) in _subscribers.items():
        if fnmatchcase(str(name), pattern) and _conditions.get(subscriber, _always)():
            Delivery.insert(event=event_id, subscriber=subscriber, next_at=now).execute()


def deliver_due(limit: int = 200) -> int:
    """Deliver what is due; answer how many were tried. Runs in the worker, never in a request."""
    # Events for a subscriber whose plugin is gone for now are kept until it is back, out of the others' way.
    known = Delivery.subscriber.in_(list(_subscribers))
    due = (
        Delivery.select(Delivery, Event)
        .join(Event)
        .where((Delivery.state == "pending") & (Delivery.next_at <= clock.now()) & known)
        .order_by(Delivery.id)
        .limit(limit)
    )
    return sum(_deliver(delivery) for delivery in list(due))


def _deliver(delivery: Delivery) -> int:
    _, handler = _subscribers[delivery.subscriber]
    event = delivery.event
    try:
        with transaction():
            if not _claim(delivery):
                return 0
            handler(event, Actor.system(event.customer_id, name=delivery.subscriber, kind="job"))
    except Exception as error:
        _retry_later(delivery, error)
    return 1


def _claim(delivery: Delivery) -> bool:
    """Mark it done first, in the handler's own transaction: a second worker finds nothing, a failure undoes it."""
    return bool(Delivery.update(state="done", tries=delivery.tries + 1, error=None).where(_as_read(delivery)).execute())


def _as_read(delivery: Delivery) -> Any:
    """Nobody has tried it since we read it: a second worker neither repeats it nor skips the pause after a failure."""
    return (Delivery.id == delivery.id) & (Delivery.state == "pending") & (Delivery.tries == delivery.tries)


def _retry_later(delivery: Delivery, error: Exception) -> None:
    tries = delivery.tries + 1
    log.warning("delivery_failed", subscriber=delivery.subscriber, event_id=delivery.event.id, error=repr(error))
    Delivery.update(
        tries=tries,
        state="parked" if tries >= MAX_TRIES else "pending",
        next_at=clock.now() + timedelta(seconds=2**tries * 5),
        error=repr(error)[:2000],
    ).where(_as_read(delivery)).execute()


def forget_old(days: int = 30) -> int:
    """Remove events older than `days` that every subscriber has had. Parked ones stay until somebody looks."""
    old = clock.now() - timedelta(days=days)
    open_ones = Delivery.select(Delivery.event).where(Delivery.state != "done")
    return int(Event.delete().where((Event.at < old) & Event.id.not_in(open_ones)).execute())
