"""Hexadecimal dumps in every form that is met, and everything that looks like one and is none."""

from collections.abc import Iterator

import pytest

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.dumps import memories_of
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.memory import Memory, image_of, memory_of
from registry.optics.decoder.reading import modules_of
from tests.optics import images

SFP = images.finish_sfp(*images.sfp())
QSFP = images.finish_qsfp(images.qsfp())
CMIS = images.finish_cmis(images.cmis())


def rows(data: bytes, size: int = 16) -> Iterator[tuple[int, bytes]]:
    return ((at, data[at : at + size]) for at in range(0, len(data), size))


def letters(part: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)


def hexdump_c(data: bytes, *, at_first: int = 0, squeeze: bool = True, gap: int = 8) -> str:
    lines, before, starred = [], b"", False
    for at, part in rows(data):
        if squeeze and part == before:
            lines += [] if starred else ["*"]
            starred = True
            continue
        before, starred = part, False
        halves = f"{part[:gap].hex(' ')}  {part[gap:].hex(' ')}"
        lines.append(f"{at_first + at:08x}  {halves:<48}  |{letters(part)}|")
    return "\n".join([*lines, f"{at_first + len(data):08x}"])


def words(data: bytes) -> str:
    """hexdump without -C: two bytes a word, the second first."""
    lines = [
        f"{at:07x} " + " ".join(f"{part[i + 1]:02x}{part[i]:02x}" for i in range(0, 16, 2)) for at, part in rows(data)
    ]
    return "\n".join([*lines, f"{len(data):07x}"])


def xxd(data: bytes) -> str:
    return "\n".join(
        f"{at:08x}: " + " ".join(part[i : i + 2].hex() for i in range(0, len(part), 2)) + f"  {letters(part)}"
        for at, part in rows(data)
    )


def ethtool(data: bytes, at_first: int = 0) -> str:
    lines = [f"0x{at_first + at:04x}:\t\t{part.hex(' ')} " for at, part in rows(data)]
    return "\n".join(["Offset\t\tValues", "------\t\t------", *lines])


def od(data: bytes, shown: str) -> str:
    return "\n".join([*(f"{at:{shown}} {part.hex(' ')}" for at, part in rows(data)), f"{len(data):{shown}}"])


def i2cdump(data: bytes) -> str:
    head = "     " + "  ".join("0123456789abcdef") + "    0123456789abcdef"
    return "\n".join([head, *(f"{at:02x}: {part.hex(' ')}    {letters(part)}" for at, part in rows(data))])


def seeprom(data: bytes) -> str:
    lines = [f" 0x{at:02X}: {part.hex(' ').upper()}" for at, part in rows(data)]
    head = ["Vendor Name           :   QNC", "CC_EXT                :   0x61", "", "SEEPROM contents (hex):"]
    return "\n".join([*head, *lines, "-----------------------------------------------"])


FORMS = {
    "hexdump -C": hexdump_c, "hexdump -C -v": lambda data: hexdump_c(data, squeeze=False), "hexdump": words, "xxd": xxd,
    "ethtool hex on": ethtool, "od octal": lambda data: od(data, "07o"), "od hexadecimal": lambda data: od(data, "06x"),
    "od decimal": lambda data: od(data, "07d"),
    "xxd -p": lambda data: "\n".join(part.hex() for _, part in rows(data, 30)),
    "one line": lambda data: data.hex(), "pairs": lambda data: data.hex(" "),
    "C": lambda data: "unsigned char a[] = {\n" + "\n".join(
        "  " + ", ".join(f"0x{byte:02x}" for byte in part) + "," for _, part in rows(data, 12)
    ) + "\n};\n",
    "upper case": lambda data: xxd(data).upper().replace("0X", "0x"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("image", [SFP, SFP[:256], QSFP["lower"] + QSFP["00"]], ids=["512", "256", "qsfp"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_image_in_every_form(form: str, image: bytes, end: str):
    text = FORMS[form](image).replace("\n", end)
    assert memories_of(text) == [memory_of(image)]


def test_forms_of_128_and_256_bytes():
    assert memories_of(i2cdump(SFP[:256])) == [Memory({"A0": SFP[:256]})]
    assert memories_of(seeprom(SFP[:128])) == [Memory({"A0": SFP[:128]})]


def test_two_addresses_one_after_the_other():
    text = f"# i2cdump -y 1 0x50\n{i2cdump(SFP[:256])}\n# i2cdump -y 1 0x51\n{i2cdump(SFP[256:])}"
    assert memories_of(text) == [memory_of(SFP)]
    assert memories_of(f"{i2cdump(SFP[:256])}\n\n{i2cdump(SFP[256:])}") == [memory_of(SFP)], "without names, too"


def test_pages_by_their_names():
    named = {
        "lower": "Lower page 0h",
        **{name: f"Upper page {name.lstrip('0') or '0'}h" for name in CMIS if name != "lower"},
    }
    text = "EEPROM hexdump for port Ethernet8\n" + "\n".join(
        f"        {title}\n{hexdump_c(CMIS[name], at_first=0 if name == 'lower' else 128)}"
        for name, title in named.items()
    )
    [memory] = memories_of(text)
    assert memory == Memory(CMIS, "Ethernet8")
    assert decode(memory).port.name == "Ethernet8"
    assert decode(memory).lanes == decode(CMIS).lanes


@pytest.mark.parametrize("gap", [8, 7])
def test_an_sfp_as_sonic_prints_it(gap: int):
    def part(title: str, data: bytes, first: int) -> str:
        return f"        {title}\n" + hexdump_c(data, at_first=first, squeeze=False, gap=gap)

    text = "EEPROM hexdump for port Ethernet0\n" + "\n\n".join(
        [part("A0h dump", SFP[:256], 0), part("A2h dump (lower 128 bytes)", SFP[256:384], 0),
         part("A2h dump (upper 128 bytes) page 0h", SFP[384:], 128)]
    )  # fmt: skip
    assert memories_of(text) == [Memory(memory_of(SFP).pages, "Ethernet0")]
    with_more = text + "\n" + part("A2h dump (upper 128 bytes) page 1h", bytes(range(128)), 128)
    [memory] = memories_of(with_more)
    assert (memory.pages, memory.lost) == (memory_of(SFP).pages, True), "that page is no part of A2h's first one"


def test_pages_by_ethtool_s_arguments_which_are_decimal():
    text = "".join(
        f"$ ethtool -m eth1 hex on page {int(name, 16)} bank 0 offset 128 length 128\n{ethtool(CMIS[name], 128)}\n"
        for name in ("00", "01", "02", "10", "11")
    )
    [memory] = memories_of(f"$ ethtool -m eth1 hex on offset 0 length 128\n{ethtool(CMIS['lower'])}\n{text}")
    assert memory.port == "eth1" and dict(memory.pages) == CMIS


def test_several_modules_in_one_text():
    text = "\n".join(f"EEPROM hexdump for port Ethernet{port}\n{hexdump_c(SFP)}" for port in (0, 4, 8))
    assert [memory.port for memory in memories_of(text)] == ["Ethernet0", "Ethernet4", "Ethernet8"]
    text = "\n".join([hexdump_c(SFP), hexdump_c(QSFP["lower"] + QSFP["00"])])
    assert [decode(memory).form_factor for memory in memories_of(text)] == ["SFP+", "QSFP28"]
    text = "\n".join(["# A0h", xxd(SFP[:256]), "# A2h", xxd(SFP[256:])] * 2)
    assert memories_of(text) == [memory_of(SFP)] * 2


def test_pages_of_banks_and_from_offset_zero():
    whole = CMIS["lower"] + CMIS["00"]
    text = f"Page 00h\n{hexdump_c(whole)}\nPage 11h Bank 1\n{hexdump_c(CMIS['11'])}\nUpper page 0x02\n{xxd(CMIS['02'])}"
    [memory] = memories_of(text)
    assert memory.pages == {"lower": CMIS["lower"], "00": CMIS["00"], "11/1": CMIS["11"], "02": CMIS["02"]}


def test_a_hole_ends_what_is_known():
    lines = FORMS["hexdump -C -v"](SFP).splitlines()
    [memory] = memories_of("\n".join(lines[:7] + lines[8:]))
    assert memory.pages == {"A0": SFP[:112]} and memory.lost
    assert "bytes_without_place" in decode(memory).findings


@pytest.mark.parametrize(
    "text",
    ["", "no dump", "00000000", "*\n*\n*", "0000: 03 04 07 10", "12:34:56 link up", "Date 20 24 02 29",
     "        Transceiver codes : 0x10 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00", "# lower page 00h", "deadbeef"],
)  # fmt: skip
def test_what_is_no_dump_is_none(text: str):
    assert memories_of(text) == []


@pytest.mark.parametrize(
    "memory",
    [
        memory_of(SFP),
        memory_of(SFP[:128]),
        Memory(QSFP),
        Memory(CMIS),
        Memory({"00": CMIS["00"]}),
        Memory(CMIS | {"11/1": CMIS["11"]}),
    ],
    ids=lambda memory: "+".join(memory.pages).replace("/", "."),
)
def test_the_bytes_to_keep_are_the_same_memory_again(memory: Memory):
    kept = image_of(memory)
    again = memories_of(kept.decode())[0] if kept.startswith(b"#") else memory_of(kept)
    assert again == memory
    assert modules_of(kept)[0].serial == images.SERIAL


def test_page_00_alone_is_known_by_its_sums():
    assert memory_of(QSFP["00"]) == Memory({"00": QSFP["00"]})
    assert memory_of(CMIS["00"]) == Memory({"00": CMIS["00"]})
    assert memory_of(QSFP["lower"]) == Memory({"lower": QSFP["lower"]})
    assert memories_of(seeprom(QSFP["00"])) == [Memory({"00": QSFP["00"]})]
    assert modules_of(CMIS["00"])[0].serial == images.SERIAL


def test_a_qsfp_at_address_a0_and_an_sfp_by_pages():
    whole = QSFP["lower"] + QSFP["00"]
    text = f"i2cdump -y 3 0x50\n{i2cdump(whole)}\nUpper page 03h\n{hexdump_c(QSFP['03'], at_first=128)}"
    assert decode(memories_of(text)[0]) == decode(QSFP)
    text = f"Lower page 0h\n{hexdump_c(SFP[:128])}\nUpper page 0h\n{hexdump_c(SFP[128:256], at_first=128)}"
    assert decode(memories_of(text)[0]) == decode(SFP[:256])


# --- Files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_texts_in_any_usual_encoding(encoding: str):
    [module] = modules_of(("Gerät 1\n" + hexdump_c(SFP)).encode(encoding))
    assert module.serial == images.SERIAL


@pytest.mark.parametrize("image", [SFP, SFP[:128], QSFP["lower"] + QSFP["00"], CMIS["lower"] + CMIS["00"]], ids=len)
def test_images_as_they_are(image: bytes):
    [module] = modules_of(image)
    assert (module.serial, module.raw) == (images.SERIAL, image)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"hello, this is a letter", "Expected is an image or a hexadecimal dump"),
        (b"\x03\x04\x07", "at least 64 bytes"),
        (b"\x00" * 256, "nothing but 00h"),
        (b"\xff" * 640, "nothing but FFh"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "begins with 89h"),
        (hexdump_c(b"\x06" + bytes(255)).encode(), "begins with 06h"),
    ],
)
def test_what_is_refused_is_told_why_and_what_was_expected(data: bytes, expected: str):
    with pytest.raises(Unreadable) as told:
        modules_of(data)
    assert expected in str(told.value)


def test_a_dump_beside_a_printed_text_brings_its_memory_and_the_text_the_port():
    text = "ethtool -m eth3\n        Identifier                                : 0x03 (SFP)\n"
    text += "        Vendor name                               : ACME OPTICS\n"
    text += f"        Vendor SN                                 : {images.SERIAL}\n{hexdump_c(SFP)}\n"
    [module] = modules_of(text.encode())
    assert (module.raw, module.port.name) == (SFP, "eth3")


def idprom(port: str, data: bytes, temperature: str) -> str:
    """As IOS-XE prints it: ten bytes a row, decimal offsets, readings behind."""
    lines = "\n".join(f"{at:03d}: {part.hex(' ').upper()}" for at, part in rows(data, 10))
    return (
        f"IDPROM for transceiver {port}:\n  SFP-Plus IDPROM Page 0xA0:\n{lines}\n\n"
        f"  Optical       Temperature  High Alarm  High Warn  Low Warn   Low Alarm\n"
        f"  Port          (Celsius)    (Celsius)   (Celsius)  (Celsius)  (Celsius)\n"
        f"  ---------  ------------  ----------  ---------  ---------  ---------\n"
        f"  {port:<9}  {temperature}         75.0        70.0       0.0        -5.0\n"
    )


def test_offsets_may_be_decimal_and_readings_stand_beside_the_dump():
    [module] = modules_of(idprom("Te0/0/5", SFP[:128], "31.5").encode())
    assert (module.port.name, module.serial, module.temperature_c) == ("Te0/0/5", images.SERIAL, 31.5)
    assert module.raw == SFP[:128] and len(module.checksums) == 2
    assert module.limits["temperature_c"].high_alarm == 75


def test_readings_in_the_memory_go_before_those_beside_it():
    text = "".join(
        [f"ethtool -m eth3\n        Identifier                                : 0x03 (SFP)\n{hexdump_c(SFP)}\n",
         f"        Vendor SN                                 : {images.SERIAL}\n",
         "        Module temperature                        : 99.00 degrees C / 210.20 degrees F\n"]
    )  # fmt: skip
    [module] = modules_of(text.encode())
    assert (module.temperature_c, len(module.lanes)) == (36.5, 1)


def test_a_blanked_dump_is_no_reason_to_refuse_the_text():
    [module] = modules_of(idprom("Te0/0/5", bytes(128), "31.5").encode())
    assert (module.port.name, module.serial, module.temperature_c) == ("Te0/0/5", "", 31.5)
