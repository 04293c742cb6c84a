"""Junos `show chassis hardware` and `show chassis pic`: the identity of modules, which its diagnostics do not print.

Both say where a module sits by the numbers of FPC, PIC and port; the first prints serial numbers, the second vendors.
"""

import re
from dataclasses import replace

from registry.optics.decoder.naming import form_factor
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described, wavelength
from registry.optics.decoder.readers.text import lines_of, number
from registry.optics.decoder.records import Module

NAME = "show chassis hardware, show chassis pic (Junos)"

_HARDWARE = re.compile(r"^Item +Version +Part number +Serial number +Description", re.MULTILINE)
_PORTS = re.compile(r"^PIC port information:", re.MULTILINE)
_PLACE = re.compile(r"^ *(FPC|PIC|MIC|Xcvr) (\d{1,3})\b(.*)$")
_SLOTS = re.compile(r"^FPC slot (\d{1,3}), PIC slot (\d{1,3})\b")
_ROW = re.compile(r"^ {1,8}(\d{1,3}) {2,}(\S.*)$")
_GAP = re.compile(r" {2,}")
_IDENTITY = ("vendor", "part_number", "revision", "serial", "form_factor", "media", "wavelength_nm")
_REVISION = re.compile(r"^REV \w{1,6}$", re.IGNORECASE)


def recognises(text: str) -> bool:
    return bool(_HARDWARE.search(text) or _PORTS.search(text))


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    place = {"FPC": "0", "PIC": "0"}
    rows = False
    for line in lines_of(text):
        if found := _SLOTS.match(line):
            place, rows = {"FPC": found.group(1), "PIC": found.group(2)}, False
        elif line.startswith("PIC port information:"):
            rows = True
        elif found := _PLACE.match(line):
            kind, slot, rest = found.groups()
            if kind == "Xcvr":
                drafts.append(_hardware(f"{place['FPC']}/{place['PIC']}/{slot}", rest))
            else:
                place[kind] = slot
        elif rows and (found := _ROW.match(line)):
            drafts.append(_port(f"{place['FPC']}/{place['PIC']}/{found.group(1)}", _GAP.split(found.group(2))))
    return modules(drafts)


def named(measured: list[Module], identities: list[Module]) -> list[Module]:
    """Modules of the diagnostics with their identity, by the numbers of the port; the others behind.

    What the module says of itself, its vendor and the vendor's part number, goes before Juniper's part number.
    """
    known: dict[str, list[Module]] = {}
    for identity in sorted(identities, key=lambda module: not module.vendor):
        known.setdefault(identity.port.name, []).append(identity)
    found = []
    for module in measured:
        for identity in known.pop(module.port.name.rpartition("-")[2], []):
            said = {name: getattr(identity, name) for name in _IDENTITY if not getattr(module, name)}
            module = replace(module, **said)
        found.append(module)
    return found + [module for rest in known.values() for module in rest]


def _hardware(port: str, rest: str) -> Draft:
    """REV 01   740-021308   AB0123456   SFP+-10G-SR: the revision may be missing."""
    draft = Draft(port=port)
    cells = _GAP.split(rest.strip())
    if cells and _REVISION.match(cells[0]):
        draft.word("revision", cells.pop(0))
    if len(cells) >= 3:
        draft.word("part_number", cells[0])
        draft.word("serial", cells[1])
        described(draft, cells[2])
        draft.fields["form_factor"] = form_factor(cells[2])
    return draft


def _port(port: str, cells: list[str]) -> Draft:
    """Cable type, fibre type, vendor, part number, wavelength, and more that says nothing here."""
    draft = Draft(port=port)
    if len(cells) >= 5:
        described(draft, cells[0])
        draft.word("vendor", cells[2])
        draft.word("part_number", cells[3])
        wavelength(draft, number(cells[4]))
    return draft
