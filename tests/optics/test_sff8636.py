"""A QSFP's memory, by SFF-8636: every value known beforehand, encoded by hand."""

import pytest

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.records import Limits
from tests.optics import images
from tests.optics.images import decibels, finish_qsfp, padded, put, qsfp


def near(value: float) -> object:
    return pytest.approx(value, abs=0.02)


def test_everything_that_a_sound_module_says():
    module = decode(finish_qsfp(qsfp()))
    assert (module.form_factor, module.standard, module.connector) == ("QSFP28", "SFF-8636", "LC")
    assert (module.vendor, module.part_number, module.revision) == (images.VENDOR, "AO-QSFP28-LR4", "1A")
    assert (module.serial, module.date_code, module.oui) == (images.SERIAL, "2024-02-29", "00:02:c9")
    assert (module.wavelength_nm, module.media, module.dom) == (1302.35, "optical", True)
    assert module.applications == ("100GBASE-LR4 or 25GBASE-LR",)
    assert [(one.name, one.ok) for one in module.checksums] == [("CC_BASE", True), ("CC_EXT", True)]
    assert (module.findings, module.temperature_c, module.voltage_v) == ((), 41.25, 3.28)
    assert [lane.lane for lane in module.lanes] == [1, 2, 3, 4]
    for number, lane in enumerate(module.lanes):
        assert lane.tx_bias_ma == 30.0 + number
        assert (lane.tx_power_dbm, lane.rx_power_dbm) == (near(0.5 + number / 10), near(-1.0 - number))
        assert (lane.tx_disabled, lane.tx_fault, lane.tx_los, lane.rx_los) == (False, False, False, False)
        assert (lane.in_use, lane.dark) == (None, frozenset())
    assert module.limits["temperature_c"] == Limits(75, 70, 0, -5)
    assert module.limits["voltage_v"] == Limits(3.63, 3.465, 3.135, 2.97)
    assert module.limits["tx_bias_ma"] == Limits(13.2, 12.6, 5.0, 4.0)
    assert module.limits["tx_power_dbm"] == Limits(0.0, near(-1), near(-5), near(-6))
    assert module.limits["rx_power_dbm"] == Limits(0.0, near(-1), near(-18), near(-20))
    assert len(module.flags) == 14 and set(module.flags.values()) == {"ok"}
    told = module.details
    assert (told["length_smf"], told["rate"], told["encoding"]) == (10_000, 26_000, "64B/66B")
    assert (told["technology"], told["power_most"], told["revision_of_standard"]) == (
        "1310 nm DFB", 3.5, "SFF-8636 2.5",
    )  # fmt: skip


@pytest.mark.parametrize(("at", "name"), [(150, "CC_BASE"), (190, "CC_BASE"), (200, "CC_EXT"), (222, "CC_EXT")])
def test_a_changed_byte_is_found_by_the_sum_over_it(at: int, name: str):
    pages = qsfp()
    finish_qsfp(pages)
    pages["00"][at - 128] ^= 0x01
    module = decode({page: bytes(data) for page, data in pages.items()})
    assert [one.name for one in module.checksums if not one.ok] == [name]
    assert module.findings == ("memory_altered",)


def test_bytes_beyond_the_sums_are_the_vendor_s_own():
    pages = qsfp()
    finish_qsfp(pages)
    pages["00"][224 - 128] ^= 0x40
    assert decode({page: bytes(data) for page, data in pages.items()}).findings == ()


def test_each_lane_s_flags_and_states_are_its_own():
    pages = qsfp()
    lower = pages["lower"]
    lower[3], lower[4], lower[86] = 0b0100_0001, 0b0000_1000, 0b0000_0010
    lower[6], lower[7] = 0b1010_0000, 0b0001_0000
    lower[9], lower[10] = 0b1000_0100, 0b0010_0001  # RX: high alarm, low alarm, high warning, low warning
    lower[11], lower[14] = 0b0000_0001, 0b0101_0000
    module = decode(finish_qsfp(pages))
    assert [lane.rx_los for lane in module.lanes] == [True, False, False, False]
    assert [lane.tx_los for lane in module.lanes] == [False, False, True, False]
    assert [lane.tx_fault for lane in module.lanes] == [False, False, False, True]
    assert [lane.tx_disabled for lane in module.lanes] == [False, True, False, False]
    assert (module.flags["temperature_c"], module.flags["voltage_v"]) == ("high_alarm", "low_warning")
    assert [module.flags[f"{lane}.rx_power_dbm"] for lane in (1, 2, 3, 4)] == [
        "high_alarm", "low_alarm", "high_warning", "low_warning",
    ]  # fmt: skip
    assert module.flags["2.tx_bias_ma"] == "low_warning" and module.flags["3.tx_power_dbm"] == "low_alarm"


def test_a_module_that_is_not_ready_says_so():
    pages = qsfp()
    pages["lower"][2] = 0x01
    assert decode(finish_qsfp(pages)).findings == ("module_not_ready",)


def test_what_a_module_does_not_implement_it_says_nothing_of():
    pages = qsfp()
    pages["00"][195 - 128] = 0
    lane = decode(finish_qsfp(pages)).lanes[0]
    assert (lane.tx_disabled, lane.tx_fault, lane.tx_los, lane.rx_los) == (None, None, None, False)


def test_transmit_power_that_is_not_measured_is_no_darkness():
    pages = qsfp()
    put(pages["lower"], 50, bytes(8))
    assert [lane.dark for lane in decode(finish_qsfp(pages)).lanes] == [{"tx_power_dbm"}] * 4
    pages["00"][220 - 128] = 0x08
    module = decode(finish_qsfp(pages))
    assert [(lane.tx_power_dbm, lane.dark) for lane in module.lanes] == [(None, frozenset())] * 4
    assert not [name for name in module.flags if "tx_power" in name]


def test_transmit_power_that_is_there_is_shown_whatever_the_module_says_of_measuring_it():
    pages = qsfp()
    pages["00"][220 - 128] = 0
    assert decode(finish_qsfp(pages)).lanes[0].tx_power_dbm == near(0.5)


def test_a_flat_memory_measures_if_anything_stands_there():
    pages = qsfp()
    pages["lower"][2] = 0x04
    assert decode(finish_qsfp(pages)).dom is True
    put(pages["lower"], 22, bytes(36))
    assert decode(finish_qsfp(pages)).dom is False


def test_a_lane_without_light_is_dark_beside_others():
    pages = qsfp()
    put(pages["lower"], 36, decibels(None))
    assert [lane.dark for lane in decode(finish_qsfp(pages)).lanes] == [
        frozenset(), {"rx_power_dbm"}, frozenset(), frozenset(),
    ]  # fmt: skip


def test_a_lane_that_is_not_there_says_nothing():
    pages = qsfp()
    pages["lower"][113] = 0b1100
    put(pages["lower"], 38, bytes(4))
    module = decode(finish_qsfp(pages))
    assert [lane.in_use for lane in module.lanes] == [None, None, False, False]
    assert module.lanes[2].dark == frozenset() and "3.rx_power_dbm" not in module.flags


@pytest.mark.parametrize(
    ("bits", "revision", "most", "watts"),
    [(0x00, 7, 0, 1.5), (0x40, 7, 0, 2.0), (0xC0, 7, 0, 3.5), (0xC1, 7, 0, 4.0), (0xC2, 7, 0, 4.5), (0xC3, 7, 0, 5.0),
     (0xE0, 8, 65, 6.5), (0xE0, 6, 65, 3.5)],
)  # fmt: skip
def test_power_classes_depend_on_the_revision(bits: int, revision: int, most: int, watts: float):
    pages = qsfp(revision=revision)
    pages["00"][1], pages["lower"][107] = bits, most
    assert decode(finish_qsfp(pages)).details["power_most"] == watts


@pytest.mark.parametrize(
    ("edits", "media"),
    [
        ({147: 0xA0, 130: 0x23}, "copper"),
        ({147: 0xB0, 130: 0x23}, "copper"),
        ({147: 0xC0, 130: 0x23}, "active_copper"),
        ({131: 0x08, 192: 0}, "copper"),
        ({192: 0x0B}, "copper"),
        ({192: 0x01, 147: 0, 130: 0x23}, "active_optical"),
        ({192: 0x31, 147: 0}, "active_optical"),
        ({192: 0x19, 147: 0}, "active_copper"),
        ({192: 0, 131: 0, 147: 0, 130: 0x23}, "active_optical"),
        ({192: 0x02, 147: 0}, "optical"),
    ],
)
def test_what_carries_the_signal(edits: dict[int, int], media: str):
    pages = qsfp()
    for at, value in edits.items():
        pages["00"][at - 128] = value
    put(pages["00"], 196 - 128, padded("C1907253451-2", 16))
    module = decode(finish_qsfp(pages))
    assert module.media == media
    assert module.wavelength_nm == (1302.35 if "optical" in media else None), "copper has attenuation there"
    assert module.cable_end == ("" if media == "optical" else "2")
    assert module.dom is (media != "copper")


def test_a_cable_of_copper_measures_nothing():
    pages = qsfp()
    pages["00"][147 - 128] = 0xA0
    module = decode(finish_qsfp(pages))
    assert (module.dom, module.lanes, module.limits, module.flags) == (False, (), {}, {})


def test_diagnostics_that_are_blank_or_were_not_read():
    pages = qsfp()
    put(pages["lower"], 22, bytes(36))
    module = decode(finish_qsfp(pages))
    assert (module.dom, module.lanes, module.findings) == (True, (), ("diagnostics_blank",))
    pages = finish_qsfp(qsfp())
    module = decode({"00": pages["00"]})
    assert (module.serial, module.dom, "truncated" in module.findings) == (images.SERIAL, None, True)
    assert module.form_factor == "QSFP28"
    other = qsfp()
    other["00"][0] = 0x0D
    assert decode(finish_qsfp(other)).form_factor == "QSFP28", "byte 0 goes before its copy"


def test_limits_need_page_03():
    pages = finish_qsfp(qsfp())
    assert decode({"lower": pages["lower"], "00": pages["00"]}).limits == {}
    assert decode(pages | {"03": b"\xff" * 128}).limits == {}
    pages["03"] = bytes(128)
    assert decode(pages).limits["temperature_c"] == Limits(0, 0, 0, 0)
    flat = qsfp()
    flat["lower"][2], flat["03"] = 0x04, bytearray(128)
    module = decode(finish_qsfp(flat))
    assert (module.limits, module.flags, len(module.lanes)) == ({}, {}, 4)


@pytest.mark.parametrize(("identifier", "name"), [(0x0C, "QSFP"), (0x0D, "QSFP+"), (0x11, "QSFP28")])
def test_form_factors(identifier: int, name: str):
    assert decode(finish_qsfp(qsfp(identifier=identifier))).form_factor == name


def test_lengths_by_medium_and_the_rest_of_what_is_told():
    pages = qsfp()
    put(pages["00"], 142 - 128, bytes([2, 50, 40, 30, 75]))
    put(pages["00"], 188 - 128, (1300).to_bytes(2, "big") + bytes([85]))
    told = decode(finish_qsfp(pages)).details
    assert (told["length_smf"], told["length_om3"], told["length_om2"], told["length_om1"]) == (2000, 100, 40, 30)
    assert (told["length_om4"], told["tolerance"], told["case_temperature_most"]) == (150, 6.5, 85)
    pages["00"][147 - 128], pages["00"][140 - 128] = 0xA0, 103
    told = decode(finish_qsfp(pages)).details
    assert (told["length_cable"], told["rate"], "tolerance" in told) == (75, 10_300, False)


def test_an_image_is_the_same_as_its_pages():
    pages = finish_qsfp(qsfp())
    image = pages["lower"] + pages["00"] + bytes(256) + pages["03"]
    module = decode(image)
    assert (module.lanes, module.limits, module.raw) == (decode(pages).lanes, decode(pages).limits, image)


@pytest.mark.parametrize(("said", "found"), [(0x0C, (None, None)), (0x2C, (0.0, None)), (0x3C, (0.0, 0.0))])
def test_zero_of_what_is_not_monitored_is_none_since_revision_2_8(said: int, found: tuple[float | None, ...]):
    pages = qsfp(revision=8)
    put(pages["lower"], 22, bytes(6))
    pages["00"][220 - 128] = said
    module = decode(finish_qsfp(pages))
    assert (module.temperature_c, module.voltage_v) == found
