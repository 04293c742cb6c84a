"""Shapes of input about saved filters."""

from marshmallow import fields, validate

from registry.kernel.shapes import Flag, Line, Ref, Shape, Slug


class ViewChange(Shape):
    name = Line(max=100, min=1)
    shared = Flag()
    is_default = Flag()
    query = fields.Dict(
        keys=Slug(pattern=r"^[a-z][a-z0-9_]{0,62}\Z"), values=Line(max=2000), validate=validate.Length(max=40)
    )


class ViewIn(ViewChange):
    """`customer`: left out for a list of the house."""

    customer = Ref()
    list = Slug(pattern=r"^[a-z][a-z-]{0,31}\Z", required=True)
    name = Line(max=100, min=1, required=True)
    query = fields.Dict(
        keys=Slug(pattern=r"^[a-z][a-z0-9_]{0,62}\Z"),
        values=Line(max=2000),
        validate=validate.Length(max=40),
        required=True,
    )
