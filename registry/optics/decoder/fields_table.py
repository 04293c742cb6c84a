"""The fields of all three standards as a document: docs/optics-fields.md is what this writes."""

from collections.abc import Iterator

from registry.optics.decoder.fields import KINDS, Field, Table
from registry.optics.decoder.map_8472 import SFF_8472
from registry.optics.decoder.map_8636 import SFF_8636
from registry.optics.decoder.map_cmis import CMIS, LANES

_CHAPTERS = (
    ("SFF-8472 (SFP, SFP+, SFP28)", (SFF_8472,)),
    ("SFF-8636 and SFF-8436 (QSFP, QSFP+, QSFP28)", (SFF_8636,)),
    ("CMIS 3 to 5 (QSFP-DD, OSFP, SFP-DD and others)", (CMIS, LANES)),
)
_HEAD = """# Fields of a module's memory

Written by `assetcare optics fields` from the tables by which memories are decoded. Bytes are numbered as in the
standards: from 0 at A0h, A2h and in the lower half, from 128 in upper pages. Numbers of several bytes have their most
significant byte first; \"signed\" is two's complement. Several values in a row are told by \"4 x\".
"""


def document() -> str:
    return "\n".join([_HEAD, *(line for title, tables in _CHAPTERS for line in _chapter(title, tables))])


def _chapter(title: str, tables: tuple[Table, ...]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| page | bytes | field | kind | unit | what to know |"
    yield "|---|---|---|---|---|---|"
    for table in tables:
        for field in table.fields:
            cells = (_page(field), _bytes(field), field.name, _kind(field), _unit(field), field.note)
            yield f"| {' | '.join(cells)} |"
    yield ""


def _page(field: Field) -> str:
    return field.page if field.page == "lower" else f"{field.page}h"


def _bytes(field: Field) -> str:
    return str(field.first) if field.first == field.last else f"{field.first}-{field.last}"


def _kind(field: Field) -> str:
    kind = KINDS[field.kind].partition(",")[0].partition(" (")[0]
    return f"{field.count} x {kind}" if field.count > 1 else kind


def _unit(field: Field) -> str:
    if field.scale == 1:
        return field.unit
    step = f"1/{round(1 / field.scale)}" if field.scale == 1 / 256 else f"{field.scale:g}"
    return f"{step} {field.unit}".strip()
