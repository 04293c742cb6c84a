"""Mails about releases: one to each who is entitled, once; one to each who took what is withdrawn.

A job of the worker does it in portions, so that a thousand customers are no burst: whoever was written to stands in a
table with a unique key, and the job goes on where it was.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from registry.sdk import (
    N_,
    Actor,
    Conflict,
    MailKind,
    Member,
    NotFound,
    NotNow,
    Product,
    clock,
    create,
    customer_by,
    fetch,
    link,
    people_at,
    post,
    speaking,
    transaction,
    visible,
)
from registry_sendbig.models import Grant, Release, Taken, Told
from registry_sendbig.releases import entitled, report

PORTION = 200  # mails of one run
PAUSE = 60  # seconds until the next one
STEP = 200  # customers looked at together

_ABOUT = {
    "title": N_("title of the release"), "product": N_("the product it is for"), "version": N_("its version"),
    "link": N_("address of the page about it"),
}  # fmt: skip
MAILS = (
    MailKind("sendbig.published", N_("A patch or document for your units"), {
        **_ABOUT, "customer": N_("name of the customer"), "units": N_("how many units it is about"),
        "unknown": N_("of how many of them nobody knows the version"), "problem": N_("what it is against"),
        "note": N_("the release note"),
    }),
    MailKind("sendbig.published_to_all", N_("A patch or document for everybody"), {
        **_ABOUT, "customer": N_("name of the customer"), "units": N_("how many units it is about"),
        "unknown": N_("of how many of them nobody knows the version"), "problem": N_("what it is against"),
        "note": N_("the release note"),
    }),
    MailKind("sendbig.withdrawn", N_("A patch or document that you took is withdrawn"), {
        **_ABOUT, "customer": N_("name of the customer"), "reason": N_("why"),
    }),
    MailKind("sendbig.approved", N_("A document was approved for you"), {
        **_ABOUT, "reason": N_("why it was approved"), "until": N_("until when it can be fetched"),
    }),
)  # fmt: skip


def tell_releases() -> int:
    """Write to everybody who is to hear of a release and has not: of what is published, those on its distribution list,
    also those who came onto it later; of what is withdrawn, those who took it. Answers how many; raises NotNow when
    there may be more than one portion."""
    house, sent = Actor.system(name="releases", kind="job"), 0
    open_ones = Release.state == "published"
    open_ones |= (Release.state == "withdrawn") & Release.told_at.is_null()
    for release in visible(Release, house).where(open_ones & Release.customer_id.is_null()).order_by(Release.id.desc()):
        sent += _tell(house, release, PORTION - sent)
        if sent >= PORTION:
            raise NotNow(PAUSE)
    return sent


def _tell(house: Actor, release: Release, room: int) -> int:
    what, sent = ("published", 0) if release.state == "published" else ("withdrawn", 0)
    batches = _entitled(house, release) if what == "published" else _takers(house, release)
    for rows in batches:
        known = _told(house, release, what, rows)
        for member in people_at(house, "sendbig.view", rows):
            if (member.customer_id, member.user_id) in known or not _wanted(what, rows, member):
                continue
            if sent >= room:
                return sent
            sent += _write(house, release, what, member, rows[member.customer_id])
    if release.told_at is None:
        Release.update(told_at=clock.now()).where(Release.id == release.id, Release.told_at.is_null()).execute()
    return sent


def _wanted(what: str, rows: dict[int, Any], member: Member) -> bool:
    return what == "published" or member.user_id in rows[member.customer_id]


def _entitled(house: Actor, release: Release) -> Iterator[dict[int, Any]]:
    """{customer: counts} of the distribution list, some at a time; then of those who have the product under no
    contract, where there is something for all."""
    lists = (report.customers, report.uncovered) if entitled.is_for_all(release) else (report.customers,)
    for read in lists:
        after: int | None = 0
        while after is not None:
            rows, after = read(house, release.id, limit=STEP, after=after)
            yield {row["customer_id"]: row for row in rows}


def _takers(house: Actor, release: Release) -> Iterator[dict[int, Any]]:
    """{customer: users who took something of it}"""
    found: dict[int, set[int]] = {}
    rows = visible(Taken, house, Taken.customer_id, Taken.user_id).where(
        Taken.release == release.id, ~Taken.by_operator
    )
    rows = rows.distinct()
    for customer_id, user_id in rows.tuples():
        found.setdefault(customer_id, set()).add(user_id)
    for start in range(0, len(found), STEP):
        yield dict(sorted(found.items())[start : start + STEP])


def _told(house: Actor, release: Release, what: str, customers: Iterable[int]) -> set[tuple[int, int]]:
    mine = (Told.release == release.id) & (Told.what == what) & Told.customer_id.in_(list(customers))
    return set(visible(Told, house, Told.customer_id, Told.user_id).where(mine).tuples())


def _write(house: Actor, release: Release, what: str, member: Member, about: Any) -> int:
    """One mail and that it was written, or neither: 1 or 0."""
    try:
        with transaction():
            row = {"customer_id": member.customer_id, "release": release.id, "user_id": member.user_id, "what": what}
            create(house, Told, row, f"sendbig.told_{what}")
            with speaking(member.language):
                values = _values(house, release, member.customer_id)
                if what == "published":
                    more = {"units": about["affected"], "unknown": about["unknown"], "problem": release.problem}
                    values |= {**more, "note": release.note}
                else:
                    values |= {"reason": release.withdrawn_reason}
            mail = f"sendbig.{what}" if what != "published" or "units" in about else "sendbig.published_to_all"
            post(house, mail, values, customer=member.customer_id, user=member.user_id)
            return 1
    except (Conflict, NotFound):  # another process was faster; he left meanwhile, or the plugin is off there
        return 0


def tell_granted(actor: Actor, release: Release, grant: Grant, customer: Any) -> None:
    """Inside of the transaction of the approval."""
    values = _values(actor, release, customer.id)
    values.pop("customer")
    with suppress(NotFound):
        more = {"reason": grant.reason, "until": grant.until or "–"}
        post(actor, "sendbig.approved", {**values, **more}, customer=customer.id, user=grant.user_id)


def _values(actor: Actor, release: Release, customer_id: int) -> dict[str, Any]:
    customer, product = customer_by(actor, customer_id), fetch(Product, actor, release.product_id)
    return {
        "title": release.title, "product": product.label, "version": release.version_name or "–",
        "customer": customer.name, "link": link(f"/c/{customer.slug}/x/sendbig/patches/{release.id}"),
    }  # fmt: skip
