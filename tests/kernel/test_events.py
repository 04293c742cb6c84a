"""The outbox: an event lives or dies with its change, and reaches each subscriber once."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.kernel import clock, db, events
from registry.kernel.access import Actor
from registry.kernel.events import MAX_TRIES, Delivery, Event, deliver_due, emit, forget_old, subscribe
from registry.people.models import User
from tests.houses import House

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_subscribers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(events, "_subscribers", {})
    with clock.frozen(START):
        yield


class Listener:
    """Notes what it is told; fails as long as `failing`."""

    def __init__(self, name: str, pattern: str = "*") -> None:
        self.heard: list[tuple[str, Any]] = []
        self.failing = False
        self.actor: Actor | None = None
        subscribe(name, pattern, self)

    def __call__(self, event: Event, actor: Actor) -> None:
        User.create(email=f"{event.id}-{len(self.heard)}-{id(self)}", name="written by a handler")
        if self.failing:
            raise ConnectionError("nobody there")
        self.heard.append((event.name, event.payload))
        self.actor = actor


def say(name: str = "asset.created", customer: int | None = 5, **payload: Any) -> None:
    with db.transaction():
        emit(name, customer, "asset", 1, payload)


def states() -> list[tuple[str, int]]:
    return [(row.state, row.tries) for row in Delivery.select().order_by(Delivery.id)]


def test_an_event_is_stored_with_its_change_and_delivered_after(any_house: House) -> None:
    listener = Listener("a")
    with db.transaction():
        emit("asset.created", 5, "asset", 1, {"serial": "S1"})
        assert deliver_due_elsewhere() == 0, "nobody hears of it before it is certain"
    assert deliver_due() == 1
    assert listener.heard == [("asset.created", {"serial": "S1"})]
    assert listener.actor == Actor.system(5, name="a", kind="job") and listener.actor.customers == {5}
    event = Event.get()
    assert (event.customer_id, event.object_type, event.object_id, event.at) == (5, "asset", 1, START)


def deliver_due_elsewhere() -> int:
    """What another worker would find at this moment."""
    found: list[int] = []

    def look() -> None:
        with db.connection():
            found.append(Delivery.select().count())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return found[0]


def test_a_change_taken_back_takes_its_event_back(any_house: House) -> None:
    listener = Listener("a")
    with pytest.raises(LookupError), db.transaction():
        emit("asset.created", 5, "asset", 1)
        raise LookupError
    with db.transaction(), pytest.raises(LookupError), db.transaction():
        emit("asset.created", 5, "asset", 2)
        raise LookupError
    assert deliver_due() == 0
    assert not listener.heard and not Event.select().exists()


def test_each_subscriber_gets_it_once_and_only_what_it_asked_for(any_house: House) -> None:
    everything, assets, licences = Listener("all"), Listener("assets", "asset.*"), Listener("licences", "licence.*")
    say("asset.created")
    say("asset_status.changed")
    say("licence.created", None)
    for _ in range(3):
        deliver_due()
    assert [name for name, _ in everything.heard] == ["asset.created", "asset_status.changed", "licence.created"]
    assert [name for name, _ in assets.heard] == ["asset.created"]
    assert [name for name, _ in licences.heard] == ["licence.created"]
    assert licences.actor is not None and licences.actor.customers is None
    assert set(states()) == {("done", 1)}


def test_a_failure_leaves_nothing_behind_and_is_tried_again_later_and_later(any_house: House) -> None:
    listener = Listener("a")
    listener.failing = True
    say()
    pauses, now = [], START
    while states() != [("parked", MAX_TRIES)]:
        with clock.frozen(now):
            assert deliver_due() == 1
            assert deliver_due() == 0, "it waits before the next try"
        row = Delivery.get()
        pauses.append((row.next_at - now).total_seconds())
        now = row.next_at
        with clock.frozen(now - timedelta(seconds=1)):
            assert deliver_due() == 0
    assert len(pauses) == MAX_TRIES == 8
    assert pauses == sorted(pauses) and pauses[0] == 10 and pauses[-1] > 600
    assert "nobody there" in Delivery.get().error
    assert not User.select().exists(), "what the handler wrote went with its transaction"
    with clock.frozen(now + timedelta(days=400)):
        assert deliver_due() == 0, "parked until somebody looks"


def test_after_a_failure_it_still_arrives_once(any_house: House) -> None:
    listener, other = Listener("a"), Listener("b")
    listener.failing = True
    say()
    assert deliver_due() == 2
    assert len(other.heard) == 1
    listener.failing = False
    with clock.frozen(START + timedelta(minutes=1)):
        assert deliver_due() == 1
        assert deliver_due() == 0
    assert len(listener.heard) == len(other.heard) == 1
    assert states() == [("done", 2), ("done", 1)] and Delivery.get().error is None


def test_events_for_a_subscriber_that_is_gone_wait_and_block_nobody(any_house: House) -> None:
    Listener("gone")
    for _ in range(5):
        say()
    del events._subscribers["gone"]
    here = Listener("here")
    say()
    assert deliver_due(limit=2) == 1
    assert len(here.heard) == 1
    back = Listener("gone")
    assert deliver_due() == 5
    assert len(back.heard) == 5


def test_a_worker_with_an_old_view_neither_repeats_nor_revives(any_house: House) -> None:
    listener = Listener("a")
    say()
    seen_by_first, seen_by_second = Delivery.get(), Delivery.get()
    events._deliver(seen_by_first)
    events._deliver(seen_by_second)
    assert len(listener.heard) == 1
    say()
    stale = Delivery.get(Delivery.state == "pending")
    listener.failing = True
    events._deliver(Delivery.get(Delivery.state == "pending"))
    listener.failing = False
    events._deliver(stale)  # it failed a moment ago: not again before the pause is over
    assert len(listener.heard) == 1
    with clock.frozen(START + timedelta(minutes=1)):
        assert deliver_due() == 1
    events._retry_later(stale, ConnectionError("late news of the first failure"))
    assert states() == [("done", 1), ("done", 2)]


def test_two_workers_do_not_deliver_twice(any_house: House) -> None:
    listener = Listener("a")
    for number in range(30):
        say(number=number)
    start, failed = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait(120)
            with db.connection(), clock.frozen(START):
                deliver_due()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(payload["number"] for _, payload in listener.heard) == list(range(30))
    assert set(states()) == {("done", 1)}


def test_a_verb_tells_of_itself(house: House) -> None:
    listener = Listener("a", "customer.*")
    house.customer("acme")
    deliver_due()
    assert [name for name, _ in listener.heard] == ["customer.created"]


def test_old_events_are_forgotten_once_everybody_has_had_them(any_house: House) -> None:
    listener = Listener("a")
    with clock.frozen(START - timedelta(days=31)):
        say(number=1)
        deliver_due()
        listener.failing = True
        say(number=2)
        listener.failing = False
    say(number=3)
    deliver_due()
    Delivery.update(state="parked").where(Delivery.event == 2).execute()
    assert forget_old() == 1
    assert [row.payload["number"] for row in Event.select().order_by(Event.id)] == [2, 3]
    assert Delivery.select().count() == 2
