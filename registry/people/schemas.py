"""Shapes of input about users and tokens."""

from marshmallow import fields, validate

from registry.kernel.shapes import Line, Ref, Shape, extended, items, language, time_zone
from registry.people.listing import TOKENS, USERS
from registry.people.roles import ROLES
from registry.people.signin import LONGEST_TOKEN_DAYS, TOKEN_DAYS

_ROLE = validate.OneOf(sorted(ROLES))


class UserChange(Shape):
    name = Line(max=255, min=1)
    language = language()
    time_zone = time_zone()


class UserIn(UserChange):
    email = fields.Email(required=True, validate=validate.Length(max=255))
    role = fields.String(required=True, validate=_ROLE)
    customer = Ref(allow_none=True, load_default=None)
    password = fields.String(load_only=True, validate=validate.Length(8, 256))


class RoleIn(Shape):
    role = fields.String(required=True, validate=_ROLE)
    customer = Ref(allow_none=True, load_default=None)


class TokenIn(Shape):
    """`scope`: names of permissions, or read for every right to look. Without it: all that its owner may."""

    name = Line(max=100, min=1, required=True)
    scope = fields.List(fields.String(validate=validate.Length(1, 64)), allow_none=True, load_default=None)
    days = fields.Integer(strict=True, load_default=TOKEN_DAYS, validate=validate.Range(1, LONGEST_TOKEN_DAYS))


class RoleOut(Shape):
    """`customer`: its short name, or null for a role of the operator."""

    customer = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, validate=_ROLE)


class MeOut(Shape):
    """`permissions`: the names of those held at each customer, by its short name; the operator's own at `operator`."""

    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    language = fields.String(required=True)
    permissions = fields.Dict(keys=fields.String(), values=fields.List(fields.String(), required=True), required=True)


_ROLES = fields.List(fields.Nested(RoleOut), required=True)
UserOut = extended(USERS.shape(), "UserWithRoles", roles=_ROLES)
UserPage = items(extended(USERS.shape(detail=False), "UserItemWithRoles", roles=_ROLES), paged=True)
_SECRET = fields.String(required=True, metadata={"description": "The token itself; shown here and never again."})
TokenMade = extended(TOKENS.shape(), "TokenMade", token=_SECRET)
