"""Locks and progress: seen by every process, gone with the one that held them."""

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from registry.kernel import db, locks
from tests.houses import SECRET, House
from tests.programs import start_text
from tests.security.nursery import Forked

HOLDER = """
import sys, time
from pathlib import Path
from registry.app import open_house
from registry.kernel import db, locks
from registry.settings import Settings
folder, url, secret = sys.argv[1:]
open_house(Settings(data=Path(folder), database=url, secret=secret, queue="memory:", log_level="ERROR"))
with locks.held("shared"):
    locks.report("shared", {"rows": 7})
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(any_house: House) -> Iterator[Forked]:
    """Another process that holds the lock `shared` until it is killed."""
    process = start_text(HOLDER, str(any_house.settings.data), any_house.settings.database, SECRET)
    assert process.stdout and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_lock_of_another_process_is_seen_and_ends_with_it(any_house: House, holder: Forked) -> None:
    assert locks.is_held("shared") and not locks.is_held("other")
    assert locks.progress("shared") == {"rows": 7} and locks.progress("other") is None
    with pytest.raises(locks.Taken), locks.held("shared"):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locks.held("shared", patience=60):
        assert locks.is_held("shared")
    assert not locks.is_held("shared") and locks.progress("shared") is None


def test_a_lock_is_free_again_whatever_happened(any_house: House) -> None:
    with pytest.raises(ZeroDivisionError), locks.held("one"), db.transaction():
        assert locks.is_held("one")
        1 / 0  # noqa: B018
    assert not locks.is_held("one")
    with locks.held("one"), locks.held("two"):
        assert locks.is_held("two")


def test_to_look_at_a_lock_takes_it_from_nobody(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again and again how far a job is must not keep the job from beginning."""
    stop, taken = threading.Event(), []

    def look() -> None:
        with db.connection():
            while not stop.is_set():
                locks.is_held("looked-at")
                time.sleep(0.001)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for _ in range(60):
            try:
                with locks.held("looked-at"):
                    pass
            except locks.Taken:
                taken.append(1)
    finally:
        stop.set()
        looker.join()
    assert not taken


def test_progress_is_seen_from_outside_while_the_work_is_not(any_house: House) -> None:
    seen = []

    def look() -> None:
        with db.connection():
            seen.append((locks.progress("one"), db.run_sql("SELECT count(*) FROM customer").fetchone()[0]))

    with locks.held("one"), db.transaction():
        any_house.customer("acme")
        for rows in (1, 2):
            locks.report("one", {"rows": rows})
            looker = threading.Thread(target=look)
            looker.start()
            looker.join()
    assert seen == [({"rows": 1}, 0), ({"rows": 2}, 0)]
    assert locks.progress("one") is None
    locks.report("late", {"share": 0.5})
    assert locks.progress("late") == {"share": 0.5}
    locks.forget("late")
    assert locks.progress("late") is None


def test_of_many_that_want_a_lock_one_has_it_at_a_time(any_house: House) -> None:
    inside: list[int] = []
    most: list[int] = []

    def one() -> None:
        for _ in range(3):
            with locks.held("narrow", patience=120):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.002)
                inside.pop()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 18


def test_a_lock_file_that_is_taken_away_at_the_last_moment_is_no_lock(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited for it would hold a file without a name, and the next one a new file of that name."""
    first = locks.held("brief")
    first.__enter__()
    lock = locks._try_file

    def leave_first(*arguments: Any) -> bool:
        monkeypatch.setattr(locks, "_try_file", lock)
        first.__exit__(None, None, None)
        return lock(*arguments)

    monkeypatch.setattr(locks, "_try_file", leave_first)
    with locks.held("brief", patience=5):
        assert locks.is_held("brief")
        with pytest.raises(locks.Taken), locks.held("brief"):
            pass
