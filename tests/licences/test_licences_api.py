"""The routes about licences, through the whole application."""

import pytest

URL = "/api/v1/licences"
NEW = {"product": "Editor", "name": "Editor 5", "metric": "install", "quantity": 1, "key": "QZXJ-7734-KWPV"}


@pytest.fixture
def licence(house, people):
    house.product("Editor", "software")
    house.asset(serial="SW1", product=house.product("Switch").id)
    answer = people.owner.post(URL, NEW)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"{URL}/{answer.json['id']}"
    return answer.json


def test_the_ladder(people, licence):
    path = f"{URL}/{licence['id']}"
    for person in (people.owner, people.colleague, people.reader, people.engineer):
        assert person.get(path).json["name"] == "Editor 5"
    assert people.stranger.get(path).status_code == 404
    assert people.stranger.patch(path, {"name": "x"}).status_code == 404
    assert people.reader.patch(path, {"name": "x"}).status_code == 403
    assert people.colleague.patch(path, {"name": "x"}).status_code == 200
    assert people.owner.get(f"{URL}/999").status_code == 404
    assert people.owner.get(f"{URL}/{2**70}").status_code == 404
    assert people.owner.put(path, {}).status_code == 405
    assert people.owner.house.client.get(path).status_code == 401
    assert people.reader.delete(path).status_code == 403
    assert people.owner.delete(path).status_code == 204
    assert people.owner.get(path).status_code == 404


def test_a_change_wants_the_etag_that_was_read(people, licence):
    path = f"{URL}/{licence['id']}"
    assert people.owner.get(path).headers["ETag"] == '"1"'
    assert people.owner.request("PATCH", path, json={"name": "a"}).status_code == 428
    changed = people.owner.patch(path, {"name": "a"}, 1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert people.owner.patch(path, {"name": "b"}, 1).status_code == 412
    assert people.owner.delete(path, 1).status_code == 412


def test_no_answer_but_one_holds_the_key(people, licence):
    path = f"{URL}/{licence['id']}"
    people.owner.patch(path, {"notes": "n"})
    for answer in (
        people.owner.get(path),
        people.owner.get(URL),
        people.owner.get("/api/v1/search?q=Editor"),
        people.owner.get("/api/v1/audit"),
        people.owner.get("/api/v1/exports/licences.csv"),
    ):
        assert answer.status_code == 200, answer.request.path
        assert "QZXJ-7734" not in answer.text
    shown = people.owner.post(f"{path}/key")
    assert (shown.status_code, shown.json) == (200, {"key": NEW["key"]})
    assert shown.headers["Cache-Control"] == "no-store"


def test_the_key_is_for_who_may_see_it_and_each_look_is_recorded(people, licence):
    path = f"{URL}/{licence['id']}/key"
    assert people.stranger.post(path).status_code == 404
    for person in (people.reader, people.colleague, people.engineer):
        assert person.post(path).status_code == 403
    assert people.owner.get(path).status_code == 405
    for person in (people.owner, people.account_manager):
        assert person.post(path).status_code == 200
    seen = people.admin.get("/api/v1/audit?action=licence.key_shown").json["items"]
    assert len(seen) == 2


def test_over_use_is_shown(house, people, licence):
    path = f"{URL}/{licence['id']}"
    house.asset(serial="SW2", product="Switch")
    for serial in ("SW1", "SW2"):
        made = people.colleague.post(f"{path}/assignments", {"asset": serial})
        assert (made.status_code, made.json["serial"]) == (201, serial)
    shown = people.reader.get(path).json
    assert [shown[name] for name in ("quantity", "used", "free", "over_used")] == [1, 2, -1, True]
    listed = people.reader.get(f"{URL}?over_used=true").json["items"]
    assert [item["free"] for item in listed] == [-1]
    assert people.reader.get(f"{URL}?over_used=false").json["items"] == []


def test_assignments(house, people, licence):
    path = f"{URL}/{licence['id']}/assignments"
    assert people.reader.post(path, {"asset": "SW1"}).status_code == 403
    assert people.stranger.post(path, {"asset": "SW1"}).status_code == 404
    made = people.owner.post(path, {"asset": "SW1", "assigned_on": "2025-01-01"})
    again = people.owner.post(path, {"asset": "SW1"})
    assert again.status_code == 409
    assert "asset" in again.json["errors"]
    assert people.stranger.get(path).status_code == 404
    release = f"{path}/{made.json['id']}/release"
    assert people.stranger.post(release, {}).status_code == 404
    assert people.reader.post(release, {}).status_code == 403
    done = people.owner.post(release, {"released_on": "2025-06-30"})
    assert (done.status_code, done.json["released_on"]) == (200, "2025-06-30")
    assert people.owner.post(release, {}).status_code == 409
    assert len(people.reader.get(path).json["items"]) == 1
    assert people.reader.get(f"{path}?active=true").json["items"] == []
    assert people.reader.get(f"{path}?licence=1").status_code == 422


def test_what_is_not_ones_own_does_not_exist(house, people, licence):
    house.asset("globex", "G1", product="Switch")
    theirs = people.stranger.post("/api/v1/contacts", {"name": "Their man"}).json["id"]
    path = f"{URL}/{licence['id']}/assignments"
    for body in ({"asset": "G1"}, {"contact": theirs}, {"contact": "Their man"}):
        for person in (people.owner, people.admin):
            answer = person.post(path, body)
            assert answer.status_code == 422
            assert list(answer.json["errors"]) == list(body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"metric": "guess"}, "metric"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"ends_on": "31.12.2025"}, "ends_on"),
        ({"currency": "dollars"}, "currency"),
        ({"licensed_to_email": "nobody"}, "licensed_to_email"),
        ({"product": "Switch"}, "product"),
        ({"customer": "globex"}, "customer"),
        ({"key_sealed": "x"}, "key_sealed"),
        ({"covered_until": "2030-01-01"}, "covered_until"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_bad_input_names_its_field(people, licence, body, field):
    answer = people.owner.post(URL, {**NEW, **body})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert answer.json["request_id"]


@pytest.mark.parametrize("query", ["metric=x", "over_used=maybe", "ends_before=soon", "nonsense=1", "cursor=x"])
def test_a_bad_filter_is_an_error_and_not_the_whole_list(people, licence, query):
    answer = people.owner.get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [query.split("=")[0]]
