"""Shapes of input about users and tokens."""

from typing import Any

from marshmallow import fields, validate

from registry.kernel.locales import LANGUAGES
from registry.kernel.shapes import Flag, Line, Ref, Shape, extended, items, language, time_zone
from registry.people.listing import SESSIONS, TOKENS, USERS
from registry.people.roles import ROLES
from registry.people.tokens import LONGEST_TOKEN_DAYS, TOKEN_DAYS

_ROLE = validate.OneOf(sorted(ROLES))


def secret(**options: Any) -> fields.String:
    """A password or code. What a password must be is for people/passwords.py to say."""
    return fields.String(load_only=True, validate=validate.Length(max=1024), **options)


class UserChange(Shape):
    name = Line(max=255, min=1)
    language = language()
    time_zone = time_zone()


class UserIn(UserChange):
    email = fields.Email(required=True, validate=validate.Length(max=255))
    role = fields.String(required=True, validate=_ROLE)
    customer = Ref(allow_none=True, load_default=None)
    kind = fields.String(load_default="person", validate=validate.OneOf(("person", "machine")))
    password = secret()
    invite = Flag(allow_none=True, load_default=None)


class MeChange(Shape):
    """One's own profile."""

    name = Line(max=255, min=1)
    language = fields.String(validate=validate.OneOf(tuple(LANGUAGES)))
    time_zone = time_zone()


class RoleIn(Shape):
    role = fields.String(required=True, validate=_ROLE)
    customer = Ref(allow_none=True, load_default=None)


class PlaceIn(Shape):
    """`customer`: where the role is held; null for the operator's own house."""

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
    email = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "person, or machine (tokens only)."})
    language = fields.String(required=True)
    time_zone = fields.String(required=True)
    version = fields.Integer(required=True)
    permissions = fields.Dict(keys=fields.String(), values=fields.List(fields.String(), required=True), required=True)


_ROLES = fields.List(fields.Nested(RoleOut), required=True)
UserOut = extended(USERS.shape(), "UserWithRoles", roles=_ROLES)
UserPage = items(extended(USERS.shape(detail=False), "UserItemWithRoles", roles=_ROLES), paged=True)
_SECRET = fields.String(required=True, metadata={"description": "The token itself; shown here and never again."})
TokenMade = extended(TOKENS.shape(), "TokenMade", token=_SECRET)

# --- One's own account -------------------------------------------------------------------------------------


class ConfirmIn(Shape):
    """`code`: of the authenticator app or from paper, for whoever has set up a second factor."""

    password = secret(required=True)
    code = secret(load_default="")


class PasswordIn(Shape):
    """`current_password` may be missing only for who has none yet."""

    current_password = secret(load_default="")
    new_password = secret(required=True)


class CodeIn(Shape):
    code = secret(required=True)


class SecondFactorOut(Shape):
    active = fields.Boolean(required=True)
    confirmed_at = fields.DateTime(required=True, allow_none=True)
    recovery_codes_left = fields.Integer(required=True)
    demanded = fields.Boolean(required=True, metadata={"description": "Whether this installation demands one."})


class SecondFactorBegun(Shape):
    secret = fields.String(required=True, metadata={"description": "In base 32, for an app that reads no picture."})
    uri = fields.String(required=True, metadata={"description": "otpauth://..., what the picture says."})


class RecoveryCodesOut(Shape):
    recovery_codes = fields.List(fields.String(required=True), required=True)


class EndedOut(Shape):
    ended = fields.Integer(required=True, metadata={"description": "How many there were."})


_CURRENT = fields.Boolean(required=True, metadata={"description": "Whether it is the one that asks."})
SessionPage = items(extended(SESSIONS.shape(detail=False), "SessionItem", current=_CURRENT), paged=True)
