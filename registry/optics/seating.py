"""Which module sits where: devices with their ports, and where the devices themselves stand."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN, fn

from registry.assets.models import Asset
from registry.customers.models import Site
from registry.kernel.access import Actor, visible
from registry.kernel.errors import NotFound
from registry.optics import packing
from registry.optics.decoder.records import Lane
from registry.optics.models import LANES, Optic, OpticPlace, OpticReading
from registry.optics.verdicts.judging import LOUDNESS

MOST_DEVICES, MOST_PORTS = 500, 1200
NUMBERS = re.compile(r"[0-9]+")
DEPTH = 4  # numbers in a port's name from which on the first two say where its card is


@dataclass(slots=True)
class Standing:
    """Where a device stands, as far as its own asset tells. `rack`: what the place begins with."""

    asset_id: int
    label: str
    site_id: int | None = None
    site: str = ""
    place: str = ""

    @property
    def rack(self) -> str:
        return self.place.partition(",")[0].strip()


@dataclass(slots=True)
class Device:
    """A switch or server by the name that it was uploaded under. `several`: more than one asset has this name."""

    host: str
    counts: dict[str, int] = field(default_factory=dict)
    standing: Standing | None = None
    several: bool = False

    @property
    def ports(self) -> int:
        return sum(self.counts.values())

    @property
    def loudest(self) -> str:
        return max(self.counts, key=LOUDNESS.index)


@dataclass(frozen=True, slots=True)
class Seat:
    """A port and the module in it. `receive`: (lane, dBm or None for no light) of the darkest lane, or None."""

    port: str
    end: str
    optic: dict[str, Any]
    receive: tuple[int, float | None] | None


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Ethernet1/2 before Ethernet1/10."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def slot_of(port: str) -> str:
    """The card that a port is on: 1 of Ethernet1/2, 0/0 of HundredGigE0/0/1/3; "" where its name tells none."""
    numbers = NUMBERS.findall(port.rpartition(":")[0] or port)
    numbers = numbers if "/" in port else []
    if len(numbers) >= DEPTH:
        return "/".join(numbers[:2])
    return numbers[0] if len(numbers) > 1 else ""


# --- Devices -------------------------------------------------------------------------------------------------


def devices(actor: Actor, customer_id: int) -> list[Device]:
    """All of a customer's devices that modules are in, in natural order, at most MOST_DEVICES."""
    here = (OpticPlace.customer_id == customer_id) & (OpticPlace.host != "") & OpticPlace.until.is_null()
    query = visible(Optic, actor.where("asset.view"), OpticPlace.host, Optic.verdict, fn.COUNT(OpticPlace.id))
    query = query.join(OpticPlace, on=OpticPlace.optic == Optic.id).where(here)
    found: dict[str, Device] = {}
    for host, verdict, count in query.group_by(OpticPlace.host, Optic.verdict).tuples():
        found.setdefault(host, Device(host)).counts[verdict] = count
    _stand(actor, customer_id, found.values())
    return sorted(found.values(), key=lambda one: natural(one.host))[:MOST_DEVICES]


def homeless(actor: Actor, customer_id: int) -> int:
    """How many modules were read of which nobody said what they are in."""
    mine = (Optic.customer_id == customer_id) & (Optic.host == "")
    return int(visible(Optic, actor.where("asset.view")).where(mine).count())


def in_racks(found: Iterable[Device]) -> list[tuple[tuple[str, str], list[Device]]]:
    """((site, rack), devices): by site, then by rack; those of which nobody knows where they stand come last."""
    groups: dict[tuple[str, str], list[Device]] = {}
    for one in found:
        where = (one.standing.site, one.standing.rack) if one.standing else ("", "")
        groups.setdefault(where, []).append(one)
    return sorted(groups.items(), key=lambda pair: (pair[0] == ("", ""), natural(pair[0][0]), natural(pair[0][1])))


def _stand(actor: Actor, customer_id: int, found: Iterable[Device]) -> None:
    """The asset of each device: the only one whose name, serial number or tag is the device's name; else the only one
    with its name up to the first dot. Optics are no devices, and two that fit are none."""
    devices_by_name = {name: one for one in found for name in _names(one.host)}
    rows = _assets(actor, customer_id, list(devices_by_name)) if devices_by_name else []
    by_name: dict[str, dict[int, Standing]] = {}
    for row in rows:
        for name in {(row[at] or "").casefold() for at in (1, 2, 3)} & set(devices_by_name):
            by_name.setdefault(name, {})[row[0]] = _standing(row)
    for one in devices_by_name.values():
        fitting = next((by_name[name] for name in _names(one.host) if name in by_name), {})
        one.several = len(fitting) > 1
        one.standing = next(iter(fitting.values())) if len(fitting) == 1 else None


def _names(host: str) -> list[str]:
    whole = host.casefold()
    short = whole.partition(".")[0]
    return [whole] if short == whole or short.isdecimal() or not short else [whole, short]


def _assets(actor: Actor, customer_id: int, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """A blade stands where its chassis does."""
    outer = Asset.alias()
    columns = (
        Asset.id, Asset.name, Asset.serial, Asset.tag, fn.COALESCE(Asset.site, outer.site), Site.name, Asset.place,
        outer.place,
    )  # fmt: skip
    fitting = fn.LOWER(Asset.name).in_(names) | fn.LOWER(Asset.serial).in_(names) | fn.LOWER(Asset.tag).in_(names)
    mine = (Asset.customer_id == customer_id) & (Asset.kind == "hardware") & Asset.retired_on.is_null() & fitting
    query = visible(Asset, actor.where("asset.view"), *columns)
    query = query.join(outer, JOIN.LEFT_OUTER, on=Asset.parent == outer.id)
    query = query.join(Site, JOIN.LEFT_OUTER, on=Site.id == fn.COALESCE(Asset.site, outer.site))
    return list(query.where(mine).order_by(Asset.id).tuples())


def _standing(row: Sequence[Any]) -> Standing:
    asset_id, name, serial, tag, site_id, site, place, outer_place = row
    return Standing(asset_id, name or serial or tag, site_id, site or "", place or outer_place or "")


# --- One device ----------------------------------------------------------------------------------------------


def device(actor: Actor, customer_id: int, host: str) -> tuple[Device, list[tuple[str, list[Seat]]]]:
    """The device, and its ports by line card: (number of the card or "", seats), all in natural order. NotFound if no
    module was ever seen in it."""
    seats = _seats(actor, customer_id, host)
    if not seats:
        raise NotFound()
    found = Device(host, dict(Counter(seat.optic["verdict"] for seat in seats)))
    _stand(actor, customer_id, [found])
    cards: dict[str, list[Seat]] = {}
    for seat in seats:
        cards.setdefault(slot_of(seat.port), []).append(seat)
    return found, sorted(cards.items(), key=lambda pair: natural(pair[0]))


def _seats(actor: Actor, customer_id: int, host: str) -> list[Seat]:
    """Of a cable both ends, each where it is plugged in: its row tells the first one only."""
    later, lanes = OpticReading.alias(), [getattr(OpticReading, f"lane_{which}") for which in range(1, LANES + 1)]
    newest = later.select(fn.MAX(later.at)).where(
        (later.customer_id == Optic.customer_id) & (later.optic_id == Optic.id) & (later.end == OpticPlace.end)
    )
    reading = (
        (OpticReading.customer_id == Optic.customer_id) & (OpticReading.optic_id == Optic.id)
        & (OpticReading.end == OpticPlace.end) & (OpticReading.at == newest)
    )  # fmt: skip
    names = ("id", "asset_id", "vendor", "part_number", "serial", "form_factor", "media", "verdict", "claimable",
             "last_at")  # fmt: skip
    columns = [getattr(Optic, name) for name in names]
    known = (OpticPlace.port, OpticPlace.end, OpticReading.signs, *lanes)
    query = visible(Optic, actor.where("asset.view"), *known, *columns)
    query = query.join(OpticPlace, on=OpticPlace.optic == Optic.id).switch(Optic)
    query = query.join(OpticReading, JOIN.LEFT_OUTER, on=reading)
    here = (OpticPlace.customer_id == customer_id) & (OpticPlace.host == host) & OpticPlace.until.is_null()
    rows = query.where(here).order_by(OpticPlace.id.desc()).limit(MOST_PORTS).tuples()
    seats = [
        Seat(row[0], row[1], dict(zip(names, row[3 + LANES :], strict=True)), _receive(row[2], row[3 : 3 + LANES]))
        for row in rows
    ]
    return sorted(seats, key=lambda seat: (natural(seat.port), seat.optic["id"]))


def _receive(signs: str | None, numbers: Sequence[int | None]) -> tuple[int, float | None] | None:
    """The lane that gets least light, of those in use."""
    told = [
        (at, number, packing.signals_in(signs or "", at)) for at, number in enumerate(numbers, 1) if number is not None
    ]
    lanes = [
        lane
        for lane in (packing.lane_of(number, at, signal) for at, number, signal in told)
        if lane.in_use is not False
    ]
    dark: list[Lane] = [lane for lane in lanes if "rx_power_dbm" in lane.dark]
    if dark:
        return dark[0].lane, None
    measured = [(lane.rx_power_dbm, lane.lane) for lane in lanes if lane.rx_power_dbm is not None]
    return (min(measured)[1], min(measured)[0]) if measured else None
