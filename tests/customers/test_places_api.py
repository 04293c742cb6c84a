"""Sites and contacts over the API, and that each customer's lists hold its own only."""

import pytest

from registry.customers.places import create_contact, create_site
from registry.licences.service import create_licence
from registry.warranty.service import start_warranty
from tests.houses import House, People
from tests.ladder import API, View, attack, climb

SITES, CONTACTS = f"{API}/sites", f"{API}/contacts"

VIEWS = [
    View("GET", "/sites", stranger=200),
    View("POST", "/sites", {"customer": "acme", "name": "Hall {who}"}, owner=201, colleague=403, reader=403,
         stranger=422, engineer=403, more={"account_manager": 201, "auditor": 403}),
    View("GET", "/sites/1", bad_id="/sites/999", wrong_method="PUT"),
    View("PATCH", "/sites/1", {"city": "{who}"}, colleague=403, reader=403, engineer=403,
         more={"account_manager": 200, "auditor": 403}, bad_id="/sites/999", wrong_method="PUT"),
    View("GET", "/contacts", stranger=200),
    View("POST", "/contacts", {"customer": "acme", "name": "{who}"}, owner=201, colleague=403, reader=403,
         stranger=422, engineer=403, more={"account_manager": 201}),
    View("GET", "/contacts/1", bad_id="/contacts/999", wrong_method="PUT"),
    View("PATCH", "/contacts/1", {"title": "{who}"}, colleague=403, reader=403, engineer=403,
         more={"account_manager": 200}, bad_id="/contacts/999", wrong_method="PUT"),
    View("DELETE", "/contacts/1", owner=204, colleague=403, reader=403, engineer=403, bad_id="/contacts/999",
         wrong_method="PUT"),
    View("DELETE", "/sites/1", owner=204, colleague=403, reader=403, engineer=403, bad_id="/sites/999",
         wrong_method="PUT"),
]  # fmt: skip


def test_everybody_gets_what_is_his(house: House, people: People) -> None:
    assert people.owner.post(SITES, {"name": "HQ"}).json["id"] == 1
    assert people.owner.post(CONTACTS, {"name": "Ann"}).json["id"] == 1
    climb(house, people, VIEWS)


def test_sites_and_contacts_come_back_as_they_were_given(any_house: House) -> None:
    people = any_house.people()
    site = {"name": "Kwun Tong", "address": "1 How Ming Street\nFloor 3", "city": "Hong Kong", "province": "Kowloon",
            "country": "HK", "postal_code": "999077"}  # fmt: skip
    made = people.owner.post(SITES, site)
    assert made.status_code == 201 and {name: made.json[name] for name in site} == site
    person = {"name": "Ann Lee", "email": "ann@acme.example", "phone": "+852 1234", "title": "Dr", "site": "Kwun Tong",
              "trained": True, "language": "zh-Hant", "notes": "calls back"}  # fmt: skip
    made = people.owner.post(CONTACTS, person)
    assert made.status_code == 201 and {name: made.json[name] for name in person} == person
    people.owner.post(CONTACTS, {"name": "Untrained"})
    for query, names in (
        ("trained=true", ["Ann Lee"]),
        ("trained=false", ["Untrained"]),
        ("email=ANN@acme.example", ["Ann Lee"]),
        ("q=1234", ["Ann Lee"]),
        ("q=un", ["Untrained"]),
        ("customer=acme", ["Ann Lee", "Untrained"]),
    ):
        assert [item["name"] for item in people.reader.get(f"{CONTACTS}?{query}").json["items"]] == names, query
    assert [item["name"] for item in people.reader.get(f"{SITES}?city=Hong Kong&country=hk").json["items"]] == [
        "Kwun Tong"
    ]
    cleared = people.owner.patch(f"{CONTACTS}/{made.json['id']}", {"email": None, "site": None, "language": None})
    assert (cleared.json["email"], cleared.json["site"], cleared.json["language"]) == ("", None, "")


def test_a_site_in_use_stays_and_a_name_stands_once(any_house: House) -> None:
    people = any_house.people()
    site = people.owner.post(SITES, {"name": "HQ"}).json
    again = people.owner.post(SITES, {"name": "HQ"})
    assert again.status_code == 409 and list(again.json["errors"]) == ["name"]
    assert people.stranger.post(SITES, {"name": "HQ"}).status_code == 201
    people.owner.post(CONTACTS, {"name": "Ann", "site": "HQ"})
    refused = people.owner.delete(f"{SITES}/{site['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "in_use")
    assert people.owner.request("DELETE", f"{SITES}/{site['id']}").status_code == 428
    assert people.owner.delete(f"{SITES}/{site['id']}", 7).status_code == 412


def test_a_contact_sits_at_a_site_of_his_own_company(people: People) -> None:
    foreign = people.stranger.post(SITES, {"name": "Globex HQ"}).json["id"]
    for site in ("Globex HQ", foreign, 999, 2**70):
        answer = people.owner.post(CONTACTS, {"name": "Ann", "site": site})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["site"])
    named = people.owner.post(CONTACTS, {"name": "Ann", "customer": "globex"})
    assert (named.status_code, list(named.json["errors"])) == (422, ["customer"])
    mine = people.owner.post(CONTACTS, {"name": "Ann"}).json
    assert people.owner.patch(f"{CONTACTS}/{mine['id']}", {"site": foreign}).status_code == 422
    assert people.owner.patch(f"{CONTACTS}/{mine['id']}", {"customer": "globex"}).status_code == 422


def test_whoever_looks_after_several_customers_names_one(people: People) -> None:
    answer = people.account_manager.post(SITES, {"name": "HQ"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["customer"])


def test_no_input_breaks_the_views(people: People) -> None:
    site = people.owner.post(SITES, {"name": "HQ"}).json["id"]
    person = people.owner.post(CONTACTS, {"name": "Ann"}).json["id"]
    site_fields = ("customer", "name", "address", "city", "province", "country", "postal_code")
    person_fields = ("customer", "name", "email", "phone", "title", "site", "trained", "language", "notes")
    assert attack(people.owner, "POST", "/sites", {"name": "x"}, site_fields) == []
    assert attack(people.owner, "PATCH", f"/sites/{site}", {}, site_fields[1:]) == []
    assert attack(people.owner, "POST", "/contacts", {"name": "x"}, person_fields) == []
    assert attack(people.owner, "PATCH", f"/contacts/{person}", {}, person_fields[1:]) == []
    for path in (f"{SITES}/0", f"{SITES}/{2**70}", f"{SITES}/x", f"{SITES}/-1", f"{CONTACTS}/{2**63}"):
        assert people.owner.get(path).status_code == 404, path


LISTS = ("customers", "sites", "contacts", "assets", "licences", "warranties", "users")


@pytest.mark.rule("S0-02")
def test_each_customers_lists_hold_its_own_only(any_house: House) -> None:
    people = any_house.people()
    system = any_house.system
    any_house.product("Editor", "software")
    any_house.product("Switch")
    for slug in ("acme", "globex"):
        create_site(system, {"customer": slug, "name": f"{slug} hall"})
        create_contact(system, {"customer": slug, "name": f"{slug} contact"})
        asset = any_house.asset(slug, f"{slug}-serial", product="Switch", delivered_on=None)
        create_licence(system, {"customer": slug, "product": "Editor", "name": f"{slug} licence", "metric": "device"})
        start_warranty(system, {"asset": asset.id, "terms": "hardware"})
    for kind in LISTS:
        mine, others, every = (
            people.owner.get(f"{API}/{kind}").json["items"],
            people.stranger.get(f"{API}/{kind}").json["items"],
            people.auditor.get(f"{API}/{kind}").json["items"],
        )
        assert mine and others, kind
        assert {item["id"] for item in mine}.isdisjoint({item["id"] for item in others}), kind
        assert len(every) >= len(mine) + len(others), kind
        assert "globex" not in str(mine) and "acme" not in str(others), kind
        if kind not in ("customers", "users"):
            of_acme = people.auditor.get(f"{API}/{kind}?customer=acme").json["items"]
            assert of_acme == mine, kind
            refused = people.owner.get(f"{API}/{kind}?customer=globex")
            assert (refused.status_code, list(refused.json["errors"])) == (422, ["customer"]), kind
