"""JSON routes about a customer who leaves: what is to be settled, the erasure, its certificate."""

from typing import Any

from flask import current_app
from marshmallow import fields
from werkzeug.wrappers import Response

from registry.handover import erasing, leaving
from registry.handover.certificate import as_text
from registry.handover.listing import ERASURES
from registry.handover.schemas import DepartureIn, DepartureStanding, EraseIn, ErasureCertificate, ErasureProgress
from registry.kernel import signing
from registry.kernel.codes import Code
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.shapes import extended
from registry.web.answers import if_match, json_response, nothing, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("erasures", "Customers who leave, and their erasure")
ErasureOut = extended(ERASURES.shape(), "ErasureOut", progress=fields.Nested(ErasureProgress, allow_none=True))


@blp.route("/customers/<slug>/departure", methods=["GET"])
@blp.response(200, DepartureStanding)
@allow("customer.erase")
def get_departure(slug: str) -> Response:
    """Whether it is on record that this customer leaves, and what has to be settled before his data are erased."""
    return _departure(slug)


def _departure(slug: str) -> Response:
    body = leaving.standing(actor(), slug)
    known = body["departure"]
    return json_response(body, headers={"ETag": f'"{known["version"]}"'} if known else {})


@blp.route("/customers/<slug>/departure", methods=["PUT"])
@blp.arguments(DepartureIn)
@blp.response(200, DepartureStanding)
@allow("customer.erase")
def put_departure(values: dict[str, Any], slug: str) -> Response:
    leaving.announce(actor(), slug, values)
    return _departure(slug)


@blp.route("/customers/<slug>/departure", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("customer.erase")
def cancel_departure(slug: str) -> Response:
    """He stays."""
    leaving.cancel(actor(), slug, if_match())
    return nothing()


@blp.route("/customers/<slug>/erasure", methods=["POST"])
@blp.arguments(EraseIn)
@blp.response(201, ErasureOut)
@allow("customer.erase", sudo=True)
def erase_customer(values: dict[str, Any], slug: str) -> Response:
    """Erase everything about a customer; a job does it. Refused (not_settled) while anything is open."""
    made = erasing.request_erasure(actor(), slug, values["confirm"], scrub=values.get("scrub", True))
    jobs = current_app.extensions["assetcare_jobs"]
    jobs.enqueue(erasing.JOB, erasure_id=made.id, customer_id=made.former_id)
    return _erasure(made.id, 201)


@blp.route("/erasures", methods=["GET"])
@blp.arguments(ERASURES.arguments(), location="query")
@blp.response(200, ERASURES.page_shape())
@allow("customer.erase")
def list_erasures(arguments: dict[str, Any]) -> Response:
    return page(ERASURES, arguments)


@blp.route("/erasures/<int:erasure_id>", methods=["GET"])
@blp.response(200, ErasureOut)
@allow("customer.erase")
def get_erasure(erasure_id: int) -> Response:
    """With `progress` {stage, rows, total} until it is done."""
    return _erasure(erasure_id)


def _erasure(erasure_id: int, status: int = 200) -> Response:
    found = erasing.get_erasure(actor(), erasure_id)
    body = ERASURES.one(actor(), erasure_id)
    if found.state != "done":
        body["progress"] = erasing.progress_of(found)
    return thing(body, status)


@blp.route("/erasures/<int:erasure_id>/certificate", methods=["GET"])
@blp.response(200, ErasureCertificate)
@allow("customer.erase")
def get_certificate(erasure_id: int) -> Response:
    found = erasing.get_erasure(actor(), erasure_id)
    if found.state != "done":
        raise NotFound(
            _(
                "There is no certificate yet. State of the erasure: %(state)s.",
                state=Code("erasure_state", found.state),
            )
        )
    told = {"certificate": found.certificate, "signature": found.signature, "public_key": signing.public_key()}
    return json_response({**told, "text": as_text(found)})
