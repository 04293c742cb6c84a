"""A member's calendar: what ends from a month ago to two years ahead, of all that he may see at this moment."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from peewee import Select, fn

from registry.contracts.ends import notice_days
from registry.customers.models import Customer
from registry.customers.service import customers
from registry.kernel import clock, mail
from registry.kernel.access import Actor
from registry.kernel.db import database
from registry.kernel.phrases import one_line
from registry.notices.models import Notice, NoticeRun
from registry.notices.topics import TOPICS, Subject, Topic
from registry.notices.words import say

if TYPE_CHECKING:
    from icalendar import Event

BACK, AHEAD = timedelta(days=31), timedelta(days=731)
LISTED = 10  # subjects named in an event about many
MOST = 5_000  # rows of one topic, soonest first
STEP = 500
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
REFRESH = "PT6H"
_DAY: Any = Notice.ends_on.python_value  # of what an alias has lost its type
_INSTANT: Any = NoticeRun.at.python_value


class Found(NamedTuple):
    """An end. `number`, `total`, `changed_at`: its place among those of that day at that customer, how many there
    are, and the latest change to any of them."""

    customer_id: int
    subject_id: int
    ends_on: date
    number: int
    total: int
    changed_at: datetime


def calendar_of(actor: Actor) -> bytes:
    """The calendar as iCalendar text (RFC 5545). The same as long as nothing changed, so that it has an ETag."""
    from icalendar import Calendar  # takes longer to load than everything else here

    calendar = Calendar()
    name = say(actor.language, "calendar")
    for key, value in (
        ("prodid", "-//Assetcare//Assetcare//EN"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("name", name),
        ("x-wr-calname", name),
        ("x-wr-timezone", actor.time_zone),
        ("x-published-ttl", REFRESH),
    ):
        calendar.add(key, value)
    for event in _events(actor, clock.today(actor.time_zone)):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(actor: Actor, today: date) -> Iterator["Event"]:
    called: dict[int, tuple[str, str]] = {}
    for topic in TOPICS.values():
        if not actor.can_somewhere(topic.permission):
            continue
        confined = actor.where(topic.permission)
        found = _found(confined, topic, today)
        called |= _customers(confined, {one.customer_id for one in found} - called.keys())
        named = _named(confined, topic, found, actor.language)
        for group in _grouped(topic, found):
            if group[0].customer_id in called:
                yield _event(topic, group, called[group[0].customer_id], named, actor.language)


def _found(actor: Actor, topic: Topic, today: date) -> list[Found]:
    if topic.ends is None:
        days = notice_days(actor, today - BACK, today + AHEAD)[:MOST]
        return [Found(each.customer_id, each.subject_id, each.ends_on, 1, 1, each.changed_at) for each in days]
    ends = topic.ends(actor, today - BACK, today + AHEAD).alias("ends")
    day = {"partition_by": [ends.c.customer_id, ends.c.ends_on]}
    numbered = Select(
        [ends],
        [
            ends.c.customer_id,
            ends.c.subject_id,
            ends.c.ends_on,
            fn.ROW_NUMBER().over(**day, order_by=[ends.c.subject_id]).alias("number"),
            fn.COUNT(ends.c.subject_id).over(**day).alias("total"),
            fn.MAX(ends.c.changed_at).over(**day).alias("changed_at"),
        ],
    ).alias("numbered")
    columns = [getattr(numbered.c, name) for name in Found._fields]
    query = Select([numbered], columns).bind(database)
    most = query if topic.kind != "warranty" else query.where(numbered.c.number <= LISTED)
    rows = most.order_by(numbered.c.ends_on, numbered.c.customer_id, numbered.c.subject_id).limit(MOST)
    return [
        Found(customer, subject, _DAY(end), number, total, _INSTANT(changed))
        for customer, subject, end, number, total, changed in database.execute_sql(*rows.sql()).fetchall()
    ]


def _grouped(topic: Topic, found: Iterable[Found]) -> Iterator[list[Found]]:
    """Warranties of one day at one customer are one event: a delivery of a thousand units ends as one."""
    if topic.kind != "warranty":
        yield from ([one] for one in found)
        return
    for _, group in groupby(found, key=lambda one: (one.ends_on, one.customer_id)):
        yield list(group)


def _customers(actor: Actor, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    query: Any = customers(actor).select(Customer.id, Customer.name, Customer.slug).where(Customer.id.in_(list(ids)))
    return {row_id: (name, slug) for row_id, name, slug in query.tuples()}


def _named(actor: Actor, topic: Topic, found: Sequence[Found], language: str) -> dict[Found, Subject]:
    """What ends, by its end. Of a warranty the label says what goes on; how much a contract leaves uncovered is for
    mails, which are about one customer each."""
    named: dict[Found, Subject] = {}
    beside = topic.beside if topic.kind == "warranty" else None
    for start in range(0, len(found), STEP):
        some = found[start : start + STEP]
        subjects = topic.subjects(actor, {one.subject_id for one in some})
        ends = [(one.subject_id, one.ends_on) for one in some]
        besides = beside.values(actor.where(beside.permission), ends) if beside else {}
        for one, end in zip(some, ends, strict=True):
            if subject := subjects.get(one.subject_id):
                line, values = one_line(subject.label), besides.get(end)
                label = say(language, beside.word, line=line, **values) if beside and values else line
                named[one] = Subject(label, subject.path)
    return named


def _event(
    topic: Topic, group: list[Found], customer: tuple[str, str], named: dict[Found, Subject], language: str
) -> "Event":
    from icalendar import Event

    first, many = group[0], topic.kind == "warranty"
    shown = [named[one] for one in group if one in named]
    labels = [subject.label for subject in shown]
    changed = first.changed_at or EPOCH
    identity = f"{first.customer_id}-{first.ends_on}" if many else _identity(topic, first)
    words = {"customer": one_line(customer[0]), **({"count": first.total} if many else {"label": "".join(labels)})}
    path = shown[0].path if first.total == 1 and shown else ""
    event = Event()
    for key, value in (
        ("uid", f"{topic.name}-{identity}@{mail.office().domain}"),
        ("summary", say(language, f"event_{topic.name}", **words)),
        ("dtstart", first.ends_on),
        ("dtend", first.ends_on + timedelta(days=1)),
        ("dtstamp", changed),
        ("last-modified", changed),
        ("sequence", max(0, int((changed - EPOCH).total_seconds()) // 60)),
        ("transp", "TRANSPARENT"),
        ("url", mail.link(path or f"/c/{customer[1]}")),
        ("description", _description(labels, first.total, language)),
    ):
        event.add(key, value)
    return event


def _identity(topic: Topic, found: Found) -> str:
    """Of a contract several parts may end, and each on a day of its own; anything else ends once."""
    return f"{found.subject_id}-{found.ends_on}" if topic.name == "contract_part" else str(found.subject_id)


def _description(labels: list[str], count: int, language: str) -> str:
    more = [say(language, "more", count=count - len(labels))] if count > len(labels) else []
    return "\n".join([*labels, *more])
