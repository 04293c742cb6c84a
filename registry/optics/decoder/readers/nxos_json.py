"""Cisco NX-OS `show interface transceiver [details] | json` and `| xml`, also as NX-API answers them.

One row for each interface, and in it one for each lane. A table with a single row holds the row itself, not a list.
"""

import re
from collections.abc import Iterator
from typing import Any

from defusedxml import DefusedXmlException, ElementTree

from registry.kernel.language import later
from registry.optics.decoder import naming
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers.draft import LARGEST_LANE, Draft, modules
from registry.optics.decoder.readers.ethtool import described
from registry.optics.decoder.readers.nxos import FLOOR
from registry.optics.decoder.readers.text import JSON_START, MARKS, Measure, documents, measure, number, power
from registry.optics.decoder.records import Module

NAME = "show interface transceiver details | json (Cisco NX-OS)"
XML_NAME = "show interface transceiver details | xml (Cisco NX-OS)"

_PREFIX = re.compile(r"(</?)[A-Za-z_]{1,16}:")
_TABLE, _TABLE_END = "<TABLE_interface", "</TABLE_interface"
_PARAMETERS = {
    "temp": "temperature_c", "volt": "voltage_v", "current": "tx_bias_ma", "tx_pwr": "tx_power_dbm",
    "rx_pwr": "rx_power_dbm",
}  # fmt: skip
_READINGS = {"temperature": "temp", "voltage": "volt", "current": "current", "tx_pwr": "tx_pwr", "rx_pwr": "rx_pwr"}
_STEPS = {"alrm_hi": "high_alarm", "warn_hi": "high_warning", "warn_lo": "low_warning", "alrm_lo": "low_alarm"}
_WORDS = {"name": "vendor", "partnum": "part_number", "rev": "revision", "serialnum": "serial"}
_MARKS = {"++", "+", "-", "--"}


def recognises(text: str) -> bool:
    return '"TABLE_interface' in text and '"sfp"' in text and bool(JSON_START.search(text))


def recognises_xml(text: str) -> bool:
    text = _PREFIX.sub(r"\1", text) if ":TABLE_interface" in text else text
    return _TABLE in text and bool(re.search(r"<(?:\w{1,16}:)?sfp>", text))


def read(text: str) -> list[Module]:
    return modules([_module(row) for document, _ in documents(text) for row in _rows(document)])


def read_xml(text: str) -> list[Module]:
    text = _PREFIX.sub(r"\1", text)
    return modules([_module(row) for table in _tables(text) for row in _rows(table)])


def _tables(text: str) -> Iterator[Any]:
    """Each table of interfaces, as JSON would have it; what stands around them is of no use here."""
    at = 0
    while (start := text.find(_TABLE, at)) >= 0:
        end = text.find(">", max(text.find(_TABLE_END, start), start + 1)) + 1
        try:
            tree = ElementTree.fromstring(text[start:end])
        except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
            raise Unreadable(
                later(
                    "This XML is not well-formed. Save the whole answer of '%(command)s' and upload it.",
                    command=XML_NAME,
                )
            ) from error
        yield _plain(tree)
        at = end


def _plain(element: Any) -> Any:
    children = list(element)
    if not children:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in children:
        found.setdefault(str(child.tag).rpartition("}")[2], []).append(_plain(child))
    return found


def _rows(document: Any) -> Iterator[dict[str, Any]]:
    """The rows of interfaces in their order, however deep an answer wraps them."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            if _word(value, "interface") and "sfp" in value:
                yield value
            else:
                waiting += reversed(value.values())


def _first(row: dict[str, Any], key: str) -> Any:
    value = row.get(key)
    return value[0] if isinstance(value, list) and value else value


def _word(row: dict[str, Any], key: str) -> str:
    value = _first(row, key)
    return value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""


def _module(row: dict[str, Any]) -> Draft:
    draft = Draft(port=_word(row, "interface"))
    if _word(row, "sfp").strip().lower() != "present":
        return draft
    for key, name in _WORDS.items():
        draft.word(name, _word(row, key))
    for key in ("type", "cisco_product_id"):
        described(draft, _word(row, key))
        form = naming.form_factor(_word(row, key))
        if form and draft.fields.get("form_factor", "SFP") == "SFP":
            draft.fields["form_factor"] = form
    for lane in _lanes(row):
        at = number(_word(lane, "lane_number"))
        if at is None or 0 < at <= LARGEST_LANE:
            _lane(draft, lane, 1 if at is None else int(at))
    if number(_word(row, "len_cu")) and not draft.fields.get("media") and not draft.fields.get("dom"):
        draft.fields["media"] = "copper"  # optics give a reach in copper as well, but a cable measures nothing
    return draft


def _lanes(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row itself, where one lane stands in it, and the rows of its own tables."""
    waiting: list[Any] = [row]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            if _READINGS.keys() & value.keys():
                yield value
            waiting += reversed([inner for inner in value.values() if isinstance(inner, dict | list)])


def _lane(draft: Draft, lane: dict[str, Any], at: int) -> None:
    for key, short in _READINGS.items():
        parameter = _PARAMETERS[short]
        shown = _word(lane, key)
        mark = _word(lane, f"{short}_flag").strip()
        found = _measured(parameter, shown, mark if mark in _MARKS else "")
        if shown:
            draft.read(parameter, found, at)
        if found.reported:
            draft.fields["dom"] = True
        for name, step in _STEPS.items():
            draft.limit(parameter, step, _measured(parameter, _word(lane, f"{short}_{name}"), "").value, at)


def _measured(parameter: str, shown: str, mark: str) -> Measure:
    """Degrees, volts, milliamperes and dBm, with or without their unit."""
    if "mw" in shown.lower():
        found = power(shown)
    else:
        found = measure(shown, floor=FLOOR if parameter.endswith("_dbm") else None)
    return Measure(found.value, found.dark, mark or (found.mark if found.mark in MARKS else ""))
