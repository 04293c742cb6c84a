"""Lists of users and of one's own tokens."""

from marshmallow import fields

from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.shapes import Line
from registry.people.models import Membership, Token, User
from registry.people.service import users


def _own(actor: Actor) -> object:
    return Token.select().where(Token.user == (actor.user_id or 0))


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
            Column("language", "Language", User.language),
            Column("time_zone", "Time zone", User.time_zone),
            Column("created_at", "Created", User.created_at, "moment"),
            Column("version", "Version", User.version, "integer"),
        ],
        scope=users,
        filters={
            "email": Filter(Line(max=255, min=1), lambda _a, v: User.email == v.lower()),
            "active": flag(User.active == True),  # noqa: E712 - SQL
            "role": Filter(
                fields.String(),
                lambda _a, v: User.id.in_(Membership.select(Membership.user).where(Membership.role == v)),
            ),
        },
        orders={"email": User.email},
    )
)

TOKENS = Listing(
    "token",
    Token,
    "",  # one's own: no right needed
    columns=[
        Column("id", "Id", Token.id, "integer"),
        Column("name", "Name", Token.name),
        Column("prefix", "Begins with", Token.prefix),
        Column("scope", "Scope", Token.scope, "json"),
        Column("created_at", "Created", Token.created_at, "moment"),
        Column("expires_at", "Expires", Token.expires_at, "moment"),
        Column("last_used_at", "Last used", Token.last_used_at, "moment"),
        Column("last_used_address", "Last used from", Token.last_used_address),
        Column("revoked_at", "Revoked", Token.revoked_at, "moment"),
    ],
    scope=_own,  # type: ignore[arg-type]
    filters={"name": equals(Token.name)},
)
