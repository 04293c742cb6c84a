"""Search over everything that one may see."""

from typing import Any

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.kernel import search
from registry.kernel.shapes import Line, Ref, Shape, Whole, items
from registry.web.answers import json_response
from registry.web.api import blueprint
from registry.web.customer import customer_id_of
from registry.web.identity import actor
from registry.web.plugins import searching
from registry.web.policy import signed_in

blp = blueprint("search", "Search")


class SearchQuery(Shape):
    q = Line(max=100, min=1, required=True)
    customer = Ref()
    kind = fields.String(validate=validate.OneOf(sorted(search.SOURCES)))
    limit = Whole(1, 100, load_default=20)


class Hit(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(sorted(search.SOURCES)))
    id = fields.Integer(required=True)
    customer_id = fields.Integer(required=True, allow_none=True)
    label = fields.String(required=True)


@blp.route("/search", methods=["GET"])
@blp.arguments(SearchQuery, location="query")
@blp.response(200, items(Hit()))
@signed_in
def find(arguments: dict[str, Any]) -> Response:
    """Assets, licences, contracts, products, contacts, customers by part of a serial, tag or name.

    Answers {"items": [{kind, id, customer_id, label}]}, at most `limit` of each kind.
    """
    who = actor()
    customer_id = customer_id_of(who, arguments.get("customer"))
    found = searching.find(
        who, arguments["q"], limit=arguments["limit"], customer_id=customer_id, kind=arguments.get("kind")
    )
    return json_response({"items": found})
