"""Saved filters: own ones and shared ones, one default each, and never more than the reader may see anyway."""

from typing import Any

import pytest

from registry.kernel.access import Actor
from registry.kernel.errors import Forbidden, NotFound, Stale
from registry.views.service import change_view, default_of, get_view, remove_view, save_view, views_for
from tests.houses import House, People

QUERY = {"status": "in_stock", "sort": "-id", "columns": "serial,status"}


@pytest.fixture
def people(any_house: House) -> People:
    return any_house.people()


def _save(actor: Actor, name: str = "Mine", slug: str | None = "acme", **values: Any) -> Any:
    from registry.customers.service import customer_by

    customer = customer_by(Actor.system(), slug) if slug else None
    return save_view(actor, "assets", customer, {"name": name, "query": QUERY, **values})


def _names(actor: Actor, slug: str | None = "acme") -> list[str]:
    from registry.customers.service import customer_by

    return [view.name for view in views_for(actor, "assets", customer_by(Actor.system(), slug) if slug else None)]


def test_own_ones_are_for_oneself_and_shared_ones_for_everybody_at_the_customer(people: People) -> None:
    owner, reader, stranger = people.owner.actor, people.reader.actor, people.stranger.actor
    mine, ours = _save(owner, "Mine"), _save(owner, "Ours", shared=True)
    assert _names(owner) == ["Ours", "Mine"] and _names(reader) == ["Ours"]
    assert views_for(reader, "licences", None) == []
    with pytest.raises(NotFound):
        get_view(reader, mine.id)
    for view in (mine, ours):
        with pytest.raises(NotFound):
            get_view(stranger, view.id)


def test_those_of_the_house_are_the_operators(people: People) -> None:
    ours = _save(people.admin.actor, "House", slug=None, shared=True)
    assert _names(people.engineer.actor, None) == ["House"]
    assert _names(people.owner.actor, None) == []  # on a list of the house his own company is meant
    with pytest.raises(NotFound):
        get_view(people.owner.actor, ours.id)
    assert _names(people.engineer.actor) == []


def test_sharing_and_changing_shared_ones_needs_the_right(people: People) -> None:
    ours = _save(people.owner.actor, "Ours", shared=True)
    mine = _save(people.reader.actor, "Mine")
    with pytest.raises(Forbidden):
        _save(people.reader.actor, "Too bold", shared=True)
    for values in ({"name": "x"}, {"shared": False}, {"query": {}}):
        with pytest.raises(Forbidden):
            change_view(people.reader.actor, ours.id, values, 1)
    with pytest.raises(Forbidden):
        change_view(people.reader.actor, mine.id, {"shared": True}, 1)
    with pytest.raises(Forbidden):
        remove_view(people.reader.actor, ours.id, 1)
    with pytest.raises(NotFound):
        _save(people.stranger.actor, "Foreign")
    remove_view(people.reader.actor, mine.id, 1)
    assert _names(people.reader.actor) == ["Ours"]


def test_there_is_one_default_of_each_user_and_one_of_all(people: People) -> None:
    owner, reader = people.owner.actor, people.reader.actor
    _save(owner, "A", is_default=True)
    _save(owner, "Ours", shared=True, is_default=True)
    last = _save(owner, "B", is_default=True)

    def usual(actor: Actor) -> str | None:
        from registry.customers.service import customer_by

        found = default_of(views_for(actor, "assets", customer_by(actor, "acme")))
        return found and found.name

    assert usual(owner) == "B" and usual(reader) == "Ours"
    change_view(owner, last.id, {"is_default": False}, 1)
    assert usual(owner) == "Ours"


def test_a_name_is_used_once_and_the_place_in_the_list_is_not_kept(people: People) -> None:
    owner = people.owner
    body = {"customer": "acme", "list": "assets", "name": "Stock", "query": {**QUERY, "cursor": "x", "view": "1"}}
    made = owner.post("/api/v1/views", body)
    assert made.status_code == 201 and made.json["query"] == QUERY
    again = owner.post("/api/v1/views", body)
    assert again.status_code == 409 and "name" in again.json["errors"]
    assert people.colleague.post("/api/v1/views", body).status_code == 201  # another's own
    changed = owner.patch(f"/api/v1/views/{made.json['id']}", {"name": "Shelf"}, version=1)
    assert changed.json["name"] == "Shelf"
    assert owner.patch(f"/api/v1/views/{made.json['id']}", {"name": "x"}, version=1).status_code == 412
    assert [one["name"] for one in owner.get("/api/v1/views?list=assets").json["items"]] == ["Shelf"]
    assert owner.delete(f"/api/v1/views/{made.json['id']}").status_code == 204


def test_a_stale_change_is_refused(people: People) -> None:
    mine = _save(people.owner.actor)
    change_view(people.owner.actor, mine.id, {"name": "B"}, 1)
    with pytest.raises(Stale):
        change_view(people.owner.actor, mine.id, {"name": "C"}, 1)


@pytest.mark.parametrize(
    "query",
    [{"q": "x" * 2001}, {"Q!": "x"}, {"q": 1}, {"q": "a\0b"}, [], {f"n{number}": "" for number in range(41)}],
)
def test_a_query_that_no_address_could_hold_is_refused(people: People, query: Any) -> None:
    body = {"customer": "acme", "list": "assets", "name": "x", "query": query}
    assert people.owner.post("/api/v1/views", body).status_code == 422


def test_a_saved_filter_grants_nothing(people: People) -> None:
    """What somebody shared is read by the rights of who opens it."""
    people.owner.house.asset("globex", "GLOBEX-1")
    _save(people.owner.actor, "All", shared=True, query={"customer": "globex", "q": "GLOBEX"})
    page = people.reader.get("/c/acme/assets")
    assert "All" in page.text
    found = people.reader.get("/c/acme/assets?customer=globex&q=GLOBEX&view=1")
    assert found.status_code == 200 and "GLOBEX-1" not in found.text
