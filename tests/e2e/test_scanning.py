"""A label before the camera: printed, filmed, read, and led to its unit. And what else comes before a camera."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import PHONE, Errors
from tests.e2e.camera import drawn, film, first_label, framed, png, with_camera
from tests.e2e.conftest import Site, Visitor
from tests.e2e.steps import sound, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]
V1 = "/api/v1"
TOLD = "[data-told]"
MINE, THEIRS = "mesa-clinics", "harbourline"


class Hand:
    """Somebody's calls of the API, as his browser would send them."""

    def __init__(self, who: Visitor) -> None:
        self.who = who
        self.csrf = who.go("/scan").locator("input[name=csrf_token]").first.get_attribute("value")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"X-CSRF-Token": self.csrf, **headers}
        return self.who.context.request.fetch(self.who.site.url + V1 + path, method=method, headers=given, data=body)

    def get(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.ok, answer.text()
        return answer.json()

    def unit(self, customer: str, number: int = 0) -> dict[str, Any]:
        found = self.get(f"/assets?customer={customer}&kind=hardware&sort=id&limit=10")["items"]
        return found[number]  # type: ignore[no-any-return]

    def printed(self, unit: dict[str, Any]) -> Any:
        """The label of the unit, cut out of the sheet that was printed."""
        wish = {"customer": unit["customer"], "assets": [unit["id"]], "sheet": "L7163"}
        answer = self.send("POST", "/labels/print", wish)
        assert answer.ok, answer.text()
        return first_label(answer.body())

    def code_of(self, unit: dict[str, Any]) -> dict[str, Any]:
        found = self.get(f"/label-codes?asset={unit['id']}&state=active")["items"]
        return found[0]  # type: ignore[no-any-return]

    def in_advance(self) -> tuple[dict[str, Any], Any]:
        """A label for any unit of MINE: its code, and what was printed."""
        batch = self.send("POST", "/label-batches", {"count": 1, "customer": MINE}).json()["batch"]
        answer = self.send("POST", "/labels/print", {"customer": MINE, "batch": batch, "sheet": "L7163"})
        assert answer.ok, answer.text()
        return self.get(f"/label-codes?batch={batch}")["items"][0], first_label(answer.body())

    def revoke(self, label: dict[str, Any]) -> None:
        path, version = f"/label-codes/{label['id']}/revoke", f'"{label["version"]}"'
        answer = self.send("POST", path, {"reason": "spoilt"}, **{"If-Match": version})
        assert answer.ok, answer.text()


@pytest.fixture
def engineer(visitor: Open) -> Hand:
    """Who may do anything for anybody."""
    return Hand(visitor().enter("admin"))


@pytest.fixture
def hold(chromium: Any, site: Site, errors: Errors, tmp_path: Path) -> Iterator[Any]:
    """hold(picture, ...) opens a telephone before whose camera the pictures are held."""
    opened = []

    def before(*pictures: Any, role: str = "clinic manager", allowed: bool = True, **options: Any) -> Visitor:
        browser = with_camera(chromium, film(tmp_path / "film.mjpeg", *pictures))
        opened.append(browser)
        context = errors.watch(browser.new_context(**PHONE, **options))
        context.set_default_timeout(20_000)
        if allowed:
            context.grant_permissions(["camera"])
        return Visitor(site, context, context.new_page()).enter(role)

    yield before
    for browser in opened:
        browser.close()


def until_told(page: Any, wanted: str) -> None:
    page.locator(TOLD, has_text=wanted).wait_for()


def test_a_printed_label_leads_to_its_unit(engineer: Hand, hold: Any) -> None:
    unit = engineer.unit(MINE)
    picture = engineer.printed(unit)
    label, before = engineer.code_of(unit), engineer.get(f"/assets/{unit['id']}")
    page = hold(picture).go("/scan")
    page.wait_for_url(f"**/assets/{unit['id']}")
    assert unit["serial"] in text(page, "h1")
    assert engineer.code_of(unit) == label and engineer.get(f"/assets/{unit['id']}") == before, "it was only a look"
    page.go_back()  # the label is still there, and does not lead on at once
    page.get_by_role("button", name="Start the camera").wait_for()
    page.wait_for_timeout(500)
    assert page.url.endswith("/scan")


def test_a_barcode_of_the_maker_leads_to_the_unit_it_was_linked_to(engineer: Hand, hold: Any) -> None:
    unit = engineer.unit(MINE, 1)
    assert engineer.send("POST", "/asset-barcodes", {"asset": unit["id"], "text": "S4-0815-XYZ"}).status == 201
    page = hold(drawn("128", "S4-0815-XYZ")).go("/scan")
    page.wait_for_url(f"**/assets/{unit['id']}")


def test_what_leads_nowhere_is_told_apart_and_never_opened(engineer: Hand, hold: Any) -> None:
    """One after the other before the camera: a code that others made, and another customer's label."""
    theirs = engineer.printed(engineer.unit(THEIRS))
    who = hold(drawn("qr", "https://elsewhere.example/get?x=1"), theirs)
    asked: list[str] = []
    who.context.on("request", lambda request: asked.append(request.url))
    page = who.go("/scan")
    until_told(page, "This is no label of ours, and it is not opened")
    assert page.locator("[data-shown]").inner_text() == "https://elsewhere.example/get?x=1"
    assert not page.locator("main a[href*=elsewhere]").count()
    sound(who, "scanner")
    until_told(page, "Nothing that you can see is called")
    assert page.url.endswith("/scan") and all(url.startswith((who.site.url, "data:")) for url in asked)


def send_photo(page: Any, picture: Any) -> None:
    page.locator("#photo").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png(picture)})


def test_a_photo_does_what_the_camera_does(engineer: Hand, visitor: Open) -> None:
    unit, (spoilt, sheet) = engineer.unit(MINE, 2), engineer.in_advance()
    engineer.revoke(spoilt)
    who = visitor("phone", "dark").enter("admin")
    page = who.go("/scan")
    send_photo(page, framed(sheet))
    until_told(page, "This label is out of use, and was never on a unit.")
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


# --- Without a connection --------------------------------------------------------------------------------------

WAITING = "[data-queue-list] li"
KEPT = "navigator.serviceWorker.ready.then(() => caches.keys())"


def alone(who: Visitor) -> Any:
    """The page of the scanner after the connection has gone."""
    page = who.go("/scan")
    assert page.evaluate(KEPT)
    page.wait_for_function("navigator.serviceWorker.controller")
    who.context.set_offline(True)
    page.reload()
    page.get_by_text("There is no connection to Assetcare.").wait_for()
    return page


def put_on(page: Any, code: str, serial: str) -> None:
    page.fill("#label-code", code)
    page.fill("#label-asset", serial)
    page.get_by_role("button", name="It is on this unit").click()
    page.wait_for_function("!document.getElementById('label-code').value")  # kept, and ready for the next


def test_what_is_done_without_a_connection_is_sent_later(engineer: Hand, hold: Any, errors: Errors) -> None:
    errors.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch|409")
    first, second = engineer.unit(MINE, 4), engineer.unit(MINE, 5)
    label, picture = engineer.in_advance()
    who = hold(picture)
    who.context.add_init_script("localStorage.setItem('scan-off', 'yes')")
    page = alone(who)
    assert "Elena" not in page.content() and "Mesa" not in page.content(), "nothing of anybody's is kept"
    page.get_by_role("button", name="Start the camera").tap()
    until_told(page, "There is no connection to look this up")
    assert label["code"] in page.input_value("#label-code")
    page.get_by_role("button", name="Stop").tap()
    put_on(page, page.input_value("#label-code"), first["serial"])
    put_on(page, label["code"], second["serial"])
    page.locator(WAITING).nth(1).wait_for()
    assert text(page, WAITING).count("Not yet saved") == 1
    sound(who, "scanner-alone")
    who.context.set_offline(False)
    page.get_by_text("is on a unit already").wait_for()
    assert page.locator(WAITING).count() == 1 and "Sent and saved: 1." in text(page, "[data-queue-list]")
    sound(who, "scanner-conflict")
    assert engineer.code_of(first)["code"] == label["code"]
    assert not engineer.get(f"/label-codes?asset={second['id']}")["items"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Throw away").tap()
    page.locator(WAITING).wait_for(state="detached")


def test_a_connection_that_comes_bit_by_bit_is_noticed(visitor: Open, errors: Errors) -> None:
    """The page is told of a network first; the way to the server, which its worker takes, opens only then."""
    errors.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    who = visitor("phone").enter("clinic manager")
    page = alone(who)
    network = who.context.new_cdp_session(page)
    network.send("Network.enable")
    anything = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    with page.expect_event("load"):
        network.send("Network.emulateNetworkConditions", anything)
    page.locator("[data-shell]").wait_for()  # once more the page that is kept: the server was not there
    page.wait_for_function("navigator.onLine")
    who.context.set_offline(False)
    page.locator("[data-worker]").wait_for()


def test_an_answer_that_got_lost_doubles_nothing(engineer: Hand, visitor: Open, errors: Errors) -> None:
    errors.expect("ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to fetch")
    unit, (label, _picture) = engineer.unit(MINE, 6), engineer.in_advance()
    who = visitor("phone").enter("clinic manager")
    page = alone(who)
    put_on(page, label["code"], unit["serial"])
    page.locator(WAITING).wait_for()

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    who.context.route("**/label-codes/claim", lose)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/claim")):
        who.context.set_offline(False)
    page.wait_for_load_state()
    assert "Not yet saved" in text(page, WAITING)
    taken = engineer.code_of(unit)
    who.context.unroute("**/label-codes/claim")
    who.context.clear_cookies()
    who.enter("engineer").go("/scan")
    page.get_by_text("waits until the user who did it signs in here").wait_for()
    who.context.clear_cookies()
    who.enter("clinic manager").go("/scan")
    page.get_by_text("Sent and saved: 1.").wait_for()
    assert engineer.code_of(unit) == taken


OWN_FORM = """([what, to, fields, key]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "get", action: "/scan", id: what });
  Object.assign(form.dataset, { queue: what, queueTo: to, sayKept: "kept", ...(key && { queueKey: key }) });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { name, value, type: "text" }));
  }
  form.append(Object.assign(document.createElement("button"), { textContent: "Go" }));
  document.querySelector("main").append(form);
}"""


def test_any_form_can_wait_for_a_connection(engineer: Hand, visitor: Open, errors: Errors) -> None:
    """As a plugin's form would: it is sent as ever while there is a connection, and kept when there is none."""
    errors.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch|412")
    unit, other = engineer.unit(MINE, 7), engineer.unit(MINE, 8)
    label, newer = (engineer.printed(one) and engineer.code_of(one) for one in (unit, other))
    who = visitor("desk").enter("clinic manager")
    page = who.go("/scan")
    revoking = f"{V1}/label-codes/{label['id']}/revoke"
    for what, to, fields, key in (
        ("own", f"{V1}/asset-barcodes", {"text": "OWN-1", "asset": unit["serial"], "csrf_token": "x"}, ""),
        ("key", revoking, {"version": str(label["version"])}, "reason"),
        ("stale", f"{V1}/label-codes/{newer['id']}/reissue", {"version": "77"}, ""),
    ):
        page.evaluate(OWN_FORM, [what, to, fields, key])
    who.context.set_offline(True)
    for what in ("own", "key", "stale"):
        page.click(f"#{what} button")
        page.locator(f"#{what} [role=status]", has_text="kept").wait_for()
    assert page.locator(WAITING).count() == 3 and "OWN-1" in text(page, WAITING)
    key = page.evaluate("assetcareQueue.all().then((items) => items[1].key)")
    who.context.set_offline(False)
    page.get_by_text("Sent and saved: 2.").wait_for()
    assert "somebody else has changed this in the meantime" in text(page, WAITING)
    assert engineer.get("/labels/resolve?q=OWN-1")["assets"][0]["id"] == unit["id"]
    assert engineer.get(f"/label-codes/{label['id']}")["reason"] == key
    page.fill("#own input[name=text]", "OWN-2")
    page.click("#own button")
    page.wait_for_url("**/scan?text=OWN-2*")


def test_of_two_cameras_one_chooses(chromium: Any, site: Site, errors: Errors) -> None:
    browser = with_camera(chromium, count=2)
    try:
        context = errors.watch(browser.new_context(**PHONE, permissions=["camera"]))
        page = Visitor(site, context, context.new_page()).enter("clinic manager").go("/scan")
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
