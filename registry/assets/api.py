"""JSON routes about assets, their statuses and custom fields."""

from typing import Any

from werkzeug.wrappers import Response

from registry.assets import fields, service, statuses
from registry.assets.listing import ASSETS, FIELDS
from registry.assets.schemas import (
    AssetBulk,
    AssetChange,
    AssetIn,
    BulkOut,
    FieldIn,
    Retirement,
    StatusChange,
    StatusesOut,
    StatusIn,
    StatusOut,
)
from registry.customers.service import customer_by
from registry.web.answers import if_match, json_response, nothing, one, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("assets", "Assets, statuses, custom fields")


@blp.route("/assets", methods=["GET"])
@blp.arguments(ASSETS.arguments(), location="query")
@blp.response(200, ASSETS.page_shape())
@allow("asset.view")
def list_assets(arguments: dict[str, Any]) -> Response:
    return page(ASSETS, arguments)


@blp.route("/assets", methods=["POST"])
@blp.arguments(AssetIn)
@blp.response(201, ASSETS.shape())
@allow("asset.edit")
def register_asset(values: dict[str, Any]) -> Response:
    return one(ASSETS, service.register_asset(actor(), values).id, 201)


@blp.route("/assets/bulk", methods=["POST"])
@blp.arguments(AssetBulk)
@blp.response(200, BulkOut)
@allow("asset.edit")
def bulk(values: dict[str, Any]) -> Response:
    """Register and change many, all or nothing. Answers {"items": [{id, version}]} in the order given."""
    done = service.bulk(actor(), values["items"])
    return json_response({"items": [{"id": asset.id, "version": asset.version} for asset in done]})


@blp.route("/assets/<int:asset_id>", methods=["GET"])
@blp.response(200, ASSETS.shape())
@allow("asset.view")
def get_asset(asset_id: int) -> Response:
    return one(ASSETS, asset_id)


@blp.route("/assets/<int:asset_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(AssetChange)
@blp.response(200, ASSETS.shape())
@allow("asset.edit")
def change_asset(values: dict[str, Any], asset_id: int) -> Response:
    return one(ASSETS, service.change_asset(actor(), asset_id, values, if_match()).id)


@blp.route("/assets/<int:asset_id>/retire", methods=["POST"])
@versioned(blp)
@blp.arguments(Retirement)
@blp.response(200, ASSETS.shape())
@allow("asset.edit")
def retire_asset(values: dict[str, Any], asset_id: int) -> Response:
    return one(ASSETS, service.retire_asset(actor(), asset_id, if_match(), values["status"]).id)


@blp.route("/asset-statuses", methods=["GET"])
@blp.response(200, StatusesOut)
@allow("asset.view")
def list_statuses() -> Response:
    return json_response({"items": [_status(row) for row in statuses.statuses()]})


@blp.route("/asset-statuses", methods=["POST"])
@blp.arguments(StatusIn)
@blp.response(201, StatusOut)
@allow("setting.edit")
def create_status(values: dict[str, Any]) -> Response:
    return thing(_status(statuses.create_status(actor(), values)), 201)


@blp.route("/asset-statuses/<code>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(StatusChange)
@blp.response(200, StatusOut)
@allow("setting.edit")
def change_status(values: dict[str, Any], code: str) -> Response:
    return thing(_status(statuses.change_status(actor(), code, values, if_match())))


def _status(row: Any) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "meta": row.meta, "position": row.position, "version": row.version}


@blp.route("/asset-fields", methods=["GET"])
@blp.arguments(FIELDS.arguments(), location="query")
@blp.response(200, FIELDS.page_shape())
@allow("asset.view")
def list_fields(arguments: dict[str, Any]) -> Response:
    return page(FIELDS, arguments)


@blp.route("/asset-fields", methods=["POST"])
@blp.arguments(FieldIn)
@blp.response(201, FIELDS.shape())
@allow("asset.view")
def define_field(values: dict[str, Any]) -> Response:
    customer = values.pop("customer")
    customer_id = customer_by(actor(), customer).id if customer is not None else None
    return one(FIELDS, fields.define_field(actor(), values, customer_id).id, 201)


@blp.route("/asset-fields/<int:field_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("asset.view")
def remove_field(field_id: int) -> Response:
    fields.remove_field(actor(), field_id, if_match())
    return nothing()
