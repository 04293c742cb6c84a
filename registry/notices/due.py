"""What is due: ends whose step has come and was not announced yet, asked of many customers at once."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from peewee import Case, Select, Value, fn

from registry.contracts.ends import notice_days
from registry.kernel.access import PERMISSIONS, Actor, visible
from registry.kernel.db import database
from registry.notices.models import Notice
from registry.notices.plans import due_step, window
from registry.notices.topics import Topic

# (customer_id, topic, subject_id, ends_on, step), as the table has them
Row = tuple[int, str, int, date, int]


def for_customers(ids: Iterable[int]) -> Actor:
    """Assetcare itself, for just these customers."""
    return Actor("job", "notices", dict.fromkeys(ids, frozenset(PERMISSIONS)))


def customers_with(topic: Topic, ids: Sequence[int], steps: Sequence[int], today: date) -> set[int]:
    """Those of these customers for whom something of the topic is due: one statement, however many they are."""
    actor = for_customers(ids)
    if topic.ends is None:
        return {row[0] for row in reckoned(actor, topic, steps, today)}
    found, _step, new = _new(actor, topic, steps, today)
    query = Select([found], [found.c.customer_id]).bind(database).where(new).distinct()
    return {row[0] for row in database.execute_sql(*query.sql()).fetchall()}


def rows(actor: Actor, topic: Topic, steps: Sequence[int], today: date, run_id: int) -> Any:
    """SELECT the columns of Row, and the run that they are announced in."""
    found, step, new = _new(actor, topic, steps, today)
    columns = [found.c.customer_id, Value(topic.name).cast("TEXT"), found.c.subject_id, found.c.ends_on, step]
    query = Select([found], [*columns, Value(run_id).cast("BIGINT")]).bind(database)
    return query.where(new).order_by(found.c.subject_id, found.c.ends_on)


def _new(actor: Actor, topic: Topic, steps: Sequence[int], today: date) -> tuple[Any, Any, Any]:
    """The ends within the window, the step that each calls for, and the condition that neither it nor a more urgent one
    was announced."""
    assert topic.ends is not None  # noqa: S101 - for the type checker
    found = topic.ends(actor, *window(steps, today)).alias("found")
    come = [(found.c.ends_on <= (today + timedelta(days=ahead)).isoformat(), ahead) for ahead in sorted(steps)]
    step = Case(None, come)
    told = visible(
        Notice, Actor.system(), Notice.id
    ).where(  # tied to what the outer query has found, so scoped with it
        (Notice.customer_id == found.c.customer_id)
        & (Notice.topic == topic.name)
        & (Notice.subject_id == found.c.subject_id)
        & (Notice.ends_on == found.c.ends_on)
        & (Notice.step <= step)
    )
    return found, step, ~fn.EXISTS(told)


def reckoned(actor: Actor, topic: Topic, steps: Sequence[int], today: date) -> list[Row]:
    """The same for days that take a calendar to find: by when notice has to be given. Such a day that has passed is
    of no use to anybody, so it is not made up for."""
    days = notice_days(actor, today, window(steps, today)[1])
    told = _told(actor, topic, [each.subject_id for each in days])
    found: list[Row] = []
    for each in days:
        step, before = due_step(steps, (each.ends_on - today).days), told.get((each.subject_id, each.ends_on))
        if step is not None and (before is None or step < before):
            found.append((each.customer_id, topic.name, each.subject_id, each.ends_on, step))
    return found


def _told(actor: Actor, topic: Topic, ids: Sequence[int]) -> dict[tuple[int, date], int]:
    """(subject, last day) -> the most urgent step that was announced."""
    found: dict[tuple[int, date], int] = {}
    for start in range(0, len(ids), 500):
        these = (Notice.topic == topic.name) & Notice.subject_id.in_(ids[start : start + 500])
        query = visible(Notice, actor, Notice.subject_id, Notice.ends_on, fn.MIN(Notice.step)).where(these)
        for subject_id, day, step in query.group_by(Notice.subject_id, Notice.ends_on).tuples():
            found[subject_id, day] = step
    return found
