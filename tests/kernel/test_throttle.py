"""Token buckets: never more than the limit in any period of its length, on both engines and across processes."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel import clock, db, throttle
from registry.kernel.errors import Throttled
from registry.kernel.throttle import Bucket, Limit, forget, network_of, take
from tests.houses import SECRET, House
from tests.programs import start_text

START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def taken(limit: Limit, at: datetime, key: str = "k") -> bool:
    with clock.frozen(at):
        try:
            take("test", key, limit)
            return True
        except Throttled:
            return False


LIMITS = st.builds(Limit, st.integers(1, 12), st.integers(1, 90))
PAUSES = st.lists(st.one_of(st.just(0.0), st.floats(0, 100)), min_size=1, max_size=60)


@given(limit=LIMITS, pauses=PAUSES)
def test_no_period_ever_sees_more_than_the_limit(shared_house: House, limit: Limit, pauses: list[float]) -> None:
    Bucket.delete().execute()
    at, allowed = START, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        if taken(limit, at):
            allowed.append(at)
    period = timedelta(seconds=limit.seconds)
    assert allowed, "the first is never too many"
    for first in allowed:
        within = [other for other in allowed if first <= other < first + period]
        assert len(within) <= limit.count, f"{len(within)} in {limit.seconds} s from {first}"


@given(limit=LIMITS)
def test_whoever_waits_as_told_gets_through_and_not_a_moment_before(shared_house: House, limit: Limit) -> None:
    Bucket.delete().execute()
    assert [taken(limit, START) for _ in range(limit.burst)] == [True] * limit.burst, "half of it at once"
    with clock.frozen(START), pytest.raises(Throttled) as refused:
        take("test", "k", limit)
    wait = int(refused.value.headers["Retry-After"])
    assert 1 <= wait <= limit.seconds
    early = timedelta(microseconds=limit.interval - 2)
    assert not taken(limit, START + early)
    assert taken(limit, START + timedelta(seconds=wait))


@given(limit=LIMITS)
def test_a_bucket_fills_up_again_and_no_further(shared_house: House, limit: Limit) -> None:
    Bucket.delete().execute()
    for _ in range(limit.burst):
        taken(limit, START)
    later = START + timedelta(days=30)
    assert [taken(limit, later) for _ in range(limit.burst + 1)] == [True] * limit.burst + [False]


@pytest.fixture(scope="module")
def shared_house(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One for all the examples, which begin with no bucket."""
    import shutil

    folder = tmp_path_factory.mktemp("throttle")
    shutil.copyfile(sqlite_template, folder / "assetcare.db")
    house = House(folder, f"sqlite:///{folder / 'assetcare.db'}")
    house.open()
    yield house
    house.close()


def test_the_same_on_both_engines(any_house: House) -> None:
    limit = Limit(10, 60)
    assert [taken(limit, START) for _ in range(7)] == [True] * 5 + [False] * 2
    assert not taken(limit, START + timedelta(seconds=9.9))
    assert taken(limit, START + timedelta(seconds=10))
    assert not taken(limit, START + timedelta(seconds=10))
    assert [taken(limit, START + timedelta(seconds=10), key="other") for _ in range(5)] == [True] * 5
    assert [taken(limit, START + timedelta(hours=1)) for _ in range(6)] == [True] * 5 + [False]
    with clock.frozen(START + timedelta(hours=1)):
        take("another purpose", "k", limit)


def test_keys_are_not_to_be_read_and_may_be_anything(any_house: House) -> None:
    for key in ("eva@acme.example", "a\x00b", "\ud800", "x" * 10_000, ""):
        take("test", key, Limit(1, 60))
    rows = [row.key for row in Bucket.select()]
    assert len(set(rows)) == 5 and all(len(key) == 64 and "eva" not in key for key in rows)


def test_a_rollback_gives_nothing_back(any_house: House) -> None:
    with pytest.raises(RuntimeError), db.transaction():
        take("test", "k", Limit(2, 60))
    assert not Bucket.select().exists()
    take("test", "k", Limit(1, 60))
    with pytest.raises(ZeroDivisionError), db.transaction():
        1 / 0  # noqa: B018
    with pytest.raises(Throttled):
        take("test", "k", Limit(1, 60))


def test_a_flood_is_answered_without_a_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    take("test", "k", Limit(1, 60))
    monkeypatch.setattr(throttle, "transaction", lambda: pytest.fail("it waits for the writer"))
    with pytest.raises(Throttled):
        take("test", "k", Limit(1, 60))


def test_what_need_not_be_counted_exactly_waits_for_no_writer(house: House) -> None:
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        with db.connection(), db.transaction():
            held.set()
            done.wait(120)

    writer = threading.Thread(target=write)
    writer.start()
    assert held.wait(120)
    try:
        take("test", "k", Limit(1, 60), wait=False)
        assert not Bucket.select().exists()
    finally:
        done.set()
        writer.join()
    take("test", "k", Limit(1, 60), wait=False)
    with pytest.raises(Throttled):
        take("test", "k", Limit(1, 60), wait=False)


def test_buckets_that_are_full_are_forgotten(any_house: House) -> None:
    taken(Limit(1, 60), START, "soon full")
    taken(Limit(1, 3600), START, "not yet")
    taken(Limit(1, 60), START + timedelta(days=4000), "made while the clock was wrong")
    with clock.frozen(START + timedelta(minutes=2)):
        assert forget() == 2
    assert not taken(Limit(1, 3600), START + timedelta(minutes=2), "not yet")
    assert taken(Limit(1, 60), START + timedelta(minutes=2), "made while the clock was wrong")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"), ("2001:db8:1:3::1", "2001:db8:1:3::/64"), ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"), (None, "unknown"), ("", "unknown"), ("unix:", "unknown"), ("1" * 100, "unknown"),
    ],
)  # fmt: skip
def test_whom_an_address_counts_as(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("count", "seconds"), [(0, 60), (-1, 60), (1, 0), (1, 86_401)])
def test_a_limit_makes_sense(count: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        Limit(count, seconds)


CROWD = """
import sys, threading
from datetime import datetime
from pathlib import Path

from registry.app import open_house
from registry.kernel import clock, db
from registry.kernel.errors import Throttled
from registry.kernel.throttle import Limit, take
from registry.settings import Settings

folder, url, secret, at = sys.argv[1:]
open_house(Settings(data=Path(folder), database=url, secret=secret, queue="memory:", log_level="CRITICAL"))
got, start = [], threading.Barrier(8)

def crowd():
    start.wait(120)
    with db.connection(), clock.frozen(datetime.fromisoformat(at)):
        for _ in range(10):
            try:
                take("test", "k", Limit(20, 60))
                got.append(1)
            except Throttled:
                pass

threads = [threading.Thread(target=crowd) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(got))
"""


@pytest.mark.slow
def test_of_a_crowd_in_several_processes_only_so_many_get_one(any_house: House) -> None:
    chosen = any_house.settings
    arguments = [str(chosen.data), chosen.database, SECRET, START.isoformat()]
    many = [start_text(CROWD, *arguments) for _ in range(3)]
    assert sum(int(one.communicate()[0]) for one in many) == Limit(20, 60).burst
