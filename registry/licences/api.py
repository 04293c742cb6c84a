"""JSON routes about licences, their keys and who uses them."""

from typing import Any

from werkzeug.wrappers import Response

from registry.kernel.shapes import Shape
from registry.licences import assignments, keys, service
from registry.licences.listing import ASSIGNMENTS, LICENCES
from registry.licences.schemas import AssignmentIn, KeyOut, LicenceChange, LicenceIn, ReleaseIn
from registry.web.answers import if_match, json_response, nothing, one, page
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("licences", "Software licences, their keys and who uses them")


@blp.route("/licences", methods=["GET"])
@blp.arguments(LICENCES.arguments(), location="query")
@blp.response(200, LICENCES.page_shape())
@allow("licence.view")
def list_licences(arguments: dict[str, Any]) -> Response:
    return page(LICENCES, arguments)


@blp.route("/licences", methods=["POST"])
@blp.arguments(LicenceIn)
@blp.response(201, LICENCES.shape())
@allow("licence.edit")
def create_licence(values: dict[str, Any]) -> Response:
    return one(LICENCES, service.create_licence(actor(), values).id, 201)


@blp.route("/licences/<int:licence_id>", methods=["GET"])
@blp.response(200, LICENCES.shape())
@allow("licence.view")
def get_licence(licence_id: int) -> Response:
    """One licence. Its key is not part of it: see POST /licences/{id}/key."""
    return one(LICENCES, licence_id)


@blp.route("/licences/<int:licence_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(LicenceChange)
@blp.response(200, LICENCES.shape())
@allow("licence.edit")
def change_licence(values: dict[str, Any], licence_id: int) -> Response:
    return one(LICENCES, service.change_licence(actor(), licence_id, values, if_match()).id)


@blp.route("/licences/<int:licence_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("licence.edit")
def remove_licence(licence_id: int) -> Response:
    service.remove_licence(actor(), licence_id, if_match())
    return nothing()


@blp.route("/licences/<int:licence_id>/key", methods=["POST"])
@blp.response(200, KeyOut)
@allow("licence.key", sudo=True)
def reveal_key(licence_id: int) -> Response:
    """The licence's key in clear. Who asked, and when, is written to the audit chain."""
    return json_response({"key": keys.reveal_key(actor(), licence_id)})


def _assignment_arguments() -> Shape:
    """The list's own query, without the licence that the address names already."""
    return type(ASSIGNMENTS.arguments())(exclude=("licence", "customer"))  # type: ignore[return-value]


@blp.route("/licences/<int:licence_id>/assignments", methods=["GET"])
@blp.arguments(_assignment_arguments(), location="query")
@blp.response(200, ASSIGNMENTS.page_shape())
@allow("licence.view")
def list_assignments(arguments: dict[str, Any], licence_id: int) -> Response:
    licence = service.get_licence(actor(), licence_id)
    return page(ASSIGNMENTS, {**arguments, "licence": licence.id})


@blp.route("/licences/<int:licence_id>/assignments", methods=["POST"])
@blp.arguments(AssignmentIn)
@blp.response(201, ASSIGNMENTS.shape())
@allow("licence.edit")
def assign(values: dict[str, Any], licence_id: int) -> Response:
    """Say which asset or contact uses the licence. More than its quantity is accepted, shown as over-use."""
    return one(ASSIGNMENTS, assignments.assign(actor(), licence_id, values).id, 201)


@blp.route("/licences/<int:licence_id>/assignments/<int:assignment_id>/release", methods=["POST"])
@blp.arguments(ReleaseIn)
@blp.response(200, ASSIGNMENTS.shape())
@allow("licence.edit")
def release(values: dict[str, Any], licence_id: int, assignment_id: int) -> Response:
    """End an assignment; it stays in the list as history."""
    done = assignments.release(actor(), licence_id, assignment_id, values["released_on"])
    return one(ASSIGNMENTS, done.id)
