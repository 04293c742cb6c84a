"""What is scanned and pressed without a connection waits on the device, and is looked at anew once it can be sent."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Errors
from tests.e2e.conftest import Visitor
from tests.e2e.hand import MINE, V1, Hand, until_told
from tests.e2e.steps import sound, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]
WAITING = "[data-queue-list] li"
KEPT = "navigator.serviceWorker.ready.then(() => caches.keys())"


def alone(who: Visitor) -> Any:
    """The page of the scanner after the connection has gone."""
    page = who.go("/scan")
    assert page.evaluate(KEPT)
    page.wait_for_function("() => navigator.serviceWorker.controller")
    who.context.set_offline(True)
    page.reload()
    page.get_by_text("There is no connection to Assetcare.").wait_for()
    return page


def put_on(page: Any, code: str, serial: str) -> None:
    page.fill("#label-code", code)
    page.fill("#label-asset", serial)
    page.get_by_role("button", name="It is on this unit").click()
    page.wait_for_function("() => !document.getElementById('label-code').value")  # kept, and ready for the next


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
    page.wait_for_function("() => navigator.onLine")
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


def test_moves_wait_and_who_was_too_late_is_told(engineer: Hand, visitor: Open, errors: Errors) -> None:
    """Two units, each on its page when the connection goes; one of them is moved by somebody else meanwhile."""
    errors.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch|412")
    first, second = (engineer.case(engineer.unit(MINE, number)) for number in (2, 3))
    who = visitor("phone").enter("engineer")
    page, form = who.go(f"/c/{MINE}/assets/{first['asset_id']}"), who.context.new_page()
    form.goto(f"{who.site.url}/c/{MINE}/x/rma/lines/{second['id']}/to/received")
    who.context.set_offline(True)
    button = page.get_by_role("button", name="Receive", exact=True)
    button.dblclick()
    page.get_by_text("It is kept on this device, not yet saved").wait_for()
    assert page.locator(WAITING).count() == 1 and button.is_disabled()
    sound(who, "move-waits")
    form.fill("#spot", "Shelf 9")
    form.get_by_role("button", name="Receive", exact=True).click()
    form.locator(WAITING).nth(1).wait_for()
    [kept, _other] = form.evaluate("assetcareQueue.all()")
    assert not {"Mesa", "Nobody else is to read this"} & set(str(kept).split("'")) and "fault" not in str(kept)
    engineer.move(second, "received", spot="Bench 1")
    who.context.set_offline(False)
    page.get_by_text("somebody else has changed this in the meantime").wait_for()
    form.wait_for_url(f"**/x/rma/lines/{second['id']}")
    assert "Shelf 9" in text(form, WAITING) and form.get_by_role("button", name="Send again").is_hidden()
    sound(who, "move-too-late")
    custody = "SELECT who, key, device_at IS NOT NULL FROM rma_custody WHERE line_id = ? AND state = 'received'"
    assert who.site.rows(custody, first["id"]) == [("Priya Raman", kept["key"], 1)]
    assert [(name, told) for name, _key, told in who.site.rows(custody, second["id"])] == [("Dana Whitlock", 0)]
    form.get_by_role("link", name="Look at it").click()
    form.wait_for_url(f"**/assets/{second['asset_id']}")
    form.on("dialog", lambda dialog: dialog.accept())
    form.get_by_role("button", name="Throw away").click()
    form.locator(WAITING).wait_for(state="detached")
    who.go(f"/c/{MINE}/x/rma/lines/{first['id']}")
    assert "on the device:" in text(page, "section[aria-labelledby=custody] li")


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
    page.evaluate(OWN_FORM, ["own", f"{V1}/asset-barcodes", {"text": "OWN-2"}, ""])  # the page was loaded anew
    page.click("#own button")
    page.wait_for_url("**/scan?text=OWN-2*")
