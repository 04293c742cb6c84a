"""Verbs about users: create, change, shut and open again, give roles, set passwords."""

from collections.abc import Iterable, Mapping
from typing import Any

from registry.actions import Action
from registry.kernel import access, discreet, wall
from registry.kernel.access import Actor, Permission
from registry.kernel.codes import Codes
from registry.kernel.db import is_sqlite, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.language import _, quoted
from registry.kernel.writing import ANY_VERSION, change, create, note
from registry.people.alerts import alert
from registry.people.ending import end_everything, end_sessions
from registry.people.models import Membership, User
from registry.people.passwords import WORDS, hash_password
from registry.people.roles import ROLES, Role
from registry.people.signin import Origin

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
    kind: str = "person",
    **profile: Any,
) -> User:
    """A user with his first role. Operator roles take no customer, customer roles need one.

    A machine has tokens and nothing else: no password, so no way to sign in.
    """
    _check_role(actor, role, customer_id)
    if kind == "machine" and password:
        raise Invalid.field("password", _("A machine signs in with tokens only; leave the password out."))
    address = email.strip().lower()
    context = (address, name, *_words([customer_id] if customer_id else []))
    values = {
        "email": address,
        "name": name.strip() or address.split("@")[0],
        "password_hash": hash_password(password, context=context) if password else None,
        "kind": kind,
        **profile,
    }
    with transaction():
        user = create(actor, User, values, Action.USER_CREATED, customer_id=customer_id)
        Membership.create(user=user, customer_id=customer_id, role=role)
    return user


def _check_role(actor: Actor, role: str, customer_id: int | None) -> None:
    found = ROLES.get(role)
    if found is None:
        raise Invalid.field(
            "role",
            _(
                "There is no role %(role)s. Choose one of: %(known)s.",
                role=quoted(role),
                known=Codes(tuple(ROLES), "role"),
            ),
        )
    if found.operator and customer_id is not None:
        raise Invalid.field("role", _("%(label)s is a role of the operator and takes no customer.", label=found.label))
    if not found.operator and customer_id is None:
        raise Invalid.field("customer", _("%(label)s is a role at a customer: name the customer.", label=found.label))
    actor.must("user.edit", customer_id)
    if not found.permissions <= _held(actor, customer_id):
        raise Forbidden(_("You cannot give a role with more rights than you hold yourself."))


def _held(actor: Actor, customer_id: int | None) -> frozenset[str]:
    return actor.grants.get(access.EVERYWHERE) or actor.grants.get(customer_id or access.EVERYWHERE, frozenset())


def roles_to_give(actor: Actor, customer_id: int | None) -> list[Role]:
    """Those that the actor may give at the customer, or (None) in the operator's house; the widest first."""
    if not actor.can("user.edit", customer_id):
        return []
    held = _held(actor, customer_id)
    return [role for role in ROLES.values() if role.operator == (customer_id is None) and role.permissions <= held]


def set_role(actor: Actor, user_id: int, role: str, customer_id: int | None = None) -> User:
    """Give a role, or change the one held there."""
    user = get_user(actor, user_id)
    _check_role(actor, role, customer_id)
    must_outrank(actor, user)
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


def remove_role(actor: Actor, user_id: int, customer_id: int | None) -> User:
    """Take the role away that a user holds at a customer (None: in the house), where it is not his only one.

    What he may is read anew with every request, so it ends here at once. His sessions go on for his other places,
    where a customer has no say; only with a role in the house they end. Raises Conflict for the only one: an account
    that belongs nowhere would be forgotten when its company leaves. Shut it instead.
    """
    user = get_user(actor, user_id)
    actor.must("user.edit", customer_id)
    held = list(Membership.select().where(Membership.user == user))
    here = next((one for one in held if one.customer_id == customer_id), None)
    if here is None:
        raise Conflict("This account has no role there.", code="no_role")
    _check_role(actor, here.role, customer_id)
    with transaction():
        if customer_id is None:
            _keep_an_admin(user)
        if len(held) == 1:
            raise Conflict(
                _("This is the only place where this account belongs; shut the account instead."), code="only"
            )
        Membership.delete().where(Membership.id == here.id).execute()
        if customer_id is None:
            end_sessions(user.id)
        before = {"role": here.role}
        note(actor, Action.ROLE_REMOVED, user, customer_id=customer_id, before=before)
    return user


def change_user(actor: Actor, user_id: int, values: Mapping[str, Any], version: int | None) -> User:
    """Change name, language or time zone: one's own, or others' with the right to."""
    user = get_user(actor, user_id) if user_id != actor.user_id else User.get_by_id(user_id)
    if user.id != actor.user_id:
        must_outrank(actor, user)
    return change(actor, user, values, Action.USER_CHANGED, version=version, customer_id=home_of(user))


def deactivate_user(actor: Actor, user_id: int) -> User:
    """Shut the account: every session and token ends at once. The last administrator cannot be shut out."""
    user = get_user(actor, user_id)
    must_outrank(actor, user)
    with transaction():
        _keep_an_admin(user)
        shut = {"active": False, "shut_by_house": actor.is_operator or user.shut_by_house}
        change(actor, user, shut, Action.USER_DEACTIVATED, version=ANY_VERSION, customer_id=home_of(user))
        end_everything(user.id)
    return user


def activate_user(actor: Actor, user_id: int) -> User:
    """Open a shut account again. What it had open before stays ended. Only the operator opens what he has shut."""
    user = get_user(actor, user_id)
    must_outrank(actor, user)
    if user.shut_by_house and not actor.is_operator:
        raise Forbidden(_("The operator has shut this account; ask him to open it."))
    with transaction():
        if not user.active:
            end_everything(user.id)
        opened = {"active": True, "shut_by_house": False}
        change(actor, user, opened, Action.USER_ACTIVATED, version=ANY_VERSION, customer_id=home_of(user))
    return user


def end_sessions_of(actor: Actor, user_id: int) -> User:
    """End every session of a user, for whoever may change him. Tokens stay."""
    user = get_user(actor, user_id)
    must_outrank(actor, user)
    with transaction():
        ended = end_sessions(user.id)
        note(actor, Action.SESSIONS_ENDED, user, customer_id=home_of(user), after={"sessions": ended})
    return user


def set_password(actor: Actor, user_id: int, password: str, *, field: str = "password") -> User:
    """Set a new password, one's own or that of somebody whom one may change; every other session of his ends, as a
    stolen one must. The second factor stays. Raises Invalid naming `field`, Conflict for a machine.
    """
    user = User.get_by_id(user_id) if user_id == actor.user_id else get_user(actor, user_id)
    if user.id != actor.user_id:
        must_outrank(actor, user)
    if user.is_machine:
        raise Conflict(_("A machine has no password; make a token for it."), code="machine")
    hashed = hash_password(password, context=context_of(user), field=field)
    with transaction():
        User.update(password_hash=hashed).where(User.id == user.id).execute()
        end_sessions(user.id, keep=actor.session_id if user.id == actor.user_id else None)
        note(actor, Action.PASSWORD_CHANGED, user, customer_id=home_of(user))
        alert("password_changed", user, Origin(actor.address))
    return user


def context_of(user: User) -> tuple[str, ...]:
    """What a password of this user must not be made of."""
    with wall.everywhere():  # he may be about to sign in
        roles = roles_of([user.id]).get(user.id, ())
    return (user.email, user.name, *_words([role["customer_id"] for role in roles if role["customer_id"]]))


def _words(customer_ids: list[int]) -> list[str]:
    return [word for source in WORDS for word in source(customer_ids)]


def must_outrank(actor: Actor, user: User) -> None:
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
        raise Conflict(_("This is the last active administrator; make another one first."), code="last_admin")


def home_of(user: User) -> int | None:
    """The chain a user's history belongs to: his customer's, or the house's."""
    places = [row.customer_id for row in Membership.select().where(Membership.user == user)]
    return places[0] if len(places) == 1 else None


def is_of_house(user_id: int) -> bool:
    """Whether this is not one of the customers' people: somebody with a role of the operator's, or none at all."""
    with wall.everywhere():
        found: Any = Membership.select(Membership.customer_id).where(Membership.user == user_id)
        places = [row[0] for row in found.tuples()]
    return not places or None in places


discreet.house_people(is_of_house)
