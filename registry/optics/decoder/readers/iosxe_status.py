"""Cisco IOS-XE `show hw-module subslot ... transceiver ... status`: one measurement a line, each with its own unit."""

import re

from registry.optics.decoder.readers.draft import Draft
from registry.optics.decoder.readers.text import NUMBER, measure
from registry.optics.decoder.records import PER_LANE

FLOOR = -40.0  # dBm that IOS-XE prints where it measures no light

HEADING = re.compile(
    r"^ {0,3}The Transceiver in slot (\d{1,3}) subslot (\d{1,3}) port (\d{1,3}) is (enabled|disabled)\b",
    re.IGNORECASE | re.MULTILINE,
)
_PAIR = re.compile(rf"^ *([A-Za-z][A-Za-z ]{{1,50}}?) *= *({NUMBER}|-\s?inf|N/A) *([A-Za-z]{{0,8}})\.?$", re.IGNORECASE)
_READINGS = {
    "module temperature": "temperature_c", "transceiver tx supply voltage": "voltage_v",
    "transceiver tx bias current": "tx_bias_ma", "transceiver tx power": "tx_power_dbm",
    "transceiver rx optical power": "rx_power_dbm",
}  # fmt: skip
_UNITS = {
    "temperature_c": {"c": 1.0}, "voltage_v": {"volts": 1.0, "mvolts": 0.001},
    "tx_bias_ma": {"mamps": 1.0, "uamps": 0.001}, "tx_power_dbm": {"dbm": 1.0},
    "rx_power_dbm": {"dbm": 1.0},
}  # fmt: skip


def draft_of(line: str) -> Draft | None:
    """The module whose measurements follow, by the numbers of its port; None where the line is no such heading."""
    found = HEADING.match(line)
    if found is None:
        return None
    return Draft(port="/".join(found.group(1, 2, 3)), every_lane={"tx_disabled": found.group(4).lower() == "disabled"})


def take(draft: Draft, line: str) -> None:
    """A measurement, where its unit is one that it can have."""
    found = _PAIR.match(line)
    parameter = _READINGS.get(" ".join(found.group(1).lower().split()), "") if found else ""
    scale = _UNITS[parameter].get(found.group(3).lower()) if found and parameter else None
    if found is None or scale is None:
        return
    measured = measure(found.group(2), floor=FLOOR if parameter in PER_LANE[1:] else None)
    if measured.reported:
        draft.fields["dom"] = True
    if measured.value is not None:
        measured = type(measured)(measured.value * scale)
    draft.read(parameter, measured)


def joined(drafts: list[Draft], states: list[Draft]) -> list[Draft]:
    """The states with the module whose port has these numbers, if just one has; the others behind."""
    ports: dict[str, list[Draft]] = {}
    for draft in drafts:
        ports.setdefault(draft.port.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz- "), []).append(draft)
    alone = []
    for state in states:
        named = ports.get(state.port, [])
        if len(named) == 1 and not named[0].lanes:
            named[0].fields |= state.fields
            named[0].lanes, named[0].every_lane = state.lanes, state.every_lane
        else:
            alone.append(state)
    return drafts + alone
