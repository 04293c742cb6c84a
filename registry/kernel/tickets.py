"""Job tickets: what is to be done, kept in the database until it is done.

The queue only wakes a worker: its messages name a ticket and nothing else. So a job is not lost with a queue that was
emptied, with a worker that was killed, or with a server that went away between its commit and its message: whatever
nobody has taken in time is announced again, and whoever has taken a job shows signs of life.
"""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from peewee import CharField, IntegerField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.db import Instant, Row, transaction, write_if_free
from registry.kernel.logs import log

FIRST_REMINDER = timedelta(seconds=5)  # until a message that nobody has acted upon is sent again; then ever later
LAST_REMINDER = timedelta(hours=1)
FIRST_PAUSE = timedelta(seconds=30)  # after a failure, doubled each time
MOST_CRASHES = 5  # a job that takes its worker along every time is given up


class JobTicket(Row):
    """`due_at`: when a worker is to be told of it (again). `seen_at`: last sign of life of who has taken it."""

    name = CharField(max_length=64)
    arguments = JSONField(default=dict)
    made_at = Instant()
    due_at = Instant()
    seen_at = Instant(null=True)
    reminders = IntegerField(default=0)
    tries = IntegerField(default=0)
    error = TextField(null=True)

    class Meta:
        table_name = "job_ticket"
        indexes = ((("due_at",), False), (("name",), False))


_mine: set[int] = set()  # tickets that this process is at
_mine_lock = threading.Lock()


def issue(name: str, arguments: Mapping[str, Any]) -> int:
    """A new ticket, in the caller's transaction if there is one; answers its number. `arguments` must fit into JSON."""
    now = clock.now()
    with transaction():
        made = JobTicket.insert(name=name, arguments=dict(arguments), made_at=now, due_at=now + FIRST_REMINDER)
        return int(made.execute())


def take(number: int, lost_after: timedelta) -> JobTicket | None:
    """The ticket, taken by this process; None when it is done, not there yet, or somebody else is alive and at it."""
    now = clock.now()
    free = JobTicket.seen_at.is_null() | (JobTicket.seen_at < now - lost_after)
    with transaction():
        taken = (
            JobTicket.update(seen_at=now, tries=JobTicket.tries + 1)
            .where((JobTicket.id == number) & free & (JobTicket.id.not_in(mine())))
            .execute()
        )
    if not taken:
        return None
    with _mine_lock:
        _mine.add(number)
    return JobTicket.get_or_none(JobTicket.id == number)


def mine() -> list[int]:
    with _mine_lock:
        return sorted(_mine)


def show_life() -> None:
    """Tell the others that this process is still at its tickets. On SQLite left out while a writer is busy."""
    if numbers := mine():
        write_if_free(JobTicket.update(seen_at=clock.now()).where(JobTicket.id.in_(numbers)))


def _as_taken(ticket: JobTicket) -> Any:
    """Nobody has taken it since: whoever was away for so long that it counted as lost has no say in it any more."""
    return (JobTicket.id == ticket.id) & (JobTicket.tries == ticket.tries)


def finish(ticket: JobTicket) -> None:
    """It is done, or given up: nothing is left of it."""
    with transaction():
        JobTicket.delete().where(_as_taken(ticket)).execute()


def put_back(ticket: JobTicket, wait: timedelta, *, error: str | None = None, tried: bool = True) -> None:
    """To be tried again after `wait`. `tried` False: it could not begin, and that counts for nothing."""
    tries = ticket.tries if tried else ticket.tries - 1
    values = {"seen_at": None, "due_at": clock.now() + wait, "reminders": 0, "error": error, "tries": tries}
    with transaction():
        JobTicket.update(**values).where(_as_taken(ticket)).execute()


def pause_after(tries: int) -> timedelta:
    """How long to wait after the failure number `tries`."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 10)
    return pause


def leave(ticket: JobTicket) -> None:
    """This process is not at it any more, however that ended."""
    with _mine_lock:
        _mine.discard(ticket.id)


def give_back_all() -> int:
    """This process stops: what it could not finish is for somebody else, at once."""
    numbers = mine()
    if numbers:
        write_if_free(JobTicket.update(seen_at=None, due_at=clock.now()).where(JobTicket.id.in_(numbers)))
    return len(numbers)


def to_announce(lost_after: timedelta) -> list[int]:
    """Numbers of tickets that a worker is to be told of now. Of several workers that ask, each is told of others."""
    now = clock.now()
    abandoned = JobTicket.seen_at.is_null() | (JobTicket.seen_at < now - lost_after)
    due: Any = JobTicket.select().where((JobTicket.due_at <= now) & abandoned & JobTicket.id.not_in(mine()))
    return [ticket.id for ticket in due.order_by(JobTicket.due_at).limit(500) if _remind(ticket)]


def _remind(ticket: JobTicket) -> bool:
    """Whether it is for us to announce it; the next reminder is later each time, so that a full queue stays small."""
    if ticket.tries >= MOST_CRASHES and ticket.seen_at is not None:
        log.error("job_given_up", job=ticket.name, ticket=ticket.id, tries=ticket.tries)
        finish(ticket)
        return False
    wait = min(FIRST_REMINDER * 2 ** min(ticket.reminders + 1, 20), LAST_REMINDER)
    later = JobTicket.update(due_at=clock.now() + wait, reminders=JobTicket.reminders + 1)
    with transaction():
        return bool(later.where((JobTicket.id == ticket.id) & (JobTicket.due_at == ticket.due_at)).execute())


def waiting(name: str) -> list[dict[str, Any]]:
    """The arguments of every job `name` that is not done yet."""
    return [dict(ticket.arguments) for ticket in JobTicket.select().where(JobTicket.name == name)]


def standing() -> dict[str, int]:
    """{waiting, running, oldest}: how many jobs there are, and for how many seconds the first of them has waited."""
    query: Any = JobTicket.select(JobTicket.made_at, JobTicket.seen_at).tuples()
    rows = list(query)
    idle = [made for made, seen in rows if seen is None]
    oldest = (clock.now() - min(idle)).total_seconds() if idle else 0
    return {"waiting": len(idle), "running": len(rows) - len(idle), "oldest": max(0, int(oldest))}
