"""The page of one unit: what is owed on any day, the picture of it, limits, what is inside, its history and code."""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from registry.assets.attachments import add_file
from registry.assets.family import around
from registry.assets.fields import define_field
from registry.assets.service import change_asset, get_asset
from registry.kernel.writing import ANY_VERSION
from registry.licences.assignments import assign
from registry.licences.service import create_licence
from registry.warranty.service import start_warranty, void_warranty
from registry.web.qr import qr_svg
from tests.houses import House
from tests.web.world import World, build

LIMIT = 60_000  # bytes of HTML


@pytest.fixture
def world(house: House) -> World:
    return house.furnished(build)


def _page(world: World, who: str = "owner", query: str = "", unit: int | None = None) -> str:
    answer = getattr(world.people, who).get(f"/c/acme/assets/{unit or world.asset}{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_what_is_owed_is_answered_for_any_day(world: World) -> None:
    for day in ("2026-01-14", "2026-01-15", "2027-01-14", "2027-01-15", "2045-01-01"):
        text = _page(world, query=f"?on={day}")
        owed = world.people.owner.get(f"/api/v1/assets/{world.asset}/coverage?on={day}").json
        assert text.count("Free of charge") == sum(remedy["charge"] == "free" for remedy in owed["remedies"]), day
        assert f"What is owed on {date.fromisoformat(day).day} {date.fromisoformat(day):%b %Y}" in text
    assert "What is owed today" in _page(world) and f'value="{2026}' not in _page(world, query="?on=2045-01-01")


@pytest.mark.parametrize("query", ["on=2026-02-30", "on=x", "on=1800-01-01", "on=%00", "nothing=1"])
def test_a_day_that_is_none_is_said_beside_the_field(world: World, query: str) -> None:
    answer = world.people.owner.get(f"/c/acme/assets/{world.asset}?{query}")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text or "nothing" in query
    assert "What is owed today" in answer.text, "the page is still of use"


def test_every_coverage_is_in_the_picture_and_in_the_table(world: World) -> None:
    system = world.house.system
    second = start_warranty(system, {"asset": world.asset, "terms": "hardware", "starts_on": date(2026, 3, 1)})
    void_warranty(system, second.id, on=date(2026, 6, 1), reason="Opened by hand", version=ANY_VERSION)
    launched = start_warranty(system, {"asset": world.asset, "terms": "hardware", "basis": "launch"})
    text = _page(world, query="?on=2026-07-01")
    assert text.count('class="timeline-group"') == 3 and launched.starts_on is None
    assert "Opened by hand" in text and "Waits for a date" in text and "held through 31 May 2026" in text
    assert 'fill="url(#gone)"' in text and text.count('id="gone"') == 1
    assert "style=" not in text


def test_parameters_stand_against_what_the_custom_fields_hold(world: World) -> None:
    parameters = [
        {"name": "TX power", "unit": "dBm", "min": -8, "max": 0.5},
        {"name": "Weight", "unit": "g", "max": 30},
    ]
    product = world.house.product("Optic", "optic", parameters=parameters).id
    define_field(world.house.system, {"name": "tx_power", "title": "Sending", "type": "decimal"}, None)
    known = {"parent": world.asset, "slot": "1", "product": product}
    unit = world.house.asset(serial="O-1", custom={"tx_power": "-3.5"}, **known).id
    text = _page(world, unit=unit)
    assert "Within limits" in text and "-8 to 0.5" in text and "at most 30" in text and "Not measured" in text
    for value, word in (("-8", "Within limits"), ("-8.01", "Too low"), ("0.51", "Too high"), ("5e2", "Too high")):
        change_asset(world.house.system, unit, {"custom": {"tx_power": value}}, ANY_VERSION)
        assert word in _page(world, unit=unit), value
        assert re.search(r'<circle cx="[0-9.]+%"', _page(world, unit=unit))


def test_units_inside_are_shown_two_levels_deep_and_the_way_up_is(world: World) -> None:
    house = world.house
    card, optic = house.product("Line card").id, house.product("Optic", "optic").id
    for slot in ("Card 10", "Card 2"):
        made = house.asset(serial=slot.upper(), product=card, parent=world.asset, slot=slot).id
    for slot in ("2/10", "2/9"):
        deep = house.asset(serial=f"O {slot}", product=optic, parent=made, slot=slot).id
    text = _page(world)
    slots = [slot.strip() for slot in re.findall(r'data-label="Slot" class="nowrap">([^<]+)<', text)]
    assert slots == ["Card 2", "2/9", "2/10", "Card 10"]
    up = re.findall(r'<li><a class="serial" href="([^"]+)">([^<]+)<', _page(world, unit=deep))
    assert [name for _, name in up] == ["SN-77-ACME", "CARD 2"]


def test_licences_and_contracts_that_concern_it_are_named(world: World) -> None:
    tool = world.house.product("Watcher", "software").id
    values = {"customer": "acme", "product": tool, "name": "Watcher seats", "metric": "install"}
    licence = create_licence(world.house.system, values)
    assign(world.house.system, licence.id, {"asset": world.asset})
    contract = {"customer": "acme", "number": "C-9", "title": "Care for all", "starts_on": "2026-01-01"}
    made = world.people.admin.post("/api/v1/contracts", contract).json["id"]
    world.people.admin.post(f"/api/v1/contracts/{made}/lines", {"everything": True})
    text = _page(world)
    assert "Watcher seats" in text and "Care for all" in text
    neighbour = world.people.admin.get(f"/c/globex/assets/{world.other}").text
    assert "Watcher seats" not in neighbour and "Care for all" not in neighbour


def test_the_history_says_what_changed_in_words_and_names(world: World) -> None:
    owner = world.people.owner
    owner.post("/api/v1/sites", {"customer": "acme", "name": "Annex"})
    known = {"site": "Annex", "delivered_on": "2026-02-01", "cost_minor": 1250, "currency": "EUR"}
    assert world.people.admin.patch(f"/api/v1/assets/{world.asset}", known).status_code == 200
    text = re.sub(r"\s+|<[^>]+>", " ", owner.get(f"/c/acme/assets/{world.asset}/history").text)
    text = re.sub(r" +", " ", text)
    assert (
        "Site Main hall → Annex" in text
        and "Delivered 15 Jan 2026 → 1 Feb 2026" in text
        and "Cost nothing → €12.50" in text
    )
    assert "Warranty started" in text and "Asset registered" in text
    assert world.people.reader.get(f"/c/acme/assets/{world.asset}/history").status_code == 403
    assert world.people.stranger.get(f"/c/acme/assets/{world.asset}/history").status_code == 404


def test_the_history_is_read_page_by_page(world: World) -> None:
    for number in range(7):
        world.people.owner.patch(f"/api/v1/assets/{world.asset}", {"place": f"Rack {number}"})
    path, seen = f"/c/acme/assets/{world.asset}/history?limit=3", 0
    while path:
        text = world.people.owner.get(path).text
        seen += text.count('<time datetime="')
        found = re.search(r'href="([^"]+)" rel="next"', text)
        path = found.group(1).replace("&amp;", "&") if found else ""
    assert seen == 9  # registered, warranty started, moved seven times
    assert world.people.owner.get(f"/c/acme/assets/{world.asset}/history?limit=0").status_code == 422


def test_the_code_leads_to_the_page(world: World) -> None:
    path = f"/c/acme/assets/{world.asset}"
    answer = world.people.reader.get(f"{path}/qr.svg")
    assert answer.mimetype == "image/svg+xml" and answer.headers["Cache-Control"] == "no-store"
    assert answer.data == qr_svg(world.house.settings.address + path)
    assert f'src="{path}/qr.svg"' in _page(world)
    assert world.people.stranger.get(f"{path}/qr.svg").status_code == 404
    assert world.people.admin.get(f"/c/acme/assets/{world.other}/qr.svg").status_code == 404


def test_only_who_may_is_offered_what_he_may(world: World) -> None:
    reader, owner, engineer = (_page(world, who) for who in ("reader", "owner", "engineer"))
    for text in ("/edit", "/remove", "/move", "Add a file"):
        assert text not in reader and text in owner and text in engineer, text
    for text in ("/warranties/new", '/extend"', '/void"'):
        assert text not in reader and text not in owner and text in engineer, text


def test_the_page_stays_small_however_much_there_is(world: World) -> None:
    house, system = world.house, world.house.system
    optic = house.product("Optic with quite a long name for what it is", "optic").id
    for number in range(70):
        house.asset(serial=f"LONG-SERIAL-{number:06}", product=optic, parent=world.asset, slot=f"Ethernet1/{number}")
    for year in range(2000, 2025):
        start_warranty(system, {"asset": world.asset, "terms": "hardware", "starts_on": date(year, 1, 1)})
    for number in range(12):
        notes = f"{number} " + "word " * 30
        world.people.owner.patch(f"/api/v1/assets/{world.asset}", {"place": f"Rack {number}", "notes": notes})
    text = _page(world, "admin")
    assert len(text.encode()) < LIMIT, len(text.encode())
    assert "Show all units inside" in text and "not drawn" in text


def _furnished(world: World, numbers: range) -> None:
    """More of everything that the page shows."""
    house, system, owner = world.house, world.house.system, world.people.owner
    optic, tool = house.product(f"Optic {numbers}").id, house.product(f"Tool {numbers}", "software").id
    for number in numbers:
        inside = house.asset(serial=f"I-{number}", product=optic, parent=world.asset, slot=f"S{number}").id
        house.asset(serial=f"J-{number}", product=optic, parent=inside, slot="1")
        start_warranty(system, {"asset": world.asset, "terms": "hardware", "starts_on": date(2026, 1, 1 + number)})
        values = {"customer": "acme", "product": tool, "name": f"Licence {number}", "metric": "install"}
        assign(system, create_licence(system, values).id, {"asset": world.asset})
        add_file(system, world.asset, io.BytesIO(b"x"), name=f"{number}.txt")
        owner.patch(f"/api/v1/assets/{world.asset}", {"place": f"Rack {number}", "name": f"n{number}"})


@pytest.mark.parametrize("query", ["", "?on=2027-03-01", "/history"])
def test_the_number_of_statements_is_the_same_however_much_there_is(
    world: World, query: str, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for numbers in (range(2), range(2, 12)):
        _furnished(world, numbers)
        _page(world, query=query)  # the token's first use is written down
        with statements() as asked:
            _page(world, query=query)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 40, counts


def test_all_of_it_on_both_engines(any_house: House) -> None:
    world = build(any_house)
    _furnished(world, range(3))
    inner = world.people.owner.get("/api/v1/assets?serial=J-1").json["items"][0]["id"]
    assert [name for _, name in around(world.people.owner.actor, get_asset(any_house.system, inner))] == [
        "SN-77-ACME", "I-1"
    ]  # fmt: skip
    for page in ("", "?on=2030-01-01", "/history", "/files", "/edit"):
        assert len(_page(world, query=page)) > 1000
    assert "J-1" in _page(world, unit=inner)


def test_slots_are_sorted_whatever_was_typed_as_their_number(world: World) -> None:
    for slot in ("²", "Eth1/10", "Eth1/2", "1²", "٣"):
        world.house.asset(serial=f"IN-{slot}", parent=world.asset, slot=slot)
    text = _page(world)
    assert text.index("IN-Eth1/2") < text.index("IN-Eth1/10") and "IN-²" in text and "IN-1²" in text
