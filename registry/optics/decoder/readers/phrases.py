"""What "Laser rx power low warning threshold" means: the phrases that ethtool, Junos and Aruba CX have in common.

The same phrases are keys with hyphens in Junos XML and with underscores in ethtool's JSON.
"""

import re
from dataclasses import dataclass

from registry.optics.decoder.readers.draft import Draft, key_of
from registry.optics.decoder.readers.text import Measure, number, power, power_limit, switch

_PARAMETERS = {
    "module temperature": "temperature_c",
    "temperature": "temperature_c",
    "module voltage": "voltage_v",
    "voltage": "voltage_v",
    "laser bias current": "tx_bias_ma",
    "laser tx bias current": "tx_bias_ma",
    "tx bias": "tx_bias_ma",
    "tx bias current": "tx_bias_ma",
    "bias current": "tx_bias_ma",
    "laser output power": "tx_power_dbm",
    "laser tx power": "tx_power_dbm",
    "transmit avg optical power": "tx_power_dbm",
    "transmit average optical power": "tx_power_dbm",
    "tx power": "tx_power_dbm",
    "laser rx power": "rx_power_dbm",
    "laser rx optical power": "rx_power_dbm",
    "laser receiver power": "rx_power_dbm",
    "receiver signal average optical power": "rx_power_dbm",
    "receiver signal oma": "rx_power_dbm",
    "rcvr signal avg optical power": "rx_power_dbm",
    "rcvr signal oma": "rx_power_dbm",
    "rx signal avg optical power": "rx_power_dbm",
    "rx power": "rx_power_dbm",
}
_STEP = re.compile(r"^(.{1,60}?) (high|low) (alarm|warn|warning)( threshold)?$")
_UNITS = {"temperature_c": "c", "voltage_v": "v", "tx_bias_ma": "ma"}

LANE_WORDS = {
    "tx fault": "tx_fault",
    "tx loss of signal": "tx_los",
    "tx loss of signal functionality alarm": "tx_los",
    "rx loss of signal": "rx_los",
    "rx loss of signal alarm": "rx_los",
    "tx laser disabled alarm": "tx_disabled",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A parameter, and the step of a flag or threshold: "low_alarm". `measurement`: JSON's newer name of a reading."""

    parameter: str
    step: str = ""
    threshold: bool = False
    decibels: bool = False  # the value is in dBm although it does not say so


def phrase(key: str) -> Phrase | None:
    """What a key means, in lower case and with blanks between its words; None where it is no reading."""
    decibels = key.endswith(" dbm")
    key = key.removesuffix(" dbm").removesuffix(" measurement")
    if key in _PARAMETERS:
        return Phrase(_PARAMETERS[key], decibels=decibels)
    found = _STEP.match(key)
    if found is None or found.group(1) not in _PARAMETERS:
        return None
    step = f"{found.group(2)}_{'alarm' if found.group(3) == 'alarm' else 'warning'}"
    return Phrase(_PARAMETERS[found.group(1)], step, bool(found.group(4)), decibels)


def take(draft: Draft, meant: Phrase, shown: str, lane: int = 1) -> None:
    """A reading, a flag or a threshold as printed, into the draft."""
    if meant.threshold:
        if number(shown) is not None or "inf" in shown.lower():
            draft.limits.setdefault(meant.parameter, {})  # 0 mW is no limit, but the module does give one
        draft.limit(meant.parameter, meant.step, limit_of(meant, shown), lane)
    elif meant.step:
        raised(draft, meant, switch(shown), lane)
    else:
        draft.read(meant.parameter, measured(meant, shown), lane)


def raised(draft: Draft, meant: Phrase, on: bool | None, lane: int = 1) -> None:
    """A flag that the module raises, or does not raise."""
    if on is not None:
        draft.flag(key_of(meant.parameter, lane), meant.step if on else "ok")


def measured(meant: Phrase, shown: str) -> Measure:
    if meant.parameter in _UNITS:
        return Measure(number(shown))
    return power(_with_unit(meant, shown))


def limit_of(meant: Phrase, shown: str) -> float | None:
    return number(shown) if meant.parameter in _UNITS else power_limit(_with_unit(meant, shown))


def _with_unit(meant: Phrase, shown: str) -> str:
    """Junos XML and JSON give power without a unit: milliwatts, unless the key says dBm."""
    if "m" in shown.lower() or "w" in shown.lower():
        return shown
    return f"{shown.strip()} {'dBm' if meant.decibels else 'mW'}"
