"""A worn laser, from what its switch prints to the claim on it: with a phone, in front of the rack."""

from collections.abc import Callable

import pytest

from tests.browser import Errors
from tests.e2e.conftest import Visitor
from tests.e2e.steps import sound, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]
PRINTED = """\
Ethernet1/3
    transceiver is present
    type is 10Gbase-LR
    name is Lumera
    part number is LM-10G-LR
    serial number is {serial}

           SFP Detail Diagnostics Information (internal calibration)
  ----------------------------------------------------------------------------
                Current              Alarms                  Warnings
                Measurement     High        Low         High          Low
  ----------------------------------------------------------------------------
  Temperature   36.40 C        75.00 C     -5.00 C     70.00 C        0.00 C
  Voltage        3.30 V         3.63 V      2.97 V      3.46 V        3.13 V
  Current       74.20 mA  ++   70.00 mA     8.00 mA    69.00 mA       9.00 mA
  Tx Power     -13.10 dBm --    1.50 dBm   -9.20 dBm    0.50 dBm     -8.20 dBm
  Rx Power      -6.20 dBm       1.50 dBm  -15.40 dBm    0.50 dBm    -14.40 dBm
  Transmit Fault Count = 0
  ----------------------------------------------------------------------------
"""


def test_a_worn_laser_is_read_proven_and_claimed(visitor: Open, errors: Errors) -> None:
    errors.expect("422")  # the answer to a form with an error
    who = visitor("phone").enter("engineer")
    [(serial,)] = who.site.rows("SELECT serial FROM optic WHERE verdict = 'worn_laser' AND claimable")
    page = who.go("/c/harbourline/optics/devices")
    page.get_by_role("link", name="agg-kc-01").first.tap()
    page.locator(".ports").wait_for()
    tile = page.locator(".port", has_text=serial)
    assert "Worn laser" in tile.inner_text() and "Can be claimed" in tile.inner_text()
    sound(who, "ports-of-a-device")
    page.get_by_role("link", name="Upload readings").tap()
    page.locator("#text").wait_for()
    assert page.input_value("#host") == "agg-kc-01", "it is known which device this is about"
    page.get_by_role("button", name="Upload", exact=True).tap()
    page.locator("#file-error").wait_for()
    assert "Choose a file, or paste a text" in text(page, "#file-error")
    page.fill("#text", PRINTED.format(serial=serial))
    page.select_option("#state", "up")
    sound(who, "readings-to-upload")
    page.get_by_role("button", name="Upload", exact=True).tap()
    page.wait_for_url("**/optics/uploads/*")
    assert "1 reading is stored." in text(page, "main")
    sound(who, "upload-of-readings")
    page.get_by_role("link", name=serial).tap()
    page.locator("#conclusion").wait_for()
    said = text(page, "section:has(#conclusion)")
    assert "Worn laser" in said and "-13.1 dBm" in said and "Can be claimed" in said
    sound(who, "worn-laser")
    _loopback(who)
    _claim(who, serial)


def _loopback(who: Visitor) -> None:
    page = who.page
    page.locator("section:has(#tests)").get_by_role("link", name="Add").tap()
    page.select_option("#kind", "loopback")
    page.select_option("#module_failed", "true")
    page.fill("#note", "Its own light came back as weak as it is sent.")
    page.get_by_role("button", name="Put it on record").tap()
    page.locator("#tests").wait_for()
    shown = text(page, "section:has(#tests)")
    assert "Loopback" in shown and "Points at the module" in shown and "Priya Raman" in shown


def _claim(who: Visitor, serial: str) -> None:
    page = who.page
    page.get_by_role("link", name="Open an RMA case").tap()
    page.locator("#fault").wait_for()
    filled = {name: page.input_value(f"#{name}") for name in ("parameter", "value", "unit", "limit_min", "cause")}
    assert filled == {
        "parameter": "Tx power", "value": "-13.1", "unit": "dBm", "limit_min": "-9.2", "cause": "wear"}  # fmt: skip
    assert "-13.1 dBm" in page.input_value("#fault") and page.input_value("#fault_on")
    assert page.is_checked("#measured_use") and "Temperature 36.4" in text(page, "#measured_use-hint")
    sound(who, "claim-on-an-optic")
    page.get_by_role("button", name="Send the request").tap()
    page.wait_for_url("**/x/rma/lines/*")
    assert serial in text(page, "main") and "-13.1 dBm" in text(page, "main")
