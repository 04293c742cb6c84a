"""Verbs about customers, their account manager and the policy they are served under."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from peewee import ModelSelect

from registry.actions import Action
from registry.customers.models import AccountManager, Customer, ServicePolicy
from registry.kernel import access, clock, wall
from registry.kernel.access import Actor, Permission, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _, quoted
from registry.kernel.prepared import Kept, loaded
from registry.kernel.refs import refer
from registry.kernel.writing import change, create, note
from registry.people.models import User
from registry.people.passwords import word_source
from registry.people.service import roles_of, users

access.declare(
    Permission("customer.view", "See customers, sites and contacts"),
    Permission("customer.edit", "Create and change customers, their policy and account manager", customer=False),
    Permission("customer.contacts", "Change one's own company's sites and contacts"),
)
_texts: Kept = {}


@word_source
def _names(customer_ids: Iterable[int]) -> list[str]:
    """Names of companies, which no password of their people may be made of."""
    with wall.everywhere():  # whoever sets his password by a mailed link has no actor yet
        rows = list(customers(Actor.system()).where(Customer.id.in_(list(customer_ids))))
    return [word for row in rows for word in (row.slug, row.name)]


def customers(actor: Actor) -> ModelSelect:
    return visible(Customer, actor)


def get_customer(actor: Actor, slug: str) -> Customer:
    def write(scope: Actor, text: str) -> Any:
        return visible(Customer, scope).where(Customer.slug == text)

    found = loaded(Customer, _texts, "slug", actor, [slug], write)
    if not found:
        raise NotFound()
    return found[0]  # type: ignore[no-any-return]


def customer_by(actor: Actor, value: int | str | None, field: str = "customer") -> Customer:
    """The customer that a request names, by slug or id. Somebody with a single customer need not name it."""
    if value is None:
        mine = actor.customers
        if mine is None or len(mine) != 1:
            raise Invalid.field(field, _("Name the customer."))
        value = next(iter(mine))
    return refer(Customer, actor, value, field=field, keys=("slug",))


def today_of(actor: Actor, customer_id: int) -> date:
    """The calendar day that it is where the customer is."""
    found = visible(Customer, actor, Customer.time_zone).where(Customer.id == customer_id).tuples().first()
    if found is None:
        raise NotFound()
    return clock.today(found[0])


def create_customer(actor: Actor, values: Mapping[str, Any]) -> Customer:
    """values: slug, name, language, time_zone, currency, customer_since, policy (code), policy_overrides, notes."""
    actor.must("customer.edit")
    return create(actor, Customer, _with_policy(values), Action.CUSTOMER_CREATED)


def change_customer(actor: Actor, slug: str, values: Mapping[str, Any], version: int | None) -> Customer:
    customer = get_customer(actor, slug)
    actor.must("customer.edit", customer.id)
    return change(actor, customer, _with_policy(values), Action.CUSTOMER_CHANGED, version=version)


def _with_policy(values: Mapping[str, Any]) -> dict[str, Any]:
    ready = dict(values)
    if ready.get("policy") is not None:
        ready["policy"] = policy_by(ready["policy"]).id
    return ready


def policy_by(code: str, field: str = "policy") -> ServicePolicy:
    found = ServicePolicy.get_or_none(ServicePolicy.code == code)
    if found is None:
        raise Invalid.field(field, _("There is no service policy %(code)s.", code=quoted(code)))
    return found


def policies(actor: Actor) -> Any:
    """The operator's service policies; what is promised is no secret to whoever may see a customer."""
    return ServicePolicy.select() if actor.can_somewhere("customer.view") else ServicePolicy.select().where(False)


def create_policy(actor: Actor, values: Mapping[str, Any]) -> ServicePolicy:
    actor.must("customer.edit")
    return create(actor, ServicePolicy, values, Action.POLICY_CREATED)


def change_policy(actor: Actor, code: str, values: Mapping[str, Any], version: int | None) -> ServicePolicy:
    actor.must("customer.edit")
    policy = ServicePolicy.get_or_none(ServicePolicy.code == code)
    if policy is None:
        raise NotFound()
    return change(actor, policy, values, Action.POLICY_CHANGED, version=version)


def effective_policy(actor: Actor, customer: Customer) -> dict[str, Any]:
    """The policy as it holds for one customer: its settings, with his overrides laid over them."""
    policy = ServicePolicy.get_or_none(ServicePolicy.id == customer.policy_id) if customer.policy_id else None
    base = policy.settings if policy else {}
    return {
        "policy": policy.code if policy else None,
        "settings": _overlay(base, customer.policy_overrides),
        "overridden": sorted(customer.policy_overrides),
    }


def _overlay(base: Any, over: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {**base, **{key: _overlay(base.get(key), value) for key, value in over.items()}}


def assign_manager(actor: Actor, slug: str, user_id: int) -> AccountManager:
    """Make an operator's user the one active account manager; the one before stays in the history."""
    customer = get_customer(actor, slug)
    actor.must("customer.edit", customer.id)
    there = (User.id == user_id) & (User.active == True) & (User.kind == "person")  # noqa: E712 - SQL
    user = users(actor).where(there).first()
    if user is None or not any(role["customer_id"] is None for role in roles_of([user.id]).get(user.id, ())):
        raise Invalid.field("user", _("Choose an active user of the operator."))
    with transaction():
        before = _assigned(actor, customer).first()
        if before is not None and before.user_id == user.id:
            return before
        now = clock.now()
        AccountManager.update(until=now).where(
            (AccountManager.customer_id == customer.id) & AccountManager.until.is_null()
        ).execute()
        row = AccountManager.create(customer_id=customer.id, user=user, since=now)
        note(
            actor, Action.MANAGER_ASSIGNED, customer,
            before={"account_manager": before.user.email if before else None}, after={"account_manager": user.email},
        )  # fmt: skip
    return row


def _assigned(actor: Actor, customer: Customer) -> Any:
    query = visible(AccountManager, actor, AccountManager, User).join(User)
    return query.where((AccountManager.customer_id == customer.id) & AccountManager.until.is_null())


def manager_of(actor: Actor, customer: Customer) -> AccountManager | None:
    """Who looks after the customer: nobody, if whoever was assigned has left."""
    found: AccountManager | None = _assigned(actor, customer).where(User.active == True).first()  # noqa: E712 - SQL
    return found


def manager_history(actor: Actor, customer: Customer) -> list[AccountManager]:
    query = visible(AccountManager, actor, AccountManager, User).join(User)
    return list(query.where(AccountManager.customer_id == customer.id).order_by(AccountManager.id))


def without_manager(actor: Actor) -> ModelSelect:
    """Active customers whom nobody looks after, or somebody who has left: a gap in the data to be closed."""
    active = AccountManager.until.is_null() & (User.active == True)  # noqa: E712 - SQL
    managed = visible(AccountManager, actor, AccountManager.customer_id).join(User).where(active)
    return visible(Customer, actor).where((Customer.active == True) & Customer.id.not_in(managed))  # noqa: E712
