"""Lists of users, of one's own tokens and sessions, and of machines' tokens."""

from typing import Any

from marshmallow import fields
from peewee import fn

from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.shapes import Line
from registry.people.account import own_sessions
from registry.people.models import Membership, Session, Token, User
from registry.people.service import users


def _own(actor: Actor) -> object:
    return Token.select().where(Token.user == (actor.user_id or 0))


def _machines(actor: Actor) -> object:
    return Token.select().where(Token.user.in_(users(actor).where(User.kind == "machine").select(User.id)))


def _places(actor: Actor, *columns: Any) -> Any:
    """Roles as far as the reader may see them: at his customers; to the operator also those in the house."""
    query, mine = Membership.select(*columns), actor.where("user.view").customers
    return query if mine is None else query.where(Membership.customer_id.in_(sorted(mine)))


# Of a user that the outer query has found: a sub-query for each row, answered by an index.
def _house_role(actor: Actor) -> Any:
    return _places(actor, Membership.role).where((Membership.user == User.id) & Membership.customer_id.is_null())


def _customers(actor: Actor) -> Any:
    counted = _places(actor, fn.COUNT(Membership.id))
    return counted.where((Membership.user == User.id) & Membership.customer_id.is_null(False))


def _has_role(actor: Actor, role: str) -> Any:
    return User.id.in_(_places(actor, Membership.user).where(Membership.role == role))


USERS = declare(
    Listing(
        "user",
        User,
        "user.view",
        columns=[
            Column("id", "Id", User.id, "integer"),
            Column("email", "E-mail", User.email),
            Column("name", "Name", User.name),
            Column("active", "Active", User.active, "boolean"),
            Column("kind", "Kind", User.kind),
            Column("language", "Language", User.language),
            Column("time_zone", "Time zone", User.time_zone),
            Column("created_at", "Created", User.created_at, "moment"),
            Column("version", "Version", User.version, "integer"),
            Column("house_role", "Role in the house", None, detail=True, seen=_house_role),
            Column("customers", "Customers", None, "integer", detail=True, seen=_customers),
        ],
        scope=users,
        filters={
            "email": Filter(Line(max=255, min=1), lambda _a, v: User.email == v.lower()),
            "active": flag(User.active == True),  # noqa: E712 - SQL
            "kind": equals(User.kind),
            "role": Filter(fields.String(), _has_role),
        },
        orders={"email": User.email},
    )
)

_TOKEN = [
    Column("id", "Id", Token.id, "integer"),
    Column("name", "Name", Token.name),
    Column("prefix", "Begins with", Token.prefix),
    Column("scope", "Scope", Token.scope, "json"),
    Column("created_at", "Created", Token.created_at, "moment"),
    Column("expires_at", "Expires", Token.expires_at, "moment"),
    Column("last_used_at", "Last used", Token.last_used_at, "moment"),
    Column("last_used_address", "Last used from", Token.last_used_address),
    Column("revoked_at", "Revoked", Token.revoked_at, "moment"),
]
_NAMED = {"name": equals(Token.name)}

# One's own: no right needed.
TOKENS = Listing("token", Token, "", columns=_TOKEN, scope=_own, filters=_NAMED)  # type: ignore[arg-type]
# Of machines that one may see; `user` is put in by the route.
MACHINE_TOKENS = Listing(
    "machine_token",
    Token,
    "user.edit",
    columns=_TOKEN,
    scope=_machines,  # type: ignore[arg-type]
    filters={**_NAMED, "user": Filter(fields.Integer(), lambda _a, v: Token.user == v)},
)
SESSIONS = Listing(
    "session",
    Session,
    "",
    columns=[
        Column("id", "Id", Session.id, "integer"),
        Column("created_at", "Signed in", Session.created_at, "moment"),
        Column("seen_at", "Last seen", Session.seen_at, "moment"),
        Column("address", "From", Session.address),
        Column("agent", "Browser", Session.agent),
        Column("how", "How", Session.how),
        Column("second_factor", "Second factor", Session.second),
        Column("confirmed_at", "Confirmed", Session.confirmed_at, "moment"),
    ],
    scope=own_sessions,
)
