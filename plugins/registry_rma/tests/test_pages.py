"""The pages, as a technician with a phone and a customer see them; and the same by JSON."""

from io import BytesIO
from typing import Any

import pytest

from registry.customers.service import customer_by
from registry.kernel.db import database
from registry.testing import Person
from registry_rma import cases, quotes
from registry_rma.tests.world import BAD, GOOD, Desk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def page(line: Any) -> str:
    return f"/c/acme/x/rma/lines/{line.id}"


def press(desk: Desk, who: Person, line: Any, to: str, **typed: Any) -> Any:
    return who.post(f"{page(line)}/to/{to}", version=desk.fresh(line).version, **typed)


def test_a_technician_walks_the_ladder_from_the_page_of_the_unit(desk: Desk) -> None:
    engineer, asset = desk.people.engineer, desk.unit()
    unit = f"/c/acme/assets/{asset.id}"
    assert "Report a fault" in engineer.get(unit).text
    claim = f"/c/acme/x/rma/assets/{asset.id}/claims/new"
    assert engineer.get(claim).status_code == 200
    answer = engineer.post(claim, fault="No light", channel="telephone", parameter="Tx power", value="-9.0")
    assert answer.status_code == 303, answer.text
    [row] = cases.lines_of(desk.system, cases.get_case(desk.system, 1))
    assert "No light" in engineer.get(unit).text and "Take on" in engineer.get(unit).text
    for to, typed in (
        ("triage", {}), ("approved", {"remedy": "repair", "charge_reason": "Owed"}), ("awaiting_receipt", {}),
        ("received", {"spot": "Bench 3"}), ("inspecting", {}), ("repairing", {}), ("verifying",
        {"action": "New laser"}),
    ):  # fmt: skip
        answer = press(desk, engineer, row, to, **({"charge": ""} if to == "approved" else {}), **typed)
        assert answer.status_code == 303, f"{to}: {answer.text}"
    assert "Bench 3" in engineer.get(page(row)).text
    answer = engineer.post(f"{page(row)}/test", version=desk.fresh(row).version, value_0=BAD)
    assert answer.status_code == 303
    assert press(desk, engineer, row, "failed").status_code == 303
    text = desk.people.manager.get(page(row)).text
    assert "Return it for a refund" in text and "Return it for a refund" not in engineer.get(page(row)).text
    assert press(desk, engineer, row, "replacing").status_code == 303
    assert press(desk, engineer, row, "verifying", serial="NEW-7").status_code == 303
    engineer.post(f"{page(row)}/test", version=desk.fresh(row).version, value_0=GOOD)
    for to, typed in (
        ("passed", {}),
        ("ready", {}),
        ("shipped", {"carrier": "Post"}),
        ("delivered", {"receiver": "Ann"}),
    ):
        assert press(desk, engineer, row, to, **typed).status_code == 303, to
    assert engineer.post(f"{page(row)}/record", action="Replaced").status_code == 303
    assert press(desk, engineer, row, "closed").status_code == 303
    assert "Took the place of" in engineer.get(f"/c/acme/assets/{desk.fresh(row).replacement_id}").text
    assert "Replaced by" in engineer.get(unit).text


def test_what_is_missing_is_said_beside_its_field(desk: Desk) -> None:
    line = desk.received()
    answer = press(desk, desk.people.engineer, line, "ready")
    assert answer.status_code == 422 and 'id="reason-error"' in answer.text
    answer = desk.people.engineer.post(
        f"/c/acme/x/rma/assets/{desk.unit().id}/claims/new", fault="x", parameter="Foo", value="1"
    )
    assert answer.status_code == 422 and 'id="limit_min-error"' in answer.text and 'value="Foo"' in answer.text
    answer = desk.people.engineer.post(
        f"/c/acme/x/rma/assets/{desk.unit().id}/claims/new", fault="x", parameter="Foo", value="y"
    )
    assert answer.status_code == 422 and 'id="value-error"' in answer.text


def test_a_move_that_is_not_possible_is_told_on_the_page(desk: Desk) -> None:
    line = desk.line()
    answer = press(desk, desk.people.engineer, line, "closed")
    assert answer.status_code == 409 and "From Request sent the next can be" in answer.text
    answer = desk.people.engineer.post(f"{page(line)}/to/triage", version=77)
    assert answer.status_code == 412
    assert desk.people.engineer.post(f"{page(line)}/to/nowhere", version=1).status_code == 404
    assert desk.people.engineer.get(f"{page(line)}/to/nowhere").status_code == 404
    answer = desk.people.engineer.get(f"{page(line)}/to/closed")
    assert (answer.status_code, answer.headers["Location"]) == (303, page(line))


def test_a_customer_accepts_a_quote_by_one_press(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    engineer = desk.people.engineer
    answer = engineer.post(f"{page(line)}/quote", code_0="REP", quantity_0="2")
    assert answer.status_code == 303, answer.text
    assert press(desk, engineer, line, "quoted").status_code == 303
    text = desk.people.manager.get(page(line)).text
    assert "Accept the quote" in text and "300" in text
    quote = quotes.quote_of(desk.system, line)
    assert quote is not None
    answer = desk.people.manager.post(f"/c/acme/x/rma/quotes/{quote.id}/accept", version=quote.version)
    assert answer.status_code == 303 and desk.fresh(line).state == "approved"


def test_staff_write_down_where_the_writing_is(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit(None)), "triage")
    quote = desk.quoted(line)
    desk.step(line, "quoted")
    where = f"/c/acme/x/rma/quotes/{quote.id}"
    assert desk.people.engineer.post(f"{where}/accept", version=quote.version).status_code == 422
    answer = desk.people.engineer.post(
        f"{where}/decline", version=quote.version, by="Ann", how="letter", written="Folder 7"
    )
    assert answer.status_code == 303 and desk.fresh(line).state == "rejected"


def test_a_photo_is_kept_with_the_custody_record(desk: Desk) -> None:
    line = desk.step(desk.approved(), "awaiting_receipt")
    engineer = desk.people.engineer
    answer = press(desk, engineer, line, "received", photo=(BytesIO(b"<script>"), "x.png"))
    assert answer.status_code == 422 and "picture" in answer.text
    answer = press(desk, engineer, line, "received", photo=(BytesIO(PNG), "x.png"))
    assert answer.status_code == 303, answer.text
    [number] = [row.number for row in _rows(desk, line) if row.photo_key]
    answer = desk.people.reader.get(f"{page(line)}/photos/{number}")
    assert (answer.content_type, answer.data) == ("image/png", PNG)
    assert desk.people.stranger.get(f"{page(line)}/photos/{number}").status_code == 404


def _rows(desk: Desk, line: Any) -> list[Any]:
    from registry_rma.custody import rows_of

    return rows_of(desk.system, line)


@pytest.mark.parametrize("what", ["test", "quote", "record", "track", "overrule"])
def test_each_form_stands(desk: Desk, what: str) -> None:
    line = desk.inspecting()
    answer = desk.people.admin.get(f"{page(line)}/{what}")
    assert answer.status_code == 200
    answer = desk.people.admin.post(f"{page(line)}/{what}", version=desk.fresh(line).version)
    assert answer.status_code == 422 and ("-error" in answer.text or "alert" in answer.text)
    assert desk.people.reader.get(f"{page(line)}/{what}").status_code == 403


def test_lists_and_prices(desk: Desk) -> None:
    line = desk.line()
    assert line.serial in desk.people.reader.get("/c/acme/x/rma/lines?open=true&state=requested").text
    assert line.serial not in desk.people.reader.get("/c/acme/x/rma/lines?state=closed").text
    text = desk.people.engineer.get("/x/rma/lines").text
    assert line.serial in text and f">{customer_by(desk.system, 'acme').name}</td>" in text
    typed = {"code": "NFF", "title": "No fault found", "amount": "45.50", "currency": "USD"}
    assert desk.people.admin.post("/x/rma/prices", **typed).status_code == 303
    assert "45.50" in desk.people.admin.get("/x/rma/prices").text
    assert desk.people.engineer.get("/x/rma/prices").status_code == 403
    assert line.serial in desk.people.engineer.get("/c/acme").text  # the card on the dashboard


def test_everything_by_json(desk: Desk) -> None:
    asset, engineer, manager = desk.unit(), desk.people.engineer, desk.people.manager
    made = manager.json(
        "/api/v1/x/rma/cases",
        "POST",
        lines=[{"asset": asset.id, "fault": "Dead", "value": -9, "parameter": "Tx power"}],
    )
    line_id = made["lines"][0]["id"]
    address = f"/api/v1/x/rma/lines/{line_id}"

    def post(path: str, status: int = 200, who: Person = engineer, **body: Any) -> Any:
        version = cases.get_line(desk.system, line_id).version
        headers = {"X-CSRF-Token": who._csrf, "If-Match": f'"{version}"'}
        answer = who.request("POST", f"{address}/{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    assert [move["to"] for move in engineer.json(address)["moves"]] == ["triage", "cancelled"]
    post("moves", to="triage")
    post("moves", 422, to="approved", remedy="repair", charge_reason="x")
    post("moves", to="approved", remedy="repair", charge=False, charge_reason="owed", key="device-0001")
    for to in ("awaiting_receipt", "received", "inspecting", "repairing"):
        post("moves", to=to)
    post("moves", to="verifying", action="x")
    assert post("tests", 201, readings=[{"parameter": "Tx power", "value": "-3"}])["outcome"] == "passed"
    told = post("moves", to="passed")
    assert told["custody"]["whole"] and told["custody"]["events"][2]["key"] == "device-0001"
    assert engineer.json(f"/api/v1/assets/{asset.id}")["extra"]["rma"]["open"]["line_id"] == line_id
    post("records", 201, action="Changed it")
    assert manager.json(f"/api/v1/x/rma/assets/{asset.id}/records")["items"][0]["action"] == "Changed it"
    assert manager.json("/api/v1/x/rma/lines?customer=acme")["items"][0]["id"] == line_id
    post("moves", 409, to="closed")
    post("moves", 403, who=desk.people.reader, to="ready")


def test_a_line_takes_the_same_number_of_statements_however_long_its_story(desk: Desk) -> None:
    short, long = desk.line(), desk.closed(desk.repaired())
    counts = []
    for line in (short, long):
        desk.people.engineer.get(page(line))
        counts.append(_statements(lambda line=line: desk.people.engineer.get(page(line))))
    assert max(counts) <= 75 and abs(counts[0] - counts[1]) <= 25, counts


def _statements(work: Any) -> int:
    count, real = 0, database.obj.execute_sql

    def counted(*args: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        return real(*args, **more)

    database.obj.execute_sql = counted
    try:
        work()
    finally:
        del database.obj.execute_sql
    return count


def test_the_history_says_what_happened_to_a_case_and_to_what(desk: Desk) -> None:
    line = desk.inspecting()
    desk.test(line, GOOD)
    text = desk.people.admin.get("/c/acme/history").text.split('class="lines entries">')[1]
    assert "RMA case moved on" in text and "Test recorded" in text and "rma_" not in text
    assert f'<span class="quiet">Asset</span> <ins>{line.serial}</ins>' in text
    assert '<span class="quiet">Line</span>' not in text, "the number of a case's unit is none of a contract's line"
