"""The state of ports, where a text prints it beside the modules: "Ethernet1/3 is down (Administratively down)"."""

import re

from registry.optics.decoder.readers.text import lines_of

State = tuple[bool | None, bool | None]  # administrative, operational

_CISCO = re.compile(
    r"^\s{0,4}([A-Za-z][A-Za-z-]{0,30} ?\d[\d/.:]{0,20}) is (administratively down|up|down)\b(.{0,120})", re.IGNORECASE
)
_ADMIN = re.compile(r"^\s*admin state is (up|down)\b", re.IGNORECASE)


def port_states(text: str) -> dict[str, State]:
    """By short_name() of the port."""
    found: dict[str, State] = {}
    name = ""
    for line in lines_of(text):
        if said := _CISCO.match(line):
            name = short_name(said.group(1))
            found[name] = _said(said.group(2).lower(), said.group(3).lower())
        elif name and (said := _ADMIN.match(line)):
            found[name] = (said.group(1).lower() == "up", found[name][1])
    return found


def _said(state: str, rest: str) -> State:
    """Up is up in both ways; down may be either, unless it says so."""
    if "admin" in state or "administratively" in rest:
        return False, False
    if state == "up":
        return True, "protocol is down" not in rest
    return (None, False)


def short_name(port: str) -> str:
    """Te1/0/1 and TenGigabitEthernet1/0/1 are one port: two letters and the numbers."""
    letters = re.match(r"[A-Za-z]*", port)
    kind = letters.group() if letters else ""
    return kind[:2].lower() + port[len(kind) :].strip("- ")
