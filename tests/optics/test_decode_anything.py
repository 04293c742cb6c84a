"""Whatever the bytes are: a module, never an exception, and nothing that could not be shown as JSON."""

import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.dumps import memories_of
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.memory import memory_of
from registry.optics.decoder.reading import LEAST, modules_of
from registry.optics.decoder.records import PARAMETERS, STATES, VERDICTS, Module
from registry.optics.showing import as_data, as_lines
from tests.optics import images
from tests.optics.samples import EEPROM, needed, pages_of

IDENTIFIERS = (0x01, 0x02, 0x03, 0x0B, 0x0C, 0x0D, 0x11, *range(0x18, 0x22))


def holds(module: Module) -> None:
    """What is true of every module, whatever it was read from."""
    data = json.loads(json.dumps(as_data(module), allow_nan=False))
    assert data["verdict"] in VERDICTS
    assert set(data["states"].values()) <= set(STATES)
    assert data["reasons"] and all(data["reasons"])
    assert {key.rpartition(".")[2] for key in data["states"]} <= set(PARAMETERS)
    for lane in module.lanes:
        for name in ("tx_power_dbm", "rx_power_dbm"):
            power = getattr(lane, name)
            assert power is None or math.isfinite(power), name
            assert name not in lane.dark or power is None
    for text in (module.vendor, module.part_number, module.revision, module.serial, module.date_code):
        assert text.isprintable() and text == text.strip()
    assert as_lines(module)
    if module.raw and len(module.raw) >= LEAST:
        assert decode_again(module.raw) in (module.serial, None)


def decode_again(raw: bytes) -> str | None:
    """The serial number in the bytes that are kept; None of a few that name their pages, which are no dump any more."""
    if not raw.startswith(b"# "):
        return decode(raw).serial
    dumped = memories_of(raw.decode())
    return decode(dumped[0]).serial if dumped else None


@given(st.binary(max_size=900), st.sampled_from([*IDENTIFIERS, None]))
@settings(max_examples=250)
def test_any_bytes(data: bytes, identifier: int | None):
    holds(decode(bytes([identifier]) + data if identifier is not None else data))


PAGES = ("A0", "A2", "lower", "00", "01", "02", "03", "10", "11", "11/1", "10/1")


@given(st.dictionaries(st.sampled_from(PAGES), st.binary(max_size=256)), st.sampled_from(IDENTIFIERS))
@settings(max_examples=150)
def test_any_pages(pages: dict[str, bytes], identifier: int):
    found = {name: bytes([identifier]) + page[1:] if name in ("A0", "lower") else page for name, page in pages.items()}
    holds(decode(found))


WHOLE = {
    "sfp": memory_of(images.finish_sfp(*images.sfp())).pages,
    "external": memory_of(images.finish_sfp(*images.sfp(0x58))).pages,
    "qsfp": images.finish_qsfp(images.qsfp()),
    "cmis": images.finish_cmis(images.cmis()),
}


@pytest.mark.parametrize("name", WHOLE)
def test_sound_memories_with_anything_changed(name: str):
    randomly_changed(WHOLE[name], random.Random(name), times=150)


@pytest.mark.parametrize(
    "path", EEPROM or [pytest.param(None, marks=needed)], ids=lambda path: path.stem if path else "none"
)
def test_real_memories_with_anything_changed(path):
    randomly_changed(pages_of(path), random.Random(path.stem), times=60)


def randomly_changed(pages, chance: random.Random, times: int) -> None:
    for _time in range(times):
        changed = {name: bytearray(page) for name, page in pages.items()}
        for _change in range(chance.choice((1, 1, 2, 5, 40))):
            page = changed[chance.choice(list(changed))]
            if len(page) < 2:
                continue
            how = chance.random()
            if how < 0.6:
                page[chance.randrange(len(page))] = chance.randrange(256)
            elif how < 0.75:
                at = chance.randrange(len(page))
                page[at : at + 16] = bytes([chance.choice((0, 0xFF, 0x7F, 0x80))]) * len(page[at : at + 16])
            elif how < 0.9:
                del page[chance.randrange(len(page)) :]
            else:
                page[0] = chance.choice(IDENTIFIERS)
        if chance.random() < 0.2:
            del changed[chance.choice(list(changed))]
        holds(decode({name: bytes(page) for name, page in changed.items()}))


TOKENS = ("0", "00", "03 04 07 10 ", "\n", "*\n", ":", "0x", "|", "00000010  ", "A0h\n", "page 1", "upper ",
          "lower page\n", "ethtool -m e0\n", "bank 9", "ff" * 16, "\t", "  ", "zz", "7fffffff  ", "port ",
          "\x1b[0m", "é")  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=120).map("".join) | st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_is_a_result_or_a_refusal(text: str):
    data = text.encode("utf-8", "surrogatepass")
    try:
        found = modules_of(data)
    except Unreadable as refused:
        assert str(refused)
    else:
        assert found
        for module in found:
            holds(module)


LONG = (
    "00 " * 8 + " " * 60_000 + "z",
    "00," * 60_000 + "z",
    "0" * 150_000 + "z",
    "00000000" + " " * 100_000,
    "i2c " * 40_000,
    "page " * 40_000,
    "0x" * 80_000,
    "0000: " + "00 " * 60_000 + "|" * 9,
    " " * 190_000 + "lower",
    "port" + " " * 190_000,
)


@pytest.mark.parametrize("line", LONG, ids=lambda line: line[:8].strip())
def test_long_lines_cost_no_more_than_their_length(line: str):
    assert memories_of("\n".join([line] * 5)) == [] or line.startswith("0000:")


def test_a_dump_with_absurd_offsets_costs_no_memory():
    line = "03 04 07 10 00 00 00 00 00 00 00 06 67 00 00 00"
    text = f"00000000  {line}\n*\nffffffff  {line}\n" + "".join(
        f"{at:08x}  {line}\n*\n" for at in range(0, 1 << 22, 1 << 14)
    )
    assert sum(len(page) for memory in memories_of(text) for page in memory.pages.values()) < 1 << 22
