"""From an uploaded file to modules: an image of a memory, a dump of one, or what a switch prints."""

import re
from dataclasses import replace

from registry.kernel.language import Later, later
from registry.optics.decoder.decoding import UNDERSTOOD, decode
from registry.optics.decoder.dumps import memories_of
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.identity import key
from registry.optics.decoder.memory import Memory, memory_of
from registry.optics.decoder.readers import READERS, read_plain, recognised_plain
from registry.optics.decoder.readers.text import plain
from registry.optics.decoder.records import Module

LEAST = 64  # bytes of an image: with fewer not even the vendor's part number is whole
DUMPS = ("ethtool -m INTERFACE raw on", "ethtool -m INTERFACE hex on", "hexdump -C", "xxd", "i2cdump",
         "sfputil show eeprom-hexdump", "show idprom interface")  # fmt: skip
_FOREIGN = 10  # of so many letters of a text in an old encoding at most one is none of ASCII's
# No text has these. Others of the control characters terminals leave in what somebody copied.
_NO_TEXT = re.compile(r"[\x00-\x06\x0b\x0e-\x1a\x1c-\x1f]")


def modules_of(data: bytes) -> list[Module]:
    """All modules that a file tells of; at least one.

    Raises Unreadable, which says what was expected.
    """
    if not data.strip():
        raise Unreadable(later("The file is empty."))
    text = text_of(data)
    return _of_image(data) if text is None else modules_of_text(text)


def modules_of_text(text: str) -> list[Module]:
    """The same of a text. What dumps of memories in it say goes before what is printed beside them."""
    text = plain(text)
    form, memories = recognised_plain(text), memories_of(text)
    if form is not None:  # a dump beside a text is sometimes blanked, and no reason to refuse the text
        memories = [memory for memory in memories if memory.identifier in UNDERSTOOD]
    dumped = [decode(memory) for memory in _known(memories)]
    if form is None:
        if not dumped:
            raise Unreadable(_expected())
        return dumped
    try:
        printed = read_plain(text)
    except Unreadable:
        if not dumped:
            raise
        return dumped
    return _joined(dumped, printed)


def _expected() -> Later:
    return later(
        "This is no text known here. Expected is an image or a hexadecimal dump of a module's memory (%(dumps)s), or "
        "what one of these commands prints: %(commands)s.",
        dumps="; ".join(DUMPS), commands="; ".join(reader.name for reader in READERS),
    )  # fmt: skip


def text_of(data: bytes) -> str | None:
    """The text that these bytes are; None if they are none, so an image."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # what shells on Windows write into a file
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            if sum(byte >= 0x80 for byte in data) * _FOREIGN > len(data):
                return None
            text = data.decode("latin-1")
    return None if _NO_TEXT.search(text) else text


def _of_image(data: bytes) -> list[Module]:
    if len(data) < LEAST:
        raise Unreadable(
            later("An image of a module's memory has at least %(least)s bytes; these are %(count)s.", least=LEAST,
                  count=len(data))
        )  # fmt: skip
    return [decode(memory) for memory in _known([memory_of(data)])]


def _known(memories: list[Memory]) -> list[Memory]:
    """Those of a kind that is understood. Raises Unreadable if there are memories, and none of them is."""
    known = [memory for memory in memories if memory.identifier in UNDERSTOOD]
    if memories and not known:
        raise Unreadable(_refusal(memories[0].identifier, memories[0]))
    return known


def _refusal(first: int | None, memory: Memory) -> Later:
    if all(set(page) <= {first} for page in memory.pages.values()):
        return later("The memory holds nothing but %(byte)s: the port is empty, or its module could not be read.",
                     byte=f"{first or 0:02X}h")  # fmt: skip
    return later(
        "The memory begins with %(byte)s, which is no kind of module known here. Expected is the memory of an SFP "
        "(03h), a QSFP (0Ch, 0Dh, 11h), or a module with CMIS (18h to 21h) from its first byte on.",
        byte="--" if first is None else f"{first:02X}h",
    )


def _joined(dumped: list[Module], printed: list[Module]) -> list[Module]:
    """Modules whose memory is there once, with the port that stands beside the dump; the others as printed."""
    if len(dumped) == len(printed):
        return [_beside(one, other) for one, other in zip(dumped, printed, strict=True)]
    if len(dumped) > len(printed):
        return dumped
    waiting = {_key(module): module for module in dumped}
    found = []
    for module in printed:
        memory = waiting.pop(_key(module), None)
        found.append(_beside(memory, module) if memory else module)
    return found + list(waiting.values())


def _key(module: Module) -> tuple[str, str, str]:
    return key(module.vendor, module.part_number, module.serial)


def _beside(memory: Module, printed: Module) -> Module:
    """The module of a dump with what only stands beside it: the port, and readings where the dump has none."""
    known = replace(memory, port=replace(printed.port, name=memory.port.name or printed.port.name))
    if known.lanes or known.temperature_c is not None:
        return known
    findings = [code for code in known.findings if code != "diagnostics_not_read" or not printed.lanes]
    return replace(
        known,
        dom=known.dom if printed.dom is None else printed.dom,
        temperature_c=printed.temperature_c,
        voltage_v=printed.voltage_v,
        lanes=printed.lanes,
        limits=printed.limits,
        flags=printed.flags,
        findings=tuple(dict.fromkeys([*findings, *printed.findings])),
    )
