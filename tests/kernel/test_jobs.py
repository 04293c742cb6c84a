"""Jobs on every kind of queue: done once, done again after a failure or a crash, never lost, due by the clock."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel import clock, db, jobs, tickets, timetable
from registry.kernel.dispatch import Dispatcher
from registry.kernel.errors import Busy
from registry.kernel.jobs import Job, JobQueue, NotNow, build_queue, job
from registry.kernel.tickets import JobTicket
from registry.kernel.timetable import DAY, JobTurn, next_turn
from tests.houses import House
from tests.redis import RedisServer

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    """A list of jobs of this test's own."""
    known: dict[str, Job] = {}
    monkeypatch.setattr(jobs, "JOBS", known)
    return known


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is at no ticket yet."""
    monkeypatch.setattr(tickets, "_mine", set())


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("redis", marks=pytest.mark.redis),
        pytest.param("postgresql", marks=pytest.mark.postgres),
    ]
)
def queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where jobs wait: each kind of queue in turn, with a database of SQLite beside it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        return server.url
    cluster = request.getfixturevalue("postgres_cluster")
    cluster.drop_database("queue")
    return str(cluster.create_database("queue"))


@pytest.fixture
def queue(house: House, declared: dict[str, Job], queue_url: str) -> Iterator[JobQueue]:
    made = build_queue(queue_url)
    made.huey.storage.blocking = False
    yield made
    made.close()


def work(queue: JobQueue) -> int:
    """What one thread of a worker does, until nothing is left; answers how many messages there were."""
    done = 0
    while (message := queue.huey.dequeue()) is not None:
        queue.huey.execute(message)
        done += 1
    return done


def test_a_job_waits_in_the_queue_until_a_worker_takes_it(queue: JobQueue, queue_url: str) -> None:
    done: list[Any] = []
    job("test.add")(lambda left, right: done.append(db.run_sql("SELECT ? + ?", (left, right)).fetchone()[0]))
    queue.enqueue("test.add", left=2, right=3)
    assert not done and queue.huey.pending_count() == 1 and tickets.standing()["waiting"] == 1
    worker = build_queue(queue_url)  # another process would build its own
    worker.huey.storage.blocking = False
    assert work(worker) == 1
    worker.close()
    assert done == [5] and queue.huey.pending_count() == 0 and JobTicket.select().count() == 0
    assert queue.huey.result_count() == 0, "results of jobs would pile up: nobody reads them"


def test_a_message_names_a_ticket_and_nothing_else(queue: JobQueue) -> None:
    job("test.secret")(lambda text: None)
    queue.enqueue("test.secret", text="whisper")
    [message] = queue.huey.storage.enqueued_items()
    [ticket] = JobTicket.select()
    body = json.loads(bytes(message))
    assert body[6] == [ticket.id] and b"whisper" not in bytes(message)


def test_a_strangers_message_does_no_harm(queue: JobQueue) -> None:
    job("test.fine")(lambda: None)
    for strange in (b"cos\nsystem\n(S'true'\ntR.", b"[1]", b"{}", b"\xff"):
        queue.huey.storage.enqueue(strange)
        with pytest.raises(Exception):  # noqa: B017 - the consumer logs whatever it is, and goes on
            queue.huey.dequeue()
    queue.huey.send(999_999)
    queue.huey.send("1; DROP TABLE job_ticket")
    queue.enqueue("test.fine")
    assert work(queue) == 3 and JobTicket.select().count() == 0


def test_two_workers_told_of_one_ticket_do_it_once(queue: JobQueue) -> None:
    done: list[int] = []
    job("test.once")(lambda: done.append(1))
    queue.enqueue("test.once")
    [ticket] = JobTicket.select()
    queue.announce(ticket.id)
    queue.announce(ticket.id)
    assert work(queue) == 3 and done == [1]


def test_a_failing_job_is_tried_again_later_as_often_as_declared(queue: JobQueue) -> None:
    tries: list[datetime] = []

    @job("test.fail", retries=2)
    def fail() -> None:
        tries.append(clock.now())
        raise LookupError("not yet")

    keeper = Dispatcher(queue, threading.Event())
    with clock.frozen(NOON):
        queue.enqueue("test.fail")
        work(queue)
        assert "not yet" in JobTicket.get().error
    for seconds in (29, 31, 60, 92, 500, 5000):
        with clock.frozen(NOON + timedelta(seconds=seconds)):
            keeper.once()
            work(queue)
    assert [(at - NOON).seconds for at in tries] == [0, 31, 92]
    assert JobTicket.select().count() == 0, "then it is given up"


def test_a_job_that_cannot_begin_yet_waits_without_counting_that_as_a_failure(queue: JobQueue) -> None:
    tries: list[int] = []

    @job("test.later")
    def later() -> None:
        tries.append(1)
        if len(tries) < 9:
            raise NotNow(10)

    keeper = Dispatcher(queue, threading.Event())
    for number in range(12):
        with clock.frozen(NOON + timedelta(seconds=11 * number)):
            if number == 0:
                queue.enqueue("test.later")
            keeper.once()
            work(queue)
            assert all(ticket.tries == 0 for ticket in JobTicket.select())
    assert len(tries) == 9 and JobTicket.select().count() == 0


def test_a_job_whose_worker_was_killed_is_given_to_another_one(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    @job("test.slow")
    def slow() -> None:
        done.append(1)
        if len(done) == 1:
            raise SystemExit  # what a kill looks like from here: nothing is put back

    keeper = Dispatcher(queue, threading.Event())
    with clock.frozen(NOON):
        queue.enqueue("test.slow")
        with pytest.raises(SystemExit):
            queue.carry_out(JobTicket.get().id)
        queue.huey.flush()
    monkeypatch.setattr(tickets, "_mine", set())  # from here on we are another process
    with clock.frozen(NOON + timedelta(seconds=59)):
        assert keeper.once() == 0 and work(queue) == 0, "it may still be at it"
    with clock.frozen(NOON + timedelta(seconds=61)):
        assert keeper.once() == 1 and work(queue) == 1
    assert len(done) == 2 and JobTicket.select().count() == 0


def test_a_job_that_a_busy_database_stopped_is_done_later(queue: JobQueue) -> None:
    tries: list[int] = []

    @job("test.busy")
    def busy() -> None:
        tries.append(1)
        if len(tries) < 4:
            raise Busy

    keeper = Dispatcher(queue, threading.Event())
    with clock.frozen(NOON):
        queue.enqueue("test.busy")
        work(queue)
    for minute in range(1, 20):
        with clock.frozen(NOON + timedelta(minutes=minute)):
            keeper.once()
            work(queue)
    assert len(tries) == 4 and JobTicket.select().count() == 0


def test_a_job_that_cannot_even_be_put_back_counts_as_lost(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    job("test.outage")(lambda: done.append(1))
    with clock.frozen(NOON), monkeypatch.context() as outage:
        queue.enqueue("test.outage")
        outage.setattr(tickets, "finish", lambda _ticket: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            queue.carry_out(JobTicket.get().id)
        assert tickets.mine() == [], "or this process would keep it alive for ever"
        queue.huey.flush()
    with clock.frozen(NOON + timedelta(seconds=61)):
        assert Dispatcher(queue, threading.Event()).once() == 1 and work(queue) == 1
    assert done == [1, 1] and JobTicket.select().count() == 0


def test_a_worker_that_shows_life_keeps_its_job(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    job("test.long")(lambda: None)
    with clock.frozen(NOON):
        queue.enqueue("test.long")
        number = JobTicket.get().id
        assert tickets.take(number, queue.lost_after)
    with clock.frozen(NOON + timedelta(seconds=50)):
        tickets.show_life()
    other: set[int] = set()
    monkeypatch.setattr(tickets, "_mine", other)
    with clock.frozen(NOON + timedelta(seconds=100)):
        assert tickets.to_announce(queue.lost_after) == [] and tickets.take(number, queue.lost_after) is None
    with clock.frozen(NOON + timedelta(seconds=111)):
        assert tickets.to_announce(queue.lost_after) == [number] and tickets.take(number, queue.lost_after)


def test_whoever_was_taken_for_lost_has_no_say_in_the_ticket_of_the_next(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that stood still for minutes and then fails must not send a third one after the same job."""
    number = tickets.issue("test.job", {})
    first = tickets.take(number, queue.lost_after)
    assert first
    monkeypatch.setattr(tickets, "_mine", set())
    with db.transaction():
        JobTicket.update(seen_at=NOON).execute()
    second = tickets.take(number, queue.lost_after)
    assert second and second.tries == 2
    tickets.put_back(first, timedelta(0), error="late")
    tickets.finish(first)
    now = JobTicket.get_by_id(number)
    assert (now.seen_at, now.tries, now.error) == (second.seen_at, 2, None)
    tickets.finish(second)
    assert JobTicket.select().count() == 0


def test_a_stopped_worker_gives_back_what_it_was_at(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    job("test.cut")(lambda: None)
    queue.enqueue("test.cut")
    number = JobTicket.get().id
    assert tickets.take(number, queue.lost_after) and tickets.give_back_all() == 1
    monkeypatch.setattr(tickets, "_mine", set())
    assert tickets.to_announce(queue.lost_after) == [number], "at once, and not when it is missed"


def test_a_job_that_takes_its_worker_along_every_time_is_given_up(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths: list[int] = []

    @job("test.fatal")
    def fatal() -> None:
        deaths.append(1)
        raise SystemExit

    with clock.frozen(NOON):
        queue.enqueue("test.fatal")
    number = JobTicket.get().id
    for day in range(20):
        monkeypatch.setattr(tickets, "_mine", set())
        with clock.frozen(NOON + timedelta(days=day)):
            if number in tickets.to_announce(queue.lost_after) or day == 0:
                with pytest.raises(SystemExit):
                    queue.carry_out(number)
    assert len(deaths) == tickets.MOST_CRASHES and JobTicket.select().count() == 0


def test_what_an_emptied_queue_forgot_is_announced_again_ever_more_seldom(queue: JobQueue) -> None:
    job("test.forgotten")(lambda: None)
    with clock.frozen(NOON):
        queue.enqueue("test.forgotten")
    queue.huey.flush()
    told = []
    for second in range(0, 4000, 5):
        with clock.frozen(NOON + timedelta(seconds=second)):
            told += [second] * len(tickets.to_announce(queue.lost_after))
    assert told == [5, 15, 35, 75, 155, 315, 635, 1275, 2555]
    queue.announce(JobTicket.get().id)
    assert work(queue) == 1 and JobTicket.select().count() == 0


def test_of_two_workers_that_see_a_ticket_waiting_one_announces_it(queue: JobQueue) -> None:
    job("test.seen")(lambda: None)
    queue.enqueue("test.seen")
    [seen_by_both] = JobTicket.select()
    assert tickets._remind(seen_by_both) and not tickets._remind(seen_by_both)


def test_a_job_of_a_transaction_that_was_taken_back_is_none(queue: JobQueue) -> None:
    done: list[int] = []
    job("test.part")(lambda: done.append(1))
    with pytest.raises(RuntimeError), db.transaction():
        queue.enqueue("test.part")
        raise RuntimeError
    assert work(queue) == 1 and done == [] and JobTicket.select().count() == 0


def test_an_unknown_job_waits_for_a_worker_that_knows_it(queue: JobQueue, declared: dict[str, Job]) -> None:
    done: list[int] = []
    job("test.new")(lambda: done.append(1))
    with clock.frozen(NOON):
        queue.enqueue("test.new")
        known = declared.pop("test.new")
        work(queue)
    assert JobTicket.get().tries == 0
    declared["test.new"] = known
    with clock.frozen(NOON + timedelta(minutes=6)):
        Dispatcher(queue, threading.Event()).once()
        work(queue)
    assert done == [1]


@pytest.mark.redis
def test_a_queue_that_is_away_costs_no_job(house: House, declared: dict[str, Job]) -> None:
    done: list[int] = []
    job("test.anyway")(lambda: done.append(1))
    with RedisServer() as server:
        queue = build_queue(server.url)
        server.stop()
        with clock.frozen(NOON):
            queue.enqueue("test.anyway")
        server.start()
        with clock.frozen(NOON + timedelta(seconds=6)):
            assert Dispatcher(queue, threading.Event()).once() == 1
        assert work(queue) == 1 and done == [1]


@pytest.mark.postgres
def test_the_queues_tables_are_not_made_by_who_may_make_none(postgres_cluster: Any, declared: dict[str, Job]) -> None:
    postgres_cluster.drop_database("narrow")
    owner = postgres_cluster.create_database("narrow")
    narrow = postgres_cluster.url("narrow", postgres_cluster.ordinary_user)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        build_queue(narrow).huey.pending_count()
    first = build_queue(owner)
    assert first.huey.pending_count() == 0
    first.close()
    with psycopg.connect(owner) as opened:
        opened.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO assetcare")
        opened.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO assetcare")
    queue = build_queue(narrow)
    assert queue.announce(1) and queue.huey.pending_count() == 1
    queue.close()


# --- Without a queue ----------------------------------------------------------------------------------------


def test_an_immediate_queue_runs_where_it_is_called(house: House, declared: dict[str, Job]) -> None:
    seen = []
    job("test.note")(lambda text: seen.append(text))
    build_queue("memory:").enqueue("test.note", text="a")
    build_queue("redis://nowhere.invalid/0", immediate=True).enqueue("test.note", text="b")
    assert seen == ["a", "b"]


def test_an_immediate_job_leaves_the_callers_transaction_alone(house: House, declared: dict[str, Job]) -> None:
    job("test.nothing")(lambda: None)
    with db.transaction():
        house.customer("acme")
        build_queue("memory:").enqueue("test.nothing")
        assert db.database.in_transaction()
    assert db.run_sql("SELECT slug FROM customer").fetchall() == [("acme",)]


@pytest.mark.parametrize("url", ["mysql://x", "", "file.db"])
def test_an_unknown_queue_is_refused(url: str, declared: dict[str, Job]) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        build_queue(url)


# --- By the clock -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "after", "turn"),
    [
        (5, (0, 0), (0, 5)),
        (5, (0, 4, 59), (0, 5)),
        (60, (1, 6), (1, 7)),
        (60, (1, 7), (2, 7)),
        (360, (6, 8), (12, 7)),
        (DAY, (3, 6), (3, 7)),
        (DAY, (2, 0), (3, 7)),
    ],
)
def test_when_a_job_is_due(minutes: int, after: tuple[int, ...], turn: tuple[int, ...]) -> None:
    assert next_turn(minutes, datetime(2026, 1, 1, *after, tzinfo=UTC)) == datetime(2026, 1, 1, *turn, tzinfo=UTC)


@given(minutes=st.integers(1, 50_000), after=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_turns_follow_each_other_at_equal_distances(minutes: int, after: datetime) -> None:
    instant = after.replace(tzinfo=UTC)
    first = next_turn(minutes, instant)
    assert instant < first <= instant + timedelta(minutes=minutes)
    assert next_turn(minutes, first) - first == timedelta(minutes=minutes)
    assert next_turn(minutes, first - timedelta(microseconds=1)) == first


def test_of_several_workers_each_hour_strikes_once(any_house: House) -> None:
    hourly = {"test.hourly": 60}
    with clock.frozen(NOON):
        for _ in range(3):
            timetable.enrol(hourly)
        assert JobTurn.select().count() == 1 and timetable.strike(hourly) == []
    with clock.frozen(NOON + timedelta(minutes=8)):
        made = [timetable.strike(hourly) for _ in range(3)]
        assert [len(one) for one in made] == [1, 0, 0]
    with clock.frozen(NOON + timedelta(minutes=68)):
        assert timetable.strike(hourly) == [], "the last one has not been done yet"
        assert JobTurn.get().due_at == NOON + timedelta(minutes=127)
    JobTicket.delete().execute()
    with clock.frozen(NOON + timedelta(hours=50)):
        seen_by_both = JobTurn.get()
        assert len(timetable.strike(hourly)) == 1, "missed turns are made up for once"
        assert timetable.strike(hourly) == []
        JobTicket.delete().execute()
        assert timetable._ticket(seen_by_both, NOON) is None, "the other worker is late: the job is done by now"


@pytest.mark.slow
def test_many_workers_at_once_strike_once(any_house: House) -> None:
    often = {f"test.{number}": 5 for number in range(20)}
    with clock.frozen(NOON):
        timetable.enrol(often)
    made: list[int] = []

    def one() -> None:
        with db.connection(), clock.frozen(NOON + timedelta(minutes=6)):
            made.extend(timetable.strike(often))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(set(made)) == JobTicket.select().count() == 20


def test_how_the_last_run_went_is_kept(queue: JobQueue) -> None:
    outcomes = [ValueError("full"), None]

    @job("test.nightly", minutes=DAY)
    def nightly() -> None:
        if error := outcomes.pop(0):
            raise error

    keeper = Dispatcher(queue, threading.Event())
    with clock.frozen(NOON):
        keeper.once()
    for day, error in ((1, "ValueError('full')"), (2, None)):
        with clock.frozen(NOON + timedelta(days=day)):
            assert keeper.once() == 1 and work(queue) == 1
            turn = JobTurn.get()
            assert (turn.error, turn.ran_at) == (error, clock.now())
    with clock.frozen(NOON + timedelta(days=2, hours=16)):
        assert timetable.overdue(["test.nightly"], timedelta(minutes=10)) == ["test.nightly"]
        assert timetable.overdue([], timedelta(minutes=10)) == []
