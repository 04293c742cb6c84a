"""The timetable: which jobs are due by the clock. Several workers read it, and each hour strikes once."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from peewee import CharField, TextField

from registry.kernel import clock, tickets
from registry.kernel.db import Instant, Row, transaction

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
DAY = 1440


class JobTurn(Row):
    """When a job is due next, and how its last run went."""

    name = CharField(max_length=64, unique=True)
    due_at = Instant()
    ran_at = Instant(null=True)
    error = TextField(null=True)

    class Meta:
        table_name = "job_turn"


def next_turn(minutes: int, after: datetime) -> datetime:
    """The first instant after `after` that a job of every `minutes` is due: on round minutes; from an hour on seven
    minutes past, from a day on at 03:07 UTC, when few people work and few other programs start.
    """
    offset = timedelta(minutes=0 if minutes < 60 else 7 if minutes < DAY else 187)
    step = timedelta(minutes=minutes)
    return EPOCH + offset + ((after - EPOCH - offset) // step + 1) * step


def enrol(minutes: Mapping[str, int]) -> None:
    """Enter the jobs that are not in the timetable yet, with their first turn. `minutes`: name -> how often."""
    known = {turn.name for turn in JobTurn.select(JobTurn.name)}
    if minutes.keys() <= known:
        return
    now = clock.now()
    with transaction():
        for name in sorted(minutes.keys() - known):
            JobTurn.insert(name=name, due_at=next_turn(minutes[name], now)).on_conflict_ignore().execute()


def strike(minutes: Mapping[str, int]) -> list[int]:
    """Tickets for every job whose turn has come. A turn that was missed is made up for once, however many were.

    A job that is still at its last turn is left out. Answers the numbers of the tickets that this call has made.
    """
    now = clock.now()
    due = list(JobTurn.select().where((JobTurn.due_at <= now) & JobTurn.name.in_(sorted(minutes))))
    made = [_ticket(turn, next_turn(minutes[turn.name], now)) for turn in due]
    return [number for number in made if number]


def _ticket(turn: JobTurn, following: datetime) -> int | None:
    with transaction():
        won = (
            JobTurn.update(due_at=following).where((JobTurn.id == turn.id) & (JobTurn.due_at == turn.due_at)).execute()
        )
        if not won or tickets.waiting(turn.name):
            return None
        return tickets.issue(turn.name, {})


def ran(name: str, error: str | None) -> None:
    """Note how a run ended; does nothing for jobs that have no turns."""
    with transaction():
        JobTurn.update(ran_at=clock.now(), error=error).where(JobTurn.name == name).execute()


def overdue(names: Iterable[str], by: timedelta) -> list[str]:
    """Those of these jobs whose turn came `by` or longer ago: no worker runs."""
    late = (JobTurn.due_at < clock.now() - by) & JobTurn.name.in_(sorted(names))
    return [turn.name for turn in JobTurn.select().where(late).order_by(JobTurn.name)]
