"""Any text is either read or refused: nothing else comes out, and it does not take for ever."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import LONGEST, read_text
from registry.optics.decoder.records import PER_LANE, STATES, VERDICTS, Module
from registry.optics.verdicts.judging import judge, states_of
from tests.optics import printed, printed_more

TEXTS = [text for name, text in sorted((vars(printed) | vars(printed_more)).items()) if name.isupper()]
PIECES = sorted(
    {piece for text in TEXTS for line in text.splitlines() for piece in (line, line.strip().partition(":")[0])}
)
NASTY = [
    "-inf",
    "nan",
    "1e999",
    "9" * 5000,
    "-",
    "--",
    "++",
    "N/A",
    "\x00",
    "\ud800",
    "﷽",
    "<",
    "{",
    "[",
    "%s",
    "\x1b[2J",
]
FILLERS = [" ", "\n", "-", "- ", "--More", "((", "Lane ", "1 ", "1.", "\t:", "\x1b[", "<a", "a" + " " * 400 + "b\n"]


def holds(text: str) -> list[Module]:
    """Reads a text, and checks everything that is promised of what comes out."""
    try:
        found = read_text(text)
    except Unreadable as refused:
        assert str(refused)
        return []
    assert found
    for module in found:
        whole_and_judged(module)
    return found


def whole_and_judged(module: Module) -> None:
    for lane in module.lanes:
        assert 0 <= lane.lane <= 16
        for name in PER_LANE:
            value = getattr(lane, name)
            assert value is None or math.isfinite(value)
            assert not (name in lane.dark and value is not None and not name.endswith("_dbm"))
    assert set(module.flags.values()) | set(states_of(module).values()) <= set(STATES)
    verdict, reasons = judge(module)
    assert verdict in VERDICTS and reasons and all(str(reason) for reason in reasons)


@given(st.text(max_size=400))
def test_any_text(text):
    holds(text)


@given(
    st.lists(st.sampled_from(PIECES) | st.sampled_from(NASTY) | st.text(max_size=30), max_size=60),
    st.sampled_from("\n :"),
)
def test_any_heap_of_pieces(pieces, glue):
    holds(glue.join(pieces))


@given(st.sampled_from(TEXTS), st.data())
def test_any_text_cut_and_spoilt(text, data):
    """A piece taken out and something else put in: what is left is read or refused."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 300)))
    holds(text[:start] + data.draw(st.sampled_from(NASTY) | st.text(max_size=20)) + text[end:])


@given(st.sampled_from(TEXTS), st.data())
def test_any_lines_left_out_doubled_and_swapped(text, data):
    """What a bad copy makes of real forms: a header without its rows, rows of another table, a port twice."""
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        here, there = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
        lines[here:here] = [lines[there]] if data.draw(st.booleans()) else []
        lines[here], lines[there] = lines[there], lines[here]
        del lines[there : there + data.draw(st.integers(0, 1))]
        lines = lines or [""]
    holds("\n".join(lines))


@given(st.sampled_from(TEXTS), st.integers(0, 40), st.sampled_from(NASTY))
def test_any_value_replaced(text, at, nasty):
    words = text.split(" ")
    words[at * len(words) // 41] = nasty
    holds(" ".join(words))


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_each_value_gone(text):
    """Every single one: a value that is missing leaves its unit alone in the row."""
    words = text.split(" ")
    for at, word in enumerate(words):
        if word:
            for nasty in ("", "\x00"):
                holds(" ".join([*words[:at], nasty, *words[at + 1 :]]))


@pytest.mark.parametrize(
    "text",
    [
        *(piece * (100_000 // len(piece)) for piece in FILLERS),
        *(f"{text}\n" + "\n" * 100_000 for text in TEXTS),
        "Port (dBm)\n" + "--- " * 50_000,
        "Port (dBm)\n---- ----\n" + "Et1 " + "-1 -- " * 50_000,
        "Identifier : 0x03 (SFP)\nVendor name : " + "x " * 100_000,
        "Identifier : 0x03\nVendor" + (" a" * 50 + ": b\n") * 2_000,
        "x: SFP EEPROM detected\n" + "RX" + "9" * 100_000 + "Power: 1\n" + "a:" * 50_000,
        "Transceiver in 1\n" + "rx power low " * 30_000,
        "Controller State: Up\nOptics\nDetected Alarms:\n" + "LOW-" * 100_000,
        "Xcvr Type: SFP\nThresholds:" + "Alarm High " * 30_000 + "\nBias:" + "1.0 mW (" * 30_000,
        '"identifier" "vendor_\n' + "[" * 100_000,
        '{"interfaces": "txPower"\n' + '{"a":' * 50_000,
        '"interfaces" "txPower"\n' + "[\n" * 50_000,
        "<rpc-reply>" + "<optics-diagnostics>" * 20_000,
        "<rpc-reply" + " a:b=" * 50_000 + "<optics-diagnostics",
        "Ethernet1/1\n transceiver is present\n" + "Temperature " + "- " * 100_000,
        "Physical interface: a\nLaser" + " bias" * 50_000 + " : 1 mA\nLane 1" + " " * 100_000,
        "Ethernet1 is up" * 20_000,
        '"TABLE_interface" "sfp"\n' + '{"a":[' * 50_000,
        "<sfp>" + "<TABLE_interface>" * 50_000,
        "<sfp>" + "<TABLE_interface></TABLE_interface>" * 20_000,
        '"optics-diagnostics" "physical-interface"\n' + "[" * 100_000,
        "Port 1\nTX bias current\nOptical TX power\n" + "Channel 1 " + "1.0 " * 100_000,
        "The Transceiver in slot 0 subslot 0 port 0 is enabled.\n" * 10_000,
        "fc1/1 sfp is present\n" * 20_000,
    ],
)  # fmt: skip
def test_long_hostile_texts_are_read_or_refused(text):
    holds(text)


def test_a_text_that_is_too_long_is_not_even_looked_at():
    with pytest.raises(Unreadable, match="characters"):
        read_text("x" * (LONGEST + 1))


def test_a_thousand_modules_in_one_text():
    ports = "".join(printed.NXOS.replace("Ethernet1/", f"Ethernet{slot}/") for slot in range(1, 501))
    assert len(read_text(ports)) == 1000
