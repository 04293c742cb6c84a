"""What fields offer while somebody types: only what he may see, of this customer, each with its id."""

import re

import pytest

from registry.kernel.access import Actor
from registry.licences.service import create_licence
from registry.people.tokens import create_token
from tests.web.world import World

KINDS = ("product", "asset", "contact", "site", "licence")


def _offered(world: World, path: str, who: str = "owner") -> list[str]:
    answer = getattr(world.people, who).get(f"/c/acme/lookup/{path}")
    assert answer.status_code == 200, answer.text
    return re.findall(r'<option value="([^"]*)">', answer.text)


def test_each_kind_is_found_by_a_part_of_its_text_and_names_its_id(world: World) -> None:
    tool = world.house.product("Watcher", "software").id
    licence = create_licence(
        world.house.system, {"customer": "acme", "product": tool, "name": "Watcher seats", "metric": "install"}
    )
    assert _offered(world, "asset?q=77-AC") == [f"SN-77-ACME T-1 core #{world.asset}"]
    assert _offered(world, "licence?q=seats") == [f"Watcher seats #{licence.id}"]
    assert [text.split(" #")[0] for text in _offered(world, "contact?q=ozol")] == ["Ilze Ozola ilze@acme.example"]
    assert [text.split(" #")[0] for text in _offered(world, "site?q=hall")] == ["Main hall Riga"]
    assert [text.split(" #")[0] for text in _offered(world, "product?q=core")] == ["Core switch PN-Core switch"]
    assert _offered(world, "product?q=core&kind=software") == []


def test_nothing_of_others_is_offered(world: World) -> None:
    world.house.product("Secret core", customer="globex")
    for kind in KINDS:
        assert world.people.stranger.get(f"/c/acme/lookup/{kind}").status_code == 404
    assert _offered(world, "product?q=Secret", "admin") == []
    assert _offered(world, "asset?q=GLOBEX", "admin") == []


def test_at_most_twenty_and_markup_stays_text(world: World) -> None:
    product = world.house.product("<b>&\"'").id
    for number in range(25):
        world.house.asset(serial=f"MANY-{number}", product=product)
    assert len(_offered(world, "asset?q=MANY")) == 20
    assert "<b>" not in world.people.owner.get("/c/acme/lookup/product").text


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 101, "kind=no-such-kind-can-be", "nothing=1"])
def test_what_makes_no_sense_is_refused(world: World, query: str) -> None:
    answer = world.people.owner.get(f"/c/acme/lookup/product?{query}")
    assert (answer.status_code, answer.text.strip()) == (422, "")


def test_without_the_right_403(world: World) -> None:
    _, token = create_token(Actor.system(), world.people.owner.user, name="few", scope=["product.view"], days=1)
    head = {"Authorization": f"Bearer {token}"}
    for kind in KINDS:
        status = world.house.client.get(f"/c/acme/lookup/{kind}", headers=head).status_code
        assert status == (200 if kind == "product" else 403), kind
