"""Assets over the API: the ladder of people, what is kept, found and refused."""

from typing import Any

import pytest

from registry.kernel.events import Event
from tests.houses import House, People
from tests.ladder import API, View, attack, attack_bodies, climb

ASSETS = f"{API}/assets"

VIEWS = [
    View("GET", "/assets", stranger=200),
    View("POST", "/assets", {"customer": "acme", "product": "Switch"}, owner=201, colleague=201, reader=403,
         stranger=422, engineer=201, more={"auditor": 403}),
    View("POST", "/assets/bulk", {"items": [{"customer": "acme", "product": "Switch"}]}, reader=403, stranger=422,
         more={"auditor": 403}, wrong_method="PUT"),
    View("GET", "/assets/1", bad_id="/assets/999", wrong_method="DELETE", more={"auditor": 200}),
    View("PATCH", "/assets/1", {"name": "{who}"}, reader=403, bad_id="/assets/999", wrong_method="DELETE",
         more={"auditor": 403}),
    View("POST", "/assets/1/retire", {}, reader=403, bad_id="/assets/999/retire"),
    View("GET", "/asset-statuses", stranger=200),
    View("POST", "/asset-statuses", {"code": "of-{who}", "name": "Of {who}", "meta": "in_use"}, owner=403,
         colleague=403, reader=403, stranger=403, engineer=403, more={"admin": 201}),
    View("PATCH", "/asset-statuses/in_use", {"name": "Of {who}"}, owner=403, colleague=403, reader=403, stranger=403,
         engineer=403, more={"admin": 200}, bad_id="/asset-statuses/burnt", wrong_method="DELETE"),
    View("GET", "/asset-fields", stranger=200),
    View("POST", "/asset-fields", {"name": "f", "title": "F", "type": "text", "customer": "acme"}, owner=403,
         colleague=403, reader=403, stranger=422, engineer=403, more={"admin": 201}),
    View("DELETE", "/asset-fields/1", owner=403, colleague=403, reader=403, stranger=404, engineer=403,
         bad_id="/asset-fields/999"),
]  # fmt: skip


@pytest.fixture
def switch(house: House, people: People) -> Any:
    """The product that most tests use."""
    return house.product("Switch", part_number="SW-48")


def test_everybody_gets_what_is_his(house: House, people: People, switch: Any) -> None:
    assert people.owner.post(ASSETS, {"product": "Switch", "serial": "A1"}).json["id"] == 1
    climb(house, people, VIEWS)


def test_an_asset_comes_back_as_it_was_given(any_house: House) -> None:
    people = any_house.people()
    any_house.product("Switch")
    people.owner.post(f"{API}/sites", {"name": "HQ"})
    people.owner.post(f"{API}/contacts", {"name": "Ann", "email": "ann@acme.example"})
    given = {
        "serial": "SN/1 ü", "tag": "T-0001", "name": "core", "status": "in_use", "site": "HQ", "place": "Rack 4",
        "purchased_on": "2024-01-02", "delivered_on": "2024-01-31", "accepted_on": "2024-02-05", "launched_on": None,
        "registered_on": "2024-02-29", "supplier": "Lumen", "order_number": "PO 7", "cost_minor": 1_250_00,
        "notes": "a\nb",
    }  # fmt: skip
    made = people.owner.post(ASSETS, {**given, "product": "Switch", "holder": "ann@acme.example"})
    assert made.status_code == 201, made.json
    assert {name: made.json[name] for name in given} == given
    assert (made.json["holder"], made.json["currency"], made.json["kind"], made.json["state"]) == (
        "Ann",
        "USD",
        "hardware",
        "in_use",
    )
    assert made.headers["ETag"] == '"1"' and made.headers["Location"] == f"{ASSETS}/{made.json['id']}"
    read = people.reader.get(f"{ASSETS}/{made.json['id']}")
    assert read.json == made.json and read.headers["ETag"] == '"1"'
    events = [event.name for event in Event.select().where(Event.object_type == "asset")]
    assert events == ["asset.created"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"product": "no such"}, "product"),
    ({"product": None}, "product"),
    ({"customer": "globex"}, "customer"),
    ({"status": "burnt"}, "status"),
    ({"site": "Mars"}, "site"),
    ({"holder": "Nobody"}, "holder"),
    ({"parent": "no such"}, "parent"),
    ({"slot": "1"}, "slot"),
    ({"delivered_on": "2/3/2024"}, "delivered_on"),
    ({"delivered_on": "2023-02-29"}, "delivered_on"),
    ({"delivered_on": 20240131}, "delivered_on"),
    ({"cost_minor": 12.5}, "cost_minor"),
    ({"cost_minor": -1}, "cost_minor"),
    ({"currency": "dollars"}, "currency"),
    ({"serial": 6.37702e15}, "serial"),
    ({"serial": "a\tb"}, "serial"),
    ({"custom": {"colour": "red"}}, "custom.colour"),
    ({"custom": "red"}, "custom"),
    ({"colour": "red"}, "colour"),
    ({"id": 7}, "id"),
    ({"version": 7}, "version"),
    ({"kind": "optic"}, "kind"),
]


def test_what_cannot_be_is_refused_naming_the_field(people: People, switch: Any) -> None:
    for wrong, field in REFUSED:
        answer = people.owner.post(ASSETS, {"product": "Switch", **wrong})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), (wrong, answer.json)
    assert people.owner.get(ASSETS).json["items"] == []


def test_serials_stand_once_with_a_product_and_tags_once(any_house: House) -> None:
    people = any_house.people()
    any_house.product("Switch")
    any_house.product("Router")
    assert people.owner.post(ASSETS, {"product": "Switch", "serial": "A1", "tag": "T1"}).status_code == 201
    again = people.owner.post(ASSETS, {"product": "Switch", "serial": " A1 "})
    assert (again.status_code, again.json["code"]) == (409, "duplicate") and "serial" in again.json["errors"]
    assert people.owner.post(ASSETS, {"product": "Router", "serial": "A1"}).status_code == 201
    assert people.stranger.post(ASSETS, {"product": "Switch", "serial": "A1", "tag": "T1"}).status_code == 201
    tagged = people.owner.post(ASSETS, {"product": "Router", "tag": "T1"})
    assert tagged.status_code == 409 and list(tagged.json["errors"]) == ["tag"]
    for _ in range(2):  # a serial or tag that is not known is not the same as another one
        assert people.owner.post(ASSETS, {"product": "Switch", "serial": "", "tag": None}).status_code == 201
    other = people.owner.post(ASSETS, {"product": "Switch", "serial": "A2"}).json
    assert people.owner.patch(f"{ASSETS}/{other['id']}", {"serial": "A1"}).status_code == 409
    assert people.owner.patch(f"{ASSETS}/{other['id']}", {"product": "Router", "serial": "A1"}).status_code == 409


def test_the_version_decides_a_lost_race(people: People, switch: Any) -> None:
    path = f"{ASSETS}/{people.owner.post(ASSETS, {'product': 'Switch'}).json['id']}"
    missing = people.owner.request("PATCH", path, json={"name": "x"})
    assert (missing.status_code, missing.json["code"]) == (428, "if_match_required")
    assert people.owner.patch(path, {"name": "x"}, 1).json["version"] == 2
    late = people.colleague.patch(path, {"name": "y"}, 1)
    assert (late.status_code, late.json["code"]) == (412, "stale")
    for tag in ("junk", "2.0", -2, 2**31, "²"):
        assert people.owner.patch(path, {"name": "y"}, tag).status_code == 412, tag
    assert people.owner.request("PATCH", path, json={"name": "z"}, headers={"If-Match": 'W/"2"'}).json["version"] == 3
    same = people.owner.patch(path, {"name": "z"}, 3)
    assert same.json["version"] == 3 and same.headers["ETag"] == '"3"'
    assert people.owner.request("POST", f"{path}/retire", json={}).status_code == 428
    assert people.owner.post(f"{path}/retire", {}, headers={"If-Match": '"2"'}).status_code == 412


def test_the_product_changes_only_for_one_of_the_same_kind(house: House, people: People, switch: Any) -> None:
    house.product("Router")
    house.product("SFP", "optic")
    house.product("Secret", customer="globex")
    path = f"{ASSETS}/{people.owner.post(ASSETS, {'product': 'Switch'}).json['id']}"
    assert people.owner.patch(path, {"product": "Router"}).json["product"] == "Router"
    for other in ("SFP", "Secret"):
        answer = people.owner.patch(path, {"product": other})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["product"])
    assert people.owner.patch(path, {"customer": "globex"}).status_code == 422


def test_retiring_keeps_the_day_and_coming_back_forgets_it(house: House, people: People, switch: Any) -> None:
    people.admin.post(f"{API}/asset-statuses", {"code": "scrapped", "name": "Scrapped", "meta": "retired"})
    asset = people.owner.post(ASSETS, {"product": "Switch"}).json
    path = f"{ASSETS}/{asset['id']}"
    refused = people.owner.post(f"{path}/retire", {"status": "in_use"}, headers={"If-Match": "*"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["status"])
    retired = people.owner.post(f"{path}/retire", {"status": "scrapped"}, headers={"If-Match": "*"}).json
    assert (retired["status"], retired["state"]) == ("scrapped", "retired") and retired["retired_on"]
    back = people.owner.patch(path, {"status": "in_stock"}).json
    assert (back["state"], back["retired_on"]) == ("in_stock", None)
    by_status = people.owner.patch(path, {"status": "retired"}).json
    assert by_status["retired_on"] == retired["retired_on"]


def test_a_status_may_be_renamed_but_keeps_its_meaning(people: People, switch: Any) -> None:
    people.admin.post(f"{API}/asset-statuses", {"code": "spare", "name": "Spare", "meta": "in_stock", "position": 9})
    path = f"{API}/asset-statuses/spare"
    renamed = people.admin.patch(path, {"name": "Spare part"}, 1).json
    assert renamed == {"code": "spare", "name": "Spare part", "meta": "in_stock", "position": 9, "version": 2}
    refused = people.admin.patch(path, {"meta": "retired"}, 2)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["meta"])
    assert people.admin.post(f"{API}/asset-statuses", {"code": "x", "name": "X", "meta": "burnt"}).status_code == 422
    assert people.admin.post(f"{API}/asset-statuses", {"code": "spare", "name": "X", "meta": "lost"}).status_code == 409
    made = people.owner.post(ASSETS, {"product": "Switch", "status": "spare"}).json
    assert (made["status"], made["state"]) == ("spare", "in_stock")
    codes = [row["code"] for row in people.reader.get(f"{API}/asset-statuses").json["items"]]
    assert codes == ["planned", "in_use", "in_stock", "in_repair", "at_supplier", "retired", "lost", "spare"]


def test_no_input_breaks_the_views(people: People, switch: Any) -> None:
    fields = (
        "customer", "product", "serial", "tag", "name", "status", "site", "place", "parent", "slot", "holder",
        "delivered_on", "cost_minor", "currency", "custom", "notes", "supplier",
    )  # fmt: skip
    path = f"/assets/{people.owner.post(ASSETS, {'product': 'Switch'}).json['id']}"
    assert attack(people.owner, "POST", "/assets", {"product": "Switch"}, fields) == []
    assert attack(people.owner, "PATCH", path, {}, fields[1:]) == []
    assert attack(people.owner, "POST", "/assets/bulk", {}, ["items"]) == []
    assert attack(people.owner, "POST", f"{path}/retire", {}, ["status"]) == []
    assert attack_bodies(people.owner, "POST", "/assets") == []
    assert attack_bodies(people.owner, "POST", "/assets/bulk") == []
    new_field = {"name": "n", "title": "N", "type": "text"}
    assert attack(people.admin, "POST", "/asset-fields", new_field, [*new_field, "kind", "choices", "required"]) == []
    new_status = {"code": "c", "name": "C", "meta": "lost"}
    assert attack(people.admin, "POST", "/asset-statuses", new_status, [*new_status, "position"]) == []
    for wrong in ("0", "x", "-1", str(2**70), "1.5", "%00"):
        assert people.owner.get(f"{ASSETS}/{wrong}").status_code == 404, wrong
    for code in ("%00", "%ED%A0%80", "x" * 3000):
        assert people.admin.patch(f"{API}/asset-statuses/{code}", {"name": "x"}).status_code in (404, 422), code
