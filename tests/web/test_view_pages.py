"""Saved filters on the pages of lists: save, open, change, delete, and the one that a list opens with."""

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.web.world import World

VIEWS = "/c/acme/lists/assets/views"


def _save(world: World, who: str = "owner", **form: str) -> TestResponse:
    sent = {"name": "In repair", "query": "status=in_repair&sort=-id&columns=serial%2Cstatus", **form}
    return getattr(world.people, who).post(VIEWS, data=sent)  # type: ignore[no-any-return]


def _links(text: str) -> list[str]:
    menu = text.partition('<div class="menu">')[2].partition("</div>")[0]
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', menu)]


def test_what_is_shown_is_saved_and_opened_again(world: World) -> None:
    address = _save(world).headers["Location"]
    assert address == "/c/acme/assets?status=in_repair&sort=-id&columns=serial%2Cstatus&view=1"
    text = world.people.owner.get(address).text
    assert 'aria-current="page">In repair' in text
    assert address in _links(text)
    assert "In repair</a>" not in world.people.reader.get("/c/acme/assets").text


def test_the_default_opens_by_itself_and_can_be_left(world: World) -> None:
    _save(world, is_default="true")
    first = world.people.owner.get("/c/acme/assets")
    assert first.status_code == 302 and "status=in_repair" in first.headers["Location"]
    text = world.people.owner.get("/c/acme/assets?view=0").text
    assert "SN-77-ACME" in text and _links(text)[0] == "/c/acme/assets?view=0"
    assert world.people.reader.get("/c/acme/assets").status_code == 200


def test_changes_are_kept_in_it(world: World) -> None:
    _save(world)
    kept = world.people.owner.post(f"{VIEWS}/1", data={"query": "q=SN&view=1&cursor=x", "version": "1"})
    assert kept.headers["Location"] == "/c/acme/assets?q=SN&view=1"
    stale = world.people.owner.post(f"{VIEWS}/1", data={"query": "q=other", "version": "1"})
    assert stale.status_code == 412 and 'role="alert"' in stale.text


def test_it_is_renamed_shared_and_deleted(world: World) -> None:
    _save(world)
    owner = world.people.owner
    sent = {"name": "Broken", "shared": ["", "true"], "is_default": [""], "version": "1"}
    assert owner.post(f"{VIEWS}/1", data=sent).headers["Location"] == VIEWS
    assert "Broken" in world.people.reader.get(VIEWS).text
    assert "/views/1/remove" not in world.people.reader.get(VIEWS).text
    assert world.people.reader.post(f"{VIEWS}/1/remove").status_code == 403
    assert world.people.stranger.post(f"{VIEWS}/1/remove").status_code == 404
    assert world.people.stranger.post("/c/globex/lists/assets/views/1/remove").status_code == 404
    assert owner.post(f"{VIEWS}/1/remove").status_code == 412  # whoever deletes has seen what it is
    assert owner.post(f"{VIEWS}/1/remove", data={"version": "2"}).status_code == 303
    assert "Nothing is saved yet." in owner.get(VIEWS).text


def test_a_name_that_is_taken_is_said_beside_the_field_and_nothing_typed_is_lost(world: World) -> None:
    _save(world)
    again = _save(world, is_default="true")
    assert again.status_code == 409 and 'value="In repair"' in again.text and "status=in_repair" in again.text
    _save(world, name="Other")
    taken = world.people.owner.post(f"{VIEWS}/2", data={"name": "In repair", "version": "1"})
    assert taken.status_code == 409 and 'id="name-2-error"' in taken.text
    assert _save(world, name="").status_code == 422


def test_a_query_that_is_none_is_refused(world: World) -> None:
    for query in ("&".join(f"a{number}=1" for number in range(100)), "x=" + "y" * 3000, "a%00b=1", "Q=1", "q=%00"):
        assert _save(world, query=query).status_code == 422, query
    for fine in ("", "=", "endpoint=x&slug=globex&_external=1&q=1"):
        answer = _save(world, name=f"n{fine[:3]}", query=fine)
        assert answer.status_code in (303, 422)
        assert answer.status_code == 422 or answer.headers["Location"].startswith("/c/acme/assets?")


def test_lists_of_the_house_have_their_own(world: World) -> None:
    admin = world.people.admin
    saved = admin.post("/lists/products/views", data={"name": "Only optics", "query": "kind=optic", "shared": "true"})
    assert saved.headers["Location"] == "/products?kind=optic&view=1"
    assert "Only optics" in world.people.engineer.get("/products").text
    assert "Only optics" not in world.people.owner.get("/products").text
    assert "Only optics" not in world.people.owner.get("/lists/products/views").text
    mine = world.people.owner.post("/lists/products/views", data={"name": "Ours", "query": "kind=optic"})
    assert mine.status_code == 303 and "Ours" in world.people.owner.get("/products").text
    assert "Ours" not in admin.get("/products").text
