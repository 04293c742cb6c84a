"""The notice plan of a customer: how far ahead, of what, to whom, and when not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from registry.actions import Action
from registry.customers.models import Customer
from registry.customers.service import get_customer
from registry.kernel import access, clock
from registry.kernel.access import Actor, Permission, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, PreconditionRequired
from registry.kernel.language import _
from registry.kernel.writing import change
from registry.notices.models import NoticePlan
from registry.people.models import Membership, User
from registry.people.roles import ROLES

access.declare(
    Permission("notice.view", "See how and of what one is told, and what was announced"),
    Permission("notice.edit", "Change how a customer is told of what ends"),
)

LEAST_AWAKE = 60  # minutes a day; the job that announces comes every fifteen
GRACE_DAYS = 7  # how long after the last day step 0 is still made up for, should that day have been a quiet one


def plan_of(actor: Actor, customer_id: int) -> NoticePlan:
    """The plan of a customer, or the defaults as they would be stored."""
    found = visible(NoticePlan, actor).where(NoticePlan.customer_id == customer_id).first()
    return found or NoticePlan(customer_id=customer_id)


def plans(actor: Actor) -> dict[int, NoticePlan]:
    """All stored plans by customer id."""
    return {plan.customer_id: plan for plan in visible(NoticePlan, actor)}


def change_plan(actor: Actor, slug: str, values: Mapping[str, Any], version: int | None) -> NoticePlan:
    """Set what is given. Never saved counts as version 1. Raises Invalid naming the field, Stale."""
    customer = get_customer(actor, slug)
    actor.must("notice.edit", customer.id)
    if version is None:
        raise PreconditionRequired()
    with transaction():
        NoticePlan.insert(customer_id=customer.id).on_conflict_ignore().execute()
        plan = plan_of(actor, customer.id)
        ready = _checked(customer, {**plan.__data__, **values}, values)
        return change(actor, plan, ready, Action.NOTICE_PLAN_CHANGED, version=version)


def _checked(customer: Customer, whole: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    ready = dict(given)
    if (whole["quiet_from"] is None) != (whole["quiet_to"] is None):
        raise Invalid.field("quiet_to", _("Give both quiet_from and quiet_to, or null for both."))
    if whole["quiet_from"] is not None and _awake_minutes(whole["quiet_from"], whole["quiet_to"]) < LEAST_AWAKE:
        raise Invalid.field("quiet_to", _("Leave at least an hour of the day that is not quiet; give null for none."))
    if "steps" in ready:
        ready["steps"] = sorted(set(ready["steps"]), reverse=True)
    if "users" in ready:
        ready["users"] = _members(customer, ready["users"])
    for name in ("kinds", "roles", "quiet_days"):
        if name in ready:
            ready[name] = sorted(set(ready[name]))
    return ready


def _awake_minutes(begin: str, end: str) -> int:
    """How much of a day is not quiet; none when the quiet hours end as they begin."""
    first, last = time.fromisoformat(begin), time.fromisoformat(end)
    return (first.hour * 60 + first.minute - last.hour * 60 - last.minute) % 1440


def _members(customer: Customer, wanted: Iterable[int]) -> list[int]:
    """Only the customer's own people: a notice says what he has."""
    ids = sorted(set(wanted))
    rows = Membership.select(Membership.user).where((Membership.customer_id == customer.id) & Membership.user.in_(ids))
    missing = sorted(set(ids) - {row.user_id for row in rows})
    if missing:
        raise Invalid.field(
            "users", _("User %(missing)s has no role at %(customer)s.", missing=missing[0], customer=customer.name)
        )
    return ids


def is_quiet(plan: NoticePlan, zone: str) -> bool:
    """Whether it is a quiet hour or day now, on the customer's clocks."""
    local = clock.now().astimezone(ZoneInfo(zone))
    return local.isoweekday() in plan.quiet_days or in_hours(local, plan.quiet_from, plan.quiet_to)


def in_hours(local: datetime, begin: str | None, end: str | None) -> bool:
    """Whether the clock stands from `begin` (HH:MM) to just before `end`, over midnight if `end` is the earlier."""
    if begin is None or end is None:
        return False
    now, first, last = local.time().replace(tzinfo=None), time.fromisoformat(begin), time.fromisoformat(end)
    return first <= now < last if first < last else now >= first or now < last


def window(steps: Sequence[int], today: date) -> tuple[date, date]:
    """From which to which day an end is announced: up to the farthest step ahead, and back as long as step 0 is made
    up for."""
    back = GRACE_DAYS if 0 in steps else 0
    return today - timedelta(days=back), today + timedelta(days=max(steps))


def due_step(steps: Sequence[int], left: int) -> int | None:
    """The most urgent step that `left` days before the end calls for; None when it is too early or too late.

    After the end only step 0 is left, for GRACE_DAYS.
    """
    if left < 0:
        return 0 if 0 in steps and left >= -GRACE_DAYS else None
    return min((step for step in steps if step >= left), default=None)


def shown(plan: NoticePlan) -> dict[str, Any]:
    """As JSON shows it."""
    names = ("enabled", "steps", "kinds", "roles", "users", "account_manager", "quiet_from", "quiet_to", "quiet_days")
    return {**{name: getattr(plan, name) for name in names}, "version": plan.version}


def people(ids: Iterable[int]) -> list[User]:
    """Those of these users who can read a mail: neither shut out nor a program."""
    able = (User.active == True) & (User.kind == "person")  # noqa: E712 - SQL
    return list(User.select().where(User.id.in_(sorted(set(ids))) & able).order_by(User.id))


def holders(permission: str, customer_id: int | None = None) -> list[User]:
    """Those of a customer's own people (None: of the operator's) whose role gives them the permission, and who can read
    a mail."""
    house = customer_id is None
    roles = [role.name for role in ROLES.values() if role.operator == house and permission in role.permissions]
    place = Membership.customer_id.is_null() if house else Membership.customer_id == customer_id
    return people(row.user_id for row in Membership.select(Membership.user).where(place & Membership.role.in_(roles)))
