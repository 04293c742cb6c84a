"""One mail for each reader and run: what was announced at all his customers, by kind, in his language."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.customers.models import AccountManager, Customer
from registry.kernel import clock, mail
from registry.kernel.access import Actor, visible
from registry.kernel.db import transaction
from registry.kernel.language import N_
from registry.kernel.phrases import one_line
from registry.notices.choices import muted_by, unsubscribe_link
from registry.notices.models import Notice, NoticePlan, NoticeRun
from registry.notices.plans import people
from registry.notices.topics import TOPICS, Subject, Topic
from registry.notices.words import say
from registry.people.models import Membership, User
from registry.people.signin import actor_of

MOST_LINES, LEAST_LINES, MAIL_LINES = 20, 3, 200  # of a group, and of a mail as a whole
MOST_NAMES = 3
RUNS_AT_ONCE = 2000
SETTINGS = "/account/calendar#own-title"

mail.declare_mail(
    "notice",
    {
        "name": N_("name of the reader"),
        "customers": N_("names of the customers"),
        "count": N_("how many things end"),
        "notices": N_("the list of them"),
        "link": N_("address of the installation"),
        "settings": N_("address of the page where the reader chooses which kinds he wants"),
    },
    needed=("notices",),
)

Awake = Sequence[tuple[Customer, NoticePlan]]


@dataclass(frozen=True, slots=True)
class Group:
    """What was announced of one topic at one customer: how many, and the first of them."""

    customer: Customer
    topic: Topic
    count: int
    lines: list[tuple[Subject, date, dict[str, Any]]]  # what ends, its last day, what is to be named beside
    today: date


def mail_runs(house: Actor, awake: Awake) -> int:
    """Queue the mails about every run of these customers that has none yet; answers how many mails."""
    here = {customer.id: (customer, plan) for customer, plan in awake}
    runs = _waiting(house, list(here))
    if not runs:
        return 0
    groups = {run.id: _groups(here[run.customer_id][0], run) for run in runs}
    readers: dict[int, list[Group]] = defaultdict(list)
    for run in runs:
        for user_id in _readers(house, *here[run.customer_id]):
            readers[user_id] += groups[run.id]
    letters = [found for user in people(readers) if (found := _letter(user, readers[user.id]))]
    try:
        with transaction():
            _claim([run.id for run in runs])
            for letter in letters:
                mail.post("notice", **letter)
    except _Overtaken:
        return 0
    return len(letters)


def _waiting(house: Actor, ids: list[int]) -> list[NoticeRun]:
    """The oldest of theirs. What waits for customers who cannot be told now takes nobody's place."""
    found: list[NoticeRun] = []
    for start in range(0, len(ids), 500):
        theirs = NoticeRun.mailed_at.is_null() & NoticeRun.customer_id.in_(ids[start : start + 500])
        found.extend(visible(NoticeRun, house).where(theirs).order_by(NoticeRun.id).limit(RUNS_AT_ONCE))
    return sorted(found, key=lambda run: int(run.id))[:RUNS_AT_ONCE]


class _Overtaken(Exception):
    """Another worker mails some of these runs; the rest are for the next time."""


def _claim(ids: list[int]) -> None:
    still = NoticeRun.id.in_(ids) & NoticeRun.mailed_at.is_null()
    if NoticeRun.update(mailed_at=clock.now()).where(still).execute() != len(ids):
        raise _Overtaken()


def _groups(customer: Customer, run: NoticeRun) -> list[Group]:
    actor = Actor.system(customer.id, name="notices", kind="job")
    found = []
    for topic in TOPICS.values():
        if count := run.counts.get(topic.name):
            query = visible(Notice, actor, Notice.subject_id, Notice.ends_on)
            mine = (Notice.run == run.id) & (Notice.topic == topic.name)
            rows = list(query.where(mine).order_by(Notice.ends_on, Notice.id).limit(MOST_LINES).tuples())
            subjects = topic.subjects(actor, {subject_id for subject_id, _ in rows})
            besides = topic.beside.values(actor, rows) if topic.beside else {}
            lines = [(subjects[key], day, besides.get((key, day), {})) for key, day in rows if key in subjects]
            found.append(Group(customer, topic, count, lines, run.on))
    return found


def _readers(house: Actor, customer: Customer, plan: NoticePlan) -> set[int]:
    """Ids of those whom the plan names. What each may see, and wants to, is looked at when his mail is written."""
    rows = Membership.select(Membership.user).where(
        (Membership.customer_id == customer.id)
        & (Membership.role.in_(list(plan.roles)) | Membership.user.in_(list(plan.users)))
    )
    found = {row.user_id for row in rows}
    if plan.account_manager:
        active = (AccountManager.customer_id == customer.id) & AccountManager.until.is_null()
        found |= {row.user_id for row in visible(AccountManager, house).where(active)}
    return found


def _letter(user: User, groups: Iterable[Group]) -> dict[str, Any] | None:
    """The arguments of his mail, or None when nothing is left that he may see and wants to."""
    who, muted = actor_of(user), muted_by(user.id)
    mine = [
        group
        for group in groups
        if group.topic.kind not in muted and who.can(group.topic.permission, group.customer.id)
    ]
    if not mine:
        return None
    about = {group.customer.id for group in mine}
    return {
        "to": user.email,
        "language": user.language,
        "time_zone": user.time_zone,
        "customer_id": about.pop() if len(about) == 1 else None,
        "unsubscribe": unsubscribe_link(user),
        "values": {
            "name": one_line(user.name),
            "customers": _listed(list(dict.fromkeys(one_line(group.customer.name) for group in mine)), user.language),
            "count": sum(group.count for group in mine),
            "notices": _told(who, mine, user.language),
            "link": mail.link("/"),
            "settings": mail.link(SETTINGS),
        },
    }


def _listed(names: list[str], language: str) -> str:
    first = say(language, "and").join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return first if more <= 0 else say(language, "others", names=first, count=more)


def _told(who: Actor, groups: list[Group], language: str) -> str:
    """The groups under the name of their customer; the more groups, the fewer lines of each."""
    most = max(LEAST_LINES, min(MOST_LINES, MAIL_LINES // len(groups)))
    lines, before = [], 0
    for group in groups:
        if group.customer.id != before:
            before = group.customer.id
            lines += ["", one_line(group.customer.name), mail.link(f"/c/{group.customer.slug}")]
        lines += ["", f"{say(language, group.topic.name)} ({group.count})", *_lines(who, group, language, most)]
    return "\n".join(lines).strip()


def _lines(who: Actor, group: Group, language: str, most: int) -> list[str]:
    said, beside = [], group.topic.beside
    for subject, day, values in group.lines[:most]:
        line = say(language, group.topic.said[day < group.today], label=one_line(subject.label), day=day)
        if values and beside and who.can(beside.permission, group.customer.id):
            line = say(language, beside.word, line=line, **values)
        said += [f"- {line}", f"  {mail.link(subject.path)}"]
    if group.count > most:
        said.append(say(language, "more", count=group.count - most))
    return said
