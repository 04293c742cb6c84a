"""The same module is recognised however its names are padded; another maker's same serial number is another module."""

import pytest

from registry.optics.decoder.identity import cable_serial, key


@pytest.mark.parametrize(
    ("vendor", "part", "serial"),
    [("FINISAR CORP.", "FTLX8571D3BCL", "AUJ0RCJ"), ("finisar corp.   ", "FTLX8571D3BCL\x00\x00", " AUJ0RCJ"),
     ("Finisar  Corp.", "ftlx8571d3bcl", "auj0rcj")],
)  # fmt: skip
def test_padding_blanks_and_capitals_do_not_matter(vendor: str, part: str, serial: str):
    assert key(vendor, part, serial) == ("finisar corp.", "ftlx8571d3bcl", "auj0rcj")


def test_a_serial_number_alone_is_no_identity():
    assert key("ACME", "A-1", "0001") != key("GLOBEX", "A-1", "0001") != key("GLOBEX", "B-1", "0001")


@pytest.mark.parametrize(
    ("serial", "cable"),
    [("C1907253451-2", "C1907253451"), ("C1907253451-1 ", "C1907253451"), ("LCC2429H3GD-A", "LCC2429H3GD"),
     ("LCC2429H3GD", "LCC2429H3GD"), ("AB-C3", "AB-C3"), ("-A", "-A"), ("", "")],
)  # fmt: skip
def test_both_ends_of_a_cable_have_one_serial_number(serial: str, cable: str):
    assert cable_serial(serial) == cable
