"""Aruba CX `show interface transceiver detail` and `show interface dom detail`."""

import re

from registry.optics.decoder.naming import clean, form_factor
from registry.optics.decoder.readers import phrases
from registry.optics.decoder.readers.draft import Draft, key_of, modules
from registry.optics.decoder.readers.ethtool import described, wavelength
from registry.optics.decoder.readers.text import Measure, lines_of, number, power
from registry.optics.decoder.records import Module

NAME = "show interface transceiver detail (Aruba CX)"

_PORT = re.compile(r"^\s*Transceiver in\s+(\S{1,40})")
_CHANNEL = re.compile(r"^\s*(?:Channel|Lane)\s*#?\s*(\d{1,2})\s*:?\s*$", re.IGNORECASE)
_PAIR = re.compile(r"^\s*([A-Za-z#][A-Za-z #]{1,60}?)\s*:\s*(\S.*)$")
_RAISED = re.compile(
    r"\b(temperature|voltage|tx bias|tx power|rx power) (high|low) (alarm|warning)\b(?!\s*(?:threshold|:))"
)
_ROW = re.compile(r"^\s*(\d{1,2})\s+(\S+)\s+(\S+)\s*[,/]?\s*(\S+)\s+(\S+)\s*[,/]?\s*(\S+)\s*$")
_WORDS = {
    "vendor": "vendor", "vendor name": "vendor", "part number": "part_number", "serial number": "serial",
    "revision": "revision", "vendor rev": "revision", "connector type": "connector", "vendor oui": "oui",
    "date code": "date_code", "product number": "product",
}  # fmt: skip


def recognises(text: str) -> bool:
    return bool(re.search(r"^ *Transceiver in \S", text, re.MULTILINE))


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    lane, table = 1, False
    for line in lines_of(text):
        if found := _PORT.match(line):
            drafts.append(Draft(port=found.group(1)))
            lane, table = 1, False
        elif found := _CHANNEL.match(line):
            lane = int(found.group(1))
        elif re.match(r"^\s*Channel#?\s+\S", line):
            table = True
        elif drafts:
            _line(drafts[-1], line, lane, table)
    for draft in drafts:  # the maker's own number where the module's part number is not printed
        draft.word("part_number", draft.fields.pop("product", ""))
    return modules(drafts)


def _line(draft: Draft, line: str, lane: int, table: bool) -> None:
    if found := _PAIR.match(line):
        _say(draft, " ".join(found.group(1).lower().split()), found.group(2).strip(), lane)
    elif table and (found := _ROW.match(line)):
        _row(draft, *found.groups())
    elif "No DOM information" in line:
        draft.fields["dom"] = False
    else:
        _recent(draft, line.lower(), lane)


def _say(draft: Draft, key: str, shown: str, lane: int) -> None:
    meant = phrases.phrase(key)
    if meant is not None:
        draft.fields["dom"] = True
        phrases.take(draft, meant, shown, lane)
    elif key in _WORDS:
        draft.word(_WORDS[key], shown)
    elif key == "wavelength":
        wavelength(draft, number(shown))
    elif key == "type":
        described(draft, shown)
        draft.fields["form_factor"] = form_factor(shown.replace("+", "+ "))
        if shown.upper().startswith(("UNKNOWN", "NO TRANSCEIVER")):
            draft.fields.pop("form_factor")
    elif key == "diagnostic support":
        draft.fields["dom"] = clean(shown).upper().startswith("DOM")


def _row(draft: Draft, lane: str, bias: str, *powers: str) -> None:
    """Channel, bias in mA, received and transmitted power, each in mW and in dBm."""
    draft.fields["dom"] = True
    draft.read("tx_bias_ma", Measure(number(bias)), int(lane))
    for parameter, watts, decibels in zip(("rx_power_dbm", "tx_power_dbm"), powers[::2], powers[1::2], strict=True):
        draft.read(parameter, power(f"{watts.strip(',/')} mW, {decibels.strip(',/')} dBm"), int(lane))


def _recent(draft: Draft, line: str, lane: int) -> None:
    for what, side, kind in _RAISED.findall(line):
        meant = phrases.phrase(what)
        if meant is not None:
            draft.flag(key_of(meant.parameter, lane), f"{side}_{kind}")
    if "rx loss of signal" in line:
        draft.lane(lane, rx_los=True)
    if "tx fault" in line:
        draft.lane(lane, tx_fault=True)
