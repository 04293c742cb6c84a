"""A label before the camera: printed, filmed, read, and led to its unit. And what else comes before a camera."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import PHONE, Errors
from tests.e2e.camera import drawn, framed, png, with_camera
from tests.e2e.conftest import Site, Visitor
from tests.e2e.hand import MINE, THEIRS, Hand, until_told
from tests.e2e.steps import sound, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]


def test_a_printed_label_leads_to_its_unit_and_its_case_is_moved_on(engineer: Hand, hold: Any) -> None:
    unit = engineer.unit(MINE)
    line, picture = engineer.case(unit), engineer.printed(unit)
    label, before = engineer.code_of(unit), engineer.get(f"/assets/{unit['id']}")
    who = hold(picture, role="engineer")
    page = who.go("/scan")
    page.wait_for_url(f"**/assets/{unit['id']}")
    assert unit["serial"] in text(page, "h1")
    assert engineer.code_of(unit) == label and engineer.get(f"/assets/{unit['id']}") == before, "it was only a look"
    page.go_back()  # the label is still there, and does not lead on at once
    page.get_by_role("button", name="Start the camera").wait_for()
    page.wait_for_timeout(500)
    assert page.url.endswith("/scan")
    page.go_forward()
    sound(who, "unit-in-a-case")
    assert text(page, ".moves").split(" Cancel")[0] == "Receive", "what is next comes first"
    page.get_by_role("button", name="Receive", exact=True).tap()
    page.wait_for_url(f"**/x/rma/lines/{line['id']}")
    assert text(page, "h1") == f"{unit['serial']} Received"
    row = page.locator("section[aria-labelledby=custody] li").first
    assert "Priya Raman · At the customer → In our service centre" in " ".join(row.inner_text().split())
    kept = "SELECT start, state, place_from, place_to, who FROM rma_custody WHERE line_id = ? ORDER BY number DESC"
    assert who.site.rows(kept, line["id"])[0] == ("awaiting_receipt", "received", "customer", "service", "Priya Raman")


def test_a_barcode_of_the_maker_is_linked_and_leads_to_its_unit(engineer: Hand, hold: Any) -> None:
    unit = engineer.unit(MINE, 1)
    who = hold(drawn("128", "S4-0815-XYZ"))
    page = who.go("/scan")
    page.get_by_role("button", name="Link it to a unit").tap()
    page.fill("#barcode-asset", unit["serial"])
    sound(who, "scanner-link")
    page.get_by_role("button", name="Link it", exact=True).tap()
    page.get_by_text("Sent and saved: 1.").wait_for()
    page.reload()
    page.wait_for_url(f"**/assets/{unit['id']}")


def test_what_leads_nowhere_is_told_apart_and_never_opened(engineer: Hand, hold: Any) -> None:
    """One after the other before the camera: a code that others made, and another customer's label."""
    theirs = engineer.printed(engineer.unit(THEIRS))
    who = hold(drawn("qr", "https://elsewhere.example/get?x=1"), theirs)
    asked: list[str] = []
    who.context.on("request", lambda request: asked.append(request.url))
    page = who.go("/scan")
    page.wait_for_function(
        SHOWN, arg=["This is no label of ours, and it is not opened", "https://elsewhere.example/get?x=1"]
    )
    assert not page.locator("main a[href*=elsewhere]").count()
    sound(who, "scanner")
    until_told(page, "Nothing that you can see is called")
    assert page.url.endswith("/scan") and all(url.startswith((who.site.url, "data:")) for url in asked)


# Both at once: the next picture is before the camera a second later.
SHOWN = """([told, shown]) => document.querySelector("[data-told]")?.innerText.includes(told)
  && document.querySelector("[data-shown]")?.innerText === shown"""
# What a device would do that has a loudspeaker, a motor and a lamp.
HEARD = """window.heard = [];
const oscillator = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { heard.push(880); return oscillator.call(this); };
navigator.vibrate = (milliseconds) => heard.push(milliseconds);"""
LIT = """window.lit = [];
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [{ torch }] }) => {
  lit.push(torch);
  if (lit.length === 1) throw new DOMException("it is too hot", "OperationError");
};"""


def send_photo(page: Any, picture: Any) -> None:
    page.locator("#photo").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png(picture)})


def test_a_photo_does_what_the_camera_does(engineer: Hand, visitor: Open) -> None:
    unit, (spoilt, sheet) = engineer.unit(MINE, 2), engineer.in_advance()
    engineer.revoke(spoilt)
    who = visitor("phone", "dark").enter("admin")
    who.context.add_init_script(HEARD)
    page = who.go("/scan")
    send_photo(page, framed(sheet))
    until_told(page, "This label is out of use, and was never on a unit.")
    assert page.evaluate("heard") == []
    page.get_by_label("Beep and vibrate").check()
    send_photo(page, framed(sheet))
    page.wait_for_function("() => heard.length === 2")
    assert page.evaluate("heard") == [60, 880]
    send_photo(page, framed(drawn("ean", "4006381333931").resize((40, 30))))
    until_told(page, "No code can be read in this photo")
    send_photo(page, drawn("qr", "WIFI:S:hall;T:WPA;P:secret;;"))  # is not sent anywhere
    until_told(page, "This is no label of ours")
    two = drawn("ean", "4006381333931")
    both = framed(two).resize((640, 960))
    both.paste(drawn("matrix", unit["serial"]), (20, 20))
    send_photo(page, both)
    until_told(page, "Several codes are in the picture")
    sound(who, "scanner-dark")
    page.get_by_role("button", name=unit["serial"], exact=True).tap()
    page.wait_for_url(f"**/assets/{unit['id']}")
    who.go("/scan")
    send_photo(page, drawn("matrix", f"(01)09506000134352(10)AB-1(21){unit['serial']}", gs1=True))  # in parts
    page.wait_for_url(f"**/assets/{unit['id']}")
    engineer.printed(unit)
    label = engineer.code_of(unit)
    engineer.revoke(label)
    who.go("/scan")
    send_photo(page, drawn("qr", f"HTTPS://LOCALHOST/L/{label['code']}"))
    page.wait_for_url(f"**/assets/{unit['id']}")
    assert "take it off this unit" in text(page, ".told")


def test_a_hand_scanner_types_wherever_one_is(engineer: Hand, visitor: Open) -> None:
    unit = engineer.unit(MINE, 3)
    engineer.printed(unit)
    page = visitor("desk").enter("clinic manager").go("/scan")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(f"HTTPS://LOCALHOST/L/{engineer.code_of(unit)['code']}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/assets/{unit['id']}")


def test_who_has_no_camera_is_told_why(visitor: Open, hold: Any) -> None:
    page = visitor("desk").enter("clinic manager").go("/scan")
    page.get_by_role("button", name="Start the camera").click()
    until_told(page, "The browser finds no camera")
    page = hold(drawn("qr", "x"), allowed=False).go("/scan")
    page.get_by_role("button", name="Start the camera").tap()
    until_told(page, "The browser may not use the camera")
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { get: () => false })")
    page.reload()
    page.get_by_role("button", name="Start the camera").tap()
    until_told(page, "begin with https:// only")


def test_of_two_cameras_one_chooses(chromium: Any, site: Site, errors: Errors) -> None:
    browser = with_camera(chromium, count=2)
    try:
        context = errors.watch(browser.new_context(**PHONE, permissions=["camera"]))
        context.add_init_script(LIT)
        page = Visitor(site, context, context.new_page()).enter("clinic manager").go("/scan")
        light = page.get_by_role("button", name="Light")
        for number, lit in enumerate(("false", "true", "false"), 1):  # at first the lamp cannot be lit
            light.tap()
            page.wait_for_function("(number) => lit.length === number", arg=number)
            light.and_(page.locator(f"[aria-pressed={lit}]")).wait_for()
        assert page.evaluate("lit") == [True, True, False]
        choice = page.get_by_label("Which camera")
        choice.wait_for()
        other = choice.locator("option:not(:checked)").get_attribute("value")
        choice.select_option(other)
        used = "() => document.querySelector('video').srcObject?.getVideoTracks()[0].getSettings().deviceId"
        page.wait_for_function(f"(other) => ({used})() === other", arg=other)
        page.reload()
        page.wait_for_function(f"(other) => ({used})() === other", arg=other)
        page.get_by_role("button", name="Stop").tap()
        page.reload()
        page.get_by_role("button", name="Start the camera").wait_for()
        page.wait_for_timeout(300)
        assert page.evaluate(used) is None, "who has stopped it starts it"
    finally:
        browser.close()
