"""Cisco IOS-XR `show controllers INTERFACE phy`: the printed values of a module. Its dumps are read elsewhere."""

import re

from registry.optics.decoder import naming
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described, wavelength
from registry.optics.decoder.readers.text import Measure, lines_of, number, power, switch
from registry.optics.decoder.records import Module

NAME = "show controllers INTERFACE phy (Cisco IOS-XR)"

_PORT = re.compile(r"^PHY data for interface:\s*(\S{1,40})", re.IGNORECASE)
_PAIR = re.compile(r"^ *([A-Za-z][A-Za-z ()/.]{1,40}?) *: +(\S.*)$")
_UNPAIRED = re.compile(r"^ *(Vendor Name|Vendor Part Number) +([^: ].*)$")  # as XFP modules are printed
_HEADER = re.compile(r"^ *Thresholds:")
_STEPS = re.compile(r"(Alarm|Warning)\s(High|Low)", re.IGNORECASE)
_LANE = re.compile(r"^ *Lane *#? *:? *(\d{1,2})\b *:?(.*)$", re.IGNORECASE)
_POWERS = re.compile(r"[0-9.]{1,12} mW(?: ?\([^()]{1,20}\))?")  # the last one may be cut off
_NUMBERS = re.compile(r"(?<!\S)[-+]?\d{1,6}(?:\.\d{1,6})?(?!\S)")
_LIMITED = {"transmit power": "tx_power_dbm", "receive power": "rx_power_dbm", "bias": "tx_bias_ma"}
_READ = {"tx power": "tx_power_dbm", "rx power": "rx_power_dbm", "tx bias": "tx_bias_ma"}
_EITHER = {"temperature": "temperature_c", "voltage": "voltage_v"}
_WORDS = {
    "vendor name": "vendor", "vendor oui": "oui", "vendor serial number": "serial", "date code (yy/mm/dd)": "date_code",
    "connector type": "connector",
}  # fmt: skip


def recognises(text: str) -> bool:
    return "Xcvr Type:" in text or ("PHY data for interface" in text and "Vendor Name" in text)


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    steps: tuple[str, ...] = ()
    port = ""
    for line in lines_of(text):
        if found := _PORT.match(line):
            port = found.group(1)
        elif line.lstrip().startswith("Xcvr Type"):
            drafts.append(Draft(port=port))
        elif _HEADER.match(line):
            steps = tuple(f"{side}_{kind}".lower() for kind, side in _STEPS.findall(line))
        if not drafts:
            continue
        lane = _LANE.match(line)
        _line(drafts[-1], lane.group(2) if lane else line, steps, int(lane.group(1)) + 1 if lane else 1)
    return modules(drafts)


def _line(draft: Draft, line: str, steps: tuple[str, ...], lane: int) -> None:
    found = _PAIR.match(line) or _UNPAIRED.match(line)
    if found is None:
        return
    key, shown = " ".join(found.group(1).lower().split()), found.group(2)
    values = _NUMBERS.findall(shown)
    if key in _LIMITED or (key in _EITHER and len(values) > 1):
        _limits(draft, {**_LIMITED, **_EITHER}[key], shown, steps)
    elif key in _READ or key in _EITHER:
        _reading(draft, {**_READ, **_EITHER}[key], shown, lane)
    elif key in _WORDS:
        draft.word(_WORDS[key], shown.partition("lot code")[0])
    else:
        _rest(draft, key, shown)


def _limits(draft: Draft, parameter: str, shown: str, steps: tuple[str, ...]) -> None:
    draft.limits.setdefault(parameter, {})
    values = _POWERS.findall(shown) if parameter.endswith("_dbm") else _NUMBERS.findall(shown)
    for step, value in zip(steps, values, strict=False):
        draft.limit(parameter, step, _measure(parameter, value).value)


def _reading(draft: Draft, parameter: str, shown: str, lane: int) -> None:
    measured = _measure(parameter, shown)
    draft.read(parameter, measured, lane)
    if measured.reported:
        draft.fields["dom"] = True


def _measure(parameter: str, shown: str) -> Measure:
    return power(shown) if parameter.endswith("_dbm") else Measure(number(shown))


def _rest(draft: Draft, key: str, shown: str) -> None:
    if key == "vendor part number":
        part, _, revision = shown.partition("(rev.:")
        draft.word("part_number", part)
        draft.word("revision", revision.strip(" )"))
    elif key in ("laser wavelength", "wavelength"):
        wavelength(draft, number(shown))
    elif key in ("xcvr type", "xcvr code", "ethernet xcvr codes"):
        described(draft, shown)
        if naming.form_factor(shown) and draft.fields.get("form_factor", "SFP") == "SFP":
            draft.fields["form_factor"] = naming.form_factor(shown)
    elif key == "diagnostic monitoring" and "DOM" in shown:
        draft.fields["dom"] = True
    elif key in ("rx los fault", "tx fault"):
        draft.lane(1, **{key.removesuffix(" fault").replace(" ", "_") if "los" in key else "tx_fault": switch(shown)})
    elif key == "oper. status/control" and "LOS" in shown:
        draft.every_lane["rx_los"] = True
