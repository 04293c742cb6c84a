"""Fields of a module's memory as data: where each stands, what it is measured in, and how to read it."""

import struct
from collections.abc import Mapping
from typing import Any

from registry.optics.decoder.memory import HALF

_LETTERS = {("unsigned", 1): "B", ("unsigned", 2): "H", ("unsigned", 4): "I", ("signed", 1): "b", ("signed", 2): "h",
            ("bits", 1): "B", ("bits", 2): "H", ("code", 1): "B", ("code", 2): "H", ("sum", 1): "B",
            ("float", 4): "f"}  # fmt: skip
KINDS = {
    "text": "text, padded by blanks or NUL",
    "bytes": "bytes",
    "unsigned": "unsigned number, most significant byte first",
    "signed": "signed number (two's complement), most significant byte first",
    "float": "IEEE 754 number of 4 bytes",
    "bits": "bits",
    "code": "code",
    "sum": "low 8 bits of a sum",
}


class Field:
    """One field: `page`, bytes `first` to `last` in the page's own numbering, `kind` (see KINDS), `count` values in a
    row, each times `scale` in `unit`. A table of them is documentation and program in one."""

    __slots__ = ("count", "first", "kind", "last", "name", "note", "page", "scale", "start", "stop", "unit", "unpack")

    def __init__(
        self,
        name: str,
        page: str,
        first: int,
        last: int,
        kind: str = "unsigned",
        unit: str = "",
        scale: float = 1,
        count: int = 1,
        note: str = "",
    ) -> None:
        self.name, self.page, self.first, self.last, self.kind = name, page, first, last, kind
        self.unit, self.scale, self.count, self.note = unit, scale, count, note
        base = 0 if page in ("A0", "A2", "lower") else HALF
        self.start, self.stop = first - base, last - base + 1
        plain = kind in ("text", "bytes")
        letter = "" if plain else _LETTERS[kind, (last - first + 1) // count]
        self.unpack = None if plain else struct.Struct(f">{count}{letter}").unpack_from

    def of(self, page: bytes) -> Any:
        """The value in these bytes of the page; None if they do not reach so far."""
        if len(page) < self.stop:
            return None
        if self.unpack is None:
            return page[self.start : self.stop]
        found = self.unpack(page, self.start)
        if self.scale != 1:
            found = tuple([raw * self.scale for raw in found])
        return found[0] if self.count == 1 else found


class Table:
    """The fields of one standard. Names are unique."""

    def __init__(self, standard: str, *fields: Field) -> None:
        self.standard, self.fields = standard, fields
        self.pages: dict[str, list[Field]] = {}
        for field in fields:
            self.pages.setdefault(field.page, []).append(field)

    def values(self, pages: Mapping[str, bytes], bank: int = 0) -> dict[str, Any]:
        """Every field's value by its name; None where it was not read. `bank`: of the upper pages that have several."""
        found: dict[str, Any] = {}
        for name, fields in self.pages.items():
            page = pages.get(f"{name}/{bank}" if bank else name, b"")
            for field in fields:
                found[field.name] = field.of(page)
        return found
