"""Verbs about users: create, change, deactivate, give roles."""

from collections.abc import Iterable, Mapping
from typing import Any

from registry.actions import Action
from registry.kernel import access, clock
from registry.kernel.access import Actor, Permission
from registry.kernel.db import is_sqlite, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.writing import ANY_VERSION, change, create, note
from registry.people.models import Membership, Session, Token, User
from registry.people.passwords import hash_password
from registry.people.roles import ROLES

access.declare(
    Permission("user.view", "See users and their roles"),
    Permission("user.edit", "Create, change and deactivate users"),
)


def users(actor: Actor) -> Any:
    """Users whom the actor may see: everybody for the operator, else those with a role at his customers."""
    query = User.select()
    if actor.customers is None:
        return query
    mine = Membership.select(Membership.user).where(Membership.customer_id.in_(_where_allowed(actor, "user.view")))
    return query.where(User.id.in_(mine))


def _where_allowed(actor: Actor, permission: str) -> list[int]:
    return [customer for customer in actor.grants if actor.can(permission, customer)]


def get_user(actor: Actor, user_id: int) -> User:
    found = users(actor).where(User.id == user_id).first() if user_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def roles_of(user_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """user id -> [{customer_id, role}], for showing."""
    found: dict[int, list[dict[str, Any]]] = {}
    query = Membership.select().where(Membership.user.in_(list(user_ids))).order_by(Membership.id)
    for row in query:
        found.setdefault(row.user_id, []).append({"customer_id": row.customer_id, "role": row.role})
    return found


def create_user(
    actor: Actor,
    *,
    email: str,
    role: str,
    customer_id: int | None = None,
    password: str | None = None,
    name: str = "",
    **profile: Any,
) -> User:
    """A user with his first role. Operator roles take no customer, customer roles need one."""
    _check_role(actor, role, customer_id)
    address = email.strip().lower()
    values = {
        "email": address,
        "name": name.strip() or address.split("@")[0],
        "password_hash": hash_password(password, context=(address, name)) if password else None,
        **profile,
    }
    with transaction():
        user = create(actor, User, values, Action.USER_CREATED, customer_id=customer_id)
        Membership.create(user=user, customer_id=customer_id, role=role)
    return user


def _check_role(actor: Actor, role: str, customer_id: int | None) -> None:
    found = ROLES.get(role)
    if found is None:
        raise Invalid.field("role", f"There is no role {role!r}. Choose one of: {', '.join(ROLES)}.")
    if found.operator and customer_id is not None:
        raise Invalid.field("role", f"{found.label} is a role of the operator and takes no customer.")
    if not found.operator and customer_id is None:
        raise Invalid.field("customer", f"{found.label} is a role at a customer: name the customer.")
    actor.must("user.edit", customer_id)
    held = actor.grants.get(access.EVERYWHERE) or actor.grants.get(customer_id or access.EVERYWHERE, frozenset())
    if not found.permissions <= held:
        raise Forbidden("You cannot give a role with more rights than you hold yourself.")


def set_role(actor: Actor, user_id: int, role: str, customer_id: int | None = None) -> User:
    """Give a role, or change the one held there."""
    user = get_user(actor, user_id)
    _check_role(actor, role, customer_id)
    _must_outrank(actor, user)
    with transaction():
        if customer_id is None and role != "admin":
            _keep_an_admin(user)
        same_place = Membership.customer_id.is_null() if customer_id is None else Membership.customer_id == customer_id
        before = Membership.select().where((Membership.user == user) & same_place).first()
        if before is None:
            Membership.create(user=user, customer_id=customer_id, role=role)
        else:
            Membership.update(role=role).where(Membership.id == before.id).execute()
        note(
            actor, Action.USER_CHANGED, user, customer_id=customer_id,
            before={"role": before and before.role}, after={"role": role},
        )  # fmt: skip
    return user


def change_user(actor: Actor, user_id: int, values: Mapping[str, Any], version: int | None) -> User:
    """Change name, language or time zone: one's own, or others' with the right to."""
    user = get_user(actor, user_id) if user_id != actor.user_id else User.get_by_id(user_id)
    if user.id != actor.user_id:
        _must_outrank(actor, user)
    return change(actor, user, values, Action.USER_CHANGED, version=version, customer_id=_home(user))


def deactivate_user(actor: Actor, user_id: int) -> User:
    """Shut the account: every session and token ends at once. The last administrator cannot be shut out."""
    user = get_user(actor, user_id)
    _must_outrank(actor, user)
    with transaction():
        _keep_an_admin(user)
        change(actor, user, {"active": False}, Action.USER_DEACTIVATED, version=ANY_VERSION, customer_id=_home(user))
        end_everything(user.id)
    return user


def end_everything(user_id: int) -> None:
    """End all sessions and tokens of a user."""
    Session.delete().where(Session.user == user_id).execute()
    Token.update(revoked_at=clock.now()).where((Token.user == user_id) & Token.revoked_at.is_null()).execute()


def set_password(actor: Actor, user_id: int, password: str) -> User:
    """Set a new password; all sessions end, as a stolen one must."""
    user = get_user(actor, user_id)
    if user.id != actor.user_id:
        _must_outrank(actor, user)
    with transaction():
        hashed = hash_password(password, context=(user.email, user.name))
        User.update(password_hash=hashed).where(User.id == user.id).execute()
        Session.delete().where(Session.user == user.id).execute()
        note(actor, Action.PASSWORD_CHANGED, user, customer_id=_home(user))
    return user


def _must_outrank(actor: Actor, user: User) -> None:
    """Changing somebody needs the right wherever he has a role, and no fewer rights than he holds there."""
    memberships = list(Membership.select().where(Membership.user == user))
    if not memberships:
        actor.must("user.edit")
    for membership in memberships:
        _check_role(actor, membership.role, membership.customer_id)


def _keep_an_admin(user: User) -> None:
    """Raise Conflict when `user` is the last active administrator. The rows stay locked: two at once leave one."""
    admins = (
        Membership.select(Membership, User)
        .join(User)
        .where((Membership.role == "admin") & (User.active == True))  # noqa: E712 - SQL
        .order_by(Membership.id)
    )
    found = [row.user_id for row in (admins if is_sqlite() else admins.for_update())]
    if found == [user.id]:
        raise Conflict("This is the last active administrator; make another one first.", code="last_admin")


def _home(user: User) -> int | None:
    """The chain a user's history belongs to: his customer's, or the house's."""
    places = [row.customer_id for row in Membership.select().where(Membership.user == user)]
    return places[0] if len(places) == 1 else None
