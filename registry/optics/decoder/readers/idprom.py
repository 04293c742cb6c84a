"""The identity that routers print before the tables: "IDPROM for transceiver Te0/0/5:" (Cisco IOS-XE)."""

import re

from registry.optics.decoder import naming
from registry.optics.decoder.readers.draft import Draft
from registry.optics.decoder.readers.ethtool import described, wavelength
from registry.optics.decoder.readers.text import number

_PORT = re.compile(r"^ *IDPROM for transceiver ([A-Za-z][A-Za-z0-9/.-]{1,40}):? *$", re.IGNORECASE)
_PAIR = re.compile(r"^ *([A-Za-z][^=]{1,60}?):? *= *(\S.*)$")
_WORDS = {
    "vendor name": "vendor", "vendor revision": "revision", "serial number (sn)": "serial",
    "vendor part number": "part_number", "date code (yy/mm/dd)": "date_code", "connector type": "connector",
}  # fmt: skip


def port_of(line: str) -> str:
    """The port whose identity follows; "" where the line is no such heading."""
    found = _PORT.match(line)
    return found.group(1) if found else ""


def take(draft: Draft, line: str) -> None:
    found = _PAIR.match(line)
    if found is None:
        return
    key, shown = " ".join(found.group(1).lower().split()), found.group(2).rstrip(" .")
    if key in _WORDS:
        draft.word(_WORDS[key], shown)
    elif key.startswith("vendor oui"):
        draft.word("oui", shown.partition("(")[0])
    elif key == "product identifier (pid)":
        draft.fields.setdefault("part_number", naming.clean(shown))
        draft.fields.setdefault("form_factor", naming.form_factor(shown))
    elif key in ("transceiver type", "description"):
        described(draft, shown)
    elif key == "nominal laser wavelength":
        wavelength(draft, number(shown))
    elif key == "diagnostic monitoring":
        draft.fields["dom"] = "not" not in shown.lower()
