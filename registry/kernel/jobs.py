"""Work outside the request, on huey: a SQLite file by default, Redis or PostgreSQL when configured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from huey import Huey, MemoryHuey, SqliteHuey, crontab

from registry.kernel import events
from registry.kernel.db import connection
from registry.kernel.logs import log


@dataclass(frozen=True, slots=True)
class Job:
    """A function that the worker runs: on request (enqueue) or every `minutes` when that is given."""

    name: str
    function: Callable[..., Any]
    minutes: int | None = None
    retries: int = 0


JOBS: dict[str, Job] = {}


def job(name: str, *, minutes: int | None = None, retries: int = 0) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job. Arguments must survive pickling; the function opens its own transactions."""

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
    """The queue of one application. `immediate` runs a job where it is called: tests and one-off commands."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self._tasks = {name: self._task(declared) for name, declared in JOBS.items()}

    def _task(self, declared: Job) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            with connection():
                log.debug("job_started", job=declared.name)
                return declared.function(*args, **kwargs)

        if declared.minutes:
            self.huey.periodic_task(_every(declared.minutes), name=f"every_{declared.name}")(run)
        return self.huey.task(name=declared.name, retries=declared.retries, retry_delay=30)(run)

    def enqueue(self, name: str, **arguments: Any) -> Any:
        return self._tasks[name](**arguments)


def _every(minutes: int) -> Any:
    if minutes < 60:
        return crontab(minute=f"*/{minutes}")
    return crontab(minute="7", hour=f"*/{minutes // 60}" if minutes < 1440 else "3")


def build_queue(url: str, *, immediate: bool = False) -> JobQueue:
    """A queue at `url`: sqlite:///PATH, redis://..., postgresql://..., or memory: for tests."""
    if immediate or url == "memory:":
        huey: Huey = MemoryHuey("assetcare", immediate=True)
    elif url.startswith("sqlite:///"):
        huey = SqliteHuey("assetcare", filename=url.removeprefix("sqlite:///"), fsync=True)
    elif url.startswith(("redis://", "rediss://")):
        from huey import RedisHuey  # redis is an extra: only installations that use it have it

        huey = RedisHuey("assetcare", url=url)
    elif url.startswith("postgresql://"):
        from huey import PostgresHuey

        huey = PostgresHuey("assetcare", dsn=url)
    else:
        raise ValueError("the job queue wants sqlite:///, redis:// or postgresql://")
    return JobQueue(huey)


@job("events.forget_old", minutes=1440)
def forget_old_events() -> int:
    return events.forget_old()
