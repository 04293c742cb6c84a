"""Externally calibrated SFPs: what the converter saw becomes what it means, by constants in the memory (SFF-8472)."""

import math

import pytest

from registry.optics.decoder.decoding import decode
from tests.optics.images import calibrate, finish_sfp, sfp


def near(value: float) -> object:
    return pytest.approx(value, abs=0.02)


def test_neutral_constants_change_nothing():
    inside, outside = decode(finish_sfp(*sfp())), sfp(0x58)
    calibrate(outside[1])
    found = decode(finish_sfp(*outside))
    assert (found.lanes, found.limits, found.temperature_c) == (inside.lanes, inside.limits, inside.temperature_c)
    assert found.details["calibration"] == "external"


def test_slopes_and_offsets_are_applied_to_readings_and_limits():
    a0, a2 = sfp(0x58)
    calibrate(a2, slope=1.5, offset=-20)
    module = decode(finish_sfp(a0, a2))
    assert module.temperature_c == near(36.5 * 1.5 - 20 / 256)
    assert module.voltage_v == pytest.approx(3.3 * 1.5 - 20 * 0.0001)
    assert module.lanes[0].tx_bias_ma == near(7.2 * 1.5 - 20 * 0.002)
    assert module.lanes[0].tx_power_dbm == near(10 * math.log10(10**-0.25 * 1.5 - 20 * 0.0001))
    assert module.limits["temperature_c"].high_alarm == near(75 * 1.5 - 20 / 256)
    assert module.limits["voltage_v"].low_warning == near(3.135 * 1.5 - 0.002)


def test_received_power_is_a_polynomial_of_the_fourth_degree():
    a0, a2 = sfp(0x58)
    coefficients = (1e-15, -2e-11, 3e-6, 0.5, -4.0)
    calibrate(a2, rx=coefficients)
    raw = int.from_bytes(a2[104:106], "big")
    module = decode(finish_sfp(a0, a2))
    expected = sum(coefficient * raw**power for coefficient, power in zip(coefficients, (4, 3, 2, 1, 0), strict=True))
    assert module.lanes[0].rx_power_dbm == near(10 * math.log10(expected / 10_000))
    raw = int.from_bytes(a2[32:34], "big")
    expected = sum(coefficient * raw**power for coefficient, power in zip(coefficients, (4, 3, 2, 1, 0), strict=True))
    assert module.limits["rx_power_dbm"].high_alarm == near(10 * math.log10(expected / 10_000))
    assert module.lanes[0].tx_power_dbm == near(-2.5)


def test_a_polynomial_that_falls_below_nothing_is_darkness():
    a0, a2 = sfp(0x58)
    calibrate(a2, rx=(0, 0, 0, 1, -1e6))
    [lane] = decode(finish_sfp(a0, a2)).lanes
    assert (lane.rx_power_dbm, "rx_power_dbm" in lane.dark) == (None, True)


def test_constants_that_cannot_be_right_give_no_readings():
    a0, a2 = sfp(0x58)
    module = decode(finish_sfp(a0, a2))
    assert (module.findings, module.lanes, module.temperature_c) == (("calibration_invalid",), (), None)
    calibrate(a2, rx=(math.nan, 0, 0, 1, 0))
    assert decode(finish_sfp(a0, a2)).findings == ("calibration_invalid",)
    calibrate(a2, rx=(0, 0, 0, 1, 0))
    a0[92] = 0x78
    module = decode(finish_sfp(a0, a2))
    assert module.findings == ("calibration_contradictory",) and module.lanes[0].tx_bias_ma == 7.2
