"""Aruba CX `show interface transceiver` and `show interface dom`: a row for each port, or for each of its channels."""

import re

from registry.optics.decoder.naming import form_factor
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described
from registry.optics.decoder.readers.text import Measure, lines_of, number, power
from registry.optics.decoder.records import Module

NAME = "show interface transceiver, show interface dom (Aruba CX)"

_IDENTITY = re.compile(r"^ *Port +Type +Product +(?:Number +)?Serial +(?:Number +)?Part\b", re.MULTILINE)
_DOM = re.compile(r"^ *Port +Type +Channel ?#? +Temperature +Voltage +Tx Bias +(Rx|Tx) Power", re.MULTILINE)
_PORT = re.compile(r"^ {0,3}(\d{1,3}/\d{1,3}/\d{1,3}(?::\d)?)(?: +(.*))?$")
_CELLS = re.compile(r"(\S+) +(\S+) +(\S+) +(\S+), *(\S+) +(\S+), *(\S+)$")
_RULE = re.compile(r"^ *-{20,} *$")


def recognises(text: str) -> bool:
    return bool(_IDENTITY.search(text) or _DOM.search(text))


def read(text: str) -> list[Module]:
    drafts: dict[str, Draft] = {}
    table, draft = "", Draft()
    for line in lines_of(text):
        if _IDENTITY.match(line):
            table = "identity"
        elif dom := _DOM.match(line):
            table = dom.group(1)
        elif table and (port := _PORT.match(line)):
            draft = drafts.setdefault(port.group(1), Draft(port=port.group(1)))
            _row(draft, table, port.group(2) or "")
        elif table in ("Rx", "Tx") and draft.port and line.startswith(" "):
            _channel(draft, table, line)  # further channels of the port above
        elif line.strip() and not _RULE.match(line) and not line.startswith(" "):
            table, draft = "", Draft()
    return modules(list(drafts.values()))


def _row(draft: Draft, table: str, rest: str) -> None:
    kind = rest.split(" ", 1)[0]
    draft.word("form_factor", form_factor(kind.replace("+", "+ ")))
    described(draft, kind)
    if table != "identity":
        _channel(draft, table, rest)
    elif len(cells := rest.split()) == 4:
        draft.word("part_number", cells[3] if any(sign.isalnum() for sign in cells[3]) else cells[1])
        draft.word("serial", cells[2])


def _channel(draft: Draft, first: str, shown: str) -> None:
    """Its number, where it has one; degrees, volts, mA, and each power in mW and in dBm."""
    found = _CELLS.search(shown)
    if found is None:
        return
    before = shown[: found.start()].split()
    lane = int(before[-1]) if before and re.fullmatch(r"\d{1,2}", before[-1]) else 1
    temperature, voltage, bias, *powers = found.groups()
    draft.fields["dom"] = True
    draft.read("temperature_c", Measure(number(temperature)))
    draft.read("voltage_v", Measure(number(voltage)))
    draft.read("tx_bias_ma", Measure(number(bias)), lane)
    names = ("rx_power_dbm", "tx_power_dbm") if first == "Rx" else ("tx_power_dbm", "rx_power_dbm")
    for name, watts, decibels in zip(names, powers[::2], powers[1::2], strict=True):
        draft.read(name, power(f"{watts} mW, {decibels} dBm"), lane)
