"""Work outside the request, on huey: a SQLite file by default, Redis or PostgreSQL when configured."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from importlib.util import find_spec
from typing import Any

from registry.kernel import events, metrics, tickets, timetable, wall
from registry.kernel.db import connection
from registry.kernel.errors import Busy
from registry.kernel.logs import log

BUSY_RETRIES = 8  # a database that is locked or away is no fault of the job's


@dataclass(frozen=True, slots=True)
class Job:
    """A function that the worker runs: on request (enqueue) or every `minutes` when that is given."""

    name: str
    function: Callable[..., Any]
    minutes: int | None = None
    retries: int = 0


class NotNow(Exception):
    """Raised by a job that cannot begin yet: it is tried again after `seconds`, and that counts as no failure."""

    def __init__(self, seconds: int = 15) -> None:
        super().__init__(f"not now, but in {seconds} s")
        self.wait = timedelta(seconds=seconds)


JOBS: dict[str, Job] = {}
metrics.declare_counter("jobs", "Jobs that a worker has run.", "job", "outcome")


def job(name: str, *, minutes: int | None = None, retries: int = 0) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job; the function opens its own transactions.

    It may be run twice when its worker was killed or cut off: what was done already must do no harm. `retries`: how
    often to try again after an exception, half a minute later and then ever later.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        JOBS[name] = Job(name, function, minutes, retries)
        return function

    return register


COURIERS: dict[str, Callable[[], int]] = {}


def courier(name: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Declare a courier: a function that takes out what is due from a table of its own and says how many it was.

    The worker calls each courier about once a second, in a thread of its own: one that waits for a network holds
    up no other. It opens its own transactions, and none of them stays open over a network call.
    """

    def register(function: Callable[[], int]) -> Callable[[], int]:
        COURIERS[name] = function
        return function

    return register


courier("outbox")(events.deliver_due)


class JobQueue:
    """The queue of one application. Without `make` a job runs where it is called: tests and one-off commands.

    `make()` opens it, which is done when it is first needed: most processes never do, and none may before it forks.
    `lost_after`: a job whose worker has shown no sign of life for so long is given to another one.
    """

    def __init__(self, make: Callable[[], Any] | None, lost_after: timedelta = timedelta(seconds=60)) -> None:
        self.immediate = make is None
        self.lost_after = lost_after
        self._make = make

    @cached_property
    def huey(self) -> Any:
        if self._make is None:
            raise RuntimeError("jobs of this queue are run where they are asked for: there is nothing to open")
        made = self._make()
        made.send = made.task(name="job")(self.carry_out)  # the one task that there is
        return made

    def enqueue(self, name: str, **arguments: Any) -> None:
        """Have the job `name` done. `arguments` must fit into JSON. A queue that is away costs time, but no job.

        Inside a transaction the job is part of it.
        """
        declared = JOBS[name]
        if self.immediate:
            _perform_here(declared, arguments)
            return
        with connection():
            number = tickets.issue(name, arguments)
        self.announce(number)

    def close(self) -> None:
        """Let go of the connection. Does nothing when there is none."""
        if "huey" in self.__dict__:
            self.huey.storage.close()

    def announce(self, number: int) -> bool:
        """Tell a worker of a ticket; tells whether the queue took it. If not, it is tried again later."""
        try:
            self.huey.send(number)
        except Exception as error:  # each kind of queue has errors of its own
            log.warning("queue_unreachable", error=repr(error))
            return False
        return True

    def carry_out(self, number: int) -> None:
        """In the worker: do what the ticket says, unless somebody else is at it."""
        with connection():
            ticket = tickets.take(number, self.lost_after)
            if ticket is None:
                return
            try:
                _perform(JOBS.get(ticket.name), ticket)
            finally:  # if it could not even be put back it counts as lost, and comes again
                tickets.leave(ticket)


def _perform(declared: Job | None, ticket: tickets.JobTicket) -> None:
    if declared is None:  # a plugin that is gone, or a worker older than the web processes
        log.error("job_unknown", job=ticket.name, ticket=ticket.id)
        tickets.put_back(ticket, timedelta(minutes=5), tried=False)
        return
    log.debug("job_started", job=declared.name, ticket=ticket.id)
    try:
        declared.function(**ticket.arguments)
    except NotNow as later:
        tickets.put_back(ticket, later.wait, tried=False)
    except Exception as error:
        _failed(declared, ticket, error)
    else:
        tickets.finish(ticket)
        timetable.ran(declared.name, None)
        metrics.count("jobs", declared.name, "done")


def _failed(declared: Job, ticket: tickets.JobTicket, error: Exception) -> None:
    again = ticket.tries <= (max(declared.retries, BUSY_RETRIES) if isinstance(error, Busy) else declared.retries)
    log.exception("job_failed", job=declared.name, ticket=ticket.id, tries=ticket.tries, again=again)
    if again:
        tickets.put_back(ticket, tickets.pause_after(ticket.tries), error=repr(error)[:2000])
    else:
        tickets.finish(ticket)
    timetable.ran(declared.name, repr(error)[:2000])
    metrics.count("jobs", declared.name, "failed")


def _perform_here(declared: Job, arguments: dict[str, Any]) -> None:
    with connection(), wall.everywhere():
        try:
            declared.function(**arguments)
        except Exception:  # whoever asks for a job never learns how it went
            log.exception("job_failed", job=declared.name)


def build_queue(url: str, *, immediate: bool = False, lost_after: int = 60) -> JobQueue:
    """A queue at `url`: sqlite:///PATH, redis://..., postgresql://..., or memory: for tests. `lost_after`: seconds."""
    patience = timedelta(seconds=lost_after)
    if immediate or url == "memory:":
        return JobQueue(None, patience)
    if url.startswith(("redis://", "rediss://")) and find_spec("redis") is None:
        raise ValueError("ASSETCARE_QUEUE: the redis library is missing. Run: pip install 'assetcare[redis]'")
    if not url.startswith(("sqlite:///", "redis://", "rediss://", "postgresql://", "postgres://")):
        raise ValueError("ASSETCARE_QUEUE wants sqlite:///, redis:// or postgresql://")
    return JobQueue(partial(_opened, url), patience)


def lay_out(url: str) -> None:
    """Make the tables of the queue at `url`, where it keeps any: who serves from them need not be allowed to."""
    queue = build_queue(url)
    if not queue.immediate:
        queue.huey.pending_count()
        queue.close()


def _opened(url: str) -> Any:
    from registry.kernel import queues  # huey brings along more than most processes need

    return queues.open_queue(url)


@job("events.forget_old", minutes=1440)
def forget_old_events() -> int:
    return events.forget_old()
