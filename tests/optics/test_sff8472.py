"""An SFP's memory, by SFF-8472: every value known beforehand, encoded by hand."""

import pytest

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.records import Checksum, Limits, Module
from tests.optics import images
from tests.optics.images import celsius, decibels, finish_sfp, milliamperes, padded, put, sfp, volts


def near(value: float) -> object:
    return pytest.approx(value, abs=0.02)


def test_everything_that_a_sound_module_says():
    module = decode(finish_sfp(*sfp()))
    assert (module.form_factor, module.standard, module.connector) == ("SFP+", "SFF-8472", "LC")
    assert (module.vendor, module.part_number, module.revision) == (images.VENDOR, images.PART, "B2")
    assert (module.serial, module.date_code, module.oui) == (images.SERIAL, "2024-02-29 A1", "00:17:6a")
    assert (module.wavelength_nm, module.media, module.dom, module.cable_end) == (850, "optical", True, "")
    assert module.applications == ("10GBASE-SR",)
    assert module.findings == ()
    assert [one.name for one in module.checksums] == ["CC_BASE", "CC_EXT", "CC_DMI"]
    assert all(one.ok for one in module.checksums)
    assert (module.temperature_c, module.voltage_v) == (36.5, 3.3)
    [lane] = module.lanes
    assert (lane.lane, lane.tx_bias_ma, lane.tx_power_dbm, lane.rx_power_dbm) == (1, 7.2, near(-2.5), near(-3.25))
    assert (lane.tx_disabled, lane.tx_fault, lane.rx_los, lane.tx_los) == (False, False, False, None)
    assert module.limits["temperature_c"] == Limits(75, 70, 0, -5)
    assert module.limits["voltage_v"] == Limits(3.63, 3.465, 3.135, 2.97)
    assert module.limits["tx_bias_ma"] == Limits(13.2, 12.6, 5.0, 4.0)
    assert module.limits["tx_power_dbm"] == Limits(0.0, near(-1), near(-5), near(-6))
    assert module.limits["rx_power_dbm"] == Limits(0.0, near(-1), near(-18), near(-20))
    assert set(module.flags.values()) == {"ok"} and len(module.flags) == 5
    assert module.details["length_om3"] == 300 and module.details["length_om1"] == 30
    assert (module.details["rate"], module.details["encoding"]) == (10_300, "64B/66B")
    assert module.details["options"] == ["TX_DISABLE", "TX_FAULT", "LOS"]
    assert (module.details["calibration"], module.details["power_kind"]) == ("internal", "average")


@pytest.mark.parametrize("by", [b" ", b"\x00", b"\xff"])
def test_padding_of_any_kind_is_none_of_the_text(by: bytes):
    module = decode(finish_sfp(*sfp(by=by)))
    assert (module.vendor, module.serial, module.revision) == (images.VENDOR, images.SERIAL, "B2")


@pytest.mark.parametrize(
    ("at", "name"), [(20, "CC_BASE"), (68, "CC_EXT"), (62, "CC_BASE"), (64, "CC_EXT"), (0x100, "CC_DMI")]
)
def test_a_changed_byte_is_found_by_the_sum_over_it(at: int, name: str):
    image = bytearray(finish_sfp(*sfp()))
    image[at] ^= 0x15
    module = decode(bytes(image))
    assert [one.name for one in module.checksums if not one.ok] == [name]
    assert module.findings == ("memory_altered",)
    assert module.serial != "" and len(module.lanes) == 1


def test_the_sums_are_those_of_the_bytes():
    a0, a2 = sfp()
    image = bytearray(finish_sfp(a0, a2))
    image[63] ^= 0xFF
    assert decode(bytes(image)).checksums[0] == Checksum("CC_BASE", a0[63] ^ 0xFF, sum(a0[:63]) % 256)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({12: 13, 3: 0, 6: 1}, "SFP"),
        ({12: 103, 3: 0}, "SFP+"),
        ({12: 0, 3: 0x20}, "SFP+"),
        ({12: 255, 66: 103, 3: 0}, "SFP28"),
        ({12: 255, 66: 0, 36: 0x02}, "SFP28"),
        ({12: 85, 3: 0}, "SFP"),
        ({36: 0x41}, "SFP56"),
        ({0: 0x0B}, "DWDM-SFP"),
    ],
)
def test_the_form_factor_follows_rate_and_standards(edits: dict[int, int], expected: str):
    a0, a2 = sfp()
    for at, value in edits.items():
        a0[at] = value
    assert decode(finish_sfp(a0, a2)).form_factor == expected


def test_lengths_by_medium_and_the_rest_of_what_is_told():
    a0, a2 = sfp()
    a0[14:20] = bytes([10, 100, 8, 3, 40, 30])
    told = decode(finish_sfp(a0, a2)).details
    assert (told["length_smf"], told["length_om2"], told["length_om1"]) == (10_000, 80, 30)
    assert (told["length_om4"], told["length_om3"], told["revision_of_standard"]) == (400, 300, "12.3")
    a0[14:16] = bytes([0, 5])
    assert decode(finish_sfp(a0, a2)).details["length_smf"] == 500
    a0[8], a0[3], a0[18] = 4, 0, 7
    assert decode(finish_sfp(a0, a2)).details["length_cable"] == 7
    a0[64] = 0x20
    assert decode(finish_sfp(a0, a2)).details["power_most"] == 2.0


def test_negative_temperatures():
    a0, a2 = sfp()
    put(a2, 96, celsius(-12.75))
    assert decode(finish_sfp(a0, a2)).temperature_c == -12.75


def test_no_light_is_dark_and_the_smallest_light_is_not():
    a0, a2 = sfp()
    put(a2, 102, b"\x00\x01")
    put(a2, 104, b"\x00\x00")
    [lane] = decode(finish_sfp(a0, a2)).lanes
    assert (lane.tx_power_dbm, lane.rx_power_dbm, lane.dark) == (-40.0, None, {"rx_power_dbm"})


def test_the_module_says_itself_what_is_wrong():
    a0, a2 = sfp()
    a2[110] = 0b1000_0110
    a2[112], a2[113], a2[116], a2[117] = 0b1000_0110, 0b0100_0000, 0b0010_0000, 0b0100_0000
    module = decode(finish_sfp(a0, a2))
    assert module.flags == {"temperature_c": "high_alarm", "voltage_v": "high_warning", "1.tx_bias_ma": "low_alarm",
                            "1.tx_power_dbm": "high_alarm", "1.rx_power_dbm": "low_alarm"}  # fmt: skip
    assert (module.lanes[0].tx_disabled, module.lanes[0].tx_fault, module.lanes[0].rx_los) == (True, True, True)
    a0[93] = 0
    module = decode(finish_sfp(a0, a2))
    assert module.flags == {}, "not implemented"
    assert (module.lanes[0].tx_disabled, module.lanes[0].tx_fault, module.lanes[0].rx_los) == (None, None, None)


@pytest.mark.parametrize(("status", "disabled"), [(0x80, True), (0x40, True), (0x3F, False)])
def test_the_transmitter_is_switched_off_by_its_pin_or_by_its_register(status: int, disabled: bool):
    a0, a2 = sfp()
    a2[110] = status & 0xFE
    assert decode(finish_sfp(a0, a2)).lanes[0].tx_disabled is disabled


def test_a_module_that_is_not_ready_says_so():
    a0, a2 = sfp()
    a2[110] = 1
    assert decode(finish_sfp(a0, a2)).findings == ("module_not_ready",)


def test_high_and_low_at_once_says_nothing():
    a0, a2 = sfp()
    a2[112] = 0b1100_0000
    module = decode(finish_sfp(a0, a2))
    assert "temperature_c" not in module.flags and len(module.flags) == 4
    assert module.findings == ("flags_contradictory",)


# --- What is missing, and what is no light ---------------------------------------------------------------------------


def test_diagnostics_that_were_not_read():
    a0, _ = sfp()
    module = decode(finish_sfp(a0))
    assert (module.dom, module.lanes, module.findings) == (True, (), ("diagnostics_not_read",))
    blank = decode(finish_sfp(a0) + bytes(256))
    assert (blank.lanes, "diagnostics_blank" in blank.findings) == ((), True)


def test_a_module_without_diagnostics_has_none_whatever_stands_at_the_second_address():
    a0, a2 = sfp()
    a0[92] = 0x28  # says how it would be calibrated, and that it measures nothing
    module = decode(finish_sfp(a0, a2))
    assert (module.dom, module.lanes, module.limits, len(module.checksums)) == (False, (), {}, 2)


def test_limits_of_zero_stay_visible():
    a0, a2 = sfp()
    put(a2, 0, bytes(40))
    module = decode(finish_sfp(a0, a2))
    assert module.limits["temperature_c"] == Limits(0, 0, 0, 0)
    assert module.limits["rx_power_dbm"] == Limits(None, None, None, None)
    assert len(module.lanes) == 1


@pytest.mark.parametrize(
    ("edits", "media"),
    [
        ({8: 0x04, 3: 0, 60: 0x01, 61: 0x00, 2: 0x21}, "copper"),
        ({8: 0x08, 3: 0, 60: 0x04, 61: 0x00, 2: 0x21}, "active_copper"),
        ({8: 0x08, 3: 0, 2: 0x23}, "active_optical"),
        ({36: 0x18, 3: 0, 2: 0x23}, "active_optical"),
        ({36: 0x08, 3: 0}, "active_copper"),
        ({36: 0x0B, 3: 0}, "copper"),
        ({6: 0x08, 3: 0, 2: 0x22}, "copper"),
        ({36: 0x16, 3: 0, 2: 0x22}, "copper"),
        ({}, "optical"),
    ],
)
def test_what_carries_the_signal(edits: dict[int, int], media: str):
    a0, a2 = sfp()
    for at, value in edits.items():
        a0[at] = value
    module = decode(finish_sfp(a0, a2))
    assert module.media == media
    assert module.wavelength_nm == (850 if "optical" in media else None), "copper has compliance bits there"


@pytest.mark.parametrize(("nanometres", "found"), [(33_685, None), (599, None), (650, 650), (1_700, 1_700), (0, None)])
def test_a_wavelength_that_no_laser_has_is_a_finding(nanometres: int, found: float | None):
    a0, a2 = sfp()
    put(a0, 60, nanometres.to_bytes(2, "big"))
    module = decode(finish_sfp(a0, a2))
    assert module.wavelength_nm == found
    assert module.findings == (("wavelength_implausible",) if nanometres and found is None else ())


@pytest.mark.parametrize(
    ("serial", "copper", "end"),
    [("C1907253451-2", True, "2"), ("LCC2429H3GD-A", True, "A"), ("C1907253451-2", False, ""), ("AB-C3", True, "")],
)
def test_a_cable_s_serial_number_names_its_end(serial: str, copper: bool, end: str):
    a0, a2 = sfp()
    put(a0, 68, padded(serial, 16))
    a0[8] = 0x04 if copper else 0
    module = decode(finish_sfp(a0, a2))
    assert (module.serial, module.cable_end) == (serial, end)


@pytest.mark.parametrize(
    ("raw", "found"), [(b"1.0 ", "1.0"), (b"\x01\x02\x00\x00", "0x0102"), (b"    ", ""), (b"\x00A  ", "A")]
)
def test_odd_revisions(raw: bytes, found: str):
    a0, a2 = sfp()
    put(a0, 56, raw)
    module = decode(finish_sfp(a0, a2))
    assert (module.revision, module.findings) == (found, ())


def test_letters_that_are_none_are_kept_as_a_gap_and_found():
    a0, a2 = sfp()
    put(a0, 20, b"AC\x01ME\xb5" + b" " * 10)
    module = decode(finish_sfp(a0, a2))
    assert (module.vendor, module.findings) == ("AC?ME?", ("text_unreadable",))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("240229", "2024-02-29"),
        ("24022907", "2024-02-29 07"),
        ("19011012", "2019-01-10 12"),
        ("230229", "230229"),
        ("991340", "991340"),
        ("WK12", "WK12"),
        ("", ""),
    ],
)
def test_a_date_code_is_a_short_date_and_a_lot_and_nothing_else_is_one(raw: str, found: str):
    a0, a2 = sfp()
    put(a0, 84, padded(raw, 8))
    assert decode(finish_sfp(a0, a2)).date_code == found


@pytest.mark.parametrize("length", [1, 20, 40, 64, 95])
def test_identity_survives_in_what_is_left(length: int):
    module = decode(finish_sfp(*sfp())[:length])
    assert "truncated" in module.findings and "checksum_missing" in module.findings
    assert module.vendor == (images.VENDOR if length >= 36 else "")
    assert module.part_number == (images.PART if length >= 56 else "")
    assert isinstance(module, Module)


def test_raw_is_what_was_read():
    image = finish_sfp(*sfp())
    assert decode(image).raw == decode(bytearray(image)).raw == image
    assert decode({"A0": image[:256], "A2": image[256:]}) == decode(image)


def test_units_of_the_encoder_itself():
    assert (celsius(-0.5), volts(3.3), milliamperes(2), decibels(0)) == (
        b"\xff\x80", b"\x80\xe8", b"\x03\xe8", b"\x27\x10",
    )  # fmt: skip
