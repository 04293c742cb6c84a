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

_PORT = re.compile(r"^((?:Ethernet|Eth|fc|mgmt)\s?\d{1,4}(?:/\d{1,4}){0,3})\s*(?:sfp is .*)?$", re.IGNORECASE)
_SENTENCE = re.compile(
    r"^\s*(type|FC Transmitter type|name|(?:manufacturer's )?part number|revision|serial number|"
    r"cisco product id|cisco id|nominal bitrate|vendor OUI|date code|media interface|"
    r"nominal transmitter wavelength) is (.*)$",
    re.IGNORECASE,
)
_LANE = re.compile(r"^\s*Lane\s+Number\s*:\s*(\d{1,2})\b", re.IGNORECASE)
_ROW = re.compile(
    r"^\s*(?:Optical )?(Temperature|Voltage|Current|Tx\s+Power|Rx\s+Power)\s*(?::\s*|\s)(\S.*)$", re.IGNORECASE
)
_WORDS = {
    "name": "vendor", "part number": "part_number", "revision": "revision", "serial number": "serial",
    "vendor oui": "oui", "date code": "date_code", "manufacturer's part number": "part_number",
}  # fmt: skip
_IDENTIFIERS = {"3": "SFP", "13": "QSFP+", "17": "QSFP28", "24": "QSFP-DD", "25": "OSFP"}  # also as 0x18
_PARAMETERS = {"t": "temperature_c", "v": "voltage_v", "c": "tx_bias_ma", "tx": "tx_power_dbm", "rx": "rx_power_dbm"}
_MARKS = {"++", "--", "+", "-"}
_UNITS = {"c", "v", "ma", "dbm", "mw"}
_SIGNALS = re.compile(r"^\s*(no )?tx fault, (no )?rx loss\b", re.IGNORECASE)


def recognises(text: str) -> bool:
    return bool(
        re.search(r"^(?: *transceiver|fc\d{1,3}/\d{1,3} sfp) is (?:not )?present", text, re.MULTILINE | re.IGNORECASE)
    )


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    by_length: list[Draft] = []  # a reach in copper is all that says that these are cables
    steps: tuple[str, ...] = ()
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
            if "supported for copper is" in line and not drafts[-1].fields.get("media"):
                by_length.append(drafts[-1])
            _line(drafts[-1], line, steps, lane)
    for draft in by_length:  # optics say it as well, but a cable measures nothing
        if not draft.fields.get("media") and not draft.fields.get("dom"):
            draft.fields["media"] = "copper"
    return modules(drafts)


def _order(groups: list[str], sides: list[str]) -> tuple[str, ...]:
    kinds = ["alarm" if group == "Alarms" else "warning" for group in groups for _ in range(2)]
    return tuple(f"{side.lower()}_{kind}" for side, kind in zip(sides, kinds, strict=True))


def _line(draft: Draft, line: str, steps: tuple[str, ...], lane: int) -> None:
    if found := _ROW.match(line):
        _row(draft, found.group(1).lower(), found.group(2), steps, lane)
    elif found := _SENTENCE.match(line):
        _sentence(draft, found.group(1).lower(), found.group(2))
    elif found := _SIGNALS.match(line):
        draft.lane(1, tx_fault=not found.group(1), rx_los=not found.group(2))
    elif "DOM is not supported" in line:
        draft.fields["dom"] = False


def _sentence(draft: Draft, key: str, said: str) -> None:
    if key in _WORDS:
        draft.word(_WORDS[key], said)
        return
    if key in ("cisco id", "nominal bitrate"):
        _kind(draft, key, said.strip())
        return
    if "wavelength" in key:
        wavelength(draft, number(said))
        return
    described(draft, said)
    form = naming.form_factor(said)
    if form and draft.fields.get("form_factor", "SFP") == "SFP":
        draft.fields["form_factor"] = form


def _kind(draft: Draft, key: str, said: str) -> None:
    """The identifier, where no product names the form, and the rate, which tells kinds of SFP apart."""
    if key == "nominal bitrate":
        draft.megabaud = number(said)
    else:
        code = str(int(said, 16)) if re.fullmatch(r"0x[0-9a-f]{2}", said.lower()) else said
        draft.word("form_factor", _IDENTIFIERS.get(code, ""))


def _row(draft: Draft, name: str, shown: str, steps: tuple[str, ...], lane: int) -> None:
    parameter = _PARAMETERS[name[:2] if name[:2] in _PARAMETERS else name[0]]
    cells: list[str] = []
    for word in shown.split():
        if word in _MARKS and cells:
            cells[-1] += f" {word}"
        elif word.lower() not in _UNITS:
            cells.append(word)
    if not cells:
        return
    measured = measure(cells[0], floor=FLOOR if parameter.endswith("_dbm") else None)
    draft.read(parameter, measured, lane)
    if measured.reported:
        draft.fields["dom"] = True
    if steps and len(cells) == 1 + len(steps):
        for step, cell in zip(steps, cells[1:], strict=True):
            draft.limit(parameter, step, number(cell), lane)
