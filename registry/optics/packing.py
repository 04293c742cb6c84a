"""Readings as few small numbers, and back: what a row of the readings table holds.

Temperature and supply voltage are ten-thousandths of a degree Celsius and of a volt. A lane is one whole number of
three parts of 20 bits: bias in microamperes, transmit power and receive power in ten-thousandths of a dB from 1 mW. In
each part 0 is "not reported", 1 is "no light", and everything else counts from a floor, so that of two values the
larger part is the larger value: the database works out lowest, mean and highest by itself.
"""

from collections.abc import Mapping
from typing import Any

from registry.optics.decoder.records import PARAMETERS, PER_LANE, Checksum, Lane, Limits, Module, Port

BITS = 20
MASK = (1 << BITS) - 1
NOTHING, DARK = 0, 1
SHIFTS = {"tx_bias_ma": 2 * BITS, "tx_power_dbm": BITS, "rx_power_dbm": 0}
STEPS = {"tx_bias_ma": 1_000, "tx_power_dbm": 10_000, "rx_power_dbm": 10_000, "temperature_c": 10_000,
         "voltage_v": 10_000}  # fmt: skip
FLOORS = {"tx_bias_ma": 2, "tx_power_dbm": 1 << (BITS - 1), "rx_power_dbm": 1 << (BITS - 1)}
BROKEN = ("diagnostics_blank", "calibration_invalid", "flags_contradictory")
SUMS = ("CC_DMI", "PAGE_02")
SIGNALS = ("tx_disabled", "tx_fault", "tx_los", "rx_los", "in_use")
_FLAGS = {"ok": "o", "low_alarm": "A", "low_warning": "a", "high_warning": "h", "high_alarm": "H", "dark": "d"}
_STATES = {sign: state for state, sign in _FLAGS.items()}
_THREE = (None, False, True)
_LIMITS = ("high_alarm", "high_warning", "low_warning", "low_alarm")
LARGEST = 2**31 - 1


def lane_number(lane: Lane) -> int:
    """What a lane measures as one whole number."""
    return sum(_part(name, getattr(lane, name), name in lane.dark) << SHIFTS[name] for name in PER_LANE)


def _part(name: str, value: float | None, dark: bool) -> int:
    if dark:
        return DARK
    if value is None or not abs(value) < MASK:  # NaN is neither
        return NOTHING
    part = round(value * STEPS[name]) + FLOORS[name]
    return part if DARK < part <= MASK else NOTHING  # no module measures that


def part_of(number: int, name: str) -> int:
    return (number >> SHIFTS[name]) & MASK


def value_of(name: str, part: float | None) -> float | None:
    """The value of a part, or of a mean of parts; None where there is none."""
    return None if part is None or part <= DARK else (part - FLOORS[name]) / STEPS[name]


def lane_of(number: int, which: int, signals: int = 0) -> Lane:
    parts = {name: part_of(number, name) for name in PER_LANE}
    told: dict[str, Any] = {name: value_of(name, part) for name, part in parts.items()}
    for name in SIGNALS:
        signals, sign = divmod(signals, 3)
        told[name] = _THREE[sign]
    dark = frozenset(name for name, part in parts.items() if part == DARK)
    return Lane(which, dark=dark, **told)


def _signals(lane: Lane) -> int:
    number = 0
    for name in reversed(SIGNALS):
        number = number * 3 + _THREE.index(getattr(lane, name))
    return number


def scaled(name: str, value: float | None) -> int | None:
    """Temperature or voltage as a whole number; None where no module measures that."""
    if value is None or value != value or abs(value) * STEPS[name] > LARGEST:
        return None
    return round(value * STEPS[name])


def unscaled(name: str, number: float | None) -> float | None:
    return None if number is None else number / STEPS[name]


def keys_of(lanes: int) -> list[str]:
    """Every parameter that a flag can be about, in the order in which flags are kept."""
    return ["temperature_c", "voltage_v", *(f"{lane}.{name}" for lane in range(1, lanes + 1) for name in PER_LANE)]


def signs_of(module: Module) -> str:
    """The module's flags, one sign for each parameter, and behind a slash the signals of lanes, two for each."""
    most = max((lane.lane for lane in module.lanes), default=0)
    flags = "".join(_FLAGS.get(module.flags.get(key, ""), "-") for key in keys_of(most)).rstrip("-")
    by_number = {lane.lane: lane for lane in module.lanes}
    signals = "".join(f"{_signals(by_number.get(which, Lane(which))):02x}" for which in range(1, most + 1))
    signals = signals if signals.strip("0") else ""
    return f"{flags}/{signals}" if signals else flags


def flags_in(signs: str) -> dict[str, str]:
    flags = signs.partition("/")[0]
    return {key: _STATES[sign] for key, sign in zip(keys_of(len(flags)), flags, strict=False) if sign in _STATES}


def signals_in(signs: str, which: int) -> int:
    text = signs.partition("/")[2][2 * which - 2 : 2 * which]
    return int(text, 16) if len(text) == 2 else 0  # a text that was cut off tells no half of them


def broken_of(module: Module) -> str | None:
    """What keeps this reading from being relied upon, as a text: codes, and sums that are wrong."""
    codes = [code for code in module.findings if code in BROKEN]
    codes += [f"{one.name}:{one.stored}:{one.computed}" for one in module.checksums if one.name in SUMS and not one.ok]
    return " ".join(codes)[:255] or None


def packed(module: Module, most: int) -> dict[str, Any]:
    """The columns of a reading; lanes beyond `most` stand in `further`."""
    lanes = [lane for lane in module.lanes if lane.lane >= 1]
    further = [[lane.lane, lane_number(lane)] for lane in lanes if lane.lane > most]
    return {
        "end": module.cable_end[:1],
        "admin_up": module.port.admin_up,
        "oper_up": module.port.oper_up,
        "temperature": scaled("temperature_c", module.temperature_c),
        "voltage": scaled("voltage_v", module.voltage_v),
        **{f"lane_{lane.lane}": lane_number(lane) for lane in lanes if lane.lane <= most},
        "further": further or None,
        "signs": signs_of(module)[:255],
        "broken": broken_of(module),
    }


def unpacked(row: Mapping[str, Any], most: int, **known: Any) -> Module:
    """The module as it was read; columns may be missing. `known`: what does not change from one reading to the next
    (dom, media, limits)."""
    signs, codes = row.get("signs") or "", (row.get("broken") or "").split()
    numbers = [(which, row.get(f"lane_{which}")) for which in range(1, most + 1)]
    numbers += [(which, number) for which, number in row.get("further") or ()]
    sums = [one.split(":") for one in codes if ":" in one]
    return Module(
        port=Port("", row.get("admin_up"), row.get("oper_up")),
        temperature_c=unscaled("temperature_c", row.get("temperature")),
        voltage_v=unscaled("voltage_v", row.get("voltage")),
        lanes=tuple(
            lane_of(number, which, signals_in(signs, which)) for which, number in numbers if number is not None
        ),
        flags=flags_in(signs),
        checksums=tuple(Checksum(name, int(stored), int(computed)) for name, stored, computed in sums),
        findings=tuple(one for one in codes if ":" not in one),
        cable_end=row.get("end") or "",
        **known,
    )


def limits_data(limits: Mapping[str, Limits]) -> dict[str, list[float | None]]:
    """Limits as JSON: {parameter: [high alarm, high warning, low warning, low alarm]}."""
    return {
        name: [_plain(getattr(one, step)) for step in _LIMITS]
        for name, one in limits.items()
        if name.rpartition(".")[2] in PARAMETERS
    }


def _plain(value: float | None) -> float | None:
    finite = value is not None and value == value and abs(value) < 1e9
    return round(value, 6) if finite and value is not None else None


def limits_in(data: Mapping[str, list[float | None]]) -> dict[str, Limits]:
    return {name: Limits(*values) for name, values in data.items()}
