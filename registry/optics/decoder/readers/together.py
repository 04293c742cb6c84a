"""Several commands in one text, as somebody copies them from a terminal: parted at the prompts, joined by the port."""

import re
from collections.abc import Iterator
from dataclasses import replace

from registry.optics.decoder.readers.states import short_name
from registry.optics.decoder.records import Module, Port

# sw1#show ..., RP/0/RP0/CPU0:r1#sh ..., ops@r1> show ..., admin@sonic:~$ sudo sfputil ..., [root@h ~]# ethtool ...
_COMMAND = re.compile(
    r"^ {0,4}(\[?[A-Za-z0-9][\w.@:/~()-]{0,90}(?: ~\]|\])?)? ?[#>$] ?(?:sudo |run |do )?"
    r"(?:sh[a-z]{0,2} |sfputil |ethtool )",
    re.MULTILINE,
)
_IDENTITY = ("form_factor", "standard", "vendor", "oui", "part_number", "revision", "serial", "date_code",
             "wavelength_nm", "connector", "media", "cable_end", "applications")  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz- "
_MEASURED = ("dom", "temperature_c", "voltage_v", "lanes", "limits", "flags")


def sections(text: str) -> Iterator[tuple[str, str]]:
    """The prompt and the text of each command; what stands before the first one belongs to nobody."""
    starts = list(_COMMAND.finditer(text))
    first = starts[0].start() if starts else len(text)
    yield (starts[0].group(1) or "" if starts else "", text[:first])
    for one, end in zip(starts, [*(start.start() for start in starts[1:]), len(text)], strict=False):
        yield one.group(1) or "", text[one.start() : end]


def by_port(parts: list[list[Module]]) -> list[Module]:
    """Modules that several commands of one device tell of, each once: those with readings first.

    Two that sit in one port are one module unless their serial numbers differ.
    """
    found: list[Module | None] = []
    for part in sorted(parts, key=lambda part: not any(_measures(module) for module in part)):
        places = _Places(found)
        for module in part:
            at = [place for place in places.of(module) if (one := found[place]) and not _others(one, module)]
            whole = _whole([one for place in at if (one := found[place])])
            if whole is None:
                found.append(module)
                continue
            for place in at[1:]:
                found[place] = None
            found[at[0]] = _joined(whole, module)
    return [module for module in found if module]


class _Places:
    """Where modules are, by the name of their port, by its numbers alone, and by the slot that it is a part of."""

    def __init__(self, found: list[Module | None]) -> None:
        self.named: dict[str, list[int]] = {}
        self.numbered: dict[str, list[int]] = {}
        self.slots: dict[str, list[int]] = {}
        for at, module in enumerate(found):
            name = short_name(module.port.name) if module else ""
            self.named.setdefault(name, []).append(at)
            self.numbered.setdefault(name.lstrip(_LETTERS), []).append(at)
            self.slots.setdefault(name.rpartition("/")[0], []).append(at)

    def of(self, module: Module) -> list[int]:
        name = short_name(module.port.name)
        if not name or name in self.named:
            return self.named.get(name, []) if name else []
        same = self.numbered.get(name.lstrip(_LETTERS), [])
        if not name[0].isdigit():  # numbers alone say nothing where both have letters: Te1/1/4 is not Gi1/1/4
            same = [at for at in same if at in self.named.get(name.lstrip(_LETTERS), [])]
        if len(same) == 1:
            return same
        return [] if _measures(module) else self.slots.get(name, [])


def _whole(ports: list[Module]) -> Module | None:
    return ports[0] if len(ports) == 1 else _folded(ports) if ports else None


def _others(one: Module, two: Module) -> bool:
    return bool(one.serial and two.serial) and one.serial.casefold() != two.serial.casefold()


def _folded(ports: list[Module]) -> Module | None:
    """One module of the ports into which its slot is split: each has the lane of its number, and the module's rest."""
    numbers = [int(last) if (last := one.port.name.rpartition("/")[2]).isdecimal() else 0 for one in ports]
    shared = {(one.temperature_c, one.voltage_v, one.serial) for one in ports}
    if len(shared) != 1 or len(set(numbers)) < len(ports) or any(len(one.lanes) != 1 for one in ports):
        return None
    lanes = [replace(one.lanes[0], lane=number) for number, one in zip(numbers, ports, strict=True)]
    flags: dict[str, str] = {}
    for number, one in zip(numbers, ports, strict=True):
        flags |= {f"{number}{key[1:]}" if key.startswith("1.") else key: state for key, state in one.flags.items()}
    port = Port(ports[0].port.name.rpartition("/")[0])
    return replace(ports[0], port=port, lanes=tuple(sorted(lanes, key=lambda lane: lane.lane)), flags=flags)


def _measures(module: Module) -> bool:
    return bool(module.lanes) or module.temperature_c is not None


def _joined(one: Module, two: Module) -> Module:
    """What the first says, filled up by the second. Readings stay with their limits; the fuller ones are taken."""
    said = {name: getattr(two, name) for name in _IDENTITY if not getattr(one, name)}
    fuller = bool(two.limits and not one.limits) or not _measures(one)
    if fuller and (_measures(two) or one.dom is None):
        said |= {name: getattr(two, name) for name in _MEASURED}
    admin = two.port.admin_up if one.port.admin_up is None else one.port.admin_up
    oper = two.port.oper_up if one.port.oper_up is None else one.port.oper_up
    said["findings"] = tuple(dict.fromkeys([*one.findings, *two.findings]))
    return replace(one, port=Port(one.port.name, admin, oper), **said)
