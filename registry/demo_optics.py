"""Optics of the demo installation: months of readings of the modules in three switches, with something to find."""

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from registry.assets.models import Asset
from registry.demo_data import OPTICS
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.optics import given, service
from registry.optics.decoder.records import Lane, Limits, Module, Port
from registry.optics.given import Given
from registry.optics.taking import take
from registry.products.models import Product

CUSTOMER, VENDOR = "harbourline", "Lumera"
SWITCHES = ("agg-kc-01", "core-kc-01", "acc-ty-01")
DAYS, EACH = 120, 12  # days back, and hours from one reading to the next
FEW_LANES, MANY_LANES = 1, 4
BIAS = {"SR": (7.2, 2.0, 13.0), "": (31.0, 8.0, 70.0)}  # usual, least, most (mA), by what the part number tells
TEMPERATURE, VOLTAGE = Limits(75, 70, 0, -5), Limits(3.63, 3.465, 3.135, 2.97)
Story = Callable[[Module, float], Module]


def read_modules(actor: Actor, units: dict[tuple[str, str], int]) -> None:
    """As a monitoring program sends them; `units`: the ids of named units by (short name of the customer, name)."""
    for name in SWITCHES:
        items = sorted(_readings(actor, units[CUSTOMER, name], name), key=lambda item: str(item.at))
        half = len(items) // 2
        known: dict[str, Any] = {"customer": CUSTOMER, "source": "api", "host": name, "name": f"poll {name}"}
        for optic in take(actor, items[:half], **known)["items"]:  # of each upload the newest memory is kept
            if optic["verdict"] == "within_spec":
                service.set_baseline(actor, optic["id"])
        take(actor, items[half:], **known)
    take(actor, _unknown(), customer=CUSTOMER, source="page", host="gate-fw-01", name="show-transceiver.txt")


def _readings(actor: Actor, switch: int, name: str) -> Iterator[Given]:
    columns = (Asset.serial, Asset.slot, Asset.delivered_on, Product.part_number)
    rows = visible(Asset, actor, *columns).join(Product).where(Asset.parent == switch).order_by(Asset.id)
    last = clock.now() - timedelta(minutes=25)
    for serial, slot, delivered, part in rows.tuples():
        story = STORIES.get((name, slot), _well)
        chance = random.Random(serial)  # noqa: S311 - the same for everybody
        usual = _module(part, serial, slot.replace("Eth", "Ethernet"), chance)
        for step in range(DAYS * 24 // EACH, -1, -1):
            at = last - timedelta(hours=step * EACH)
            if delivered is None or at.date() >= delivered:
                yield Given(story(_noise(usual, chance), step * EACH / 24), at)


def _module(part: str, serial: str, port: str, chance: random.Random) -> Module:
    low, high, least, most = next(row[4:8] for row in OPTICS if row[0] == part)
    usual, weakest, strongest = BIAS["SR"] if "-SR" in part else BIAS[""]
    rx = (least + most) / 2 + chance.uniform(-1.5, 1)
    tx = (low + high) / 2 + chance.uniform(-0.5, 0.5)
    lanes = MANY_LANES if any(name in part for name in ("SR4", "LR4")) else FEW_LANES
    limits = {
        "temperature_c": TEMPERATURE, "voltage_v": VOLTAGE, "tx_power_dbm": Limits(high + 1, high, low, low - 1),
        "rx_power_dbm": Limits(most + 1, most, least, least - 1),
        "tx_bias_ma": Limits(strongest, strongest - 1, weakest + 1, weakest),
    }  # fmt: skip
    return Module(
        Port(port, True, True), vendor=VENDOR, part_number=part, serial=serial, media="optical", dom=True,
        form_factor={"LM-1": "SFP", "LM-10": "SFP+", "LM-40": "QSFP+"}.get(part.partition("G")[0], "QSFP28"),
        temperature_c=chance.uniform(33, 41), voltage_v=3.3, limits=limits,
        lanes=tuple(Lane(at + 1, usual * chance.uniform(0.93, 1.07), tx, rx - at * 0.3) for at in range(lanes)),
    )  # fmt: skip


def _noise(module: Module, chance: random.Random) -> Module:
    lanes = tuple(
        replace(
            lane, tx_bias_ma=(lane.tx_bias_ma or 0) + chance.gauss(0, 0.08),
            tx_power_dbm=(lane.tx_power_dbm or 0) + chance.gauss(0, 0.03),
            rx_power_dbm=(lane.rx_power_dbm or 0) + chance.gauss(0, 0.06),
        )
        for lane in module.lanes
    )  # fmt: skip
    warm = (module.temperature_c or 0) + chance.gauss(0, 0.7)
    return replace(module, lanes=lanes, temperature_c=warm, voltage_v=3.3 + chance.gauss(0, 0.006))


# --- What there is to find; `age`: days before today ---------------------------------------------------------


def _well(module: Module, _age: float) -> Module:
    return module


def _worn(module: Module, age: float) -> Module:
    """Ever more current for the same light, until there is no more to give."""
    lane, gone = module.lanes[0], 1 - age / DAYS
    bias = min((lane.tx_bias_ma or 0) + 52 * gone**3, 74)
    lost = max(0.0, 14 - age) * 0.65
    return replace(module, lanes=(replace(lane, tx_bias_ma=bias, tx_power_dbm=(lane.tx_power_dbm or 0) - lost),))


def _dark(module: Module, age: float) -> Module:
    if age >= 3:
        return module
    gone: dict[str, Any] = {"rx_power_dbm": None, "dark": frozenset({"rx_power_dbm"}), "rx_los": True}
    lanes: tuple[Any, ...] = tuple(replace(lane, **gone) for lane in module.lanes)
    return replace(module, lanes=lanes, port=replace(module.port, oper_up=False))


def _dirty(module: Module, age: float) -> Module:
    lost = max(0.0, 6 - age) * 1.6
    lanes = tuple(replace(lane, tx_power_dbm=(lane.tx_power_dbm or 0) - lost) for lane in module.lanes)
    return replace(module, lanes=lanes)


def _silent(module: Module, _age: float) -> Module:
    """It has no diagnostics at all."""
    return replace(module, dom=False, temperature_c=None, voltage_v=None, lanes=(), limits={})


def _altered(module: Module, age: float) -> Module:
    """Read with its memory, into which somebody has written another wavelength some weeks ago."""
    read = given.from_bytes(_memory(module, 1310 if age > DAYS / 6 else 1550))[0].module
    return replace(read, port=module.port)


STORIES: dict[tuple[str, str], Story] = {  # by switch and slot
    ("agg-kc-01", "Eth1/3"): _worn, ("agg-kc-01", "Eth1/4"): _altered, ("agg-kc-01", "Eth1/5"): _dark,
    ("core-kc-01", "Eth1/3"): _dirty, ("acc-ty-01", "Eth1/2"): _silent,
}  # fmt: skip


def _memory(module: Module, wavelength: int) -> bytes:
    """A0h and A2h of an SFP as its maker left it, but for the wavelength."""
    first, second, lane = bytearray(256), bytearray(256), module.lanes[0]
    first[0:4], first[11:20] = b"\x03\x04\x07\x20", bytes((6, 103, 0, 10, 100, 0, 0, 0, 0))
    for at, size, text in ((20, 16, VENDOR), (40, 16, module.part_number), (56, 4, "A"), (68, 16, module.serial)):
        first[at : at + size] = text.encode().ljust(size)
    first[60:62], first[84:92], first[92:95] = struct.pack(">H", 1310), b"240611  ", b"\x68\xf0\x08"
    first[63], first[95] = sum(first[:63]) % 256, sum(first[64:95]) % 256
    first[60:62] = struct.pack(">H", wavelength)
    numbers = [_whole(name, limit) for name in _SCALES for limit in _four(module.limits[name])]
    second[0:40] = struct.pack(">4h16H", *numbers)
    second[95] = sum(second[:95]) % 256
    measured = (module.temperature_c, module.voltage_v, lane.tx_bias_ma, lane.tx_power_dbm, lane.rx_power_dbm)
    known = zip(_SCALES, measured, strict=True)
    second[96:106] = struct.pack(">h4H", *(_whole(name, value or 0) for name, value in known))
    return bytes(first + second)


_SCALES = {"temperature_c": 256, "voltage_v": 10_000, "tx_bias_ma": 500, "tx_power_dbm": 0, "rx_power_dbm": 0}


def _whole(name: str, value: float) -> int:
    scale = _SCALES[name]
    return round(value * scale) if scale else round(10 ** (value / 10) * 10_000)


def _four(limits: Limits) -> tuple[float, ...]:
    ordered = (limits.high_alarm, limits.low_alarm, limits.high_warning, limits.low_warning)
    return tuple(limit or 0.0 for limit in ordered)


def _unknown() -> list[Given]:
    """Two that nobody has registered."""
    chance = random.Random(1)  # noqa: S311
    at = clock.now() - timedelta(hours=2)
    names = (("LMR7700411", "Ethernet1/1"), ("LMR7700428", "Ethernet1/2"))
    return [Given(_module("LM-10G-LR", serial, port, chance), at) for serial, port in names]
