"""Finding assets: search, exact filters, pages by cursor."""

from typing import Any

import pytest

from registry.assets.service import register_asset
from tests.houses import House, People
from tests.ladder import API

ASSETS = f"{API}/assets"


class Shelf:
    """A dozen of acme's units and one of globex's."""

    def __init__(self, house: House) -> None:
        self.people = house.people()
        self.people.owner.post(f"{API}/sites", {"name": "HQ"})
        self.people.owner.post(f"{API}/sites", {"name": "Depot"})
        self.people.stranger.post(f"{API}/sites", {"name": "HQ"})
        switch = house.product("Switch", maker="Lumen", part_number="SW-48")
        own = house.product("Own optic", "optic", "acme", part_number="OO-1")
        for number in range(10):
            register_asset(house.system, {
                "customer": "acme", "product": switch.id, "serial": f"FOC{number:04}", "tag": f"T-{number}",
                "name": "100% core_switch" if number == 3 else "", "site": "HQ" if number % 2 else "Depot",
                "status": "in_use" if number < 4 else "in_stock",
            })  # fmt: skip
        register_asset(house.system, {"customer": "acme", "product": own.id, "serial": "foc0001"})
        register_asset(house.system, {"customer": "globex", "product": switch.id, "serial": "FOC0001", "site": "HQ"})
        self.own_id = own.id

    def serials(self, query: str, who: str = "reader") -> list[str]:
        answer = getattr(self.people, who).get(f"{ASSETS}?{query}")
        assert answer.status_code == 200, (query, answer.json)
        return [item["serial"] for item in answer.json["items"]]


@pytest.mark.parametrize("engine", ["any"])
def test_filters_find_what_they_say(any_house: House, engine: str) -> None:
    shelf = Shelf(any_house)
    every = [f"FOC{n:04}" for n in range(10)] + ["foc0001"]
    expected: dict[str, Any] = {
        "": every,
        "serial=FOC0001": ["FOC0001"],
        "serial=FOC000": [],
        "serial=foc0001": ["foc0001"],
        "tag=T-3": ["FOC0003"],
        "kind=optic": ["foc0001"],
        "kind=software": [],
        "status=in_use": every[:4],
        "status=burnt": [],
        "site=HQ": ["FOC0001", "FOC0003", "FOC0005", "FOC0007", "FOC0009"],
        "site=Mars": [],
        "product=SW-48": every[:10],
        "product=Switch": every[:10],
        f"product={shelf.own_id}": ["foc0001"],
        "product=OO-1": ["foc0001"],
        "product=999": [],
        "customer=acme": every,
        "customer=acme&status=in_use&site=HQ": ["FOC0001", "FOC0003"],
        # substring from three characters, whatever the case
        "q=C0003": ["FOC0003"],
        "q=c0003": ["FOC0003"],
        "q=foc0001": ["FOC0001", "foc0001"],
        "q=000": every,
        # words with the characters that searches use for themselves
        "q=100%25 core": ["FOC0003"],
        "q=core_switch": ["FOC0003"],
        "q=core%25switch": [],
        "q=cor%22 OR %22foc": [],
        "q=%27 OR 1=1": [],
        # shorter words from the beginning only
        "q=t-": every[:10],
        "q=-1": [],
        "q=10": ["FOC0003"],
        "q=_": [],
        "q=%25": [],
    }
    assert {query: shelf.serials(query) for query in expected} == expected
    assert shelf.serials("serial=FOC0001", "engineer") == ["FOC0001", "FOC0001"]
    assert shelf.serials("site=HQ", "stranger") == ["FOC0001"]
    assert shelf.serials("q=foc", "stranger") == ["FOC0001"]
    assert shelf.serials("product=OO-1", "stranger") == shelf.serials(f"product={shelf.own_id}", "stranger") == []


def test_pages_follow_the_cursor_in_both_directions(any_house: House) -> None:
    shelf = Shelf(any_house)
    for sort, order in (("id", 1), ("-id", -1)):
        found: list[str] = []
        cursor, pages = "", 0
        while cursor is not None:
            page = shelf.people.reader.get(f"{ASSETS}?limit=4&sort={sort}&cursor={cursor}").json
            found += [item["serial"] for item in page["items"]]
            cursor, pages = page["next"], pages + 1
            assert len(page["items"]) <= 4
        assert found == ([f"FOC{n:04}" for n in range(10)] + ["foc0001"])[::order] and pages == 3
    exact = shelf.people.reader.get(f"{ASSETS}?limit=11").json
    assert len(exact["items"]) == 11 and exact["next"] is None


def test_a_query_that_makes_no_sense_is_refused(house: House, people: People) -> None:
    wrong = (
        "limit=0", "limit=501", "limit=x", "limit=-1", "cursor=x", "cursor=e30", "sort=name", "sort=", "kind=vehicle",
        "covered=maybe", "expires_before=soon", "expires_before=2024-13-01", "parent=x", "parent=0", f"parent={2**64}",
        "customer=nobody", "serail=x", "q=", "q=%00", "serial=%00", f"q={'x' * 101}", "expires_before=0000-00-00",
    )  # fmt: skip
    codes = {query: people.reader.get(f"{ASSETS}?{query}").status_code for query in wrong}
    assert codes == dict.fromkeys(wrong, 422)
    foreign = people.reader.get(f"{ASSETS}?cursor=WyJpZCIsOTk5OTk5OTk5OTk5OTk5OTk5OTk5LDFd")
    assert foreign.status_code == 422 and list(foreign.json["errors"]) == ["cursor"]
