"""Lists: every row once, whatever happens between pages; few statements; plans that do not grow with the table."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import orjson
import pytest

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.customers.listing import CUSTOMERS
from registry.kernel import db, wall
from registry.kernel.access import Actor
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.listing import LISTINGS, Column, Listing
from registry.products.listing import PRODUCTS
from registry.web.history.audit_api import AUDIT
from tests.houses import House

EVERYBODY = Actor.system()


def pages(listing: Listing, between: Callable[[], Any] = lambda: None, **arguments: Any) -> list[dict[str, Any]]:
    """All items of all pages; `between` runs after each page."""
    items: list[dict[str, Any]] = []
    cursor = None
    for _ in range(1000):
        page = listing.page(Actor.system(), {**arguments, "cursor": cursor})
        assert len(page["items"]) <= arguments["limit"]
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
        between()
    raise AssertionError("the pages never end")


@pytest.fixture
def stocked(any_house: House) -> House:
    """Products of which many share a name; assets of which many end on the same day, or on none."""
    any_house.customer("acme")
    for number in range(23):
        any_house.product(f"Name {number % 3}", part_number=f"P{number}")
    for number in range(23):
        asset = any_house.asset("acme", f"S{number}", product=1)
        until = None if number % 4 == 0 else f"2026-01-{number % 3 + 1:02}"
        Asset.update(covered_until=until).where(Asset.id == asset.id).execute()
    return any_house


def test_paging_visits_every_row_once_in_order(stocked: House) -> None:
    for sort, limit in product(("id", "-id", "name", "-name"), (1, 2, 7, 22, 23, 24, 500)):
        items = pages(PRODUCTS, sort=sort, limit=limit)
        found = [(item["name"] if "name" in sort else "", item["id"]) for item in items]
        assert len(found) == len(set(found)) == 23
        assert found == sorted(found, reverse=sort.startswith("-"))


def test_rows_without_a_value_are_visited_too(stocked: House) -> None:
    for sort, limit in product(("covered_until", "-covered_until"), (1, 4, 23)):
        found = pages(ASSETS, sort=sort, limit=limit)
        assert sorted(item["id"] for item in found) == list(range(1, 24))
        dated = [(item["covered_until"], item["id"]) for item in found if item["covered_until"]]
        assert dated == sorted(dated, reverse=sort.startswith("-"))
        blank = [item["covered_until"] is None for item in found]
        assert blank.index(True) in (0, 17) and blank.count(True) == 6, "they stand together, at one end"


@pytest.mark.parametrize("covered", ["expired", "none"])
def test_filters_that_bring_their_own_order_page_as_well(stocked: House, covered: str) -> None:
    found = pages(ASSETS, covered=covered, limit=2)
    assert len({item["id"] for item in found}) == len(found) == (6 if covered == "none" else 17)


@pytest.mark.parametrize("sort", ["id", "name"])
def test_rows_that_come_or_go_meanwhile_neither_hide_nor_repeat_others(stocked: House, sort: str) -> None:
    before = {item["id"] for item in pages(PRODUCTS, limit=500)}
    numbers = iter(range(100))

    def disturb() -> None:
        number = next(numbers)
        stocked.product(f"Name {number % 3}", part_number=f"new {number}")
        if number < 3:
            db.run_sql("DELETE FROM product WHERE part_number = ?", (f"new {number - 1}",))

    found = [item["id"] for item in pages(PRODUCTS, disturb, sort=sort, limit=3)]
    assert len(found) == len(set(found))
    assert before <= set(found)


TAMPERED: list[Any] = [
    "x", "!!!!", "é", "=", "AAAA", ["id"], [], {}, None, "id", 5,
    ["id", 1, 2], ["id", "1", 1], ["id", 1, "1"], ["id", 1, None], ["id", None, 1], ["id", True, True],
    ["id", 1.5, 1.5], ["id", 2**63, 2**63], ["id", -1, -1], ["id", 2**200, 2**200], ["name", "x", 1], ["nothing", 1, 1],
    ["id", 1, 1, 1], ["id", [1], 1],
]  # fmt: skip


@pytest.mark.parametrize("content", TAMPERED, ids=str)
def test_a_cursor_of_ones_own_making_is_refused(house: House, content: Any) -> None:
    cursor = content if isinstance(content, str) else base64.urlsafe_b64encode(_json(content)).decode()
    with pytest.raises(Invalid) as refused:
        PRODUCTS.page(house.system, {"cursor": cursor})
    assert list(refused.value.errors) == ["cursor"]


def _json(content: Any) -> bytes:
    try:
        return orjson.dumps(content)
    except TypeError:  # larger than orjson writes
        return b'["id",%d,%d]' % (2**200, 2**200)


@pytest.mark.parametrize("content", [["name", 5, 1], ["name", "a", "b"], ["name", ["a"], 1], ["id", 1, 1]], ids=str)
def test_a_cursor_of_another_order_or_type_is_refused(house: House, content: Any) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(content)).decode()
    with pytest.raises(Invalid):
        PRODUCTS.page(house.system, {"cursor": cursor, "sort": "name"})


def test_a_changed_cursor_is_422_over_the_api(any_house: House) -> None:
    people = any_house.people()
    for content in (["id", 1, "x"], ["covered_until", "no date", 1], ["covered_until", 7, 1]):
        cursor = base64.urlsafe_b64encode(orjson.dumps(content)).decode()
        answer = people.owner.get("/api/v1/assets", query_string={"cursor": cursor, "sort": "covered_until"})
        assert answer.status_code == 422, answer.text
    assert people.owner.get("/api/v1/assets?cursor=" + "A" * 501).status_code == 422


def test_a_strangers_cursor_opens_nothing(house: House) -> None:
    people = house.people()
    for number in range(5):
        house.asset("acme", f"CANARY-{number}")
    cursor = people.owner.get("/api/v1/assets?limit=2").json["next"]
    assert people.stranger.get(f"/api/v1/assets?cursor={cursor}").json["items"] == []


# --- Few statements, good plans ----------------------------------------------------------------------------


@contextmanager
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that the block sends."""
    statements: list[tuple[str, Any]] = []
    engine = db.database.obj
    execute = engine.execute_sql

    def remember(sql: str, params: Any = None, **more: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, **more)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "execute_sql", remember)
        yield statements


def fill(count: int) -> None:
    """`count` assets of two customers, half of them covered, without going through the verbs."""
    head = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO asset "
    now = "'2026-01-01 00:00:00'"
    columns = (
        "customer_id, version, created_at, changed_at, product_id, kind, serial, tag, name, status_id, place, "
        "supplier, order_number, custom, notes, covered_until"
    )
    values = (
        f"1 + i % 2, 1, {now}, {now}, 1, 'hardware', 'S' || i, 'T' || i, 'unit', 1 + i % 7, '', '', '', '{{}}', '', "
        "CASE WHEN i % 2 = 0 THEN NULL ELSE date('2022-01-01', '+' || (i % 3000) || ' days') END"
    )
    db.run_sql(f"{head} ({columns}) SELECT {values} FROM n", (count,))


def test_a_page_takes_as_many_statements_for_500_rows_as_for_10(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = house.people()
    house.product()
    fill(1200)
    house.asset("acme", "CHILD", product=1, parent="S2", slot="1")
    columns = "customer_id, version, created_at, changed_at, name, email, phone, title, trained, language, notes"
    values = "1, 1, created_at, changed_at, serial, '', '', '', 0, '', ''"
    db.run_sql(f"INSERT INTO contact ({columns}) SELECT {values} FROM asset")
    for path in ("assets", "contacts", "audit", "users"):
        counts = []
        for limit in (10, 500):
            people.admin.get(f"/api/v1/{path}")
            with sent(monkeypatch) as statements:
                answer = people.admin.get(f"/api/v1/{path}?limit={limit}")
            assert answer.status_code == 200
            counts.append(len(statements))
            assert not any("OFFSET" in sql.upper() or "COUNT(" in sql.upper() for sql, _ in statements)
        assert counts[0] == counts[1] <= 7, path


NO_FILTER: dict[str, Any] = {}
DOCUMENTED: list[dict[str, Any]] = [
    NO_FILTER,
    {"customer": "acme"},
    {"customer": "acme", "sort": "-id"},
    {"customer": "acme", "status": "in_use"},
    {"serial": "S77"},
    {"customer": "acme", "serial": "S78"},
    {"tag": "T77", "customer": "globex"},
    {"q": "S77"},
    {"q": "S77", "customer": "acme"},
    {"covered": "active"},
    {"covered": "expiring"},
    {"covered": "expired"},
    {"covered": "none"},
    {"customer": "acme", "covered": "active"},
    {"customer": "acme", "covered": "expired"},
    {"customer": "acme", "covered": "none"},
    {"expires_before": "2027-01-01"},
    {"customer": "acme", "expires_before": "2027-01-01"},
    {"customer": "acme", "sort": "covered_until"},
    {"customer": "acme", "sort": "-covered_until"},
    {"sort": "covered_until"},
]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Iterator[House]:
    """A house with 20,000 assets whose statistics the planner knows."""
    import shutil

    folder = tmp_path_factory.mktemp("large")
    shutil.copyfile(sqlite_template, folder / "large.db")
    house = House(folder, f"sqlite:///{folder / 'large.db'}")
    house.open()
    house.customer("acme")
    house.customer("globex")
    house.product()
    fill(20_000)
    with db.transaction():
        for number in range(200):
            house.product(f"Product {number}")
    db.run_sql("ANALYZE")
    house.close()
    yield house


def plan_of(monkeypatch: pytest.MonkeyPatch, listing: Listing, actor: Actor, arguments: dict[str, Any]) -> list[str]:
    with sent(monkeypatch) as statements:
        listing.page(actor, listing.arguments().load({key: str(value) for key, value in arguments.items()}))
    sql, params = statements[-1]
    return [row[3] for row in db.run_sql("EXPLAIN QUERY PLAN " + sql, params or ()).fetchall()]


@pytest.mark.parametrize(
    "arguments", DOCUMENTED, ids=lambda one: "&".join(f"{k}={v}" for k, v in one.items()) or "none"
)
@pytest.mark.parametrize("who", ["operator", "customer"])
@pytest.mark.parametrize("at", ["first page", "later page"])
def test_documented_lists_need_neither_sorting_nor_a_full_scan(
    large: House, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], who: str, at: str
) -> None:
    large.open()
    actor = Actor.system() if who == "operator" else Actor.system(1)
    if who == "customer" and arguments.get("customer") == "globex":
        arguments = {**arguments, "customer": "acme"}
    if at == "later page":
        following = ASSETS.page(actor, {**ASSETS.arguments().load(arguments), "limit": 1})["next"]
        if following is None:
            pytest.skip("there is one page")
        arguments = {**arguments, "cursor": following}
    plan = plan_of(monkeypatch, ASSETS, actor, arguments)
    large.close()
    if not any(item.few and name in arguments for name, item in ASSETS.filters.items()):  # those few are sorted
        assert not any("TEMP B-TREE" in step for step in plan), plan
    if who == "customer" or set(arguments) - {"cursor", "sort"}:
        assert not any(step.startswith("SCAN t1") for step in plan), plan


@pytest.mark.parametrize("arguments", [{}, {"customer": "acme"}, {"object_type": "product", "object_id": 7}])
@pytest.mark.parametrize("who", ["operator", "customer"])
def test_the_audit_list_stays_quick(
    large: House, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], who: str
) -> None:
    large.open()
    actor = Actor.system() if who == "operator" else Actor.system(1)
    plan = plan_of(monkeypatch, AUDIT, actor, arguments)
    large.close()
    if "object_id" not in arguments:  # the history of one object is short
        assert not any("TEMP B-TREE" in step for step in plan), plan
    if arguments or who == "customer":
        assert plan[0].startswith("SEARCH t1"), plan


# --- The rest ----------------------------------------------------------------------------------------------


def test_one_is_found_by_its_id_or_not_at_all(stocked: House) -> None:
    assert PRODUCTS.one(EVERYBODY, 3)["part_number"] == "P2"
    for nobody in (0, -1, 999, 2**63, 2**80):
        with pytest.raises(NotFound):
            PRODUCTS.one(EVERYBODY, nobody)


def test_a_stream_is_the_whole_list_in_steps(stocked: House) -> None:
    rows = list(PRODUCTS.stream(EVERYBODY, {}, step=5))
    assert [row[0] for row in rows] == list(range(1, 24))
    assert all(len(row) == len(PRODUCTS.exported()) for row in rows)


def test_what_may_not_be_exported_is_refused_before_the_first_row(house: House) -> None:
    reader = Actor("user", "x", {1: frozenset({"product.view"})})
    with pytest.raises(Forbidden):
        PRODUCTS.stream(reader, {})
    exporter = Actor("user", "x", {1: frozenset({"export.run"})})
    with pytest.raises(Forbidden):
        LISTINGS["user"].stream(exporter, {})
    with pytest.raises(Invalid):
        ASSETS.stream(EVERYBODY, {"customer": "nobody"})


def test_a_list_shows_only_customers_where_the_right_is_held(house: House) -> None:
    house.customer("acme")
    house.customer("globex")
    house.asset("acme", "S1")
    house.asset("globex", "S2")
    actor = Actor("user", "x", {1: frozenset({"asset.view", "customer.view"}), 2: frozenset({"customer.view"})})
    assert [item["serial"] for item in ASSETS.page(actor, {})["items"]] == ["S1"]
    with pytest.raises(NotFound):
        ASSETS.one(actor, 2)
    assert [item["slug"] for item in CUSTOMERS.page(actor, {})["items"]] == ["acme", "globex"]


def test_both_engines_answer_the_same(house: House, postgres_house: House) -> None:
    answers = []
    for one in (house, postgres_house):
        one.close()
        one.open()
        one.customer("acme", customer_since=None)
        made = one.asset("acme", "S1", delivered_on="2026-02-28", custom={}, name="ü")
        Asset.update(covered_until="2026-12-31").where(Asset.id == made.id).execute()
        item = ASSETS.one(one.system, made.id)
        assert item.pop("created_at").endswith("Z") and item.pop("changed_at").endswith("Z")
        answers.append(orjson.dumps(item))
        one.close()
    assert answers[0] == answers[1]


test_both_engines_answer_the_same = pytest.mark.postgres(test_both_engines_answer_the_same)


def test_a_column_of_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="kind 'date'"):
        Column("x", "X", Asset.name, "date")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("arguments", [{}, {"sort": "-id"}, {"sort": "covered_until"}, {"kind": "hardware"}])
def test_behind_the_wall_a_page_reads_a_page(
    postgres_house: House, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]
) -> None:
    """PostgreSQL takes a customer for far smaller than he is, since the wall's condition comes on top of the query's:
    with plain joins it read and sorted all of his units."""
    people = postgres_house.people()
    for number in range(60):
        postgres_house.product(f"Product {number}")
    for slug in ("globex", "acme"):  # the statistics are those of before an import for acme
        one = postgres_house.asset(slug, f"{slug}-first")
        columns = (
            "customer_id, version, created_at, changed_at, product_id, kind, name, status_id, place, custom, notes"
        )
        db.run_sql(
            f"INSERT INTO asset ({columns}, serial, tag, supplier, order_number) SELECT {columns}, "
            f"'{slug}' || n, '{slug}' || n, '', '' FROM asset, generate_series(1, 2500) AS n WHERE asset.id = ?",
            (one.id,),
        )
        if slug == "globex":
            db.run_sql("ANALYZE")
    seen: list[tuple[str, Any]] = []
    real = db.database.obj.execute_sql

    def noted(sql: str, params: Any = None) -> Any:
        seen.append((sql, params))
        return real(sql, params)

    with wall.carried(wall.scope_of(people.owner.actor.customers)):
        with monkeypatch.context() as watched:
            watched.setattr(db.database.obj, "execute_sql", noted)
            page = ASSETS.page(people.owner.actor, {"limit": 50, **arguments})
        sql, params = next(one for one in seen if 'FROM "asset"' in one[0])
        [[plan]] = real("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params).fetchall()
    assert len(page["items"]) == 50
    assert most_rows(plan[0]["Plan"]) <= 500, plan


def most_rows(node: dict[str, Any]) -> int:
    """How many rows any step of a plan brought forth."""
    below = [most_rows(each) for each in node.get("Plans", ())]
    return max([node["Actual Rows"] * node["Actual Loops"], *below])


# --- Columns that are asked for, the way back, and whole lists in order ---------------------------------------


def test_any_columns_can_be_read_in_any_order(stocked: House) -> None:
    window = PRODUCTS.window(EVERYBODY, {"limit": 2}, ["notes", "part_number"])
    assert [list(item) for item in window.items] == [["notes", "part_number"]] * 2
    with pytest.raises(Invalid) as refused:
        PRODUCTS.window(EVERYBODY, {}, ["part_number", "customer_id"])
    assert "columns" in refused.value.errors
    assert [item["part_number"] for item in PRODUCTS.these(EVERYBODY, [3, 1, 999])] == ["P0", "P2"]


def test_only_usual_columns_have_their_statement_kept(stocked: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever asks for ever new ones could fill the memory."""
    monkeypatch.setattr(PRODUCTS, "_usual", set(PRODUCTS._usual))
    kept = len(PRODUCTS._texts)
    for name in ("notes", "created_at", "parameters"):
        PRODUCTS.window(EVERYBODY, {}, [name, "id"])
    assert len(PRODUCTS._texts) == kept
    PRODUCTS.often(["notes", "id"])
    PRODUCTS.window(EVERYBODY, {}, ["notes", "id"])
    assert len(PRODUCTS._texts) == kept + 1


def test_the_way_back_shows_the_pages_that_one_came_from(stocked: House) -> None:
    for listing, sorts in ((PRODUCTS, ("id", "-id", "name", "-name")), (ASSETS, ("covered_until", "-covered_until"))):
        for sort, limit in product(sorts, (1, 4, 7)):
            arguments, forth = {"sort": sort, "limit": limit}, []
            window = listing.window(EVERYBODY, arguments)
            while True:
                forth.append([item["id"] for item in window.items])
                if window.next is None:
                    break
                window = listing.window(EVERYBODY, {**arguments, "cursor": window.next})
            back = [forth[-1]]
            while window.previous is not None:
                window = listing.window(EVERYBODY, {**arguments, "before": window.previous})
                back.append([item["id"] for item in window.items])
            assert back[::-1] == forth, (listing.kind, sort, limit)


def test_a_stream_is_in_the_order_of_the_list(stocked: House) -> None:
    for listing, sort in product((ASSETS,), ("id", "-id", "covered_until", "-covered_until")):
        shown = [item["id"] for item in pages(listing, sort=sort, limit=500)]
        for step in (1, 5, 100):
            rows = list(listing.stream(EVERYBODY, {"sort": sort}, ["serial", "id"], step=step))
            assert [row[1] for row in rows] == shown, (sort, step)
