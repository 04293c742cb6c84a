"""Who sees a page and who does not, and what is on it."""

import re
from html import escape

import pytest

from registry.kernel.access import Actor
from registry.people.tokens import create_token
from tests.houses import House
from tests.web.world import World


@pytest.mark.parametrize("who", ["owner", "colleague", "reader", "admin", "engineer", "account_manager", "auditor"])
def test_those_it_concerns_see_the_pages_of_a_customer(world: World, who: str) -> None:
    for page in world.pages:
        answer = getattr(world.people, who).get(page)
        assert answer.status_code == 200, page
        assert answer.mimetype == "text/html"


def test_a_stranger_learns_nothing(world: World) -> None:
    missing = world.people.stranger.get("/c/never-was/assets")
    for page in world.pages:
        answer = world.people.stranger.get(page)
        assert answer.status_code == missing.status_code == 404, page
        assert "acme" not in answer.text.lower()
    unlike = re.compile(r"<code>[0-9a-f]{16}</code>")
    assert unlike.sub("", world.people.stranger.get("/c/acme/assets").text) == unlike.sub("", missing.text)


def test_another_customers_unit_is_not_found_under_ones_own_address(world: World) -> None:
    assert world.people.owner.get(f"/c/acme/assets/{world.other}").status_code == 404
    assert world.people.admin.get(f"/c/acme/assets/{world.other}").status_code == 404
    assert world.people.admin.get(f"/c/globex/assets/{world.other}").status_code == 200


def test_without_the_right_403(world: World) -> None:
    _, token = create_token(Actor.system(), world.people.owner.user, name="few", scope=["customer.view"], days=1)
    fine = {"/c/acme", "/c/acme/sites", "/c/acme/contacts"}
    assert fine < set(world.pages)
    for page in world.pages:
        answer = world.house.client.get(page, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == (200 if page in fine else 403), page


@pytest.mark.parametrize("page", ["/", "/find?q=SN", "/c/acme", "/c/acme/assets", "/c/acme/assets/1", "/api/v1/docs"])
def test_nobody_is_asked_to_sign_in_and_comes_back(world: World, page: str) -> None:
    answer = world.house.client.get(page)
    if page.startswith("/api/"):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer.location.startswith("/sign-in?next=/")


@pytest.mark.parametrize("path", ["0", "999999", "-1", "abc", "1e3", "9223372036854775808", "1/x"])
def test_a_bad_id_is_not_found(world: World, path: str) -> None:
    answer = world.people.owner.get(f"/c/acme/assets/{path}")
    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize("page", ["/", "/find", "/c/acme", "/c/acme/assets", "/c/acme/assets/1"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_wrong_method_is_named(world: World, page: str, method: str) -> None:
    answer = world.people.owner.request(method, page)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_home_lists_customers_with_their_account_manager_for_the_operator(world: World) -> None:
    text = world.people.admin.get("/").text
    assert "Acme" in text and "Globex" in text
    assert "manager@operator.example" in text
    assert text.partition("<tbody>")[2].count("Nobody yet") == 1  # globex


def test_home_leads_a_customer_to_its_own_overview(world: World) -> None:
    answer = world.people.reader.get("/")
    assert (answer.status_code, answer.location) == (302, "/c/acme")
    text = world.people.reader.get("/c/acme").text
    assert "Main hall" in text and "Ilze Ozola" in text and "Trained" in text and "manager@operator.example" in text


def test_home_without_customers_says_what_to_do(house: House) -> None:
    admin = house.person("admin@operator.example", "admin")
    text = admin.get("/").text
    assert "There are no customers yet." in text and 'href="/customers/new"' in text
    engineer = house.person("engineer@operator.example", "engineer")
    assert "/customers/new" not in engineer.get("/").text


def test_the_asset_page_says_what_is_owed_and_why(world: World) -> None:
    text = world.people.reader.get(f"/c/acme/assets/{world.asset}").text
    owed = world.people.reader.get(f"/api/v1/assets/{world.asset}/coverage").json
    for remedy in owed["remedies"]:
        assert escape(remedy["reason"]) in text
    assert escape(owed["warranties"][0]["reason"]) in text
    assert "SN-77-ACME" in text and "Main hall" in text and "15 Jan 2026" in text


def test_history_is_shown_to_who_may_read_it(world: World) -> None:
    world.people.owner.patch(f"/api/v1/assets/{world.asset}", {"place": "Rack 9"})
    seen = world.people.owner.get(f"/c/acme/assets/{world.asset}").text
    assert "Latest changes" in seen and "→ <ins>Rack 9</ins>" in seen
    assert "Latest changes" not in world.people.reader.get(f"/c/acme/assets/{world.asset}").text


def test_units_inside_stand_in_the_order_of_their_slots(world: World) -> None:
    optic = world.house.product("SR optic", "optic").id
    for slot in ("Eth1/10", "Eth1/9", "Eth1/1"):
        world.house.asset(serial=f"OPT {slot}", product=optic, parent=world.asset, slot=slot)
    text = world.people.owner.get(f"/c/acme/assets/{world.asset}").text
    assert re.findall(r'data-label="Slot" class="nowrap">([^<]+)<', text) == ["Eth1/1", "Eth1/9", "Eth1/10"]
    listed = world.people.owner.get(f"/c/acme/assets?parent={world.asset}").text
    assert listed.count('">in ') == 3 and "SN-77-ACME" in listed


def test_a_unit_without_warranty_says_what_to_do(world: World) -> None:
    bare = world.house.asset(serial="BARE").id
    assert f'href="/c/acme/assets/{bare}/warranties/new"' in world.people.engineer.get(f"/c/acme/assets/{bare}").text
    assert "account manager" in world.people.reader.get(f"/c/acme/assets/{bare}").text


@pytest.mark.parametrize("tag", ["en", "zh-Hant"])
def test_what_is_not_there_is_said_once(world: World, tag: str) -> None:
    """The title says it; below stands what to do, and the reason only where there is one."""
    world.people.owner.patch("/api/v1/me", json={"language": tag})
    text = world.people.owner.get("/c/acme/assets/999999").text
    main = text.partition("<main")[2].partition("</main>")[0]
    said = [re.sub(r"<[^>]+>|\s", "", part) for part in re.findall(r"<(?:h1|p)[^>]*>(.*?)</(?:h1|p)>", main, re.S)]
    assert len(said) == len(set(said)) == 5, said  # 404, title, what to do, a way on, the request's id
    assert "There is no such thing here." not in text
    assert f'<html lang="{tag}">' in text
