"""Parts of pages that are kept see nothing but what they are given, and nobody gets what was drawn for another."""

import re
from typing import Any

import pytest
from flask import g, url_for
from jinja2 import meta

from registry.customers.service import get_customer
from registry.kernel import language
from registry.people.service import set_password
from registry.people.tokens import create_token
from registry.views.service import save_view
from registry.web import fragments, statics
from registry.web.lists import links
from registry.web.lists.links import url
from tests.houses import House, Person
from tests.web.world import World

PASSWORD = "correct horse battery"
TOKEN = 'name="csrf_token" value="([^"]+)"'
PURE = {"_", "gettext", "icon"}  # what a kept part may call: the language and the signs are part of its key


def _side(text: str) -> str:
    found = re.search(r'<aside class="side".*?</aside>', text, re.S)
    assert found
    return found.group(0)


@pytest.mark.parametrize(("template", "macro"), fragments.KEPT.values())
def test_a_kept_part_sees_nothing_but_what_it_is_given(house: House, template: str, macro: str) -> None:
    env = house.app.jinja_env
    source = env.loader.get_source(env, template)[0]  # type: ignore[union-attr]
    seen = meta.find_undeclared_variables(env.parse(source))
    assert seen <= PURE, f"{template} looks at {seen - PURE} behind its own back"
    assert not re.search(r"\{%-?\s*(include|import|from|extends)", source), (
        "what another template sees is not known here"
    )
    assert f"macro {macro}(" in source


def test_what_differs_is_drawn_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    env = house.app.jinja_env
    drawn: list[tuple[Any, ...]] = []

    def macro(*given: Any) -> str:
        drawn.append(given)
        return f"{len(drawn)}"

    monkeypatch.setattr(fragments, "part", lambda *_names: macro)
    part = fragments.kept(env, "x", "y")
    with house.app.test_request_context("/"):
        assert part("a", (1, "b")) == part("a", (1, "b")) == "1"
        assert [part("a", (2, "b")), part("b", (1, "b")), part(1), part(True), part("1")] == ["2", "3", "4", "5", "6"]
        with language.speaking("zh-Hant"):
            assert part("a", (1, "b")) == "7"
        monkeypatch.setattr(fragments, "static_url", lambda _name: "/other.svg")
        assert part("a", (1, "b")) == "8"
        assert [part(["no", "key"]), part(["no", "key"])] == ["9", "10"], "what cannot be compared is not kept"
    with house.app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/below"}):
        assert part("a", (1, "b")) == "11"


def test_a_part_keeps_only_so_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(fragments, "MOST", 3)
    monkeypatch.setattr(fragments, "part", lambda *_names: lambda value: (drawn.append(value), value)[1])
    part = fragments.kept(house.app.jinja_env, "x", "y")
    with house.app.test_request_context("/"):
        assert [part(f"{number}") for number in range(5)] == ["0", "1", "2", "3", "4"]
        part("4")
        part("0")
    assert drawn == ["0", "1", "2", "3", "4", "0"]


def test_nobody_sees_what_was_drawn_for_somebody_else(world: World) -> None:
    """One after the other, twice, in one process: each gets the same page both times, and nothing of the others."""
    people = world.people
    save_view(
        people.owner.actor,
        "assets",
        get_customer(world.house.system, "acme"),
        {"name": "Mine alone", "query": {"kind": "optic"}},
    )
    pages = [(people.admin, "/c/acme/assets"), (people.owner, "/c/acme/assets"), (people.reader, "/c/acme/assets"),
             (people.stranger, "/c/globex/assets"), (people.auditor, "/c/acme/assets"),
             (people.admin, "/c/globex/assets"), (people.admin, "/assets")]  # fmt: skip
    first = [who.get(page).text for who, page in pages]
    second = [who.get(page).text for who, page in pages]
    assert first == second
    admin, owner, reader, stranger, _auditor, admin_there, of_house = first
    assert "Mine alone" in owner and not any("Mine alone" in text for text in first if text is not owner)
    for text in (admin, owner, reader):
        assert "globex" not in text.lower()
    assert "acme" not in stranger.lower() and "SN-77" not in admin_there
    assert 'name="id" value="' in owner and 'name="id" value="' not in reader, "who may change, and who may not"
    assert "/c/acme/assets/new" in owner and "/c/acme/assets/new" not in reader
    assert "/users" in _side(admin) and 'href="/users"' not in _side(owner)
    assert "/c/acme/people" in _side(owner) and 'href="/c/' not in _side(of_house)


def test_the_language_is_the_readers_own(world: World) -> None:
    owner = world.people.owner
    english = owner.get("/c/acme/assets").text
    owner.patch("/api/v1/me", json={"language": "zh-Hant"})
    chinese = owner.get("/c/acme/assets").text
    owner.patch("/api/v1/me", json={"language": "en"})
    assert "Saved filters" in english and "Inventory" in english
    assert "Saved filters" not in chinese and "Inventory" not in chinese and "資產" in chinese
    assert owner.get("/c/acme/assets").text == english


def test_each_session_gets_its_own_token(world: World) -> None:
    """The forms of a kept part carry the token of the session that they were drawn for."""
    set_password(world.house.system, world.people.owner.user.id, PASSWORD)
    tokens = []
    for _session in range(2):
        browser = world.house.app.test_client()
        browser.post("/sign-in", data={"email": "alice@acme.example", "password": PASSWORD})
        seen = {match for _twice in range(2) for match in re.findall(TOKEN, browser.get("/c/acme/assets").text)}
        assert len(seen) == 1
        tokens.append(seen.pop())
    assert tokens[0] != tokens[1]


def test_one_user_by_two_tokens_sees_what_each_may(world: World) -> None:
    owner = world.people.owner
    narrow = create_token(world.house.system, owner.user, name="narrow", scope=["asset.view"], days=1)[1]
    less = Person(world.house, owner.user, narrow)
    for _twice in range(2):
        all_of_it, some = owner.get("/c/acme/assets").text, less.get("/c/acme/assets").text
        assert "assets.csv" in all_of_it and "/c/acme/people" in _side(all_of_it)
        assert "SN-77-ACME" in some and "assets.csv" not in some and "/c/acme/people" not in _side(some)


# --- Addresses ---------------------------------------------------------------------------------------------


def test_addresses_that_are_kept_are_those_of_flask(house: House) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("home.home", {}), ("static.static", {"filename": "css/shell.css", "v": "1"}), ("find.find", {"q": "a b&ü"}),
        ("products.show_product", {"product_id": 7}), ("home.home", {"flag": True}), ("home.home", {"flag": 1}),
        ("home.home", {"flag": "1"}), ("home.home", {"none": None}), ("home.home", {"many": ["a", "b"]}),
        ("home.home", {"_anchor": "x"}), ("home.home", {"_external": True}), ("assets.list_assets", {"slug": "globex"}),
        ("assets.list_assets", {}),
    ]  # fmt: skip
    for root in ("", "/below"):
        for slug in ("acme", "globex"):
            with house.app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
                g.customer = type("Customer", (), {"slug": slug})()
                for _again in range(2):
                    assert [url(name, **dict(more)) for name, more in asked] == [
                        url_for(name, **dict(more)) for name, more in asked
                    ]


def test_only_so_many_addresses_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_URLS", 5)
    with house.app.test_request_context("/"):
        for number in range(20):
            assert url("find.find", q=str(number)) == f"/find?q={number}"
        assert len(house.app.extensions["assetcare_urls"]) <= 5


def test_a_static_file_that_changes_gets_another_address(house: House) -> None:
    with house.app.test_request_context("/"):
        assert statics.static_url("css/shell.css") and statics.static_url("css/none.css") is None
