"""Barcodes that makers put on their units: linked once, they lead to the unit as our own labels do.

Codes of GS1 and of ISO 15434 hold characters that separate their parts. A camera tells them, most hand scanners leave
them out, and some of those write the kind of the code before it. What is kept and compared is what all of them read.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

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
_SEPARATORS = re.compile(r"[\x04\x1c-\x1f]")
_KIND = re.compile(r"\](?:C1|J1|Q3|d2|e0)")  # what scanners write before codes of GS1
_IN_BRACKETS = re.compile(r"\(([0-9]{2,4})\)")  # how people read those: (01)09506000134352(21)SN-1
_SERIALS = (
    re.compile(r"https?://[^\s?#]+/21/([^/\s?#]{1,60})", re.I),  # GS1 Digital Link
    re.compile(r"(?:0[12][0-9]{14}|1[1-7][0-9]{6}|(?:10|24[01])[^\x1d]{1,30}\x1d)+21([^\x1d]{1,20})"),  # GS1 in parts
    re.compile(r"\[\)>\x1e0[56]\x1d(?:[^\x1e]*\x1d)?S([^\x1d\x1e]{1,60})"),  # ISO 15434
)


def as_read(text: str) -> str:
    """A barcode as every scanner reads it: without separators, and without the kind of code before it."""
    return _SEPARATORS.sub("", _of_gs1(text)).strip()


def _of_gs1(text: str) -> str:
    plain = text.strip()
    plain = plain[found.end() :] if (found := _KIND.match(plain)) else plain
    return _IN_BRACKETS.sub(r"\1", plain) if _IN_BRACKETS.match(plain) else plain


def serial_in(text: str) -> str | None:
    """The serial number that a barcode of several parts holds."""
    plain = _of_gs1(text)
    found = next((match for pattern in _SERIALS if (match := pattern.match(plain))), None)
    return unquote(found[1]) if found else None


def barcodes_of(actor: Actor, asset_id: int) -> list[AssetBarcode]:
    return list(visible(AssetBarcode, actor).where(AssetBarcode.asset == asset_id).order_by(AssetBarcode.id))


def link_barcode(actor: Actor, asset_id: int, values: Mapping[str, Any]) -> AssetBarcode:
    """values: text, and maybe symbology. Raises Conflict when the customer has it on a unit already."""
    asset = get_asset(actor, asset_id)
    actor.must("label.edit", asset.customer_id)
    text = as_read(values["text"])
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
    return next((row for row in barcodes_of(actor, asset.id) if row.text == as_read(text)), None)


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
