"""Which asset a module is: by vendor, part number and serial, normalised; by where it sits if it names none of them.

A serial number alone is nobody's: two makers may give the same. So an asset that somebody typed in is a module's only
if serial number and part number agree, or the serial number and the maker; what then still differs is a finding.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from registry.assets.models import Asset
from registry.kernel.access import Actor, visible
from registry.optics.decoder.identity import cable_serial, key
from registry.optics.decoder.naming import clean
from registry.optics.decoder.records import Module
from registry.optics.models import Optic
from registry.products.models import Product

AT_ONCE = 500
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset with the serial number of a module, and what its record says of it."""

    asset_id: int
    kind: str
    serial: str
    maker: str
    part_number: str

    def is_this(self, module: Module) -> bool:
        vendor, part, _serial = key_of(module)
        maker, number, _typed = key(self.maker, self.part_number, self.serial)
        if self.kind != "optic":
            return False
        made = not maker or not vendor or _same_maker(maker, vendor)
        return made and (number == part or not number or not part or (bool(maker) and bool(vendor)))

    def differs(self, module: Module) -> bool:
        """Whether the asset's record says something else of a module that it is taken to be."""
        vendor, part, _serial = key_of(module)
        maker, number, _typed = key(self.maker, self.part_number, self.serial)
        return bool((number and part and number != part) or (maker and vendor and not _same_maker(maker, vendor)))

    def has_another_serial(self, module: Module) -> bool:
        return bool(self.serial) and key("", "", self.serial)[2] not in (
            key_of(module)[2],
            key("", "", module.serial)[2],
        )


def _same_maker(one: str, other: str) -> bool:
    """FINISAR CORP. is Finisar."""
    return one == other or one.split()[0].strip(".,") == other.split()[0].strip(".,")


def key_of(module: Module) -> Key:
    """The identity; the two ends of a cable are one."""
    vendor, part, serial = key(module.vendor, module.part_number, module.serial)
    if module.cable_end:
        serial = cable_serial(serial)
    return vendor, part, serial


def is_named(module: Module) -> bool:
    """Whether it says enough to be told from others: a serial number, and who made it or what it is."""
    vendor, part, serial = key_of(module)
    return bool(serial and (vendor or part))


def digest_of(module: Module) -> str:
    """The column `key` of Optic."""
    return hashlib.sha256("\x1f".join(key_of(module)).encode("utf-8", "replace")).hexdigest()


def serial_of(module: Module) -> str:
    serial = clean(module.serial)
    return cable_serial(serial) if module.cable_end else serial


def in_steps(values: Iterable[Any]) -> Iterator[list[Any]]:
    known = list(values)
    for at in range(0, len(known), AT_ONCE):
        yield known[at : at + AT_ONCE]


def known_by_key(actor: Actor, customer_id: int, digests: Iterable[str]) -> dict[str, Optic]:
    found: dict[Any, Optic] = {}
    for some in in_steps(sorted(set(digests))):
        rows = visible(Optic, actor).where((Optic.customer_id == customer_id) & Optic.key.in_(some))
        found |= {row.key: row for row in rows}
    return found


def known_by_place(actor: Actor, customer_id: int, hosts: Iterable[str]) -> dict[tuple[str, str], Optic]:
    """(host, port) -> the module that was last seen there."""
    found: dict[tuple[str, str], Optic] = {}
    for some in in_steps(sorted(set(hosts) - {""})):
        mine = (Optic.customer_id == customer_id) & Optic.host.in_(some)
        for row in visible(Optic, actor).where(mine).order_by(Optic.placed_at, Optic.id):
            found[row.host, row.port] = row
    return found


def known_by_asset(actor: Actor, customer_id: int, assets: Iterable[int]) -> dict[int, Optic]:
    found: dict[Any, Optic] = {}
    for some in in_steps(sorted(set(assets))):
        rows = visible(Optic, actor).where((Optic.customer_id == customer_id) & Optic.asset.in_(some))
        found |= {row.asset_id: row for row in rows}
    return found


def candidates(actor: Actor, customer_id: int, modules: Sequence[Module]) -> dict[str, list[Candidate]]:
    """Normalised serial number -> the assets that have it and are no module's yet."""
    wanted = {key_of(module)[2] for module in modules}
    typed = wanted | {serial_of(module) for module in modules} | {clean(module.serial) for module in modules}
    spelt = {way for one in typed for way in (one, one.upper(), one.lower())} - {""}
    taken = visible(Optic, actor, Optic.asset).where(Optic.customer_id == customer_id)
    found: dict[str, list[Candidate]] = {}
    for some in in_steps(sorted(spelt)):
        query = visible(Asset, actor, Asset.id, Asset.kind, Asset.serial, Product.maker, Product.part_number)
        mine = (Asset.customer_id == customer_id) & Asset.serial.in_(some) & Asset.id.not_in(taken)
        for row in query.join(Product).where(mine).order_by(Asset.id).tuples():
            for serial in {key("", "", row[2])[2], key("", "", cable_serial(row[2]))[2]} & wanted:
                found.setdefault(serial, []).append(Candidate(*row))
    return found


def product_for(actor: Actor, customer_id: int, module: Module) -> int | None:
    """The id of the catalogue entry of an optic with this part number: the customer's own before the house's."""
    vendor, part, _serial = key_of(module)
    if not part:
        return None
    own = (Product.customer_id == customer_id) | Product.customer_id.is_null()
    same = (Product.kind == "optic") & (fn.LOWER(Product.part_number) == part) & own
    rows = visible(Product, actor, Product.id, Product.maker, Product.customer_id).where(same).order_by(Product.id)
    named = [(row, clean(row[1]).casefold()) for row in rows.tuples()]
    fitting = [row for row, maker in named if not maker or not vendor or _same_maker(maker, vendor)]
    return min(fitting, key=lambda row: (not row[1], row[2] is None, row[0]))[0] if fitting else None
