"""From memory to module: decode() for every kind of memory, and for any bytes whatsoever."""

from collections.abc import Mapping
from dataclasses import replace

from registry.optics.decoder import cmis, sff8472, sff8636
from registry.optics.decoder.memory import SFP_IDENTIFIERS, Memory, image_of, memory_of, settled
from registry.optics.decoder.records import Module, Port

_QSFP = frozenset({0x0C, 0x0D, 0x11})
_CMIS = frozenset({0x18, 0x19, 0x1A, 0x1B, 0x1E, 0x1F, 0x20, 0x21})
UNDERSTOOD = SFP_IDENTIFIERS | _QSFP | _CMIS


def decode(memory: bytes | bytearray | Mapping[str, bytes] | Memory) -> Module:
    """The module whose memory this is: an image of bytes, or pages by their names (see memory.py).

    It never raises. What cannot be read is left empty and stands among the findings; of a memory whose first byte names
    no kind of module that is understood, the finding is identifier_unknown.
    """
    if isinstance(memory, Memory):
        read = memory
    else:
        read = Memory(dict(memory)) if isinstance(memory, Mapping) else memory_of(bytes(memory))
    module = _decoded(settled(read))
    return replace(module, findings=(*module.findings, "bytes_without_place")) if read.lost else module


def _decoded(read: Memory) -> Module:
    identifier = read.identifier
    if identifier in SFP_IDENTIFIERS and "A0" in read.pages:
        return sff8472.decode(read)
    if identifier in _QSFP and "A0" not in read.pages:
        return sff8636.decode(read)
    if identifier in _CMIS and "A0" not in read.pages:
        return cmis.decode(read)
    return Module(port=Port(read.port), findings=("identifier_unknown",), raw=image_of(read) or None)
