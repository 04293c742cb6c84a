"""Who is told what: each end once for each step, however many workers run and however long none did.

What is due is found for many customers at once (due.py) and written down by one statement for each topic and
customer; the key of the table sees to it that two workers do not both announce it. Mails follow in a second
transaction, one for each reader (digest.py): should the worker die in between, its next run finds what has not been
mailed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from peewee import fn

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import customers
from registry.kernel import audit, clock, events
from registry.kernel.access import Actor, visible
from registry.kernel.db import transaction
from registry.kernel.jobs import job
from registry.kernel.logs import log
from registry.notices import due
from registry.notices.digest import mail_runs
from registry.notices.models import Notice, NoticePlan, NoticeRun
from registry.notices.plans import is_quiet, plans
from registry.notices.topics import TOPICS, Topic

FIELDS = ("customer_id", "topic", "subject_id", "ends_on", "step", "run")
AT_ONCE = 500
KEEP_DAYS = 800

Awake = list[tuple[Customer, NoticePlan]]


@job("notices.announce", minutes=15)
def announce() -> int:
    """Announce what is due wherever it is no quiet hour; answers to how many customers."""
    house = Actor.system(name="notices", kind="job")
    awake, told = _awake(house), 0
    for customer, plan, topics in _waiting(awake):
        try:
            told += announce_to(customer, plan, topics)
        except Exception:  # one customer's trouble is not the others'
            log.exception("announcing_failed", customer_id=customer.id)
    mail_runs(house, awake)
    return told


def _awake(house: Actor) -> Awake:
    known = plans(house)
    active: Any = customers(house).where(Customer.active == True).order_by(Customer.id)  # noqa: E712 - SQL
    found = [(customer, known.get(customer.id) or NoticePlan(customer_id=customer.id)) for customer in active]
    return [(one, plan) for one, plan in found if plan.enabled and _may_hear(one, plan)]


def _may_hear(customer: Customer, plan: NoticePlan) -> bool:
    try:
        return not is_quiet(plan, customer.time_zone)
    except Exception:  # a zone that this machine does not know keeps nobody else from being told
        log.exception("announcing_failed", customer_id=customer.id)
        return False


def _waiting(awake: Awake) -> Iterator[tuple[Customer, NoticePlan, list[Topic]]]:
    """The customers for whom something is due, and of which topics. Asked without a transaction and of all customers
    with the same steps and the same day at once: most quarters of an hour find nothing and write nothing."""
    alike: dict[Any, Awake] = defaultdict(list)
    for customer, plan in awake:
        alike[tuple(plan.steps), clock.today(customer.time_zone)].append((customer, plan))
    for (steps, today), members in alike.items():
        for start in range(0, len(members), AT_ONCE):
            some = members[start : start + AT_ONCE]
            found = [(topic, _due_for(topic, some, steps, today)) for topic in TOPICS.values()]
            for customer, plan in some:
                if topics := [topic for topic, ids in found if customer.id in ids]:
                    yield customer, plan, topics


def _due_for(topic: Topic, some: Awake, steps: Sequence[int], today: date) -> set[int]:
    wanted = [customer.id for customer, plan in some if topic.kind in plan.kinds]
    return due.customers_with(topic, wanted, steps, today) if wanted else set()


def announce_to(customer: Customer, plan: NoticePlan, topics: list[Topic]) -> bool:
    """Write down what is due of these topics for one customer; whether there was anything left to write."""
    actor = Actor.system(customer.id, name="notices", kind="job")
    today = clock.today(customer.time_zone)
    with transaction():
        run = NoticeRun.create(customer_id=customer.id, on=today, counts={})
        for topic in topics:
            _write(actor, topic, plan, today, run.id)
        counts = _counts(actor, run.id)
        if not counts:  # another worker was faster
            NoticeRun.delete().where(NoticeRun.id == run.id).execute()
            return False
        NoticeRun.update(counts=counts).where(NoticeRun.id == run.id).execute()
        _tell(actor, customer, run, counts)
    return True


def _write(actor: Actor, topic: Topic, plan: NoticePlan, today: date, run_id: int) -> None:
    fields = [Notice._meta.fields[name] for name in FIELDS]
    if topic.ends is not None:
        query = due.rows(actor, topic, plan.steps, today, run_id)
        Notice.insert_from(query, fields).on_conflict_ignore().returning().execute()
        return
    rows = [(*found, run_id) for found in due.reckoned(actor, topic, plan.steps, today)]
    for start in range(0, len(rows), 500):
        Notice.insert_many(rows[start : start + 500], fields).on_conflict_ignore().returning().execute()


def _counts(actor: Actor, run_id: int) -> dict[str, int]:
    query = visible(Notice, actor, Notice.topic, fn.COUNT(Notice.id)).where(Notice.run == run_id)
    return dict(query.group_by(Notice.topic).order_by(Notice.topic).tuples())


def _tell(actor: Actor, customer: Customer, run: NoticeRun, counts: dict[str, int]) -> None:
    """One entry in the chain and one event, which tell how many; /api/v1/notices tells which."""
    body = {"announced_on": run.on.isoformat(), "counts": counts}
    entry = audit.Entry(Action.NOTICE_ANNOUNCED, "notice_run", run.id, run.label, None, body)
    audit.record(actor, customer.id, [entry])
    events.emit(Action.NOTICE_ANNOUNCED, customer.id, "notice_run", run.id, body)


@job("notices.forget_old", minutes=1440)
def forget_old() -> int:
    """Remove what was announced long ago of ends that no step can reach any more."""
    old = clock.now() - timedelta(days=KEEP_DAYS)
    kept = visible(Notice, Actor.system(), Notice.run).where(Notice.ends_on >= clock.today() - timedelta(days=30))
    return int(NoticeRun.delete().where((NoticeRun.at < old) & NoticeRun.id.not_in(kept)).execute())
