"""Junos `show interfaces diagnostics optics | display json`: the elements of its XML as JSON.

By default every value is a list of objects with `data` and `attributes`; the compact and IETF forms hold it bare.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element  # built here, never parsed

from registry.optics.decoder.readers import junos
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.text import JSON_START, documents
from registry.optics.decoder.records import Module

NAME = "show interfaces diagnostics optics | display json (Junos)"

_DEEPEST = 12  # elements within elements; diagnostics have four


def recognises(text: str) -> bool:
    return '"optics-diagnostics"' in text and '"physical-interface"' in text and bool(JSON_START.search(text))


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    for document, _ in documents(text):
        for port in _interfaces(document):
            draft = Draft()
            junos.interface(draft, _element("physical-interface", port))
            drafts.append(draft)
    return modules(drafts)


def _interfaces(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            ports = value.get("physical-interface", [])
            yield from (port for port in (ports if isinstance(ports, list) else [ports]) if isinstance(port, dict))
            waiting += reversed([inner for key, inner in value.items() if key != "physical-interface"])


def _element(name: str, value: Any, depth: int = 0) -> Element:
    """One value as the element that XML would have: its text, its temperature in degrees Celsius, its children."""
    element = Element(name)
    if isinstance(value, dict):
        said = value.get("attributes")
        celsius = said.get("junos:celsius") if isinstance(said, dict) else None
        if celsius is not None:
            element.set("celsius", str(celsius))
        element.text = _text(value.get("data"))
        for key, inner in value.items() if depth < _DEEPEST else ():
            if key not in ("data", "attributes"):
                each = inner if isinstance(inner, list) else [inner]
                element.extend([_element(key, one, depth + 1) for one in each])
    else:
        element.text = _text(value)
    return element


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""
