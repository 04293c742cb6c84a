"""Shapes of input about customers, sites, contacts and policies."""

from marshmallow import fields, validate

from registry.kernel.language import N_
from registry.kernel.shapes import (
    CODE,
    Date,
    Flag,
    JsonObject,
    Line,
    Prose,
    Ref,
    Shape,
    Slug,
    currency,
    items,
    language,
    time_zone,
)

_COUNTRY = validate.Regexp(r"^([A-Z]{2})?\Z", error=N_("Give the two letters of ISO 3166, such as HK."))


class CustomerChange(Shape):
    name = Line(max=255, min=1)
    language = language()
    time_zone = time_zone()
    currency = currency()
    customer_since = Date(allow_none=True)
    policy = Slug(pattern=CODE, allow_none=True)
    policy_overrides = JsonObject()
    active = Flag()
    notes = Prose()


class CustomerIn(CustomerChange):
    slug = Slug(required=True)
    name = Line(max=255, min=1, required=True)


class ManagerIn(Shape):
    user = fields.Integer(strict=True, required=True, validate=validate.Range(1, 2**63 - 1))


class SiteChange(Shape):
    name = Line(max=255, min=1)
    address = Prose(max=1000)
    city = Line(max=255)
    province = Line(max=255)
    country = fields.String(validate=_COUNTRY)
    postal_code = Line(max=32)


class SiteIn(SiteChange):
    customer = Ref()
    name = Line(max=255, min=1, required=True)


class ContactChange(Shape):
    """null takes an e-mail address, language or site away."""

    name = Line(max=255, min=1)
    email = fields.Email(validate=validate.Length(max=255), allow_none=True)
    phone = Line(max=64)
    title = Line(max=255)
    site = Ref(allow_none=True)
    trained = Flag()
    language = language(allow_none=True)
    notes = Prose()


class ContactIn(ContactChange):
    customer = Ref()
    name = Line(max=255, min=1, required=True)


class PolicyChange(Shape):
    name = Line(max=255, min=1)
    settings = JsonObject()


class PolicyIn(PolicyChange):
    code = Slug(pattern=CODE, required=True)
    name = Line(max=255, min=1, required=True)


class PolicyInForce(Shape):
    """The policy as it holds for one customer."""

    policy = fields.String(required=True, allow_none=True)
    settings = fields.Dict(required=True)
    overridden = fields.List(fields.String(), required=True)


class ManagerOut(Shape):
    user_id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True, allow_none=True)
    active = fields.Boolean(required=True, metadata={"description": "False too when whoever was assigned has left."})


ManagersOut = items(ManagerOut())
