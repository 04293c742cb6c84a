"""Arista EOS `show interfaces transceiver [detail] | json`, also as eAPI answers it.

A port with several channels is printed once for each of them; those of one slot and one serial number are one module.
"""

import re
from collections.abc import Iterator
from typing import Any

from registry.optics.decoder import naming
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described
from registry.optics.decoder.readers.text import JSON_START, PROMPT, Measure, documents
from registry.optics.decoder.records import Module

NAME = "show interfaces transceiver detail | json (Arista EOS)"

FLOOR = -40.0  # dBm that EOS gives where it measures no light

_PARAMETERS = {
    "temperature": "temperature_c", "voltage": "voltage_v", "txBias": "tx_bias_ma", "txPower": "tx_power_dbm",
    "rxPower": "rx_power_dbm",
}  # fmt: skip
_STEPS = {
    "highAlarm": "high_alarm", "highWarn": "high_warning", "lowWarn": "low_warning", "lowAlarm": "low_alarm",
}  # fmt: skip
_WORDS = {"vendorName": "vendor", "vendorSn": "serial", "modelName": "part_number", "vendorPn": "part_number"}


def recognises(text: str) -> bool:
    return (
        '"interfaces"' in text
        and bool(JSON_START.search(text))
        and bool(re.search(r'"(?:txPower|rxPower|txBias|vendorSn)"', text))
    )


def read(text: str) -> list[Module]:
    drafts: dict[tuple[str, str, str], Draft] = {}
    host = ""
    for document, before in documents(text):
        host = (PROMPT.findall(before) or [host])[-1]
        for name, said in _interfaces(document):
            serial, slot = said.get("vendorSn"), said.get("slot")
            key = (host, str(slot), str(serial)) if slot and serial else (host, name, "")
            draft = drafts.setdefault(key, Draft(port=str(said.get("displayName") or name)))
            if draft.port != name and slot and key in drafts and len(draft.lanes) > 0:
                draft.port = str(slot)
            _module(draft, said)
    return modules(list(drafts.values()))


def _interfaces(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of one answer, of a list of answers, or of an envelope with "result"."""
    if isinstance(document, dict):
        document = document.get("result", [document])
    for answer in document if isinstance(document, list) else [document]:
        ports = answer.get("interfaces") if isinstance(answer, dict) else None
        if isinstance(ports, dict):
            yield from ((name, said) for name, said in ports.items() if isinstance(said, dict) and said)


def _module(draft: Draft, said: dict[str, Any]) -> None:
    for key, name in _WORDS.items():
        if isinstance(said.get(key), str):
            draft.word(name, said[key])
    if isinstance(said.get("mediaType"), str):
        described(draft, said["mediaType"])
        draft.word("form_factor", naming.form_factor(said["mediaType"]))
    channel = str(said.get("channel", ""))
    lane = int(channel) if channel.isdecimal() and len(channel) < 3 else 1
    for key, parameter in _PARAMETERS.items():
        _read(draft, parameter, said.get(key), lane)
    for holder in ("details", "parameters"):
        for key, value in said[holder].items() if isinstance(said.get(holder), dict) else ():
            if key in _PARAMETERS and isinstance(value, dict):
                _detail(draft, _PARAMETERS[key], value, lane)


def _detail(draft: Draft, parameter: str, said: dict[str, Any], lane: int) -> None:
    """Thresholds, either here or under "threshold"; readings under "channels", by their number."""
    limits = said.get("threshold", said)
    for key, step in _STEPS.items():
        value = limits.get(key) if isinstance(limits, dict) else None
        if value is not None and _is_number(value):
            draft.limit(parameter, step, float(value), lane)
    channels = said.get("channels")
    for channel, value in channels.items() if isinstance(channels, dict) else ():
        _read(draft, parameter, value, int(channel) if channel.isdecimal() and len(channel) < 3 else 1)


def _read(draft: Draft, parameter: str, value: Any, lane: int) -> None:
    dark = isinstance(value, str) and value.strip().lower() in ("-inf", "-infinity")
    if dark or _is_number(value):
        dark = dark or (parameter.endswith("_dbm") and value <= FLOOR)
        draft.fields["dom"] = True
        draft.read(parameter, Measure(None if dark else float(value), dark=dark), lane)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e9 < value < 1e9
