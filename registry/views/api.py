"""JSON routes about saved filters."""

from typing import Any

from werkzeug.wrappers import Response

from registry.customers.service import customer_by
from registry.views import service
from registry.views.listing import VIEWS
from registry.views.schemas import ViewChange, ViewIn
from registry.web.answers import if_match, nothing, one, page
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import signed_in

blp = blueprint("views", "Saved filters of lists")


@blp.route("/views", methods=["GET"])
@blp.arguments(VIEWS.arguments(), location="query")
@blp.response(200, VIEWS.page_shape())
@signed_in
def list_views(arguments: dict[str, Any]) -> Response:
    """One's own, and those that are shared."""
    return page(VIEWS, arguments)


@blp.route("/views", methods=["POST"])
@blp.arguments(ViewIn)
@blp.response(201, VIEWS.shape())
@signed_in
def save_view(values: dict[str, Any]) -> Response:
    """`query` holds what stands in the address of the list: filters, sort, columns."""
    named = values.pop("customer", None)
    customer = customer_by(actor(), named) if named is not None else None
    return one(VIEWS, service.save_view(actor(), values.pop("list"), customer, values).id, 201)


@blp.route("/views/<int:view_id>", methods=["GET"])
@blp.response(200, VIEWS.shape())
@signed_in
def get_view(view_id: int) -> Response:
    return one(VIEWS, view_id)


@blp.route("/views/<int:view_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(ViewChange)
@blp.response(200, VIEWS.shape())
@signed_in
def change_view(values: dict[str, Any], view_id: int) -> Response:
    return one(VIEWS, service.change_view(actor(), view_id, values, if_match()).id)


@blp.route("/views/<int:view_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@signed_in
def remove_view(view_id: int) -> Response:
    service.remove_view(actor(), view_id, if_match())
    return nothing()
