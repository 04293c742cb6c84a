"""What a text means that somebody scanned or typed: one of our codes, a maker's barcode, a serial number, a tag."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.shapes import LINE
from registry.labels.barcodes import as_read, serial_in
from registry.labels.codes import grouped, is_like_ours, read
from registry.labels.models import AssetBarcode
from registry.labels.scanning import Opened, opened_by

MOST = 20
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Meaning:
    """`how` it was understood: label, barcode, serial, or what a declared resolver says; "" when nobody knows it.

    `opened`: of one of our codes. `units`: ids of the units that it can mean, few.
    """

    how: str = ""
    opened: Opened | None = None
    units: list[int] = field(default_factory=list)


# Asked in order before the core's own: what the text means within what the actor may see, or None.
RESOLVERS: dict[str, Callable[[Actor, str], Meaning | None]] = {}


def declare_resolver(name: str, resolver: Callable[[Actor, str], Meaning | None]) -> None:
    """Let `resolver(actor, text)` say what a scanned text means. It must keep to what the actor may see."""
    RESOLVERS[name] = resolver


def meaning_of(actor: Actor, text: str, address: str | None = None) -> Meaning:
    """Not inside of a transaction. Raises Invalid for what is no line of text, Throttled after too many misses."""
    text, plain = text.strip(), as_read(text)
    if not plain or len(text) > LONGEST or not LINE.match(plain):
        raise Invalid.field("q", _("Scan a label, or type what stands on it."))
    said = said_by_others(actor, text)
    if said is not None:
        return said
    if read(text):
        opened = opened_by(actor, text, address)
        units = [opened.asset_id] if opened and opened.asset_id else []
        return Meaning("label" if opened else "", opened, units)
    return _of_the_makers(actor, text)


def said_by_others(actor: Actor, text: str) -> Meaning | None:
    """What the declared resolvers say of it; None when none of them knows it."""
    answers = (resolver(actor, text) for resolver in RESOLVERS.values())
    return next((said for said in answers if said is not None), None)


def _of_the_makers(actor: Actor, text: str) -> Meaning:
    scope = actor.where("asset.view")
    linked = _ids(visible(AssetBarcode, scope, AssetBarcode.asset).where(AssetBarcode.text == as_read(text)))
    if linked:
        return Meaning("barcode", None, linked)
    wanted = sorted({text, as_read(text), serial_in(text) or text})
    named: Any = Asset.serial.in_(wanted) | Asset.tag.in_(wanted)
    units = _ids(visible(Asset, scope, Asset.id).where(named).order_by(Asset.id))
    return Meaning("serial" if units else "", None, units)


def _ids(query: Any) -> list[int]:
    return [row[0] for row in query.limit(MOST).tuples()]


def told(actor: Actor, units: list[int]) -> list[dict[str, Any]]:
    """The units as a list shows them."""
    return ASSETS.these(actor, units, ("id", "customer", "serial", "tag", "name", "product", "site", "place"))


def why_not(text: str) -> str:
    """What to say of a text that nothing was found for."""
    if read(text) is None and is_like_ours(text):
        return _("A character of this code is wrong. Compare it with the label: there is no 0 or O, no 1, I or L.")
    code = read(text)
    return _("Nothing that you can see is called %(text)s.", text=grouped(code) if code else as_read(text))
