"""`show inventory` of Cisco and Arista: the identity of modules, which tables of readings do not print.

Cisco lists cards, supplies and modules alike; those named like a port are modules. Arista has a table of its slots, and
with `| json` an object of them.
"""

import re
from collections.abc import Iterator
from typing import Any

from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described
from registry.optics.decoder.readers.text import JSON_START, documents, lines_of
from registry.optics.decoder.records import Module

NAME = "show inventory (Cisco IOS, IOS-XE, IOS-XR, NX-OS, Arista EOS)"

_NAME = re.compile(r'^\s*NAME:\s*"([^"]{1,80})"\s*,\s*DESCR:\s*"([^"]{0,200})"', re.IGNORECASE)
_PORT = re.compile(
    r"^(?:(?:module mau |transceiver )?([A-Za-z]{2,30} ?\d{1,4}(?:/\d{1,4}){1,4})|"
    r"module mau (\d{1,3}(?:/(?:CPU)?\d{1,3}){2,3}))$", re.IGNORECASE,
)  # fmt: skip
_NO_PORT = re.compile(r"^(?:subslot|slot|module|power|fan|switch|chassis|linecard|bay|ps|ft|rp|fpc|pic|node)\b", re.I)
_SUBSLOT = re.compile(r"^subslot (\d{1,3}/\d{1,3}) transceiver (\d{1,3})$", re.IGNORECASE)
_PRODUCT = re.compile(r"^\s*PID:\s*([^,]*?)\s*,\s*VID:\s*([^,]*?)\s*,\s*SN:\s*(\S*)\s*$", re.IGNORECASE)
_SLOTS = re.compile(r"^ *Port +Manufacturer +Model +Serial Number +Rev\b", re.IGNORECASE)
_RULE = re.compile(r"^ *-+(?: +-+){4} *$")
_SLOT = re.compile(r"^\d{1,3}(?:/\d{1,3})?$")
_JSON = '"xcvrSlots"'
_KEYS = {"mfgName": "vendor", "modelName": "part_number", "serialNum": "serial", "hardwareRev": "revision"}
_COLUMNS = ("vendor", "part_number", "serial", "revision")


def recognises(text: str) -> bool:
    if _JSON in text and JSON_START.search(text):
        return True
    return any(_port_of(found.group(1)) for line in lines_of(text) if (found := _NAME.match(line))) or any(
        _SLOTS.match(line) for line in lines_of(text)
    )


def is_line(line: str) -> bool:
    """Whether a line is Cisco's inventory and nothing else, wherever it stands."""
    return bool(_NAME.match(line) or _PRODUCT.match(line))


def read(text: str) -> list[Module]:
    if _JSON in text:
        return modules([_slot(port, said) for document, _ in documents(text) for port, said in _slots(document)])
    drafts: list[Draft] = []
    open_draft: Draft | None = None
    columns: list[tuple[int, int]] | None = None
    for line in lines_of(text):
        if found := _NAME.match(line):
            open_draft = _named(_port_of(found.group(1)), found.group(2))
            drafts += [open_draft] if open_draft else []
        elif (found := _PRODUCT.match(line)) and open_draft:
            _product(open_draft, *found.groups())
            open_draft = None
        elif _SLOTS.match(line):
            columns = []
        elif columns is not None and _RULE.match(line):
            columns = [(mark.start(), mark.end()) for mark in re.finditer(r"-+", line)]
        elif columns:
            draft = _row(line, columns)
            drafts += [draft] if draft else []
            columns = columns if line.strip() else None
    return modules(drafts)


def _port_of(name: str) -> str:
    """The port that an entry is named after; "" for a card, a fan or a power supply."""
    name = " ".join(name.split())
    if subslot := _SUBSLOT.match(name):
        return "/".join(subslot.groups())
    found = _PORT.match(name)
    port = (found.group(1) or found.group(2)) if found else ""
    return "" if _NO_PORT.match(port) else port.replace("CPU", "")


def _named(port: str, description: str) -> Draft | None:
    if not port:
        return None
    draft = Draft(port=port)
    if not description.lower().startswith("unknown"):  # "Unknown or Unsupported CPAK Module" is none
        described(draft, description)
        draft.word("form_factor", description)
    return draft


def _product(draft: Draft, product: str, version: str, serial: str) -> None:
    draft.word("part_number", product)
    draft.word("revision", version)
    draft.word("serial", serial)
    described(draft, product)
    draft.word("form_factor", product)


def _row(line: str, columns: list[tuple[int, int]]) -> Draft | None:
    """A row, cut where the rule above has its gaps; None where it has none there."""
    slot = line[: columns[0][1]].strip()
    if not _SLOT.match(slot) or any(line[end : end + 1].strip() for _, end in columns[:-1]):
        return None
    return _slot(slot, {name: line[start:end] for name, (start, end) in zip(_COLUMNS, columns[1:], strict=True)})


def _slot(slot: str, said: dict[str, str]) -> Draft:
    """Slots without a serial number are empty, or fixed sockets that bear the switch's own name."""
    draft = Draft(port=f"Ethernet{slot}")
    if said.get("serial", "").strip():
        for name, shown in said.items():
            draft.word(name, shown)
        described(draft, said["part_number"])
        draft.word("form_factor", said["part_number"])
    return draft


def _slots(document: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Of one answer, of a list of answers, or of an envelope with "result"."""
    if isinstance(document, dict):
        document = document.get("result", [document])
    for answer in document if isinstance(document, list) else [document]:
        slots = answer.get("xcvrSlots") if isinstance(answer, dict) else None
        for slot, said in slots.items() if isinstance(slots, dict) else ():
            if isinstance(said, dict):
                yield slot, {name: str(said.get(key) or "") for key, name in _KEYS.items()}
