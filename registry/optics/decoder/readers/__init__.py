"""What switches, routers and servers print about their modules, read into the same records as their memory.

One module for each family, all of them in one table: the first that recognises a text reads it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from registry.kernel.language import Later, later
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import (
    aruba,
    eos_dom,
    eos_json,
    ethtool,
    ethtool_json,
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
    Reader(sonic.NAME, sonic.recognises, sonic.read),
    Reader(iosxr.NAME, iosxr.recognises, iosxr.read),
    Reader(iosxr_phy.NAME, iosxr_phy.recognises, iosxr_phy.read),
    Reader(nxos.NAME, nxos.recognises, nxos.read),
    Reader(ethtool.NAME, ethtool.recognises, ethtool.read),
    Reader(junos.NAME, junos.recognises, junos.read),
    Reader(junos_chassis.NAME, junos_chassis.recognises, junos_chassis.read),
    Reader(eos_dom.NAME, eos_dom.recognises, eos_dom.read),
    Reader(tables.NAME, tables.recognises, tables.read),
)


def recognised(text: str) -> str | None:
    """The command whose output `text` looks like; None where it is no form known here."""
    found = _reader(plain(text[:LONGEST]))
    return found.name if found else None


def read_text(text: str) -> list[Module]:
    """The modules of one printed text, in its order: one for each module that it says anything about.

    Raises Unreadable, which says what was expected, for a text of no known form and for one without a module in it.
    """
    if len(text) > LONGEST:
        raise Unreadable(
            later(
                "This text has more than %(most)s characters. Cut it into parts, each with whole modules.",
                most=f"{LONGEST:,}",
            )
        )
    text = plain(text)
    readers = [reader for reader in READERS if reader.recognises(text)]
    if not readers:
        raise Unreadable(_expected(text))
    if len(readers) == 1:
        return _with_states(_read(readers[0], text), text)
    if {reader.name for reader in readers} == {junos.NAME, junos_chassis.NAME}:
        return _with_states(junos_chassis.named(_read(readers[0], text), _read(readers[1], text)), text)
    raise Unreadable(
        later(
            "This text holds the output of several commands (%(commands)s). Upload each on its own.",
            commands="; ".join(reader.name for reader in readers),
        )
    )


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
