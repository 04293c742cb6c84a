"""Verbs about the catalogue."""

from collections.abc import Mapping
from typing import Any

from peewee import ModelSelect

from registry.actions import Action
from registry.kernel import access
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.writing import change, create, note
from registry.products.models import Document, Product

access.declare(
    Permission("product.view", "See the catalogue"),
    Permission("product.edit", "Create and change catalogue entries", customer=False),
)


def products(actor: Actor) -> ModelSelect:
    return visible(Product, actor)


def product_by(actor: Actor, value: int | str, field: str = "product", *, customer_id: int | None = None) -> Product:
    """The product that a request names: id, part number or name; the customer's own and the house's only."""
    house = Product.customer_id.is_null() if customer_id is None else None
    return refer(Product, actor, value, field=field, keys=("part_number", "name"), customer_id=customer_id, where=house)


def may_edit(actor: Actor, customer_id: int | None) -> bool:
    """The house's entries want the catalogue right; whoever edits a customer's assets may edit its own entries."""
    return actor.can("product.edit", customer_id) or (customer_id is not None and actor.can("asset.edit", customer_id))


def _may_edit(actor: Actor, customer_id: int | None) -> None:
    if not actor.can("product.edit", customer_id):
        if customer_id is None:
            raise Forbidden(_("Only the operator changes the house's catalogue; name your company as customer."))
        actor.must("asset.edit", customer_id)


def create_product(actor: Actor, values: Mapping[str, Any], customer_id: int | None = None) -> Product:
    """values: kind, name, maker, part_number, parameters, life-cycle dates, list_price, notes."""
    _may_edit(actor, customer_id)
    _check_parameters(values.get("parameters") or [])
    return create(actor, Product, {**values, "customer_id": customer_id}, Action.PRODUCT_CREATED)


def change_product(actor: Actor, product_id: int, values: Mapping[str, Any], version: int | None) -> Product:
    """The kind stays what it is: assets, slots and limits hang on it."""
    product = fetch(Product, actor, product_id)
    _may_edit(actor, product.customer_id)
    _check_parameters(values.get("parameters") or [])
    return change(actor, product, values, Action.PRODUCT_CHANGED, version=version)


def _check_parameters(parameters: list[dict[str, Any]]) -> None:
    names = [" ".join(parameter["name"].casefold().split()) for parameter in parameters]
    if len(set(names)) < len(names):
        raise Invalid.field("parameters", _("Name each parameter once."))
    for parameter in parameters:
        low, high = parameter.get("min"), parameter.get("max")
        if low is not None and high is not None and low > high:
            raise Invalid.field("parameters", _("%(name)s: min is above max.", name=parameter["name"]))


def documents(actor: Actor, product_id: int) -> list[Document]:
    product = fetch(Product, actor, product_id)
    return list(visible(Document, actor).where(Document.product == product.id).order_by(Document.id))


def attach_document(actor: Actor, product_id: int, values: Mapping[str, Any]) -> Document:
    """values: kind, title, url."""
    product = fetch(Product, actor, product_id)
    _may_edit(actor, product.customer_id)
    row = {**values, "product": product.id, "customer_id": product.customer_id}
    return create(actor, Document, row, Action.DOCUMENT_ATTACHED)


def remove_document(actor: Actor, document_id: int, product_id: int | None = None) -> None:
    """`product_id`: the product that it must be of, where one was named."""
    document = fetch(Document, actor, document_id)
    if product_id not in (None, document.product_id):
        raise NotFound()
    _may_edit(actor, document.customer_id)
    with transaction():
        note(actor, Action.DOCUMENT_REMOVED, document, before={"kind": document.kind, "title": document.title})
        Document.delete().where(Document.id == document.id).execute()


def without_guide(actor: Actor, kind: str = "guide") -> ModelSelect:
    """Products for which nobody has written that document yet; by default operation and maintenance guidance."""
    written = visible(Document, actor, Document.product).where(Document.kind == kind)
    return visible(Product, actor).where(Product.id.not_in(written))
