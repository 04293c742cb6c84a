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

MOST_DEVICES, MOST_PORTS = 500, 20_000
ON_PAGE = 64  # ports of a device
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
    following: str | None = None  # where the next page of its ports begins

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


Natural = tuple[tuple[int, int, str], ...]
Where = tuple[Natural, Natural, int]


def natural(name: str) -> Natural:
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


def device(
    actor: Actor, customer_id: int, host: str, *, limit: int = ON_PAGE, cursor: str = ""
) -> tuple[Device, list[tuple[str, list[Seat]]]]:
    """The device, and `limit` of its ports by line card: (number of the card or "", seats), all in natural order.

    Read by keyset: `cursor` is where the last page ended, as its `following` said. NotFound if no module was ever seen
    in the device.
    """
    places = _places(actor, customer_id, host)
    if not places:
        raise NotFound()
    found = Device(host, dict(Counter(place.verdict for place in places)))
    _stand(actor, customer_id, [found])
    ordered = sorted(places, key=lambda place: place.where)
    ordered = [place for place in ordered if place.where > _where(cursor)] if cursor else ordered
    shown = ordered[:limit]
    found.following = f"{shown[-1].port},{shown[-1].place_id}" if len(ordered) > limit else None
    seats = _seats(actor, customer_id, [place.place_id for place in shown])
    cards: dict[str, list[Seat]] = {}
    for seat in (seats[place.place_id] for place in shown if place.place_id in seats):
        cards.setdefault(slot_of(seat.port), []).append(seat)
    return found, list(cards.items())


@dataclass(frozen=True, slots=True)
class _Place:
    """As little of a port as its place in the order takes: the database knows no natural one."""

    place_id: int
    port: str
    verdict: str

    @property
    def where(self) -> Where:
        return natural(slot_of(self.port)), natural(self.port), self.place_id


def _where(cursor: str) -> Where:
    port, _comma, number = cursor.rpartition(",")
    return _Place(int(number) if number.isascii() and number.isdecimal() and len(number) < 20 else 0, port, "").where


def _places(actor: Actor, customer_id: int, host: str) -> list[_Place]:
    here = (OpticPlace.customer_id == customer_id) & (OpticPlace.host == host) & OpticPlace.until.is_null()
    query = visible(Optic, actor.where("asset.view"), OpticPlace.id, OpticPlace.port, Optic.verdict)
    query = query.join(OpticPlace, on=OpticPlace.optic == Optic.id).where(here)
    return [_Place(*row) for row in query.order_by(OpticPlace.id.desc()).limit(MOST_PORTS).tuples()]


def _seats(actor: Actor, customer_id: int, places: Sequence[int]) -> dict[int, Seat]:
    """By the id of the place. Of a cable both ends, each where it is plugged in: its row tells the first one only."""
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
    known = (OpticPlace.id, OpticPlace.port, OpticPlace.end, OpticReading.signs, OpticReading.further, *lanes)
    query = visible(Optic, actor.where("asset.view"), *known, *columns)
    query = query.join(OpticPlace, on=OpticPlace.optic == Optic.id).switch(Optic)
    query = query.join(OpticReading, JOIN.LEFT_OUTER, on=reading)
    rows = query.where((OpticPlace.customer_id == customer_id) & OpticPlace.id.in_(places)).tuples()
    found = {}
    for place_id, port, end, signs, further, *rest in rows:
        optic = dict(zip(names, rest[LANES:], strict=True))
        found[place_id] = Seat(port, end, optic, _receive(signs, [*enumerate(rest[:LANES], 1), *(further or ())]))
    return found


def _receive(signs: str | None, numbers: Sequence[tuple[int, int | None]]) -> tuple[int, float | None] | None:
    """The lane that gets least light, of those in use."""
    told = [(at, number, packing.signals_in(signs or "", at)) for at, number in numbers if number is not None]
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
