"""JSON routes about terms, warranties, what is owed, and decisions."""

from typing import Any

from werkzeug.wrappers import Response

from registry.assets.service import get_asset
from registry.licences.service import get_licence
from registry.warranty import claims, service, terms_service
from registry.warranty.listing import TERMS, WARRANTIES
from registry.warranty.schemas import (
    CoverageCase,
    CoverageQuery,
    DecisionIn,
    DecisionOut,
    DecisionsOut,
    DecisionView,
    Extension,
    FunctionIn,
    FunctionOut,
    FunctionsOut,
    StartedList,
    TermsIn,
    Transfer,
    VersionIn,
    VersionsOut,
    Voiding,
    WarrantyBulk,
    WarrantyIn,
    WarrantyOut,
)
from registry.web.answers import if_match, json_response, one, page
from registry.web.api import blueprint, versioned
from registry.web.customer import customer_id_of
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("warranty", "Warranty terms, warranties, what is owed")


@blp.route("/warranty-terms", methods=["GET"])
@blp.arguments(TERMS.arguments(), location="query")
@blp.response(200, TERMS.page_shape())
@allow("warranty.view")
def list_terms(arguments: dict[str, Any]) -> Response:
    return page(TERMS, arguments)


@blp.route("/warranty-terms", methods=["POST"])
@blp.arguments(TermsIn)
@blp.response(201, TERMS.shape())
@allow("terms.edit")
def create_terms(values: dict[str, Any]) -> Response:
    customer_id = customer_id_of(actor(), values.pop("customer"))
    return one(TERMS, terms_service.create_terms(actor(), values, customer_id).id, 201)


@blp.route("/warranty-terms/<int:terms_id>", methods=["GET"])
@blp.response(200, TERMS.shape())
@allow("warranty.view")
def get_terms(terms_id: int) -> Response:
    return one(TERMS, terms_id)


@blp.route("/warranty-terms/<int:terms_id>/versions", methods=["GET"])
@blp.response(200, VersionsOut)
@allow("warranty.view")
def list_versions(terms_id: int) -> Response:
    rows = terms_service.versions(actor(), terms_id)
    shown = [{"number": r.number, "body": r.body, "note": r.note, "published_at": r.published_at} for r in rows]
    return json_response({"items": shown})


@blp.route("/warranty-terms/<int:terms_id>/versions", methods=["POST"])
@versioned(blp)
@blp.arguments(VersionIn)
@blp.response(201, TERMS.shape())
@allow("terms.edit")
def publish(values: dict[str, Any], terms_id: int) -> Response:
    """Publish a new version; warranties already given keep theirs."""
    terms_service.publish(actor(), terms_id, values["body"], values["note"], if_match())
    return one(TERMS, terms_id, 201)


@blp.route("/warranties", methods=["GET"])
@blp.arguments(WARRANTIES.arguments(), location="query")
@blp.response(200, WARRANTIES.page_shape())
@allow("warranty.view")
def list_warranties(arguments: dict[str, Any]) -> Response:
    return page(WARRANTIES, arguments)


@blp.route("/warranties", methods=["POST"])
@blp.arguments(WarrantyIn)
@blp.response(201, WarrantyOut)
@allow("warranty.edit")
def start_warranty(values: dict[str, Any]) -> Response:
    return _warranty(service.start_warranty(actor(), values).id, 201)


@blp.route("/warranties/bulk", methods=["POST"])
@blp.arguments(WarrantyBulk)
@blp.response(200, StartedList)
@allow("warranty.edit")
def start_many(values: dict[str, Any]) -> Response:
    """The same terms for many assets, all or nothing; errors stand under each asset's place in the list."""
    made = service.start_many(actor(), values.pop("assets"), values)
    return json_response({"items": [{"id": row.id, "asset": row.asset_id, "starts_on": row.starts_on} for row in made]})


@blp.route("/warranties/<int:warranty_id>", methods=["GET"])
@blp.response(200, WarrantyOut)
@allow("warranty.view")
def get_warranty(warranty_id: int) -> Response:
    return _warranty(warranty_id)


@blp.route("/warranties/<int:warranty_id>/extend", methods=["POST"])
@versioned(blp, required=False)
@blp.arguments(Extension)
@blp.response(200, WarrantyOut)
@allow("warranty.edit")
def extend(values: dict[str, Any], warranty_id: int) -> Response:
    longer = values.get("by") or values["until"]
    service.extend_warranty(
        actor(), warranty_id, by=longer, remedies=values.get("remedies"), reason=values["reason"], version=_version()
    )
    return _warranty(warranty_id)


@blp.route("/warranties/<int:warranty_id>/void", methods=["POST"])
@versioned(blp, required=False)
@blp.arguments(Voiding)
@blp.response(200, WarrantyOut)
@allow("warranty.edit")
def void(values: dict[str, Any], warranty_id: int) -> Response:
    service.void_warranty(actor(), warranty_id, on=values.get("on"), reason=values["reason"], version=_version())
    return _warranty(warranty_id)


@blp.route("/warranties/<int:warranty_id>/transfer", methods=["POST"])
@versioned(blp, required=False)
@blp.arguments(Transfer)
@blp.response(201, WarrantyOut)
@allow("warranty.edit")
def transfer(values: dict[str, Any], warranty_id: int) -> Response:
    """Move it to the unit that replaces this one. Answers the new unit's warranty."""
    made = service.transfer_warranty(
        actor(), warranty_id, asset=values["asset"], on=values.get("on"), reason=values["reason"], version=_version()
    )
    return _warranty(made.id, 201)


def _version() -> int:
    """These acts say themselves what they change; If-Match is welcome but not demanded."""
    given = if_match()
    return service.ANY_VERSION if given is None else given


def _warranty(warranty_id: int, status: int = 200) -> Response:
    body = {**WARRANTIES.one(actor(), warranty_id), **service.details(actor(), warranty_id)}
    headers = {"ETag": f'"{body["version"]}"'}
    if status == 201:
        headers["Location"] = f"/api/v1/warranties/{warranty_id}"
    return json_response(body, status, headers=headers)


@blp.route("/assets/<int:asset_id>/coverage", methods=["GET"])
@blp.arguments(CoverageQuery, location="query")
@blp.response(200, DecisionView)
@allow("warranty.view")
def coverage(arguments: dict[str, Any], asset_id: int) -> Response:
    """What is owed on the asset on a day, in order, by which warranty, and why not."""
    return json_response(claims.coverage_of(actor(), asset_id, **arguments))


@blp.route("/assets/<int:asset_id>/coverage", methods=["POST"])
@blp.arguments(CoverageCase)
@blp.response(200, DecisionView)
@allow("warranty.view")
def coverage_with_facts(values: dict[str, Any], asset_id: int) -> Response:
    """The same, with the facts of a case. Changes nothing."""
    return json_response(claims.coverage_of(actor(), asset_id, **values))


@blp.route("/licences/<int:licence_id>/coverage", methods=["GET"])
@blp.arguments(CoverageQuery, location="query")
@blp.response(200, DecisionView)
@allow("warranty.view")
def licence_coverage(arguments: dict[str, Any], licence_id: int) -> Response:
    return json_response(claims.coverage_of_licence(actor(), licence_id, **arguments))


@blp.route("/licences/<int:licence_id>/coverage", methods=["POST"])
@blp.arguments(CoverageCase)
@blp.response(200, DecisionView)
@allow("warranty.view")
def licence_coverage_with_facts(values: dict[str, Any], licence_id: int) -> Response:
    """The same, with the facts of a case. Changes nothing."""
    return json_response(claims.coverage_of_licence(actor(), licence_id, **values))


@blp.route("/assets/<int:asset_id>/decisions", methods=["GET"])
@blp.response(200, DecisionsOut)
@allow("warranty.view")
def list_decisions(asset_id: int) -> Response:
    return json_response({"items": [_decision(row) for row in claims.decisions_on(actor(), asset_id)]})


@blp.route("/assets/<int:asset_id>/decisions", methods=["POST"])
@blp.arguments(DecisionIn)
@blp.response(201, DecisionOut)
@allow("decision.record")
def record_decision(values: dict[str, Any], asset_id: int) -> Response:
    """Record which remedy was chosen, with the conditions checked and who pays."""
    return json_response(_decision(claims.record_decision(actor(), asset_id, values)), 201)


def _decision(row: Any) -> dict[str, Any]:
    names = ("id", "on", "cause", "facts", "answer", "remedy", "charge", "charge_reason", "deviation_reason",
             "contract", "approval", "quote", "work_on", "decided_by", "decided_at")  # fmt: skip
    return {name: getattr(row, name) for name in names}


@blp.route("/agreed-functions", methods=["POST"])
@blp.arguments(FunctionIn)
@blp.response(201, FunctionOut)
@allow("warranty.edit")
def agree_function(values: dict[str, Any]) -> Response:
    """Add a function to the agreed list of a software; it counts from the day both parties agreed on it."""
    return json_response(_function(claims.agree_function(actor(), values)), 201)


@blp.route("/assets/<int:asset_id>/agreed-functions", methods=["GET"])
@blp.response(200, FunctionsOut)
@allow("warranty.view")
def asset_functions(asset_id: int) -> Response:
    rows = claims.functions_of(actor(), get_asset(actor(), asset_id))
    return json_response({"items": [_function(row) for row in rows]})


@blp.route("/licences/<int:licence_id>/agreed-functions", methods=["GET"])
@blp.response(200, FunctionsOut)
@allow("warranty.view")
def licence_functions(licence_id: int) -> Response:
    rows = claims.functions_of(actor(), get_licence(actor(), licence_id))
    return json_response({"items": [_function(row) for row in rows]})


def _function(row: Any) -> dict[str, Any]:
    names = ("id", "name", "agreed_on", "customer_party", "our_party", "asset_id", "licence_id")
    return {name: getattr(row, name) for name in names}
