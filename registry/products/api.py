"""JSON routes about the catalogue."""

from typing import Any

from werkzeug.wrappers import Response

from registry.customers.service import customer_by
from registry.products import service
from registry.products.listing import PRODUCTS
from registry.products.schemas import DocumentIn, DocumentOut, DocumentsOut, ProductChange, ProductIn
from registry.web.answers import if_match, json_response, nothing, one, page
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("products", "The catalogue: hardware, optics, software")


@blp.route("/products", methods=["GET"])
@blp.arguments(PRODUCTS.arguments(), location="query")
@blp.response(200, PRODUCTS.page_shape())
@allow("product.view")
def list_products(arguments: dict[str, Any]) -> Response:
    return page(PRODUCTS, arguments)


@blp.route("/products", methods=["POST"])
@blp.arguments(ProductIn)
@blp.response(201, PRODUCTS.shape())
@allow("product.view")
def create_product(values: dict[str, Any]) -> Response:
    customer = values.pop("customer")
    customer_id = customer_by(actor(), customer).id if customer is not None else None
    return one(PRODUCTS, service.create_product(actor(), values, customer_id).id, 201)


@blp.route("/products/<int:product_id>", methods=["GET"])
@blp.response(200, PRODUCTS.shape())
@allow("product.view")
def get_product(product_id: int) -> Response:
    return one(PRODUCTS, product_id)


@blp.route("/products/<int:product_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(ProductChange)
@blp.response(200, PRODUCTS.shape())
@allow("product.view")
def change_product(values: dict[str, Any], product_id: int) -> Response:
    return one(PRODUCTS, service.change_product(actor(), product_id, values, if_match()).id)


@blp.route("/products/<int:product_id>/documents", methods=["GET"])
@blp.response(200, DocumentsOut)
@allow("product.view")
def list_documents(product_id: int) -> Response:
    return json_response({"items": [_document(row) for row in service.documents(actor(), product_id)]})


@blp.route("/products/<int:product_id>/documents", methods=["POST"])
@blp.arguments(DocumentIn)
@blp.response(201, DocumentOut)
@allow("product.view")
def attach_document(values: dict[str, Any], product_id: int) -> Response:
    return json_response(_document(service.attach_document(actor(), product_id, values)), 201)


@blp.route("/products/documents/<int:document_id>", methods=["DELETE"])
@blp.response(204)
@allow("product.view")
def remove_document(document_id: int) -> Response:
    service.remove_document(actor(), document_id)
    return nothing()


def _document(row: Any) -> dict[str, Any]:
    return {"id": row.id, "kind": row.kind, "title": row.title, "url": row.url, "added_at": row.added_at}
