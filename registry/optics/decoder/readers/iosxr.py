"""Cisco IOS-XR `show controllers optics`: states, alarms, thresholds, readings or a table of lanes, identity."""

import re

from registry.optics.decoder import naming
from registry.optics.decoder.readers.draft import Draft, key_of, modules
from registry.optics.decoder.readers.ethtool import described, wavelength
from registry.optics.decoder.readers.text import lines_of, measure, number
from registry.optics.decoder.records import Module

NAME = "show controllers optics (Cisco IOS-XR)"

FLOOR = -40.0  # dBm that IOS-XR prints where it measures no light

_COMMAND = re.compile(r"\bsh\S{0,3} contr\S{0,8} optics\s?(\d{1,4}(?:/\d{1,4}){2,4})\b", re.IGNORECASE)
_PORT = re.compile(r"^\s*Port:\s*Optics\s?(\d{1,4}(?:/\d{1,4}){2,4})")
_PAIR = re.compile(r"^\s*([A-Za-z][A-Za-z .()/]{1,40}?)\s*[:=]\s*(.*)$")
_DOM = re.compile(r"^\s*Dom Data Status:\s*(\S.*)$", re.IGNORECASE)
_LIMIT = re.compile(r"^\s*(Rx Power|Tx Power|LBC|Temp\.?|Voltage) Threshold\s?\((\w{1,10})\)\s+(\S.*)$", re.IGNORECASE)
_LANE = re.compile(r"^\s*(\d{1,2})\s+(\S+ mA|N/A)\s+(\S+(?: dBm)?)\s+(\S+(?: dBm)?)(?:\s|$)")
_ALARM = re.compile(r"\b(HIGH|LOW)-(RX|TX)(\d{0,2})[-_](PWR|POWER|LBC)\b|\b(HIGH|LOW)-(TEMP|VOLT|VCC|LBC)\w*")
_STEPS = re.compile(r"(High|Low)\s(Alarm|Warning)", re.IGNORECASE)

_WORDS = {
    "name": "vendor", "part number": "part_number", "rev number": "revision", "serial number": "serial",
    "oui number": "oui", "date code(yy/mm/dd)": "date_code",
    "fiber connector type": "connector",
}  # fmt: skip
_READINGS = {
    "laser bias current": "tx_bias_ma", "actual tx power": "tx_power_dbm", "tx power": "tx_power_dbm",
    "rx power": "rx_power_dbm", "temperature": "temperature_c", "voltage": "voltage_v",
}  # fmt: skip
_LIMITED = {"rx": "rx_power_dbm", "tx": "tx_power_dbm", "lb": "tx_bias_ma", "te": "temperature_c", "vo": "voltage_v"}


def recognises(text: str) -> bool:
    return "Controller State:" in text and ("Optics" in text or "Laser State" in text)


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    unread: set[int] = set()  # what stands in place of their readings was not measured
    steps: tuple[str, ...] = ()
    port, alarms = "", False
    for line in lines_of(text):
        if found := _PORT.match(line) or _COMMAND.search(line):
            port = found.group(1)
        elif line.lstrip().startswith("Controller State:"):
            drafts.append(Draft(port=port))
            port = ""
        if not drafts:
            continue
        alarms = line.lstrip().startswith("Detected Alarms:") or (
            alarms and bool(line.strip()) and not set(line) & set(":=")
        )
        if alarms:
            _alarms(drafts[-1], line)
        elif len(found_steps := _STEPS.findall(line)) == 4:
            steps = tuple(f"{side}_{kind}".lower() for side, kind in found_steps)
        elif (found := _DOM.match(line)) and found.group(1).lower() != "ready":
            unread.add(len(drafts) - 1)
        else:
            _line(drafts[-1], line, steps)
    for at, draft in enumerate(drafts):
        if at in unread or _zeros(draft):
            _forget(draft)
    return modules(drafts)


def _zeros(draft: Draft) -> bool:
    """Without degrees and volts nothing was measured: so are printed modules that do not measure themselves."""
    return draft.fields.get("temperature_c") == 0 and draft.fields.get("voltage_v") == 0


def _forget(draft: Draft) -> None:
    for name in ("temperature_c", "voltage_v", "dom"):
        draft.fields.pop(name, None)
    draft.limits.clear()
    draft.lanes.clear()


def _line(draft: Draft, line: str, steps: tuple[str, ...]) -> None:
    if found := _LIMIT.match(line):
        _limits(draft, found.group(1).lower(), found.group(2).lower(), found.group(3).split(), steps)
    elif found := _LANE.match(line):
        for parameter, shown in zip(("tx_bias_ma", "tx_power_dbm", "rx_power_dbm"), found.groups()[1:], strict=True):
            _reading(draft, parameter, shown, int(found.group(1)) + 1)
    elif "LOS/LOL/FAULT:" in line:
        _signals(draft, line)
    elif found := _PAIR.match(line):
        _pair(draft, found.group(1).lower(), found.group(2).strip())


def _pair(draft: Draft, key: str, shown: str) -> None:
    if key in _READINGS:
        _reading(draft, _READINGS[key], shown)
    elif key in _WORDS:
        draft.word(_WORDS[key], shown)
    elif key in ("controller state", "transport admin state", "laser state"):
        _state(draft, key, shown.lower())
    elif key == "wavelength":
        wavelength(draft, number(shown))
    elif key in ("optics type", "form factor"):
        described(draft, shown)
        if key == "form factor" or not draft.fields.get("form_factor"):
            draft.fields["form_factor"] = naming.form_factor(shown)


def _state(draft: Draft, key: str, shown: str) -> None:
    if key == "laser state" and shown in ("on", "off"):
        draft.every_lane["tx_disabled"] = shown == "off"
    elif key == "controller state":
        draft.oper_up = shown == "up"
        if "admin" in shown:
            draft.admin_up = False
    elif key == "transport admin state" and draft.admin_up is None:
        draft.admin_up = shown == "in service"


def _reading(draft: Draft, parameter: str, shown: str, lane: int = 1) -> None:
    if "%" in shown:
        return  # a share of the laser's limit, which is no current
    measured = measure(shown, floor=FLOOR if parameter.endswith("_dbm") else None)
    draft.read(parameter, measured, lane)
    if measured.reported:
        draft.fields["dom"] = True


def _limits(draft: Draft, name: str, unit: str, cells: list[str], steps: tuple[str, ...]) -> None:
    if unit == "mw":
        return  # the same once more, rounded
    for step, cell in zip(steps, cells, strict=False):
        draft.limit(_LIMITED[name[:2]], step, number(cell))


def _alarms(draft: Draft, line: str) -> None:
    """LOW-RX1-PWR, HIGH-TX2_LBC, LOW-TX-PWR ... Only alarms are listed: what is not may still have a warning."""
    for side, way, lane, kind, other, what in _ALARM.findall(line):
        if what:
            parameter = {"T": "temperature_c", "V": "voltage_v", "L": "tx_bias_ma"}[what[0]]
        else:
            parameter = "tx_bias_ma" if kind == "LBC" else f"{way.lower()}_power_dbm"
        draft.flag(key_of(parameter, int(lane or 1)), f"{(side or other).lower()}_alarm")


def _signals(draft: Draft, line: str) -> None:
    for word, name in (("RX-LOS", "rx_los"), ("TX-LOS", "tx_los"), ("TX-FAULT", "tx_fault")):
        if word in line.upper():
            draft.every_lane[name] = True
