"""Cisco NX-OS `show interface transceiver [details]`: identity as sentences, one table for each module or lane.

Its columns are grouped: high and low of the alarms, then high and low of the warnings. The header says which.
"""

import re

from registry.optics.decoder import naming
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described, wavelength
from registry.optics.decoder.readers.text import lines_of, measure, number
from registry.optics.decoder.records import Module

NAME = "show interface transceiver details (Cisco NX-OS)"

FLOOR = -40.0  # dBm that NX-OS prints where it measures no light

_PORT = re.compile(r"^((?:Ethernet|Eth|fc|mgmt)\s?\d{1,4}(?:/\d{1,4}){0,3})\s*$")
_SENTENCE = re.compile(
    r"^\s+(type|name|part number|revision|serial number|cisco product id|vendor OUI|date code|media interface|"
    r"nominal transmitter wavelength|link length supported for copper) is (.*)$",
    re.IGNORECASE,
)
_LANE = re.compile(r"^\s*Lane\s+Number\s*:\s*(\d{1,2})\b", re.IGNORECASE)
_ROW = re.compile(r"^\s*(Temperature|Voltage|Current|Tx\s+Power|Rx\s+Power)\s+(\S.*)$", re.IGNORECASE)
_WORDS = {
    "name": "vendor", "part number": "part_number", "revision": "revision", "serial number": "serial",
    "vendor oui": "oui", "date code": "date_code",
}  # fmt: skip
_PARAMETERS = {"t": "temperature_c", "v": "voltage_v", "c": "tx_bias_ma", "tx": "tx_power_dbm", "rx": "rx_power_dbm"}
_MARKS = {"++", "--", "+", "-"}
_UNITS = {"c", "v", "ma", "dbm", "mw"}
_USUAL = ("high_alarm", "low_alarm", "high_warning", "low_warning")


def recognises(text: str) -> bool:
    return bool(re.search(r"^ +transceiver is (?:not )?present", text, re.MULTILINE | re.IGNORECASE))


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    steps: tuple[str, ...] = _USUAL
    groups, lane = [""], 1
    for line in lines_of(text):
        if found := _PORT.match(line):
            drafts.append(Draft(port=found.group(1)))
            lane = 1
        elif found := _LANE.match(line):
            lane = int(found.group(1))
        elif words := re.findall(r"Alarms|Warnings", line):
            groups = words
        elif len(sides := re.findall(r"\b(High|Low)\b", line)) == 2 * len(groups) == 4:
            steps = _order(groups, sides)
        elif drafts:
            _line(drafts[-1], line, steps, lane)
    return modules(drafts)


def _order(groups: list[str], sides: list[str]) -> tuple[str, ...]:
    kinds = ["alarm" if group == "Alarms" else "warning" for group in groups for _ in range(2)]
    return tuple(f"{side.lower()}_{kind}" for side, kind in zip(sides, kinds, strict=True))


def _line(draft: Draft, line: str, steps: tuple[str, ...], lane: int) -> None:
    if found := _ROW.match(line):
        _row(draft, found.group(1).lower(), found.group(2), steps, lane)
    elif found := _SENTENCE.match(line):
        _sentence(draft, found.group(1).lower(), found.group(2))
    elif "DOM is not supported" in line:
        draft.fields["dom"] = False


def _sentence(draft: Draft, key: str, said: str) -> None:
    if key in _WORDS:
        draft.word(_WORDS[key], said)
        return
    if key.startswith("link length"):
        draft.fields["media"] = "copper"
        return
    if "wavelength" in key:
        wavelength(draft, number(said))
        return
    described(draft, said)
    form = naming.form_factor(said)
    if form and draft.fields.get("form_factor", "SFP") == "SFP":
        draft.fields["form_factor"] = form


def _row(draft: Draft, name: str, shown: str, steps: tuple[str, ...], lane: int) -> None:
    parameter = _PARAMETERS[name[:2] if name[:2] in _PARAMETERS else name[0]]
    cells: list[str] = []
    for word in shown.split():
        if word in _MARKS and cells:
            cells[-1] += f" {word}"
        elif word.lower() not in _UNITS:
            cells.append(word)
    measured = measure(cells[0], floor=FLOOR if parameter.endswith("_dbm") else None)
    draft.read(parameter, measured, lane)
    if measured.reported:
        draft.fields["dom"] = True
    if len(cells) == 1 + len(steps):
        for step, cell in zip(steps, cells[1:], strict=True):
            draft.limit(parameter, step, number(cell), lane)
