"""Jobs: queued in a SQLite file, run at once in tests, retried, given a connection."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import TaskException

from registry.kernel import db, jobs
from registry.kernel.jobs import Job, build_queue, job
from tests.houses import House


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    """A list of jobs of this test's own."""
    known: dict[str, Job] = {}
    monkeypatch.setattr(jobs, "JOBS", known)
    return known


def test_a_job_waits_in_the_file_until_a_worker_takes_it(
    house: House, declared: dict[str, Job], tmp_path: Path
) -> None:
    done: list[Any] = []

    @job("test.add")
    def add(left: int, right: int) -> int:
        done.append(db.run_sql("SELECT ? + ?", (left, right)).fetchone()[0])
        return done[-1]

    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    result = build_queue(url).enqueue("test.add", left=2, right=3)
    assert not done and (tmp_path / "jobs.db").exists()
    worker = build_queue(url).huey  # another process would build its own
    worker.execute(worker.dequeue())
    assert done == [5]
    assert result.get() == 5
    worker.storage.close()


def test_an_immediate_queue_runs_where_it_is_called(house: House, declared: dict[str, Job]) -> None:
    seen = []
    job("test.note")(lambda text: seen.append(text))
    build_queue("memory:").enqueue("test.note", text="a")
    build_queue("redis://nowhere.invalid/0", immediate=True).enqueue("test.note", text="b")
    assert seen == ["a", "b"]


def test_a_failing_job_is_tried_again_later_as_often_as_declared(
    house: House, declared: dict[str, Job], tmp_path: Path
) -> None:
    tries = []

    @job("test.fail", retries=2)
    def fail() -> None:
        tries.append(1)
        raise LookupError("not yet")

    queue = build_queue(f"sqlite:///{tmp_path / 'jobs.db'}")
    result, huey = queue.enqueue("test.fail"), queue.huey
    huey.execute(huey.dequeue())
    assert huey.dequeue() is None and not huey.read_schedule(datetime.now(UTC).replace(tzinfo=None))
    in_an_hour = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
    for _ in range(2):
        [again] = huey.read_schedule(in_an_hour)
        huey.execute(again, in_an_hour)
    assert len(tries) == 3 and not huey.scheduled_count()
    with pytest.raises(TaskException, match="not yet"):
        result.get()
    huey.storage.close()


def test_an_immediate_job_leaves_the_callers_transaction_alone(house: House, declared: dict[str, Job]) -> None:
    job("test.nothing")(lambda: None)
    with db.transaction():
        house.customer("acme")
        build_queue("memory:").enqueue("test.nothing")
        assert db.database.in_transaction()
    assert db.run_sql("SELECT slug FROM customer").fetchall() == [("acme",)]


@pytest.mark.parametrize(
    ("minutes", "at", "not_at"),
    [(5, (0, 5), (0, 6)), (60, (1, 7), (1, 8)), (360, (6, 7), (7, 7)), (1440, (3, 7), (4, 7))],
)
def test_a_periodic_job_is_due_by_its_minutes(minutes: int, at: tuple[int, int], not_at: tuple[int, int]) -> None:
    due = jobs._every(minutes)
    assert due(datetime(2026, 1, 1, *at))
    assert not due(datetime(2026, 1, 1, *not_at))


def test_periodic_jobs_are_known_to_the_queue(declared: dict[str, Job]) -> None:
    job("test.often", minutes=5)(lambda: None)
    queue = build_queue("memory:")
    assert [str(task).split(":")[0] for task in queue.huey._registry.periodic_tasks] == [
        "registry.kernel.jobs.every_test.often"
    ]


@pytest.mark.parametrize("url", ["mysql://x", "", "file.db"])
def test_an_unknown_queue_is_refused(url: str, declared: dict[str, Job]) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        build_queue(url)
