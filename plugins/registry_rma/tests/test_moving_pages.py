"""Moving a unit on from its page: pressed twice, too late, without a connection; and what comes with it."""

import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from registry.kernel import files
from registry_rma import cases
from registry_rma.custody import rows_of
from registry_rma.models import Track
from registry_rma.schemas import RmaReadingIn
from registry_rma.tests.test_pages import PNG, page, press
from registry_rma.tests.world import GOOD, Desk

FORM = re.compile(
    r'<form class="press"[^>]*action="([^"]+/to/(\w+))"[^>]*data-queue-to="([^"]+)"[^>]*>(.*?)</form>', re.S
)
HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


def forms(text: str) -> dict[str, tuple[str, str, dict[str, str]]]:
    """The buttons of a page: state -> where its form goes, where it goes from the device, what it sends."""
    found = FORM.findall(text)
    return {to: (unescape(action), unescape(later), dict(HIDDEN.findall(body))) for action, to, later, body in found}


def test_pressed_twice_it_is_made_once(desk: Desk) -> None:
    line, engineer = desk.line(), desk.people.engineer
    action, _later, sent = forms(engineer.get(page(line)).text)["triage"]
    for _ in range(2):
        answer = engineer.post(action, **sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, page(line))
    assert [row.state for row in rows_of(desk.system, line)] == ["requested", "triage"]


def test_a_button_of_the_units_page_works_from_the_device_too(desk: Desk) -> None:
    """What static/js/queue.js sends later: the fields of the form, its key and the time on the device."""
    line, engineer = desk.line(), desk.people.engineer
    action, later, sent = forms(engineer.get(f"/c/acme/assets/{line.asset_id}").text)["triage"]
    assert (action, later) == (f"{page(line)}/to/triage", f"/api/v1/x/rma/lines/{line.id}/moves")
    body = {"to": sent["to"], "key": "device-key-1", "device_at": "2026-05-01T09:30:00.000Z"}
    headers = {"X-CSRF-Token": sent["csrf_token"], "If-Match": f'"{sent["version"]}"', "Idempotency-Key": body["key"]}
    for _ in range(2):
        assert engineer.request("POST", later, json=body, headers=headers).status_code == 200
    row = rows_of(desk.system, line)[-1]
    assert (row.key, row.device_at) == ("device-key-1", datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    assert "on the device: 1 May 2026, 09:30" in engineer.get(page(line)).text
    again = {**headers, "Idempotency-Key": "other-key-1"}
    assert engineer.request("POST", later, json={**body, "key": "other-key-1"}, headers=again).status_code == 412


def test_a_form_names_the_fields_that_its_call_takes(desk: Desk) -> None:
    line = desk.step(desk.approved(), "awaiting_receipt")
    text = desk.people.engineer.get(f"{page(line)}/to/received").text
    fields = re.search(r'data-queue-fields="([^"]+)"', text)
    assert fields and fields[1].split() == ["to", "spot"] and "data-say-photo" in text


def test_who_was_too_late_reads_how_it_stands(desk: Desk) -> None:
    line, engineer = desk.received(), desk.people.engineer
    before = desk.fresh(line).version
    desk.step(line, "inspecting")
    answer = engineer.post(f"{page(line)}/to/inspecting", version=before)
    assert answer.status_code == 412 and "Now it says: In inspection." in answer.text
    answer = engineer.post(f"{page(line)}/to/ready", version=before, reason="As it is")
    assert answer.status_code == 412 and ">As it is</textarea>" in answer.text, "what was typed is still there"


@pytest.mark.parametrize("sent", [{"key": "k" * 100}, {"device_at": "noon"}])
def test_what_a_page_does_not_send_is_refused(desk: Desk, sent: dict[str, str]) -> None:
    line = desk.line()
    answer = press(desk, desk.people.engineer, line, "triage", **sent)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert desk.fresh(line).state == "requested"


def test_a_button_without_fields_says_what_is_against_it(desk: Desk) -> None:
    """The unit that was sent ahead is in use: the form that could say so beside a field does not exist."""
    taken, line = desk.unit(), desk.inspecting()
    Track.create(customer_id=line.customer_id, line=line.id, kind="advance", serial=taken.serial, state="delivered")
    answer = press(desk, desk.people.engineer, line, "delivered")
    assert answer.status_code == 422 and "A unit of another product has this serial number." in answer.text


def test_a_photo_of_a_move_that_was_refused_is_not_kept(desk: Desk) -> None:
    line, engineer = desk.received(), desk.people.engineer
    before = set(files.store().keys(f"customer/{line.customer_id}/"))
    answer = engineer.post(f"{page(line)}/to/inspecting", version=1, photo=(BytesIO(PNG), "x.png"))
    assert answer.status_code == 412
    assert set(files.store().keys(f"customer/{line.customer_id}/")) == before


def test_the_photo_of_what_was_pressed_twice_is_kept_once(desk: Desk) -> None:
    line, engineer = desk.received(), desk.people.engineer
    before, version = set(files.store().keys(f"customer/{line.customer_id}/")), desk.fresh(line).version
    for _ in range(2):
        sent = {"version": version, "key": "pressed-twice-1", "photo": (BytesIO(PNG), "x.png")}
        assert engineer.post(f"{page(line)}/to/inspecting", **sent).status_code == 303
    after = set(files.store().keys(f"customer/{line.customer_id}/")) - before
    assert after == {rows_of(desk.system, line)[-1].photo_key}


def test_an_answer_that_lacks_something_says_so_beside_its_field(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    quote = desk.quoted(line)
    desk.step(line, "quoted")
    answer = desk.people.engineer.post(f"/c/acme/x/rma/quotes/{quote.id}/accept", version=quote.version, by="Ann")
    assert answer.status_code == 422 and 'id="written-error"' in answer.text and 'value="Ann"' in answer.text


def test_when_we_heard_of_it_is_typed_on_the_customers_clocks(desk: Desk) -> None:
    from registry.customers.service import change_customer, customer_by

    acme = customer_by(desk.system, "acme")
    change_customer(desk.system, "acme", {"time_zone": "Asia/Taipei"}, acme.version)
    claim = f"/c/acme/x/rma/assets/{desk.unit().id}/claims/new"
    assert 'type="datetime-local"' in desk.people.engineer.get(claim).text
    answer = desk.people.engineer.post(claim, fault="x", channel="telephone", notified_at="2026-05-01T09:30")
    assert answer.status_code == 303, answer.text
    case = cases.get_case(desk.system, 1)
    assert case.notified_at == datetime(2026, 5, 1, 1, 30, tzinfo=UTC)
    answer = desk.people.engineer.post(claim, fault="x", channel="telephone", notified_at="yesterday")
    assert answer.status_code == 422 and 'id="notified_at-error"' in answer.text


def test_what_has_to_be_done_first_is_offered_first(desk: Desk) -> None:
    line = desk.step(desk.step(desk.inspecting(), "repairing"), "verifying", action="New laser")
    assert leads(desk, line, "test") and "Nothing for you to do now" in desk.people.manager.get(page(line)).text
    desk.test(line, GOOD)
    assert not leads(desk, line, "test")
    line = desk.sent_back(desk.step(line, "passed"))
    assert leads(desk, line, "record")
    desk.record(line)
    assert not leads(desk, line, "record")


def leads(desk: Desk, line: Any, to: str) -> bool:
    """Whether the page's one great button leads there."""
    text = desk.people.engineer.get(page(line)).text
    assert "Nothing for you to do now" not in text
    return f'class="btn btn-lg btn-primary" href="{page(line)}/{to}"' in text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("-8,2", "-8.2"), ("\u22128.2", "-8.2"), ("0,125", "0.125"), ("1,500", ""), ("1,5,0", ""), ("-", "")],
)
def test_a_value_is_read_as_people_type_it(typed: str, meant: str) -> None:
    """A comma before three digits may part thousands: nobody guesses."""
    reading = {"parameter": "Tx power", "value": typed}
    if meant:
        assert RmaReadingIn().load(reading)["value"] == meant
    else:
        assert RmaReadingIn().validate(reading)
