"""What every list can do: columns, order, paging both ways, files of what is shown - and no address that breaks it."""

import csv
import io
import re
from datetime import date
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from peewee import Database

from registry.assets.models import Asset
from registry.web.lists.cells import Around
from registry.web.lists.tables import TABLES
from tests.web.world import World

OF_CUSTOMER = ["assets", "licences", "warranties", "contracts", "sites", "contacts", "people"]
LISTS = [*(f"/c/acme/{name}" for name in OF_CUSTOMER), "/", "/assets", "/licences", "/warranties", "/contracts",
         "/sites", "/contacts", "/products", "/users"]  # fmt: skip


@pytest.fixture
def many(world: World) -> World:
    """Seven units, some covered until the same day, some never."""
    product = world.house.product("Many").id
    for number in range(7):
        asset = world.house.asset(serial=f"ROW-{number}", product=product, tag=f"=T{number}")
        until = f"2027-01-0{number % 3 + 1}" if number % 3 else None
        Asset.update(covered_until=until).where(Asset.id == asset.id).execute()
    return world


def _rows(text: str) -> list[str]:
    return re.findall(r">(ROW-\d)</a>", text)


def _link(text: str, rel: str) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("sort", ["id", "-id", "covered_until", "-covered_until"])
def test_one_can_page_forth_and_back_again(many: World, sort: str) -> None:
    address: str | None = f"/c/acme/assets?q=ROW&limit=2&sort={sort}"
    forth, back = [], []
    while address:
        text = many.people.owner.get(address).text
        forth.append(_rows(text))
        last, address = address, _link(text, "next")
    address = last
    while address:
        text = many.people.owner.get(address).text
        back.append(_rows(text))
        address = _link(text, "prev")
    assert [len(page) for page in forth] == [2, 2, 2, 1]
    assert sorted(sum(forth, [])) == [f"ROW-{number}" for number in range(7)]
    assert back[::-1] == forth  # what is before the first page is the first page


def test_going_back_to_less_than_a_page_is_the_first_page(many: World) -> None:
    owner = many.people.owner
    second = _link(owner.get("/c/acme/assets?q=ROW&limit=2").text, "next")
    assert second
    third = owner.get(second.replace("limit=2", "limit=1")).text
    back = _link(third, "prev")
    assert back and "before=" in back
    assert _rows(owner.get(back.replace("limit=1", "limit=5")).text) == [f"ROW-{number}" for number in range(5)]


def test_columns_are_chosen_and_ordered_in_the_address(many: World) -> None:
    owner = many.people.owner
    text = owner.get("/c/acme/assets?columns=tag,supplier,created_at&q=ROW").text
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', text)
    assert heads == ["Tag", "Supplier", "Created"]
    assert ">=T1</a>" in text  # the first column leads to the unit
    assert owner.get("/c/acme/assets?columns=tag,nonsense").status_code == 422
    assert owner.get("/c/acme/assets?columns=customer_id").status_code == 422


def test_the_menu_of_columns_works_without_a_script(world: World) -> None:
    owner = world.people.owner
    menu = owner.get("/c/acme/assets?arrange=true&kind=hardware").text
    assert 'name="column"' in menu and 'name="up" value="make"' in menu
    ticked = "column=unit&column=make&column=status&kind=hardware"
    chosen = owner.get(f"/c/acme/assets?{ticked}")
    assert chosen.headers["Location"] == "/c/acme/assets?kind=hardware&columns=unit%2Cmake%2Cstatus"
    moved = owner.get(f"/c/acme/assets?{ticked}&up=status").headers["Location"]
    assert "columns=unit%2Cstatus%2Cmake" in moved and "arrange=true" in moved
    assert "columns=make%2Cunit%2Cstatus" in owner.get(f"/c/acme/assets?{ticked}&down=unit").headers["Location"]
    usual = "&".join(f"column={name}" for name in TABLES["assets"].shown)
    assert owner.get(f"/c/acme/assets?{usual}").headers["Location"] == "/c/acme/assets"


def test_a_filter_without_a_control_is_a_chip_that_can_be_taken_away(world: World) -> None:
    world.house.asset(serial="CHILD", parent=world.asset)
    text = world.people.owner.get(f"/c/acme/assets?parent={world.asset}&kind=hardware").text
    assert "CHILD" in text and "Inside of unit: SN-77-ACME" in text
    assert 'href="/c/acme/assets?kind=hardware" aria-label="Take' in text


def test_while_one_types_only_the_list_is_sent(world: World) -> None:
    answer = world.people.owner.get("/c/acme/assets?q=SN&kind=&status=", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="list">') and "SN-77-ACME" in answer.text
    assert answer.headers["HX-Push-Url"] == "/c/acme/assets?q=SN"


def test_sort_links_turn_around(world: World) -> None:
    owner = world.people.owner
    assert 'href="/c/acme/assets?sort=covered_until"' in owner.get("/c/acme/assets").text
    text = owner.get("/c/acme/assets?sort=covered_until").text
    assert 'aria-sort="ascending"' in text and 'href="/c/acme/assets?sort=-covered_until"' in text


# --- Files -------------------------------------------------------------------------------------------------


def _csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_file_holds_what_the_page_shows(many: World) -> None:
    query = "q=ROW&sort=-covered_until&columns=tag,serial,covered_until&limit=2"
    shown = many.people.owner.get(f"/c/acme/assets?{query.replace('limit=2', 'limit=50')}").text
    rows = _csv(many.people.owner.get(f"/c/acme/lists/assets.csv?{query}").data)
    assert rows[0] == ["Tag", "Serial number", "Covered until"]
    assert [row[1] for row in rows[1:]] == re.findall(r">(ROW-\d)<", shown) and len(rows) == 8
    assert rows[1][0].startswith("'=T")  # no formula
    book = load_workbook(io.BytesIO(many.people.owner.get(f"/c/acme/lists/assets.xlsx?{query}").data))
    cells = [[str(cell or "") for cell in row] for row in book.active.values]
    assert [row[1] for row in cells] == [row[1] for row in rows]


def test_composed_columns_come_apart_in_a_file(world: World) -> None:
    head, row, *_module = _csv(world.people.owner.get("/c/acme/lists/assets.csv").data)
    assert head[:6] == ["Serial number", "Tag", "Name", "Product", "Maker", "Part number"]
    assert row[:4] == ["SN-77-ACME", "T-1", "core", "Core switch"]


def test_a_file_is_of_the_customer_in_the_address_alone(world: World) -> None:
    admin = world.people.admin
    assert b"SN-88" not in admin.get("/c/acme/lists/assets.csv?customer=globex").data
    both = admin.get("/lists/assets.csv?columns=unit,customer").data
    assert b"SN-77" in both and b"SN-88" in both
    assert world.people.stranger.get("/c/acme/lists/assets.csv").status_code == 404
    assert b"SN-77" not in world.people.stranger.get("/lists/assets.csv").data
    assert admin.get("/c/acme/lists/assets.csv?kind=banana").status_code == 422
    for nowhere in ("/lists/members.csv", "/c/acme/lists/users.csv", "/c/acme/lists/nonsense.csv"):
        assert admin.get(nowhere).status_code == 404


def test_a_file_is_put_on_record(world: World) -> None:
    world.people.owner.get("/c/acme/lists/assets.csv?kind=hardware").close()
    entries = world.people.owner.get("/api/v1/audit?customer=acme&sort=-id&limit=1").json["items"]
    assert entries[0]["action"] == "export.made" and entries[0]["after"]["filters"]["kind"] == "hardware"


# --- Every list --------------------------------------------------------------------------------------------


def test_every_list_shows_every_column_that_can_be_chosen(world: World) -> None:
    for page in LISTS:
        table = TABLES[{"people": "members", "": "customers"}.get(page.split("/")[-1], page.split("/")[-1])]
        names = ",".join(show.name for show in table.offered(page.startswith("/c/") or None))
        answer = world.people.admin.get(f"{page}?columns={names}&arrange=true")
        assert answer.status_code == 200, f"{page}: {answer.text[-2000:]}"
        assert "<tbody>" in answer.text or "nothing-title" in answer.text
        for order in ("id", "-id", *table.listing.orders):
            assert world.people.admin.get(f"{page}?sort={order}").status_code == 200, (page, order)


def test_no_list_needs_more_statements_for_more_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = world.people.admin
    few = {page: _statements(world, page, monkeypatch) for page in LISTS}
    for number in range(4):
        world.house.customer(f"new-{number}")
        world.house.asset(serial=f"NEW-{number}", product=world.house.product(f"New {number}").id, parent=world.asset)
        world.house.person(f"new{number}@acme.example", "member", "acme")
        for what in ("sites", "contacts"):
            admin.post(f"/api/v1/{what}", {"customer": "acme", "name": f"New {number}"})
        licence = {"customer": "acme", "name": f"New {number}", "product": number + 1, "metric": "install"}
        admin.post("/api/v1/licences", licence)
    assert {page: _statements(world, page, monkeypatch) for page in LISTS} == few
    assert max(few.values()) <= 12, few
    print(few)


def _statements(world: World, page: str, monkeypatch: pytest.MonkeyPatch) -> int:
    asked: list[str] = []
    run = Database.execute_sql

    def counted(self: Database, sql: str, *rest: object, **more: object) -> object:
        asked.append(sql)
        return run(self, sql, *rest, **more)

    world.people.admin.get(page)  # the token's first use is written down, texts of statements are made
    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_sql", counted)
        assert world.people.admin.get(page).status_code == 200
    return len(asked)


def test_a_page_of_fifty_is_small(world: World) -> None:
    product = world.house.product("A product with a rather long name 48x100G", maker="A maker & Sons").id
    for number in range(50):
        world.house.asset(serial=f"SERIAL-NUMBER-{number:06}", tag=f"ASSET-{number:06}", name=f"core-switch-{number}",
                          product=product, site="Main hall", place=f"Rack {number}, unit {number}")  # fmt: skip
    assert len(world.people.owner.get("/c/acme/assets").data) < 60_000


NAMES = sorted({"columns", "sort", "cursor", "before", "limit", "view", "arrange", "column", "up", "down", "all", "id",
                "q", "kind", "status", "customer", "covered", "expires_before", "site", "parent", "on", "ends_before",
                "role", "email", "product", "state", "metric", "over_used", "country", "x"})  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(["", "1", "0", "-1", "true", "id", "-id", "unit", "serial,tag", ",", "9" * 30, "2026-01-01",
                     "9999-12-31", "0001-01-01", "acme", "globex", "WyJpZCIsMSwxXQ", "WyJpZCIsbnVsbCwxXQ", "\x00", "%",
                     "\"", "\ud7ff"]),
    st.text(st.characters(codec="utf-8"), max_size=12),
)  # fmt: skip


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from([*LISTS, "/c/acme/lists/assets/bulk", "/c/acme/lists/assets/views", "/lists/products.csv"]),
       st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4))  # fmt: skip
def test_no_address_breaks_a_list(world: World, page: str, query: dict[str, str]) -> None:
    answer = world.people.admin.get(page, query_string=query)
    assert answer.status_code in (200, 302, 303, 404, 422), (page, query, answer.status_code)
    if answer.status_code in (302, 303):
        assert answer.headers["Location"].startswith(page)


def _part(text: str, start: str) -> str:
    return text.partition(start)[2].partition("</div>")[0]


def test_while_one_types_the_buttons_come_along(world: World) -> None:
    """Clear is there as soon as a filter is set, and gone with the last; what the form carries unseen stays right."""
    owner, typed = world.people.owner, {"HX-Request": "true"}
    start = '<div class="field field-buttons" id="filter-buttons"'
    page = owner.get("/c/acme/assets").text
    assert page.count('id="filter-buttons"') == 1 and "Clear" not in _part(page, start) and "hx-swap-oob" not in page
    narrowed = owner.get(f"/c/acme/assets?q=SN&columns=unit,status&parent={world.asset}", headers=typed).text
    buttons = _part(narrowed, start)
    assert 'hx-swap-oob="true"' in buttons and '<a class="btn" href="/c/acme/assets">Clear</a>' in buttons
    assert 'name="columns" value="unit,status"' in buttons and f'name="parent" value="{world.asset}"' in buttons
    assert "assets.csv?q=SN&amp;columns=unit%2Cstatus" in narrowed and narrowed.count('id="list"') == 1
    again = owner.get("/c/acme/assets?q=", headers=typed)
    assert "Clear" not in again.text and again.headers["HX-Push-Url"] == "/c/acme/assets"
    wrong = owner.get("/c/acme/assets?kind=nonsense", headers=typed)
    assert wrong.status_code == 422 and "Clear" in _part(wrong.text, start)
    assert "<strong>Kind:</strong> Choose one of: Hardware, Optic, Software." in wrong.text


def test_kept_parts_of_a_list_say_what_is_asked_for_now(world: World) -> None:
    """The same list asked for in turns: no filter, order, column or error of one request is seen in another."""
    owner = world.people.owner
    queries = ["", "?q=SN", "?q=zz", "?kind=hardware", "?kind=nope", "?sort=-id", "?columns=serial,tag",
               "?arrange=true", "?q=%3Cb%3E&kind=optic"]  # fmt: skip
    first = {query: owner.get(f"/c/acme/assets{query}").text for query in queries}
    assert {query: owner.get(f"/c/acme/assets{query}").text for query in reversed(queries)} == first
    assert len(set(first.values())) == len(queries)
    assert "&lt;b&gt;" in first[queries[-1]] and "<b>" not in first[queries[-1]]


def test_cells_that_are_drawn_once_differ_where_anything_in_them_differs(world: World) -> None:
    house = world.house
    units = {"UNIT-1": "First maker", "UNIT-2": "Second maker"}
    for serial, maker in units.items():
        house.asset(serial=serial, product=house.product("Same name", maker=maker, part_number=maker).id)
    text = world.people.owner.get("/c/acme/assets").text
    assert text.count("Same name") == 2
    for serial, maker in units.items():
        row = text.partition(serial)[2].partition("</tr>")[0]
        assert maker in row


def test_such_cells_look_at_nothing_else(world: World) -> None:
    """They are drawn from a row that has their own columns only."""
    around = Around(world.people.owner.actor, None, date(2026, 1, 1), lambda *_row: "", {"statuses": {}})
    drawn = 0
    for table in TABLES.values():
        for show in table.shows:
            if show.alone:
                show.draw(dict.fromkeys((*show.parts, *show.also), "2026-01-01"), around)
                drawn += 1
    assert drawn >= 3
