"""Barcodes that makers put on their units: linked once, they lead to the unit as our own labels do."""

from collections.abc import Mapping
from typing import Any

from registry.actions import Action
from registry.assets.service import get_asset
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.writing import create, remove
from registry.labels.codes import read
from registry.labels.models import AssetBarcode

MOST = 20  # on one unit


def barcodes_of(actor: Actor, asset_id: int) -> list[AssetBarcode]:
    return list(visible(AssetBarcode, actor).where(AssetBarcode.asset == asset_id).order_by(AssetBarcode.id))


def link_barcode(actor: Actor, asset_id: int, values: Mapping[str, Any]) -> AssetBarcode:
    """values: text, and maybe symbology. Raises Conflict when the customer has it on a unit already."""
    asset = get_asset(actor, asset_id)
    actor.must("label.edit", asset.customer_id)
    text = values["text"].strip()
    if not text:
        raise Invalid.field("text", _("Scan the barcode, or type what it reads."))
    if read(text):
        raise Invalid.field("text", _("This is one of our own labels: claim it instead of linking it."))
    ready = {**values, "text": text, "asset": asset.id, "customer_id": asset.customer_id}
    with transaction():
        _check_free(actor, asset.customer_id, text)
        if len(barcodes_of(actor, asset.id)) >= MOST:
            raise Invalid.field("text", _("A unit has %(most)s barcodes at most.", most=MOST))
        return create(actor, AssetBarcode, ready, Action.BARCODE_LINKED)


def linked(actor: Actor, asset_id: int, text: str) -> AssetBarcode | None:
    """The barcode, if it leads to this very unit already: a device that got no answer sends what it has kept again."""
    asset = get_asset(actor, asset_id)
    actor.must("label.edit", asset.customer_id)
    return next((row for row in barcodes_of(actor, asset.id) if row.text == text.strip()), None)


def _check_free(actor: Actor, customer_id: int, text: str) -> None:
    same = (AssetBarcode.customer_id == customer_id) & (AssetBarcode.text == text)
    if visible(AssetBarcode, actor).where(same).exists():
        said = _("This barcode leads to a unit already.")
        raise Conflict(said, code="duplicate", errors={"text": [said]})


def remove_barcode(actor: Actor, barcode_id: int, version: int | None, *, asset_id: int | None = None) -> None:
    """`asset_id`: of which unit it must be."""
    row = fetch(AssetBarcode, actor, barcode_id)
    if asset_id not in (None, row.asset_id):
        raise NotFound()
    actor.must("label.edit", row.customer_id)
    remove(actor, row, Action.BARCODE_REMOVED, version=version)
