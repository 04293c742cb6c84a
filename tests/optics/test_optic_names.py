"""Names and codes as makers write them, in one form."""

import math

import pytest

from registry.optics.decoder import naming


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("161216", "2016-12-16"),
        ("161216  ", "2016-12-16"),
        ("23070727", "2023-07-07 27"),  # the lot, and no year 2307
        ("190412 A1", "2019-04-12 A1"),
        ("2020-05-06 00", "2020-05-06 00"),
        ("17/09/16", "2017-09-16"),
        ("231399", "231399"),
        ("N/A", ""),
        ("soon", "soon"),
    ],
)
def test_dates(printed, kept):
    assert naming.date_code(printed) == kept
    assert naming.date_code(naming.made_on(kept)) == kept


@pytest.mark.parametrize(
    ("kept", "told"),
    [("2016-12-16", "161216"), ("2024-02-29 A1", "240229A1"), ("231399", "231399"), ("soon", "soon"), ("", "")],
)
def test_dates_as_a_memory_has_them(kept, told):
    assert naming.made_on(kept) == told


@pytest.mark.parametrize(
    ("printed", "kept"), [("00-AB-cd", "00:ab:cd"), ("00.ab.cd", "00:ab:cd"), ("0x00abcd", "00:ab:cd"), ("a8b0", "")]
)
def test_makers_numbers(printed, kept):
    assert naming.oui(printed) == kept


@pytest.mark.parametrize(
    ("serial", "end"), [("EX1-A", "A"), ("EX1-b", "B"), ("EX1-2", "2"), ("EX1-C", ""), ("-A", ""), ("EXA", "")]
)
def test_ends_of_cables(serial, end):
    assert naming.cable_end(serial) == end


@pytest.mark.parametrize(
    ("printed", "form"),
    [
        ("QSFP-DD Double Density 8X Pluggable Transceiver", "QSFP-DD"),
        ("QSFP28 or later", "QSFP28"),
        ("QSFP-100G-SR4", "QSFP28"),
        ("QSFP+LR4", "QSFP+"),
        ("QDD-400G-DR4-S", "QSFP-DD"),
        ("SFP-10G-SR", "SFP+"),
        ("SFP+-10G-SR", "SFP+"),
        ("SFP28DAC3", "SFP28"),
        ("CFP2 DWDM", "CFP2"),
        ("XFP", "XFP"),
        ("RJ45", ""),
    ],
)
def test_form_factors(printed, form):
    assert naming.form_factor(printed) == form


@pytest.mark.parametrize(
    ("printed", "media"),
    [
        ("passive_copper_media_interface", "copper"),
        ("Active copper cable", "active_copper"),
        ("QSFP-H40G-CU1M", "copper"),
        ("SFP28DAC0.65", "copper"),
        ("40GBASE-CR4", "copper"),
        ("QSFP-H40G-AOC7M", "active_optical"),
        ("10Gbase-LR", "optical"),
        ("SFP+SR", "optical"),
        ("QSFP-DD-400G-DR4", "optical"),
        ("850 nm VCSEL", "optical"),
        ("Fabric Extender Transceiver", ""),
    ],
)
def test_what_carries_the_signal(printed, media):
    assert naming.media(printed) == media


def test_decibels():
    assert naming.dbm(1.0) == 0.0 and naming.dbm(0.0) is None
    assert math.isclose(naming.dbm(0.0001) or 0, -40.0)


def test_padding():
    assert naming.clean("  EX\x00\x00 LR  \x00") == "EX LR" and naming.clean("--") == ""
