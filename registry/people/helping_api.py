"""JSON routes about what other users sign in with."""

from marshmallow import fields
from werkzeug.wrappers import Response

from registry.kernel.errors import NotFound
from registry.kernel.shapes import Shape
from registry.people.helping import Proof, proofs_of, remove_proofs
from registry.web.answers import json_response, nothing
from registry.web.api import blueprint
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("proofs", "What users sign in with")


class ProofsOut(Shape):
    """`identities`: the issuers of identity providers that know the user."""

    password = fields.Boolean(required=True)
    second_factor_since = fields.DateTime(required=True, allow_none=True)
    recovery_codes_left = fields.Integer(required=True)
    passkeys = fields.Integer(required=True)
    identities = fields.List(fields.String(required=True), required=True)


@blp.route("/users/<int:user_id>/proofs", methods=["GET"])
@blp.response(200, ProofsOut)
@blp.alt_response(409, description="This is a machine.")
@allow("user.edit")
def get_proofs(user_id: int) -> Response:
    """What there is for a user to sign in with, for whoever may change him."""
    return json_response(proofs_of(actor(), user_id))


@blp.route("/users/<int:user_id>/proofs/<proof>", methods=["DELETE"])
@blp.response(204)
@blp.alt_response(409, description="This is a machine.")
@allow("user.edit", sudo=True, in_person=True)
def remove_proofs_of(user_id: int, proof: str) -> Response:
    """Take away second_factor, passkeys or identities, of somebody who has lost them: make sure first that it is he who
    asks. All his sessions end, and he is told by mail. In person only, never by token."""
    if proof not in list(Proof):
        raise NotFound()
    remove_proofs(actor(), user_id, Proof(proof))
    return nothing()
