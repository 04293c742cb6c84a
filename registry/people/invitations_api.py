"""JSON routes about invitations. The link itself is in the mail alone."""

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.kernel.shapes import Shape
from registry.people.invitations import invitation_of, invite, withdraw
from registry.web.answers import json_response
from registry.web.api import blueprint
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("invitations", "Invitations of users")
STATES = ("none", "open", "expired", "withdrawn", "joined")


class InvitationOut(Shape):
    """`address`, `sent_at` and `expires_at` are of the last invitation; null before the first."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))
    address = fields.String(required=True, allow_none=True)
    sent_at = fields.DateTime(required=True, allow_none=True)
    expires_at = fields.DateTime(required=True, allow_none=True)


@blp.route("/users/<int:user_id>/invitation", methods=["GET"])
@blp.response(200, InvitationOut)
@allow("user.view")
def get_invitation(user_id: int) -> Response:
    return json_response(invitation_of(actor(), user_id))


@blp.route("/users/<int:user_id>/invitation", methods=["POST"])
@blp.response(201, InvitationOut)
@allow("user.edit")
def send_invitation(user_id: int) -> Response:
    """Mail a new link to join, for seven days; the one before dies."""
    invite(actor(), user_id)
    return json_response(invitation_of(actor(), user_id), 201)


@blp.route("/users/<int:user_id>/invitation", methods=["DELETE"])
@blp.response(200, InvitationOut)
@allow("user.edit")
def withdraw_invitation(user_id: int) -> Response:
    """The open link dies; the account stays. To shut it, deactivate the user."""
    withdraw(actor(), user_id)
    return json_response(invitation_of(actor(), user_id))
