"""The routes about contracts, through the whole application."""

from datetime import UTC, datetime

import pytest

from registry.kernel import clock

URL = "/api/v1/contracts"
NEW = {
    "customer": "acme",
    "number": "C-1",
    "title": "Care",
    "starts_on": "2024-01-01",
    "ends_on": "2024-12-31",
    "renewal": "tacit",
    "renewal_period": "P1Y",
    "notice_days": 90,
    "policy": "four-priority-response",
    "satisfaction_target": "4.25",
}


@pytest.fixture(autouse=True)
def today():
    with clock.frozen(datetime(2026, 6, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def contract(house, people):
    house.asset(serial="SW1", product=house.product("Switch").id)
    answer = people.account_manager.post(URL, NEW)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"{URL}/{answer.json['id']}"
    return answer.json


def test_the_ladder(people, contract):
    path = f"{URL}/{contract['id']}"
    for person in (people.owner, people.colleague, people.reader, people.engineer):
        assert person.get(path).json["number"] == "C-1"
    assert people.stranger.get(path).status_code == 404
    assert people.owner.patch(path, {"title": "x"}).status_code == 403
    assert people.engineer.patch(path, {"title": "x"}).status_code == 403
    assert people.admin.get(f"{URL}/999").status_code == 404
    assert people.admin.patch(f"{URL}/999", {"title": "x"}).status_code == 404
    assert people.admin.put(path, {}).status_code == 405
    assert people.admin.house.client.get(path).status_code == 401
    assert people.account_manager.patch(path, {"title": "x"}).json["title"] == "x"


@pytest.mark.parametrize("part", ["lines", "duties"])
def test_the_ladder_of_its_parts(people, contract, part):
    path = f"{URL}/{contract['id']}/{part}"
    assert people.reader.get(path).json["items"] == []
    assert people.stranger.get(path).status_code == 404
    assert people.owner.post(path, {}).status_code == 403
    assert people.admin.get(f"{URL}/999/{part}").status_code == 404
    assert people.admin.put(path, {}).status_code == 405


def test_one_contract_tells_its_terms_and_whether_it_is_in_force(people, contract):
    assert contract["satisfaction_target"] == 4.25
    assert contract["policy"] == "four-priority-response"
    assert contract["state"] == "active"
    assert [term["tacit"] for term in contract["terms"]] == [False, True, True]
    assert contract["standing"] == {
        "on": "2026-06-15",
        "in_force": True,
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "reason": "Renewed tacitly 2 times after 31 Dec 2024: no notice was given in time.",
        "notice_by": "2026-10-02",
    }
    early = people.reader.get(f"{URL}/{contract['id']}?on=2023-12-31").json
    assert (early["state"], early["standing"]["in_force"], len(early["terms"])) == ("not_started", False, 1)


def test_renew_and_terminate_want_the_etag(people, contract):
    path = f"{URL}/{contract['id']}"
    who = people.account_manager
    for verb, body in (("renew", {"period": "P2Y"}), ("terminate", {"notice_on": "2026-06-01"})):
        assert who.post(f"{path}/{verb}", body).status_code == 428
        assert people.owner.post(f"{path}/{verb}", body).status_code == 403
    renewed = who.post(f"{path}/renew", {"period": "P2Y"}, headers={"If-Match": '"1"'})
    assert (renewed.status_code, renewed.headers["ETag"], renewed.json["ends_on"]) == (200, '"2"', "2028-12-31")
    assert who.post(f"{path}/renew", {"period": "P2Y"}, headers={"If-Match": '"1"'}).status_code == 412
    given = {"terminated_on": "2027-06-30", "reason": "moved away"}
    ended = who.post(f"{path}/terminate", given, headers={"If-Match": '"2"'})
    assert (ended.json["in_force_until"], ended.json["state"]) == ("2027-06-30", "active")
    assert who.get(f"{path}?on=2027-07-01").json["state"] == "terminated"
    again = who.post(f"{path}/renew", {}, headers={"If-Match": '"3"'})
    assert (again.status_code, again.json["code"]) == (409, "ended")


def test_the_list_by_state_on_a_day(people, contract):
    people.account_manager.post(URL, {**NEW, "number": "C-2", "renewal": "none"})

    def numbers(query):
        return [item["number"] for item in people.reader.get(f"{URL}?{query}").json["items"]]

    assert numbers("") == ["C-1", "C-2"]
    assert numbers("state=active") == ["C-1"]
    assert numbers("state=active&on=2024-05-05") == ["C-1", "C-2"]
    assert numbers("state=ended&on=2025-01-01") == ["C-2"]
    assert numbers("ends_before=2025-01-01") == ["C-2"]
    assert numbers("q=care&limit=1") == ["C-1"]
    export = people.reader.get("/api/v1/exports/contracts.json?on=2025-01-01&state=ended")
    assert "C-2" in export.text and "C-1" not in export.text


def test_a_number_that_is_taken(people, contract):
    answer = people.account_manager.post(URL, NEW)
    assert (answer.status_code, list(answer.json["errors"])) == (409, ["number"])


def test_lines(people, contract):
    path, who = f"{URL}/{contract['id']}/lines", people.account_manager
    made = who.post(path, {"asset": "SW1", "terms": "hardware"})
    assert (made.status_code, made.json["serial"], made.json["terms"]) == (201, "SW1", "hardware")
    assert made.headers["ETag"] == '"1"'
    one = f"{path}/{made.json['id']}"
    assert people.stranger.patch(one, {"note": "x"}).status_code == 403
    assert who.patch(one, {"ends_on": "2026-12-31"}, 1).json["ends_on"] == "2026-12-31"
    assert who.patch(one, {"note": "late"}, 1).status_code == 412
    assert who.patch(one, {"asset": "SW1"}).status_code == 422
    covers = people.reader.get("/api/v1/assets/1/contracts").json
    assert (covers["on"], [item["number"] for item in covers["items"]]) == ("2026-06-15", ["C-1"])
    assert people.reader.get("/api/v1/assets/1/contracts?on=2027-01-01").json["items"] == []
    assert people.stranger.get("/api/v1/assets/1/contracts").status_code == 404
    assert who.delete(one, 1).status_code == 412
    assert who.delete(one, 2).status_code == 204
    assert people.reader.get(path).json["items"] == []


def test_licences_tell_their_contracts(house, people, contract):
    house.product("Editor", "software")
    licence = people.owner.post("/api/v1/licences", {"product": "Editor", "name": "E", "metric": "site"}).json["id"]
    people.account_manager.post(f"{URL}/{contract['id']}/lines", {"licence": "E"})
    path = f"/api/v1/licences/{licence}/contracts"
    assert [item["by"] for item in people.reader.get(path).json["items"]] == ["licence"]
    assert people.stranger.get(path).status_code == 404


def test_what_another_customer_has_does_not_exist(house, people, contract):
    house.asset("globex", "G1", product="Switch")
    house.product("G tool", "software", "globex")
    people.stranger.post("/api/v1/sites", {"name": "G site"})
    path = f"{URL}/{contract['id']}/lines"
    for body in ({"asset": "G1"}, {"asset": 2}, {"product": "G tool"}, {"site": "G site"}):
        answer = people.admin.post(path, body)
        assert (answer.status_code, list(answer.json["errors"])) == (422, list(body))


@pytest.mark.rule("S3-18")
def test_duties(people, contract):
    path, who = f"{URL}/{contract['id']}/duties", people.account_manager
    who.post(f"{URL}/{contract['id']}/lines", {"asset": "SW1"})
    assert [p["product"] for p in people.reader.get(path).json["without_duty"]] == ["Switch"]
    given = {"kind": "report", "title": "Report", "product": "Switch", "due_on": "2026-03-31", "every": "P3M"}
    made = who.post(path, given)
    assert (made.status_code, made.json["state"], made.json["next_due_on"]) == (201, "overdue", "2026-03-31")
    done = f"{path}/{made.json['id']}/done"
    assert people.owner.post(done, {}).status_code == 403
    answer = who.post(done, {"done_on": "2026-04-02", "evidence": "report 12"})
    assert (answer.status_code, answer.json["done_on"]) == (201, "2026-04-02")
    assert who.post(done, {"done_on": "2026-06-16"}).status_code == 422
    listed = people.reader.get(path).json
    assert (listed["on"], listed["without_duty"]) == ("2026-06-15", [])
    assert [(item["state"], item["next_due_on"]) for item in listed["items"]] == [("due", "2026-07-01")]
    assert people.reader.get(f"{path}?on=2026-04-01").json["items"][0]["state"] == "overdue"
    assert who.delete(f"{path}/{made.json['id']}", 1).status_code == 409
    spare = who.post(path, {"kind": "other", "title": "Slip"}).json["id"]
    assert who.delete(f"{path}/{spare}", 1).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": "none"}, "number"),
        ({"number": ""}, "number"),
        ({"renewal": "maybe"}, "renewal"),
        ({"renewal_period": "P1D"}, "renewal_period"),
        ({"notice_days": -1}, "notice_days"),
        ({"ends_on": "2023-01-01"}, "ends_on"),
        ({"policy": "nothing"}, "policy"),
        ({"satisfaction_target": "4.255"}, "satisfaction_target"),
        ({"satisfaction_target": "NaN"}, "satisfaction_target"),
        ({"satisfaction_target": 101}, "satisfaction_target"),
        ({"in_force_until": "2030-01-01"}, "in_force_until"),
        ({"customer": "nobody"}, "customer"),
    ],
)
def test_bad_input_names_its_field(people, contract, body, field):
    answer = people.account_manager.post(URL, {**NEW, "number": "C-9", **body})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


@pytest.mark.parametrize("query", ["state=x", "on=today", "ends_before=1", "nonsense=1"])
def test_a_bad_filter_is_an_error(people, contract, query):
    answer = people.reader.get(f"{URL}?{query}")
    assert (answer.status_code, list(answer.json["errors"])) == (422, [query.split("=")[0]])
