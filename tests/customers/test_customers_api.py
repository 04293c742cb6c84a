"""Customers, their service policy and account manager over the API."""

import json

import pytest
from peewee import IntegrityError

from registry.customers.models import AccountManager
from registry.customers.service import assign_manager, effective_policy, get_customer
from registry.kernel.events import Event
from tests.houses import House, People
from tests.ladder import API, View, attack, climb

CUSTOMERS = f"{API}/customers"
POLICY = "three-level-on-site"

VIEWS = [
    View("GET", "/customers", stranger=200),
    View("POST", "/customers", {"slug": "new-{who}", "name": "New"}, owner=403, colleague=403, reader=403,
         stranger=403, engineer=403, more={"account_manager": 201, "auditor": 403}),
    View("GET", "/customers/acme", bad_id="/customers/nobody", wrong_method="DELETE"),
    View("PATCH", "/customers/acme", {"notes": "{who}"}, owner=403, colleague=403, reader=403, stranger=403,
         engineer=403, more={"account_manager": 200}, bad_id="/customers/nobody", wrong_method="DELETE"),
    View("GET", "/customers/acme/policy", bad_id="/customers/nobody/policy"),
    View("GET", "/customers/acme/account-manager", bad_id="/customers/nobody/account-manager"),
    View("PUT", "/customers/acme/account-manager", {"user": 1}, owner=403, colleague=403, reader=403, stranger=403,
         engineer=403, more={"account_manager": 200}, bad_id="/customers/nobody/account-manager"),
    View("GET", "/policies", stranger=200),
    View("POST", "/policies", {"code": "gold-{who}", "name": "Gold"}, owner=403, colleague=403, reader=403,
         stranger=403, engineer=403, more={"account_manager": 201}),
    View("PATCH", f"/policies/{POLICY}", {"name": "By {who}"}, owner=403, colleague=403, reader=403, stranger=403,
         engineer=403, more={"account_manager": 200}, bad_id="/policies/nothing", wrong_method="DELETE"),
]  # fmt: skip


def test_everybody_gets_what_is_his(house: House, people: People) -> None:
    climb(house, people, VIEWS)


def test_a_customer_comes_back_as_it_was_given(any_house: House) -> None:
    people = any_house.people()
    given = {
        "slug": "hkcables", "name": "HK Cables 電纜", "language": "zh-Hant", "time_zone": "Asia/Hong_Kong",
        "currency": "HKD",
        "customer_since": "2019-04-01", "policy": POLICY, "policy_overrides": {"hours": "24x7"}, "notes": "a\nb",
    }  # fmt: skip
    made = people.admin.post(CUSTOMERS, given)
    assert made.status_code == 201
    assert {name: made.json[name] for name in given} == given
    assert made.headers["ETag"] == '"1"' and made.json["version"] == 1 and made.json["active"] is True
    assert made.json["account_manager"] is None
    history = people.admin.get(f"{API}/audit?object_type=customer&customer=hkcables").json["items"]
    assert [entry["action"] for entry in history] == ["customer.created"]
    assert [event.name for event in Event.select().where(Event.object_id == made.json["id"])][-1] == "customer.created"


REFUSED = [
    ("slug", "Acme Ltd"),
    ("slug", ""),
    ("slug", "-a"),
    ("name", " "),
    ("language", "English"),
    ("language", "xx_YY"),
    ("time_zone", "Hongkong Time"),
    ("time_zone", "../etc/passwd"),
    ("time_zone", "asia/hong_kong"),
    ("currency", "hkd"),
    ("currency", "HK$"),
    ("customer_since", "1/2/2020"),
    ("customer_since", "2023-02-29"),
    ("customer_since", "0019-04-01"),
    ("policy", "no-such-policy"),
    ("policy_overrides", ["a"]),
    ("active", "yes"),
    ("colour", "red"),
]


def test_what_cannot_be_is_refused_naming_the_field(people: People) -> None:
    for field, value in REFUSED:
        answer = people.admin.post(CUSTOMERS, {"slug": "good", "name": "Good", field: value})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), value
    assert people.admin.get(f"{CUSTOMERS}?slug=good").json["items"] == []


def test_a_second_customer_of_the_same_short_name_is_a_conflict(any_house: House) -> None:
    people = any_house.people()
    answer = people.admin.post(CUSTOMERS, {"slug": "acme", "name": "Another"})
    assert answer.status_code == 409
    assert list(answer.json["errors"]) == ["slug"] and answer.json["code"] == "duplicate"


def test_the_version_decides_a_lost_race(people: People) -> None:
    path = f"{CUSTOMERS}/acme"
    assert people.admin.request("PATCH", path, json={"notes": "x"}).status_code == 428
    assert people.admin.patch(path, {"notes": "x"}, 1).json["version"] == 2
    assert people.admin.patch(path, {"notes": "y"}, 1).status_code == 412
    assert people.admin.patch(path, {"notes": "y"}, "junk").status_code == 412
    assert people.admin.get(path).json["notes"] == "x"


@pytest.mark.rule("S0-04")
def test_a_target_is_overridden_for_one_customer_alone(any_house: House) -> None:
    people = any_house.people()
    for slug in ("acme", "globex"):
        assert people.account_manager.patch(f"{CUSTOMERS}/{slug}", {"policy": POLICY}).status_code == 200
    faster = {"targets": {"level_1": {"on_site": "PT2H"}}, "language": "zh-Hant"}
    assert people.account_manager.patch(f"{CUSTOMERS}/acme", {"policy_overrides": faster}).status_code == 200
    of_a = people.owner.get(f"{CUSTOMERS}/acme/policy").json
    of_b = people.stranger.get(f"{CUSTOMERS}/globex/policy").json
    assert of_a["policy"] == of_b["policy"] == POLICY
    assert of_a["settings"]["targets"]["level_1"] == {"on_site": "PT2H", "clock": "elapsed"}
    assert of_b["settings"]["targets"]["level_1"] == {"on_site": "PT4H", "clock": "elapsed"}
    assert of_a["settings"]["targets"]["level_2"] == of_b["settings"]["targets"]["level_2"]
    assert of_a["settings"]["language"] == "zh-Hant" and "language" not in of_b["settings"]
    assert (of_a["overridden"], of_b["overridden"]) == (["language", "targets"], [])
    shipped = {item["code"]: item for item in people.admin.get(f"{API}/policies").json["items"]}
    assert shipped[POLICY]["settings"]["targets"]["level_1"]["on_site"] == "PT4H"
    people.account_manager.patch(f"{CUSTOMERS}/acme", {"policy_overrides": {}})
    assert people.owner.get(f"{CUSTOMERS}/acme/policy").json["settings"] == of_b["settings"]


def test_a_customer_without_a_policy_has_its_own_settings_alone(people: People, house: House) -> None:
    acme = get_customer(house.system, "acme")
    assert effective_policy(house.system, acme) == {"policy": None, "settings": {}, "overridden": []}


@pytest.mark.rule("S0-22")
def test_a_customer_has_one_account_manager_who_is_shown_and_whose_predecessors_are_kept(any_house: House) -> None:
    people = any_house.people()
    gap = f"{CUSTOMERS}?without_manager=true"
    assert [item["slug"] for item in people.admin.get(gap).json["items"]] == ["acme", "globex"]
    path = f"{CUSTOMERS}/acme/account-manager"
    first, second = people.account_manager.user, people.engineer.user
    assert people.admin.put(path, {"user": first.id}).status_code == 200
    assert [item["slug"] for item in people.admin.get(gap).json["items"]] == ["globex"]
    assert [item["slug"] for item in people.admin.get(f"{CUSTOMERS}?without_manager=false").json["items"]] == ["acme"]
    assert people.reader.get(f"{CUSTOMERS}/acme").json["account_manager_email"] == first.email
    people.admin.put(path, {"user": first.id})
    people.admin.put(path, {"user": second.id})
    history = people.owner.get(path).json["items"]
    assert [(row["email"], row["until"] is None) for row in history] == [(first.email, False), (second.email, True)]
    assert history[0]["until"] == history[1]["since"]
    assert people.owner.get(f"{CUSTOMERS}/acme").json["account_manager_email"] == second.email
    acts = people.admin.get(f"{API}/audit?action=customer.manager_assigned").json["items"]
    assert [act["after"]["account_manager"] for act in acts] == [first.email, second.email]


@pytest.mark.rule("S0-22")
def test_two_active_account_managers_are_refused_by_the_table_itself(any_house: House) -> None:
    people = any_house.people()
    row = assign_manager(any_house.system, "acme", people.engineer.user.id)
    with pytest.raises(IntegrityError):
        AccountManager.create(customer_id=row.customer_id, user=people.admin.user)


@pytest.mark.rule("S0-22")
def test_a_customer_whose_manager_has_left_is_on_the_list_again(people: People) -> None:
    people.admin.put(f"{CUSTOMERS}/acme/account-manager", {"user": people.engineer.user.id})
    assert people.admin.post(f"{API}/users/{people.engineer.user.id}/deactivate", {}).status_code == 200
    missing = people.admin.get(f"{CUSTOMERS}?without_manager=true").json["items"]
    assert [item["slug"] for item in missing] == ["acme", "globex"]


def test_only_an_active_user_of_the_operator_can_look_after_a_customer(people: People) -> None:
    people.admin.post(f"{API}/users/{people.engineer.user.id}/deactivate", {})
    for user in (people.owner.user.id, people.engineer.user.id, 2**62):
        answer = people.admin.put(f"{CUSTOMERS}/acme/account-manager", {"user": user})
        assert answer.status_code == 422 and list(answer.json["errors"]) == ["user"]


def test_no_input_breaks_the_views(people: People) -> None:
    fields = ("slug", "name", "language", "time_zone", "currency", "customer_since", "policy", "policy_overrides",
              "active", "notes")  # fmt: skip
    good = {"slug": "good", "name": "Good"}
    assert attack(people.admin, "POST", "/customers", good, fields) == []
    assert attack(people.admin, "PATCH", "/customers/acme", {}, fields) == []
    assert attack(people.admin, "PUT", "/customers/acme/account-manager", {}, ["user"]) == []
    assert attack(people.admin, "POST", "/policies", {"code": "good", "name": "G"}, ["code", "name", "settings"]) == []
    for query in ("q=%00", "slug=%00", "cursor=e30", "cursor=!!", "limit=0", "limit=1e9", "sort=x", "x=1", "slug="):
        assert people.admin.get(f"{CUSTOMERS}?{query}").status_code == 422, query
    for slug in ("%00", "%ED%A0%80", "a" * 5000, "%2e%2e"):
        assert people.admin.get(f"{CUSTOMERS}/{slug}").status_code in (404, 422), slug


def test_the_list_is_read_by_page_and_by_name(house: House, people: People) -> None:
    for number in range(5):
        house.customer(f"city-{number}", name=f"Harbour {number}")
    found, cursor = [], ""
    while cursor is not None:
        page = people.admin.get(f"{CUSTOMERS}?q=harbour&limit=2&sort=-slug&cursor={cursor}").json
        found += [item["slug"] for item in page["items"]]
        cursor = page["next"]
    assert found == [f"city-{number}" for number in (4, 3, 2, 1, 0)]
    assert json.loads(people.owner.get(f"{CUSTOMERS}?q=harbour").data) == {"items": [], "next": None}
