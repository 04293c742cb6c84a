"""Memories as the shells of Junos print them: offsets without a colon, marks between the bytes, names before them."""

import pytest

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.dumps import memories_of
from tests.optics import images

SFP = images.finish_sfp(*images.sfp())
QSFP = images.finish_qsfp(images.qsfp())
CMIS = images.finish_cmis(images.cmis())


def spread(title: str, page: bytes, base: int) -> list[str]:
    """Columns with gaps, below a row of their numbers."""
    rows = [
        f"  0x{base + at:02x}   " + "   ".join(f"{byte:02x}" for byte in page[at : at + 16]) for at in range(0, 128, 16)
    ]
    return [f"  {title:<33}:", "  Addr   " + "    ".join("0123456789abcdef"), "  ----" + "   --" * 16, *rows]


def marked(address: str, page: bytes) -> list[str]:
    """A dot or a dash after every four bytes."""
    found = ["", f"2-wire device address {address}"]
    for at in range(0, 256, 16):
        fours = [page[at + step : at + step + 4].hex(" ") for step in range(0, 16, 4)]
        found.append(f"  0x{at:02x}:   {fours[0]} . {fours[1]} - {fours[2]} . {fours[3]}")
    return found


def named(title: str, page: bytes, base: int) -> list[str]:
    return [
        f"  {title}:",
        *(f"    Address 0x{base + at:02x}: {page[at : at + 16].hex(' ')} " for at in range(0, 128, 16)),
    ]


def test_columns_with_gaps_and_no_colon():
    lines = ["  EEPROM details for XCVR          : xcvr-0/0/1", *spread("QSFP-DD Lower Page", CMIS["lower"], 0)]
    for name in ("00", "01", "02", "10", "11"):
        lines += spread(f"QSFP-DD Upper Page {name}h", CMIS[name], 128)
    lines += ["  Warning                          : Page 10h maybe stale"]
    (memory,) = memories_of("\n".join(lines))
    assert (memory.pages, memory.port, memory.lost) == (CMIS, "xcvr-0/0/1", False)


def test_a_mark_after_every_four_bytes():
    lines = ["   Extended ID:         0x04", "   Date code:          200811  "]
    (memory,) = memories_of("\n".join([*lines, *marked("0x50", SFP[:256]), *marked("0x51", SFP[256:])]))
    assert (memory.pages, memory.lost) == ({"A0": SFP[:256], "A2": SFP[256:]}, False)


@pytest.mark.parametrize(
    "titles", [("Low Page 00h - Diagnostics", "Upper Page 00h - Identifier", "Upper Page 03h"), ("diagnostics", "", "")]
)
def test_a_name_before_each_offset(titles):
    head = ["  qsfp name:              qsfp-0/0/48", "  aw_alarm_enable:        0x00000000 0x00000000 0x00000000"]
    if titles[1]:
        bodies = [named(f"QSFP IDEEPROM ({title})", QSFP[name], base)
                  for title, name, base in zip(titles, ("lower", "00", "03"), (0, 128, 128), strict=True)]  # fmt: skip
    else:  # the upper page first, counted from 0
        bodies = [named("QSFP IDEEPROM", QSFP["00"], 0), named("QSFP IDEEPROM (diagnostics)", QSFP["lower"], 0)]
    (memory,) = memories_of("\n".join([*head, *(line for body in bodies for line in body)]))
    module = decode(memory)
    assert (memory.port, module.serial, module.temperature_c) == ("qsfp-0/0/48", images.SERIAL, 41.25)
    assert {one.name for one in module.checksums if one.ok} == {"CC_BASE", "CC_EXT"} and not memory.lost


def rows(data: bytes, size: int) -> list[tuple[int, bytes]]:
    return [(at, data[at : at + size]) for at in range(0, len(data), size)]


def word(two: bytes) -> int:
    return int.from_bytes(two, "little")


IMAGE = bytes(SFP)
FORMS = {
    "xxd -g1 -c32": "\n".join(f"{at:08x}: {part.hex(' ')}  {'.' * len(part)}" for at, part in rows(IMAGE, 32)),
    "hexdump -x": "\n".join(
        f"{at:07x}    {'    '.join(f'{word(two):04x}' for _, two in rows(part, 2))}" for at, part in rows(IMAGE, 16)
    ),
    "hexdump -b": "\n".join(f"{at:07x} {' '.join(f'{byte:03o}' for byte in part)}" for at, part in rows(IMAGE, 16)),
    "od": "\n".join(
        f"{at:07o} {' '.join(f'{word(two):06o}' for _, two in rows(part, 2))}" for at, part in rows(IMAGE, 16)
    ),
    "od -b": "\n".join(f"{at:07o} {' '.join(f'{byte:03o}' for byte in part)}" for at, part in rows(IMAGE, 16)),
    "colons": IMAGE.hex(":"),
    "dashes": "\n".join(part.hex("-").upper() for _, part in rows(IMAGE, 16)),
    "a list of numbers": f"eeprom = {list(IMAGE)}",
}


@pytest.mark.parametrize("form", FORMS)
def test_bytes_in_octal_in_words_in_wide_rows_or_tied_together(form):
    (memory,) = memories_of(FORMS[form])
    assert (memory.pages, memory.lost) == ({"A0": SFP[:256], "A2": SFP[256:]}, False)


def test_words_of_i2cdump_have_their_second_byte_first():
    head = "     0,8  1,9  2,a  3,b  4,c  5,d  6,e  7,f\n"
    dumps = [head + "".join(f"{at:02x}: {' '.join(f'{word(two):04x}' for _, two in rows(part, 2))}\n"
                            for at, part in rows(half, 16)) for half in (SFP[:256], SFP[256:])]  # fmt: skip
    (memory,) = memories_of("A0h\n" + dumps[0] + "A2h\n" + dumps[1])
    assert memory.pages == {"A0": SFP[:256], "A2": SFP[256:]}


def test_rows_left_out_where_no_offset_says_how_many_end_what_is_known():
    shown = "\n".join([*(part.hex(" ") for _, part in rows(SFP[:128], 16)), "*", SFP[:16].hex(" ")])
    (memory,) = memories_of(shown)
    assert (memory.pages, memory.lost) == ({"A0": SFP[:128]}, True)
