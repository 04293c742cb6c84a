"""Junos `show interfaces diagnostics optics`, as text and as XML. Lanes are printed from 0 and kept from 1."""

import re
from collections.abc import Iterable
from typing import Any

from defusedxml import DefusedXmlException, ElementTree

from registry.kernel.language import later
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import phrases
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described
from registry.optics.decoder.readers.text import lines_of, number, switch
from registry.optics.decoder.records import Module

NAME = "show interfaces diagnostics optics (Junos)"
XML_NAME = "show interfaces diagnostics optics | display xml (Junos)"

_PORT = re.compile(r"^\s*Physical interface:\s*([^\s,]{1,60})(.*)$")
_LANE = re.compile(r"^\s*Lane\s+(\d{1,2})\s*$")
_LINE = re.compile(r"^\s*([^:\s][^:]{0,80}?)\s*:\s?(.*)$")
_PREFIX = re.compile(r"(</?)[A-Za-z]{1,12}:|\b[A-Za-z]{1,12}:(?=[A-Za-z-]{1,30}=)")
_FIRST = re.compile(r"<(?:rpc-reply|multi-routing-engine-results|interface-information|physical-interface)\b")
_FINDINGS = {"checksum fault alarm": "memory_altered", "laser end of life alarm": "laser_end_of_life"}


def recognises(text: str) -> bool:
    return bool(re.search(r"^ *Physical interface:", text, re.MULTILINE)) and bool(
        re.search(r"^ *(?:Laser|Module|Receiver|Optical diagnostics)", text, re.MULTILINE)
    )


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    lane = 0
    for line in lines_of(text):
        if found := _PORT.match(line):
            drafts.append(_port(found.group(1), found.group(2).lower()))
            lane = 0
        elif found := _LANE.match(line):
            lane = int(found.group(1)) + 1
        elif drafts and (found := _LINE.match(line)):
            _say(drafts[-1], _words(found.group(1)), found.group(2).strip(), lane)
    return modules(drafts)


def _port(name: str, rest: str) -> Draft:
    admin = False if "administratively down" in rest else True if "enabled" in rest else None
    link = True if "link is up" in rest else False if "link is down" in rest else None
    return Draft(port=name, admin_up=admin, oper_up=link)


def _words(key: str) -> str:
    return " ".join(key.lower().replace("-", " ").split())


def _say(draft: Draft, key: str, shown: str, lane: int) -> None:
    meant = phrases.phrase(key)
    if meant is not None:
        draft.fields["dom"] = True
        phrases.take(draft, meant, shown, lane or 1)
    elif key in phrases.LANE_WORDS:
        _lane_word(draft, phrases.LANE_WORDS[key], switch(shown), lane)
    elif key in _FINDINGS and switch(shown):
        draft.findings.append(_FINDINGS[key])
    elif key == "optical diagnostics" and "n/a" in shown.lower():
        draft.fields["dom"] = False
        draft.fields.setdefault("media", "")


def _lane_word(draft: Draft, name: str, on: bool | None, lane: int) -> None:
    if lane:
        draft.lane(lane, **{name: on})
    elif on is not None:
        draft.every_lane[name] = on


def recognises_xml(text: str) -> bool:
    return "<optics-diagnostics" in text and bool(_FIRST.search(text))


def read_xml(text: str) -> list[Module]:
    drafts = []
    for port in _tree(text).iter():
        if _local(port) == "physical-interface":
            draft = Draft()
            interface(draft, port)
            drafts.append(draft)
    return modules(drafts)


def _tree(text: str) -> Any:
    """The whole as one tree. Prefixes of namespaces, which pasted parts leave undeclared, are of no use here."""
    text = _PREFIX.sub(r"\1", text)
    first = _FIRST.search(text)
    last = text.find(">", text.rfind("</"))
    body = text[first.start() : last + 1] if first else ""
    try:
        return ElementTree.fromstring(f"<readings>{body}</readings>")
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(
            later(
                "This XML is not well-formed. Save the whole answer of '%(command)s' and upload it.", command=XML_NAME
            )
        ) from error


def interface(draft: Draft, port: Any) -> None:
    """A `physical-interface` element into the draft."""
    for child in port:
        name = _local(child)
        if name == "name":
            draft.port = (child.text or "").strip()[:64]
        elif name in ("admin-status", "oper-status"):
            up = (child.text or "").strip().lower() == "up"
            draft.admin_up, draft.oper_up = (up, draft.oper_up) if name[0] == "a" else (draft.admin_up, up)
        elif name == "optics-diagnostics":
            _diagnostics(draft, child, 0)


def _diagnostics(draft: Draft, parent: Iterable[Any], lane: int) -> None:
    said = [(_local(child), child) for child in parent]
    if index := next((child.text for name, child in said if name == "lane-index"), None):
        lane = int(index) + 1 if index.strip().isdecimal() and len(index) < 4 else lane
    twice = {name.removesuffix("-dbm") for name, child in said if name.endswith("-dbm") and _readable(child.text)}
    for name, child in said:
        if name == "optics-diagnostics-lane-values":
            _diagnostics(draft, child, lane or len(draft.lanes) + 1)
        elif name == "optic-diagnostics-not-available":
            draft.fields["dom"] = False
        elif name == "optic-type":
            described(draft, child.text or "")
        elif name not in twice:  # what is given in dBm stands there in milliwatts as well, and rounded
            shown = child.get("celsius") or child.text or ""
            _say(draft, _words(name), shown.strip(), lane)


def _readable(shown: str | None) -> bool:
    return number(shown or "") is not None or "inf" in (shown or "").lower()


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]
