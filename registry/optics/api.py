"""JSON routes about optics: readings in, modules and their conclusions out."""

from typing import Any

from werkzeug.wrappers import Response

from registry.optics import given, profiling, series, service, settling
from registry.optics.answers import ChartOut, ClaimOut, Images, MeasuredPage, OpticOut, ProofOut, Proofs, TakenOut
from registry.optics.claiming import claim_facts
from registry.optics.listing import BATCHES, OPTICS, PROFILES
from registry.optics.schemas import (
    AttachIn,
    BaselineIn,
    ChartQuery,
    ForgetIn,
    ProfileChange,
    ProfileIn,
    ProofIn,
    ReadingsIn,
    ReadingsQuery,
    RegisterIn,
    TextIn,
)
from registry.optics.taking import take
from registry.web.answers import if_match, json_response, nothing, one, page
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("optics", "Optics: readings of transceivers, and what follows from them")
Values = dict[str, Any]


@blp.route("/optics", methods=["GET"])
@blp.arguments(OPTICS.arguments(), location="query")
@blp.response(200, OPTICS.page_shape())
@allow("asset.view")
def list_optics(arguments: Values) -> Response:
    return page(OPTICS, arguments)


@blp.route("/optics/readings", methods=["POST"])
@blp.arguments(ReadingsIn)
@blp.response(200, TakenOut)
@allow("optic.read")
def bring_readings(values: Values) -> Response:
    """Readings of many modules, all or nothing; each item as `assetcare optics decode --json` writes it. A reading that
    is here already is counted, not stored again. Modules that are no assets are told in `unknown`."""
    items = given.from_items(values.pop("items"))
    return json_response(take(actor(), items, source="api", **values))


@blp.route("/optics/readings/text", methods=["POST"])
@blp.arguments(TextIn)
@blp.response(200, TakenOut)
@allow("optic.read")
def bring_text(values: Values) -> Response:
    """The same from what a switch or server prints, or from a hexadecimal dump of a module's memory."""
    items = given.from_text(values.pop("text"))
    return json_response(take(actor(), items, source="api", **values))


@blp.route("/optics/<int:optic_id>", methods=["GET"])
@blp.response(200, OpticOut)
@allow("asset.view")
def get_optic(optic_id: int) -> Response:
    """One module with its newest reading, its conclusion, and the reasons for it."""
    return json_response(service.whole(actor(), optic_id))


@blp.route("/optics/<int:optic_id>/readings", methods=["GET"])
@blp.arguments(ReadingsQuery, location="query")
@blp.response(200, MeasuredPage)
@allow("asset.view")
def list_readings(arguments: Values, optic_id: int) -> Response:
    """Its readings, the newest first."""
    arguments["begins"] = arguments.pop("from", None)
    return json_response(series.readings(actor(), optic_id, **arguments))


@blp.route("/optics/<int:optic_id>/chart", methods=["GET"])
@blp.arguments(ChartQuery, location="query")
@blp.response(200, ChartOut)
@allow("asset.view")
def get_chart(arguments: Values, optic_id: int) -> Response:
    """Lowest, mean and highest values of so many steps of time."""
    arguments["begins"] = arguments.pop("from", None)
    return json_response(series.chart(actor(), optic_id, **arguments))


@blp.route("/optics/<int:optic_id>/images", methods=["GET"])
@blp.response(200, Images)
@allow("asset.view")
def list_images(optic_id: int) -> Response:
    """The module's memory as it was read. More than one of an end: it was altered in between."""
    return json_response({"items": service.images_of(actor(), optic_id)})


@blp.route("/optics/<int:optic_id>/baseline", methods=["PUT"])
@blp.arguments(BaselineIn)
@blp.response(200, OpticOut)
@allow("optic.edit")
def set_baseline(values: Values, optic_id: int) -> Response:
    """Take a reading as the state in which the module was put into service."""
    service.set_baseline(actor(), optic_id, values.get("at"), values["end"])
    return json_response(service.whole(actor(), optic_id))


@blp.route("/optics/<int:optic_id>/proofs", methods=["GET"])
@blp.response(200, Proofs)
@allow("asset.view")
def list_proofs(optic_id: int) -> Response:
    return json_response({"items": service.proofs_of(actor(), service.get_optic(actor(), optic_id))})


@blp.route("/optics/<int:optic_id>/proofs", methods=["POST"])
@blp.arguments(ProofIn)
@blp.response(201, ProofOut)
@allow("optic.edit")
def record_proof(values: Values, optic_id: int) -> Response:
    """Put a loopback, a swap or a cleaning on record."""
    made = service.record_proof(actor(), optic_id, values)
    proofs = service.proofs_of(actor(), service.get_optic(actor(), optic_id))
    return json_response(next(proof for proof in proofs if proof["id"] == made.id), 201)


@blp.route("/optics/<int:optic_id>/proofs/<int:proof_id>", methods=["DELETE"])
@blp.response(204)
@allow("optic.edit")
def remove_proof(optic_id: int, proof_id: int) -> Response:
    service.remove_proof(actor(), optic_id, proof_id)
    return nothing()


@blp.route("/assets/<int:asset_id>/optic-claim", methods=["GET"])
@blp.response(200, ClaimOut)
@allow("asset.view")
def get_claim(asset_id: int) -> Response:
    """What a claim on an optic can rest on: the value that decides, its limits, and whether it carries a claim."""
    return json_response(claim_facts(actor(), asset_id))


@blp.route("/optic-batches", methods=["GET"])
@blp.arguments(BATCHES.arguments(), location="query")
@blp.response(200, BATCHES.page_shape())
@allow("asset.view")
def list_batches(arguments: Values) -> Response:
    """Uploads of readings."""
    return page(BATCHES, arguments)


@blp.route("/optic-batches/<int:batch_id>", methods=["GET"])
@blp.response(200, BATCHES.shape())
@allow("asset.view")
def get_batch(batch_id: int) -> Response:
    """One upload, with the modules in it that are no assets."""
    return one(BATCHES, batch_id)


@blp.route("/optic-batches/<int:batch_id>/register", methods=["POST"])
@blp.arguments(RegisterIn)
@blp.response(200, TakenOut)
@allow("asset.edit")
def register_waiting(values: Values, batch_id: int) -> Response:
    """Make assets of the modules of an upload that were none, and take in their readings, which were kept."""
    return json_response(settling.register_waiting(actor(), batch_id, **values))


@blp.route("/optic-batches/<int:batch_id>/attach", methods=["POST"])
@blp.arguments(AttachIn)
@blp.response(200, TakenOut)
@allow("optic.read")
def attach_waiting(values: Values, batch_id: int) -> Response:
    """Say which asset a module of an upload is, and take in its readings, which were kept."""
    return json_response(settling.attach_waiting(actor(), batch_id, **values))


@blp.route("/optic-batches/<int:batch_id>/forget", methods=["POST"])
@blp.arguments(ForgetIn)
@blp.response(200, BATCHES.shape())
@allow("asset.edit")
def forget_waiting(values: Values, batch_id: int) -> Response:
    """Throw away the readings of modules of an upload that are no assets, and shall not become any."""
    settling.forget_waiting(actor(), batch_id, **values)
    return one(BATCHES, batch_id)


@blp.route("/optic-profiles", methods=["GET"])
@blp.arguments(PROFILES.arguments(), location="query")
@blp.response(200, PROFILES.page_shape())
@allow("asset.view")
def list_profiles(arguments: Values) -> Response:
    return page(PROFILES, arguments)


@blp.route("/optic-profiles", methods=["POST"])
@blp.arguments(ProfileIn)
@blp.response(201, PROFILES.shape())
@allow("optic.edit")
def create_profile(values: Values) -> Response:
    """What holds for all modules of a part number: limits where they give none, and when a failure is persistent."""
    return one(PROFILES, profiling.create_profile(actor(), values).id, 201)


@blp.route("/optic-profiles/<int:profile_id>", methods=["GET"])
@blp.response(200, PROFILES.shape())
@allow("asset.view")
def get_profile(profile_id: int) -> Response:
    return one(PROFILES, profile_id)


@blp.route("/optic-profiles/<int:profile_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(ProfileChange)
@blp.response(200, PROFILES.shape())
@allow("optic.edit")
def change_profile(values: Values, profile_id: int) -> Response:
    return one(PROFILES, profiling.change_profile(actor(), profile_id, values, if_match()).id)


@blp.route("/optic-profiles/<int:profile_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("optic.edit")
def remove_profile(profile_id: int) -> Response:
    profiling.remove_profile(actor(), profile_id, if_match())
    return nothing()
