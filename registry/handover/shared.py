"""Rows of the house that a customer's rows refer to: products of the catalogue, terms, statuses, policies, people.

They go along with whatever belongs to them (the versions of terms, the documents of a product), since a warranty is
worth nothing without the terms it was given under.
"""

from collections import defaultdict
from typing import Any

from registry.handover.belongings import HOUSE, Owner, batches, condition, models, packed, references, select, way
from registry.kernel.access import Shared, visible

Found = dict[Any, set[int]]


def referred(owner: Owner) -> Found:
    """model -> ids of the house's rows that the owner's rows need."""
    found: Found = defaultdict(set)
    for model in packed():
        for field in references(model):
            query = select(model, owner, field).where(field.is_null(False)).distinct()
            _keep(found, field.rel_model, {row[0] for row in query.tuples()}, owner)
    for model in reversed(models()):  # whatever refers comes before what it refers to
        _follow(found, model, owner)
    for model in models():
        _parts(found, model)
    return {model: ids for model, ids in found.items() if ids}


def _keep(found: Found, model: Any, ids: set[int], owner: Owner) -> None:
    """Those of `ids` that are not the owner's own."""
    for chunk in batches(sorted(ids)):
        query = visible(model, HOUSE, model.id).where(model.id.in_(chunk))
        if way(model) != "house":
            query = query.where(~condition(model, owner) if way(model) == "person" else _of_nobody(model))
        found[model] |= {row[0] for row in query.tuples()}


def _of_nobody(model: Any) -> Any:
    return model.customer_id.is_null()


def _follow(found: Found, model: Any, owner: Owner) -> None:
    """What the house's rows refer to in turn."""
    for field in references(model):
        for chunk in batches(sorted(found.get(model, ()))):
            query = visible(model, HOUSE, field).where(model.id.in_(chunk) & field.is_null(False)).distinct()
            _keep(found, field.rel_model, {row[0] for row in query.tuples()}, owner)


def parts_of(model: Any) -> list[tuple[Any, Any]]:
    """(model, reference) of the shared tables whose rows are parts of rows of `model`."""
    if not issubclass(model, Shared):
        return []
    return [
        (other, field)
        for other in models()
        if issubclass(other, Shared) and other is not model
        for field in references(other)
        if field.rel_model is model and not field.null
    ]


def _parts(found: Found, model: Any) -> None:
    for other, field in parts_of(model):
        for chunk in batches(sorted(found.get(model, ()))):
            query = visible(other, HOUSE, other.id).where(field.in_(chunk) & _of_nobody(other))
            found[other] |= {row[0] for row in query.tuples()}
