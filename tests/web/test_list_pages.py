"""Lists and the search as pages: filters in the address, one page after the other, a constant number of statements."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from peewee import Database

from registry.contracts.service import create_contract
from registry.customers.places import create_contact
from registry.kernel import clock, remembered
from registry.licences.service import create_licence
from registry.warranty.service import start_warranty
from tests.web.world import World


def test_filters_are_kept_in_the_form_and_narrow_the_list(world: World) -> None:
    world.house.asset(serial="OTHER-1")
    text = world.people.owner.get("/c/acme/assets?q=77-AC&kind=hardware&status=in_stock&covered=").text
    assert "SN-77-ACME" in text and "OTHER-1" not in text
    assert 'value="77-AC"' in text
    assert re.search(r'<option value="hardware" selected>', text)
    assert re.search(r'<option value="in_stock" selected>', text)


def test_a_bad_filter_is_named_beside_its_field_and_what_was_typed_stays(world: World) -> None:
    for wrong, name in (("kind=banana", "kind"), ("covered=banana&nonsense=1", "covered")):
        answer = world.people.owner.get(f"/c/acme/assets?{wrong}&q=keep+me")
        assert answer.status_code == 422
        assert f'id="{name}-error"' in answer.text and f'aria-describedby="{name}-error"' in answer.text
        assert 'value="keep me"' in answer.text and ("nonsense" in answer.text) == ("nonsense" in wrong)
        assert "SN-77-ACME" not in answer.text


def test_a_filter_that_no_field_shows_is_said_in_words(world: World) -> None:
    text = world.people.owner.get("/c/acme/assets?ends_in=2027-05:repair").text
    assert "May 2027, Repair" in text
    assert "2027-05:repair</span>" not in text


def test_what_is_wrong_with_a_filter_that_no_field_shows_is_said_under_its_name(world: World) -> None:
    text = world.people.owner.get("/c/acme/assets?covered_until_before=31/31/2026").text
    assert "<strong>Covered until, before:</strong>" in text


def test_whose_is_no_question_to_a_customers_people(world: World) -> None:
    assert 'id="customer"' in world.people.admin.get("/terms").text
    assert 'id="customer"' not in world.people.reader.get("/terms").text


def test_the_list_of_warranties_says_until_when_they_cover(world: World) -> None:
    """A warranty that has run out is not called valid."""
    system, today = world.house.system, clock.today()
    said = {"Ended": 400, "Ends soon": 300, "Covered": 100, "Not started": -20}
    for state, ago in said.items():
        unit = world.house.asset("acme", state.upper().replace(" ", "-"))
        start_warranty(system, {"asset": unit.id, "terms": "hardware", "starts_on": today - timedelta(days=ago)})
    text = world.people.reader.get("/c/acme/warranties").text
    for state in said:
        row = text.partition(f">{state.upper().replace(' ', '-')}<")[2].partition("</tr>")[0]
        assert f">{state}</span>" in row and row.count("<time") == 2, state
    assert "Covered until" in text and "Valid" not in text
    assert '<option value="hardware">Hardware</option>' in text, "terms are chosen by their names"


def test_a_made_up_cursor_is_refused(world: World) -> None:
    assert world.people.owner.get("/c/acme/assets?cursor=xyz").status_code == 422


def test_the_customer_in_the_address_wins_over_a_filter(world: World) -> None:
    text = world.people.admin.get("/c/acme/assets?customer=globex").text
    assert "SN-88-GLOBEX" not in text


def test_pages_follow_one_another_without_gap_and_keep_the_filters(world: World) -> None:
    product = world.house.product("Many").id
    for number in range(5):
        world.house.asset(serial=f"PAGE-{number}", product=product)
    address, seen = "/c/acme/assets?q=PAGE&limit=2", []
    while address:
        text = world.people.owner.get(address).text
        seen += re.findall(r">(PAGE-\d)</a>", text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        address = found.group(1).replace("&amp;", "&") if found else ""
        assert not address or "q=PAGE" in address
    assert sorted(seen) == [f"PAGE-{number}" for number in range(5)]


def test_an_empty_list_says_why_and_what_to_do(world: World) -> None:
    text = world.people.owner.get("/c/acme/assets?q=zzzzz").text
    assert "Nothing fits these filters." in text and 'href="/c/acme/assets"' in text
    world.house.customer("empty")
    assert "No assets yet." in world.people.admin.get("/c/empty/assets").text
    reader = world.house.person("r@empty.example", "reader", "empty")
    text = reader.get("/c/empty/assets").text
    assert "as soon as somebody" in text and "/new" not in text
    assert reader.get("/c/empty").status_code == 200


@pytest.mark.parametrize("page", ["/c/acme/assets", "/c/acme", "/c/acme/assets/{asset}"])
def test_the_number_of_statements_does_not_grow(world: World, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = page.format(asset=world.asset)
    optic = world.house.product("Optic", "optic").id
    _optics(world, optic, range(2))
    world.people.owner.get(address)  # the token's first use is written down
    remembered.forget()
    few = _statements(world, address, monkeypatch)
    _optics(world, optic, range(2, 14))
    remembered.forget()
    assert _statements(world, address, monkeypatch) == few


def _optics(world: World, product: int, numbers: range) -> None:
    for number in numbers:
        unit = world.house.asset(serial=f"M-{number}", product=product, parent=world.asset, slot=f"S{number}").id
        start_warranty(world.house.system, {"asset": unit, "terms": "optical-module", "starts_on": date(2026, 1, 1)})


def _statements(world: World, address: str, monkeypatch: pytest.MonkeyPatch) -> int:
    asked: list[str] = []
    run = Database.execute_sql

    def counted(self: Database, sql: str, *rest: Any, **more: Any) -> Any:
        asked.append(sql)
        return run(self, sql, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_sql", counted)
        assert world.people.owner.get(address).status_code == 200
    assert asked
    return len(asked)


def test_find_leads_to_the_unit(world: World) -> None:
    text = world.people.owner.get("/find?q=7-acm").text
    assert f'href="/c/acme/assets/{world.asset}"' in text
    assert 'value="7-acm"' in text


def test_whatever_is_found_leads_to_its_page(world: World) -> None:
    """Whatever kind it is of, and under the name that people call it by."""
    system, mine = world.house.system, {"customer": "acme"}
    software = world.house.product("Quokka editor", "software").id
    create_licence(system, {**mine, "product": software, "name": "Quokka seats", "metric": "device", "quantity": 1})
    create_contact(system, {**mine, "name": "Quinn Quokka"})
    create_contract(system, {**mine, "number": "Q-1", "title": "Quokka care", "starts_on": date(2026, 1, 1)})
    world.house.asset("acme", "QUOKKA-7")
    main = world.people.admin.get("/find?q=quokka").text.partition("<main")[2]
    for kind in ("assets", "licences", "contracts", "contacts"):
        assert re.search(rf'href="/c/acme/{kind}/[0-9]+">[^<]*Q', main), kind
    assert re.search(r'href="/products/[0-9]+">Quokka editor', main)
    found = world.people.admin.get("/find?q=acme").text.partition('id="found-customer"')[2]
    assert re.search(r'href="/c/acme">Acme</a>', found)


def test_find_shows_nobody_elses_things(world: World) -> None:
    text = world.people.stranger.get("/find?q=SN-77").text
    assert "Nothing found" in text and "SN-77-ACME" not in text


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?q=%22", "?q=%25", "?q=" + "x" * 100, "?q=%F0%9F%92%A1"])
def test_find_takes_whatever_is_typed(world: World, query: str) -> None:
    assert world.people.owner.get(f"/find{query}").status_code == 200


@pytest.mark.parametrize("query", ["?q=" + "x" * 101, "?q=a%00b", "?nonsense=1"])
def test_find_names_what_it_cannot_take(world: World, query: str) -> None:
    answer = world.people.owner.get(f"/find{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
