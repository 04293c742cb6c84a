"""Arista EOS `show interfaces transceiver dom`: one block for each port, one line for each channel.

A value stands alone with its unit, or before its four thresholds, whose order the header tells.
"""

import re

from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.text import NUMBER, Measure, lines_of, measure, number
from registry.optics.decoder.records import Module

NAME = "show interfaces transceiver dom (Arista EOS)"

FLOOR = -40.0  # dBm that EOS prints where it measures no light

_PORT = re.compile(r"^ {0,3}Port (\d{1,3}(?:/\d{1,3}){0,3})\s*$")
_BIAS = re.compile(r"^ *TX bias current\b", re.MULTILINE | re.IGNORECASE)
_POWER = re.compile(r"^ *Optical (?:TX|RX) power\b", re.MULTILINE | re.IGNORECASE)
_PARAMETER = re.compile(
    r"^ *(?:Case )?(Temperature|Voltage|TX bias current|Optical TX power|Optical RX power)(?: +(\S.*))?$", re.IGNORECASE
)
_CHANNEL = re.compile(r"^ *Channel +(\d{1,2}) +(\S.*)$", re.IGNORECASE)
_CELL = re.compile(rf"(?<!\S)(?:{NUMBER}|N/A|-\s?inf)(?!\S)", re.IGNORECASE)
_UNIT = re.compile(r"(?<!\S)(?:mA|dBm|C|V)(?!\S)")
_STEPS = re.compile(r"(High|Low) (Alarm|Warn)", re.IGNORECASE)
_PARAMETERS = {
    "temperature": ("temperature_c", "C"), "voltage": ("voltage_v", "V"), "tx bias current": ("tx_bias_ma", "mA"),
    "optical tx power": ("tx_power_dbm", "dBm"), "optical rx power": ("rx_power_dbm", "dBm"),
}  # fmt: skip


def recognises(text: str) -> bool:
    return (
        bool(_BIAS.search(text) and _POWER.search(text))
        and re.search(r"^ {0,3}Port \d[\d/]{0,14} *$", text, re.MULTILINE) is not None
    )


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    steps: tuple[str, ...] = ()
    parameter, unit = "", ""
    for line in lines_of(text):
        if found := _PORT.match(line):
            drafts.append(Draft(port=f"Ethernet{found.group(1)}"))
            steps, parameter = (), ""
        elif named := _STEPS.findall(line):
            steps = tuple(f"{side}_{'alarm' if kind.lower() == 'alarm' else 'warning'}".lower() for side, kind in named)
        elif drafts and (found := _PARAMETER.match(line)):
            parameter, unit = _PARAMETERS[found.group(1).lower()]
            _row(drafts[-1], parameter, unit, found.group(2) or "", steps, 1)
        elif drafts and parameter and (found := _CHANNEL.match(line)):
            _row(drafts[-1], parameter, unit, found.group(2), steps, int(found.group(1)))
    return modules(drafts)


def _row(draft: Draft, parameter: str, unit: str, shown: str, steps: tuple[str, ...], lane: int) -> None:
    """Nothing of a row whose unit is another one, or whose columns are not as many as the header's."""
    cells = _CELL.findall(shown)
    if not cells or {*_UNIT.findall(shown)} != {unit} or len(cells) not in (1, 1 + len(steps)):
        return
    measured: Measure = measure(cells[0], floor=FLOOR if parameter.endswith("_dbm") else None)
    draft.read(parameter, measured, lane)
    if measured.reported:
        draft.fields["dom"] = True
    for step, cell in zip(steps, cells[1:], strict=False):
        draft.limit(parameter, step, number(cell), lane)
