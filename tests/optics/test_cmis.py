"""A CMIS module's memory: every value known beforehand, encoded by hand."""

import pytest

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.records import Limits
from registry.optics.showing import as_data
from tests.optics import images
from tests.optics.images import cmis, finish_cmis, padded, put


def near(value: float) -> object:
    return pytest.approx(value, abs=0.02)


def test_everything_that_a_sound_module_says():
    module = decode(finish_cmis(cmis()))
    assert (module.form_factor, module.standard, module.connector) == ("QSFP-DD", "CMIS 5.0", "MPO 1x12")
    assert (module.vendor, module.part_number, module.revision) == (images.VENDOR, "AO-QDD-DR4", "10")
    assert (module.serial, module.date_code, module.oui) == (images.SERIAL, "2024-02-29", "00:1c:73")
    assert (module.wavelength_nm, module.media, module.dom) == (1311, "optical", True)
    assert module.applications == ("400GBASE-DR4", "100GBASE-FR1")
    assert [(one.name, one.ok) for one in module.checksums] == [("PAGE_00", True), ("PAGE_01", True), ("PAGE_02", True)]
    assert (module.findings, module.temperature_c, module.voltage_v) == ((), 48.5, 3.3)
    assert len(module.lanes) == 8
    for number, lane in enumerate(module.lanes[:4]):
        assert (lane.lane, lane.tx_bias_ma) == (number + 1, 80.0 + number)
        assert (lane.tx_power_dbm, lane.rx_power_dbm) == (near(2.0 + number / 10), near(1.0 + number / 10))
        assert (lane.tx_disabled, lane.tx_fault, lane.tx_los, lane.rx_los) == (False, False, False, False)
        assert lane.in_use is None
    assert {(lane.in_use, lane.dark) for lane in module.lanes[4:]} == {(False, frozenset())}, "has four of the media"
    assert module.limits["temperature_c"] == Limits(75, 70, 0, -5)
    assert module.limits["voltage_v"] == Limits(3.63, 3.465, 3.135, 2.97)
    assert module.limits["tx_bias_ma"] == Limits(13.2, 12.6, 5.0, 4.0)
    assert module.limits["tx_power_dbm"] == Limits(0.0, near(-1), near(-5), near(-6))
    assert module.limits["rx_power_dbm"] == Limits(0.0, near(-1), near(-18), near(-20))
    assert len(module.flags) == 2 + 4 * 3 and set(module.flags.values()) == {"ok"}
    told = module.details
    assert (told["power_class"], told["power_most"], told["technology"]) == (5, 10, "1310 nm EML")
    assert (told["length_smf"], told["laser_temperature"], told["firmware"]) == (2000, 55.0, "2.7")
    assert told["applications"][0] == {
        "host": "400GAUI-8 C2M", "media": "400GBASE-DR4", "host_lanes": 8, "media_lanes": 4, "begins": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("revision", "shown"), [(0x30, "CMIS 3.0"), (0x40, "CMIS 4.0"), (0x52, "CMIS 5.2")])
def test_revisions(revision: int, shown: str):
    module = decode(finish_cmis(cmis(revision=revision)))
    assert module.standard == shown and len(module.lanes) == 8


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_step_of_bias_is_as_large_as_the_module_says(scale: int):
    module = decode(finish_cmis(cmis(bias_scale=scale)))
    assert [lane.tx_bias_ma for lane in module.lanes[:4]] == [80, near(81), 82, near(83)]
    assert module.limits["tx_bias_ma"].high_alarm == near(13.2)


def test_without_the_page_that_tells_the_step_there_is_no_bias():
    pages = finish_cmis(cmis())
    del pages["01"]
    module = decode(pages)
    assert [lane.tx_bias_ma for lane in module.lanes] == [None] * 8
    assert "tx_bias_ma" not in module.limits and module.findings == ("bias_scale_unknown",)
    assert module.lanes[0].rx_power_dbm == near(1.0) and module.wavelength_nm is None
    pages = cmis()
    pages["01"][160 - 128] |= 0b11000
    assert "bias_scale_unknown" in decode(finish_cmis(pages)).findings


@pytest.mark.parametrize(("page", "at"), [("00", 130), ("00", 221), ("01", 131), ("01", 254), ("02", 128), ("02", 254)])
def test_a_changed_byte_is_found_by_the_sum_over_it(page: str, at: int):
    pages = cmis()
    finish_cmis(pages)
    pages[page][at - 128] ^= 0x10
    module = decode({name: bytes(data) for name, data in pages.items()})
    assert [one.name for one in module.checksums if not one.ok] == [f"PAGE_{page}"]
    assert "memory_altered" in module.findings


def test_the_firmware_beside_a_sum_may_change():
    pages = cmis()
    finish_cmis(pages)
    pages["01"][1] ^= 0x10  # inactive firmware, before the bytes that are summed
    assert decode({name: bytes(data) for name, data in pages.items()}).findings == ()


def test_flags_and_states_of_lanes():
    pages = cmis()
    lanes = pages["11"]
    pages["10"][130 - 128] = 0b0010
    lanes[135 - 128], lanes[136 - 128], lanes[147 - 128] = 0b0001, 0b0100, 0b1000
    lanes[139 - 128], lanes[144 - 128], lanes[151 - 128], lanes[152 - 128] = 0b0001, 0b0010, 0b0100, 0b1000
    pages["lower"][9] = 0b1000_0010
    module = decode(finish_cmis(pages))
    assert [lane.tx_fault for lane in module.lanes[:4]] == [True, False, False, False]
    assert [lane.tx_disabled for lane in module.lanes[:4]] == [False, True, False, False]
    assert [lane.tx_los for lane in module.lanes[:4]] == [False, False, True, False]
    assert [lane.rx_los for lane in module.lanes[:4]] == [False, False, False, True]
    odd = {name: state for name, state in module.flags.items() if state != "ok"}
    assert odd == {
        "temperature_c": "low_alarm",
        "voltage_v": "low_warning",
        "1.tx_power_dbm": "high_alarm",
        "2.tx_bias_ma": "low_alarm",
        "3.rx_power_dbm": "high_warning",
        "4.rx_power_dbm": "low_warning",
    }


def test_what_is_not_advertised_is_not_reported():
    pages = cmis()
    pages["01"][160 - 128], pages["01"][157 - 128], pages["01"][158 - 128] = 0b100, 0, 0
    module = decode(finish_cmis(pages))
    lane = module.lanes[0]
    assert (lane.tx_bias_ma, lane.tx_power_dbm, lane.rx_power_dbm, lane.dark) == (None, None, near(1), frozenset())
    assert (lane.tx_fault, lane.tx_los, lane.rx_los) == (None, None, None)
    assert "1.tx_power_dbm" not in module.flags and "1.rx_power_dbm" in module.flags


def test_a_flat_memory_has_an_identity_and_no_diagnostics():
    pages = cmis()
    pages["lower"][2] = 0x80
    pages["lower"][85:] = bytes(43)
    module = decode(finish_cmis({name: pages[name] for name in ("lower", "00")}))
    assert (module.serial, module.dom, module.lanes, module.applications) == (images.SERIAL, False, (), ())
    assert module.findings == ()
    answered = decode(finish_cmis(pages) | {"01": b"\xff" * 128})
    assert [one.name for one in answered.checksums] == ["PAGE_00"], "whatever an absent page answers is none"


def test_identity_needs_page_00_alone():
    pages = finish_cmis(cmis())
    module = decode({"00": pages["00"]})
    assert (module.vendor, module.serial, module.form_factor) == (images.VENDOR, images.SERIAL, "QSFP-DD")
    assert (module.standard, module.dom, "truncated" in module.findings) == ("CMIS", None, True)


def test_lanes_that_were_not_read():
    pages = finish_cmis(cmis())
    del pages["11"]
    module = decode(pages)
    assert (module.temperature_c, module.lanes, module.findings) == (48.5, (), ("diagnostics_not_read",))
    assert module.limits["temperature_c"].high_alarm == 75


def test_pages_that_nobody_answered_tell_nothing():
    pages = finish_cmis(cmis()) | {name: b"\xff" * 128 for name in ("01", "02", "11")}
    module = decode(pages)
    assert (module.wavelength_nm, module.limits, module.lanes, module.temperature_c) == (None, {}, (), 48.5)
    assert set(module.findings) == {"page_blank", "bias_scale_unknown", "diagnostics_blank"}


@pytest.mark.parametrize("state", [1, 2, 4])
def test_a_module_that_is_not_up_uses_no_lane(state: int):
    pages = cmis()
    pages["lower"][3] = state << 1
    module = decode(finish_cmis(pages))
    assert {lane.in_use for lane in module.lanes} == {False} and module.findings == ("module_not_ready",)


def test_a_module_in_its_fault_state_says_so():
    pages = cmis()
    pages["lower"][3] = 5 << 1
    assert decode(finish_cmis(pages)).findings == ("module_fault",)


def test_data_paths_that_are_all_down_use_no_lane():
    pages = cmis()
    put(pages["11"], 0, b"\x11" * 4)
    assert {lane.in_use for lane in decode(finish_cmis(pages)).lanes} == {False}
    put(pages["11"], 0, b"\x44\x11\x11\x11")
    assert decode(finish_cmis(pages)).lanes[0].in_use is None


@pytest.mark.parametrize(
    ("kind", "technology", "media"),
    [(1, 0, "optical"), (2, 6, "optical"), (3, 10, "copper"), (4, 0, "active_optical"), (4, 15, "active_copper"),
     (3, 18, "active_copper"), (5, 8, "copper"), (0, 11, "copper")],
)  # fmt: skip
def test_what_carries_the_signal(kind: int, technology: int, media: str):
    pages = cmis()
    pages["lower"][85], pages["00"][212 - 128] = kind, technology
    put(pages["00"], 166 - 128, padded("LCC2429H3GD-A", 16))
    module = decode(finish_cmis(pages))
    assert (module.media, module.cable_end) == (media, "" if media == "optical" else "A")
    assert (module.wavelength_nm is None) == ("copper" in media)


def test_sixteen_lanes_in_two_banks():
    pages = cmis(identifier=0x21)
    pages["00"][210 - 128] = 0
    pages |= {"11/1": bytearray(pages["11"]), "10/1": bytearray(pages["10"])}
    put(pages["11/1"], 170 - 128, images.milliamperes(99))
    module = decode(finish_cmis(pages))
    assert [lane.lane for lane in module.lanes] == list(range(1, 17))
    assert (module.form_factor, module.lanes[8].tx_bias_ma) == ("OSFP-XD", 99)
    assert "9.tx_bias_ma" in module.flags
    pages["00"][210 - 128] = 0x01
    absent = decode(finish_cmis(pages)).lanes
    assert [lane.lane for lane in absent if lane.in_use is False] == [1], "that byte is about the first eight"


@pytest.mark.parametrize(("identifier", "lanes"), [(0x19, 8), (0x1A, 2), (0x1E, 4), (0x20, 1)])
def test_other_forms_have_fewer_lanes(identifier: int, lanes: int):
    assert len(decode(finish_cmis(cmis(identifier=identifier))).lanes) == lanes


def test_lengths_and_the_rest_of_what_is_told():
    pages = cmis()
    put(pages["01"], 132 - 128, bytes([0x14, 75, 50, 35, 20]))
    put(pages["01"], 140 - 128, (1300).to_bytes(2, "big"))
    put(pages["01"], 130 - 128, bytes([3, 4]))
    put(pages["00"], 190 - 128, b"CLEI012345")
    pages["00"][202 - 128], pages["01"][142 - 128] = 0x43, 0x24
    told = decode(finish_cmis(pages)).details
    assert (told["length_smf"], told["length_om5"], told["length_om4"]) == (2000, 150, 100)
    assert (told["length_om3"], told["length_om2"], told["length_cable"]) == (70, 20, 3)
    assert told["pages"] == ["diagnostics, 13h and 14h", "the user's own, 03h"]
    assert (told["tolerance"], told["clei"], told["hardware"]) == (6.5, "CLEI012345", "3.4")
    pages["lower"][85] = 3
    put(pages["00"], 204 - 128, bytes([3, 4, 6, 9]))
    assert decode(finish_cmis(pages)).details["attenuation"] == (3, 4, 6, 9)


@pytest.mark.parametrize(("kinds", "celsius"), [(0b000, 55.0), (0b010, 40.0), (0b110, None)])
def test_which_monitor_measures_the_laser_s_temperature(kinds: int, celsius: float | None):
    pages = cmis()
    pages["01"][145 - 128], pages["01"][159 - 128] = kinds, 0b11111
    put(pages["lower"], 22, images.celsius(40.0))
    assert decode(finish_cmis(pages)).details.get("laser_temperature") == celsius


def test_an_application_of_unknown_code_is_named_by_it():
    pages = cmis()
    put(pages["lower"], 86, bytes([0xF0, 0xF1, 0x11, 0x01]) * 8)
    more = pages["01"]
    put(more, 223 - 128, bytes([0x11, 0x1C, 0x84, 0x01, 0xFF]))
    module = decode(finish_cmis(pages))
    assert module.applications == ("code f1h", "400GBASE-DR4"), "the list goes on in page 01h"


def test_a_tunable_laser_s_page_has_its_own_sum():
    pages = cmis()
    pages["04"] = bytearray(range(128))
    pages["04"][127] = images.low_byte_of_sum(pages["04"][:127])
    assert [(one.name, one.ok) for one in decode(finish_cmis(pages)).checksums][-1] == ("PAGE_04", True)
    pages["04"][3] ^= 1
    changed = decode(finish_cmis(pages))
    assert not changed.checksums[-1].ok and changed.findings == ("memory_altered",)


def test_every_lane_that_is_shown_has_its_states():
    """Lanes 5 to 8 of a module with four: no light is told as such, nothing else is judged."""
    shown = as_data(decode(finish_cmis(cmis())))
    for lane in shown["readings"]["lanes"][4:]:
        number = lane["lane"]
        assert (lane["tx_power_dbm"], lane["rx_power_dbm"]) == (None, None)
        assert {shown["states"][f"{number}.{name}"] for name in ("tx_power_dbm", "rx_power_dbm")} == {"dark"}
        assert shown["states"][f"{number}.tx_bias_ma"] == "not_reported"
    assert shown["verdict"] == "within_spec"


def test_a_length_has_its_multiplier():
    for bits, metres in ((0x05, 500), (0x42, 2000), (0x84, 40_000)):
        pages = cmis()
        pages["01"][132 - 128] = bits
        assert decode(finish_cmis(pages)).details["length_smf"] == metres


def test_an_application_of_no_media_interface_is_none():
    pages = cmis()
    put(pages["lower"], 86, bytes([0x52, 0x00, 0x88, 0x01, 0x51, 0x56, 0x88, 0x01, 0xFF]))
    module = decode(finish_cmis(pages))
    assert module.applications == ("800GBASE-DR8",)
    assert [one["host"] for one in module.details["applications"]] == ["800GAUI-8-L C2M", "800GAUI-8-S C2M"]
