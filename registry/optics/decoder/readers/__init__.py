"""What switches, routers and servers print about their modules, read into the same records as their memory.

One module for each family, all of them in one table: the first that recognises a text reads it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from registry.kernel.language import Later, later
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import (
    aruba,
    aruba_tables,
    eos_dom,
    eos_json,
    ethtool,
    ethtool_json,
    inventory,
    iosxr,
    iosxr_phy,
    junos,
    junos_chassis,
    junos_json,
    nxos,
    nxos_json,
    sonic,
    states,
    tables,
    together,
)
from registry.optics.decoder.readers.text import LONGEST, PROMPT, plain
from registry.optics.decoder.records import Module, Port


@dataclass(frozen=True, slots=True)
class Reader:
    """One form of text: the command that prints it, whether a text is of this form, and its modules."""

    name: str
    recognises: Callable[[str], bool]
    read: Callable[[str], list[Module]]


READERS = (
    Reader(eos_json.NAME, eos_json.recognises, eos_json.read),
    Reader(ethtool_json.NAME, ethtool_json.recognises, ethtool_json.read),
    Reader(nxos_json.NAME, nxos_json.recognises, nxos_json.read),
    Reader(junos_json.NAME, junos_json.recognises, junos_json.read),
    Reader(nxos_json.XML_NAME, nxos_json.recognises_xml, nxos_json.read_xml),
    Reader(junos.XML_NAME, junos.recognises_xml, junos.read_xml),
    Reader(aruba.NAME, aruba.recognises, aruba.read),
    Reader(aruba_tables.NAME, aruba_tables.recognises, aruba_tables.read),
    Reader(sonic.NAME, sonic.recognises, sonic.read),
    Reader(iosxr.NAME, iosxr.recognises, iosxr.read),
    Reader(iosxr_phy.NAME, iosxr_phy.recognises, iosxr_phy.read),
    Reader(nxos.NAME, nxos.recognises, nxos.read),
    Reader(ethtool.NAME, ethtool.recognises, ethtool.read),
    Reader(junos.NAME, junos.recognises, junos.read),
    Reader(junos_chassis.NAME, junos_chassis.recognises, junos_chassis.read),
    Reader(eos_dom.NAME, eos_dom.recognises, eos_dom.read),
    Reader(tables.NAME, tables.recognises, tables.read),
    Reader(inventory.NAME, inventory.recognises, inventory.read),
)


def recognised(text: str) -> str | None:
    """The command whose output `text` looks like; None where it is no form known here."""
    return recognised_plain(plain(text[:LONGEST]))


def recognised_plain(text: str) -> str | None:
    """The same of a text that plain() gave."""
    found = _reader(text[:LONGEST])
    return found.name if found else None


def read_text(text: str) -> list[Module]:
    """The modules of one printed text, in its order: one for each module that it says anything about.

    Raises Unreadable, which says what was expected, for a text of no known form and for one without a module in it.
    """
    return read_plain(text if len(text) > LONGEST else plain(text))


def read_plain(text: str) -> list[Module]:
    """The same of a text that plain() gave."""
    if len(text) > LONGEST:
        raise Unreadable(
            later(
                "This text has more than %(most)s characters. Cut it into parts, each with whole modules.",
                most=f"{LONGEST:,}",
            )
        )
    readers = [reader for reader in READERS if reader.recognises(text)]
    if not readers:
        raise Unreadable(_expected(text))
    found = _read(readers[0], text) if len(readers) == 1 else _several(text)
    return _with_states(found, text)


def _several(text: str) -> list[Module]:
    """The modules of a text with the output of several commands: each device's joined by their ports."""
    parts: dict[str, dict[str, str]] = {}  # by the prompt: a reader's name, and all that it is to read
    for host, part in together.sections(text):
        readers = [reader for reader in READERS if reader.recognises(part)]
        _must_be_parted(readers)
        for reader in readers:
            read = parts.setdefault(host, {})
            read[reader.name] = read.get(reader.name, "") + _without_inventory(reader, part)
    return [module for said in parts.values() for module in _of_one_device(said)]


def _must_be_parted(readers: list[Reader]) -> None:
    """Without a prompt between them nobody knows where one ends, but for those that print nothing alike."""
    names = {reader.name for reader in readers} - {inventory.NAME}
    if len(names) > 1 and names != {junos.NAME, junos_chassis.NAME}:
        raise Unreadable(
            later(
                "This text holds the output of several commands (%(commands)s). Upload each on its own.",
                commands="; ".join(reader.name for reader in readers),
            )
        )


def _without_inventory(reader: Reader, part: str) -> str:
    """Its lines are pairs that others would take for their own."""
    if reader.name == inventory.NAME:
        return part
    return "\n".join(line for line in part.split("\n") if not inventory.is_line(line)) + "\n"


def _of_one_device(said: dict[str, str]) -> list[Module]:
    by_name = {reader.name: reader for reader in READERS}
    found = {name: _read(by_name[name], part) for name, part in said.items()}
    if found.keys() == {junos.NAME, junos_chassis.NAME}:
        return junos_chassis.named(found[junos.NAME], found[junos_chassis.NAME])
    return together.by_port(list(found.values()))


def _read(reader: Reader, text: str) -> list[Module]:
    try:
        found = reader.read(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(
            later(
                "This begins like the output of '%(command)s' but breaks off. Copy the whole of it.",
                command=reader.name,
            )
        ) from error
    if not found:
        raise Unreadable(
            later(
                "This looks like the output of '%(command)s' but no module is in it. Check that one is plugged in, and"
                " copy the whole output.",
                command=reader.name,
            )
        )
    return found


def _reader(text: str) -> Reader | None:
    return next((reader for reader in READERS if reader.recognises(text)), None)


def _expected(text: str) -> Later:
    known = "; ".join(reader.name for reader in READERS)
    if not text.strip():
        return later("There is no text here. Give the output of one of: %(known)s.", known=known)
    return later("This text is of no known form. Give the output of one of: %(known)s.", known=known)


def _with_states(found: list[Module], text: str) -> list[Module]:
    hosts = {prompt.lower() for prompt in PROMPT.findall(text)}
    said = states.port_states(text) if len(hosts) < 2 else {}  # whose port that is, nobody says
    return [_with_state(module, said) for module in found] if said else found


def _with_state(module: Module, said: dict[str, states.State]) -> Module:
    admin, oper = said.get(states.short_name(module.port.name), (None, None))
    port = module.port
    port = Port(
        port.name, admin if port.admin_up is None else port.admin_up, oper if port.oper_up is None else port.oper_up
    )
    return replace(module, port=port)
