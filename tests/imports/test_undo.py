"""Taking a whole batch back: everything is as it was, or nothing is touched and the names are told."""

from datetime import date
from typing import Any

import pytest

from registry.assets.fields import define_field
from registry.assets.models import ASSET_SEARCH, Asset
from registry.assets.service import change_asset, register_asset
from registry.customers.models import Contact, Site
from registry.imports import service
from registry.imports.models import ImportSession
from registry.kernel import db
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Conflict
from registry.kernel.language import speaking
from registry.kernel.search import find
from registry.licences.keys import reveal_key
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.models import Warranty
from registry.warranty.service import start_warranty
from tests.houses import House
from tests.imports.world import assert_sound, asset, assets, bring, content, session, table

HEADERS = ("serial", "tag", "model", "location", "purchase date", "notes")
MODELS = (Asset, Site, Contact, Product, Licence)


@pytest.fixture(autouse=True)
def _acme(any_house: House) -> None:
    any_house.customer("acme")


def everything(house: House) -> list[list[dict[str, Any]]]:
    return [content(visible(model, house.system).order_by(model.id)) for model in MODELS]


def undo(house: House, found: ImportSession) -> ImportSession:
    service.undo_import(house.system, found.id)
    return session(found.id)


def refused(house: House, found: ImportSession) -> Conflict:
    before = everything(house)
    with pytest.raises(Conflict) as caught:
        service.undo_import(house.system, found.id)
    assert everything(house) == before and session(found.id).state == "applied"
    assert_sound()
    return caught.value


def test_what_was_created_is_gone_with_products_and_sites_made_on_the_way(any_house: House) -> None:
    any_house.product("Kept", customer="acme")
    before = everything(any_house)
    rows = [(f"A{n}", f"T{n}", f"Model {n % 3}", f"Hall {n % 2}", "2024-01-01", "") for n in range(1200)]
    found = bring(any_house, table(HEADERS, *rows))
    assert len(assets(any_house)) == 1200
    assert undo(any_house, found).state == "undone"
    assert everything(any_house) == before
    assert find(any_house.system, [ASSET_SEARCH], "A1199", limit=5) == [], "and it is not found any more"
    removed = AuditEntry.select().where(AuditEntry.action == "asset.removed").count()
    assert removed == 1200
    assert_sound()


def test_what_was_updated_is_as_it_was(any_house: House) -> None:
    define_field(any_house.system, {"name": "rack_units", "title": "Rack units", "type": "integer"}, None)
    define_field(any_house.system, {"name": "checked", "title": "Checked", "type": "day"}, None)
    columns = (*HEADERS, "Rack units", "Checked", "status", "cost")
    bring(
        any_house, table(columns, ("A1", "T1", "M", "Hall", "2024-01-31", "first", "2", "2024-03-01", "in use", "10"))
    )
    before = everything(any_house)
    change = table(
        columns, ("A1", "T2", "N", "Other", "2025-02-28", "second", "7", "2025-03-01", "planned", "EUR 12.50")
    )
    found = bring(any_house, change)
    after = asset(any_house, "A1")
    assert (after.tag, after.custom["rack_units"], after.purchased_on) == ("T2", 7, date(2025, 2, 28))
    undo(any_house, found)
    assert everything(any_house) == before
    assert asset(any_house, "A1").version == 3, "who has read version 2 must notice"
    assert_sound()


def test_a_batch_that_both_creates_and_changes(any_house: House) -> None:
    columns = ("serial", "tag", "model", "parent", "slot")
    bring(any_house, table(columns, ("OLD", "T1", "Box", "", "")))
    before = everything(any_house)
    data = table(
        columns, ("OLD", "T2", "Box", "NEW", "1"), ("NEW", "T3", "Frame", "", ""), ("SFP", "", "Optic", "OLD", "2")
    )
    found = bring(any_house, data)
    assert (found.created, found.updated) == (2, 1)
    undo(any_house, found)
    assert everything(any_house) == before
    assert_sound()


def test_refused_when_something_was_changed_since(any_house: House) -> None:
    found = bring(any_house, table(HEADERS, *((f"A{n}", "", "M", "", "", "") for n in range(40))))
    for serial in ("A7", "A11"):
        change_asset(any_house.system, asset(any_house, serial).id, {"name": "by hand"}, 1)
    problem = refused(any_house, found)
    assert problem.status == 409 and sorted(problem.errors["rows"]) == ["asset A11", "asset A7"]
    with speaking("zh-Hant"):
        message = refused(any_house, found).message
    assert message.isascii() is False and "changed" not in message, "a sentence, not one with an English word in it"


def test_refused_when_a_product_made_on_the_way_is_used_by_others(any_house: House) -> None:
    found = bring(any_house, table(HEADERS, ("A1", "", "Shared", "", "", "")))
    product = visible(Product, any_house.system).get()
    register_asset(any_house.system, {"customer": "acme", "product": product.id, "serial": "B1"})
    problem = refused(any_house, found)
    assert problem.code == "used_since" and problem.errors["rows"] == ["product Shared: used by asset"]


def test_refused_when_a_warranty_was_given(any_house: House) -> None:
    found = bring(any_house, table((*HEADERS, "delivered on"), ("A1", "", "M", "", "", "", "2024-01-01")))
    start_warranty(any_house.system, {"asset": asset(any_house, "A1").id, "terms": "hardware"})
    problem = refused(any_house, found)
    assert problem.code == "used_since"
    assert problem.errors["rows"] == ["asset A1: used by coverage, warranty"]


@pytest.mark.parametrize(
    ("kind", "columns", "terms"),
    [
        ("assets", ("serial", "model", "delivered on"), "hardware"),
        ("licences", ("name", "order number", "launched on"), "software"),
    ],
)
def test_key_dates_come_back_to_warranties_too(any_house: House, kind: str, columns: Any, terms: str) -> None:
    bring(any_house, table(columns, ("A1", "M", "2024-01-01")), kind)
    unit: Any = visible(Asset if kind == "assets" else Licence, any_house.system).get()
    start_warranty(any_house.system, {kind.removesuffix("s"): unit.id, "terms": terms})
    found = bring(any_house, table(columns, ("A1", "M", "2024-06-01")), kind)
    assert visible(Warranty, any_house.system).get().starts_on == date(2024, 6, 1)
    undo(any_house, found)
    assert visible(Warranty, any_house.system).get().starts_on == date(2024, 1, 1)
    assert_sound()


def test_a_replaced_licence_key_comes_back(any_house: House) -> None:
    columns = ("name", "order number", "key", "seats")
    bring(any_house, table(columns, ("Suite", "PO-1", "OLD-KEY-0001", "5")), "licences")
    found = bring(any_house, table(columns, ("Suite", "PO-1", "NEW-KEY-0002", "6")), "licences")
    licence = visible(Licence, any_house.system).get()
    assert (found.updated, reveal_key(any_house.system, licence.id)) == (1, "NEW-KEY-0002")
    undo(any_house, found)
    assert reveal_key(any_house.system, licence.id) == "OLD-KEY-0001"
    assert visible(Licence, any_house.system).get().key_hint == "0001"
    assert AuditEntry.select().where(AuditEntry.after.contains("NEW-KEY")).count() == 0
    assert_sound()


@pytest.mark.parametrize(
    ("kind", "headers", "first", "second"),
    [
        ("sites", ("name", "city", "country"), ("Hall", "Calgary", "CA"), ("Hall", "Banff", "CA")),
        ("contacts", ("name", "email", "site"), ("Ann", "a@x.example", "Hall"), ("Ann B", "a@x.example", "New")),
        ("products", ("name", "maker", "notes"), ("P", "M", "1"), ("P", "N", "2")),
        ("licences", ("name", "order number", "expiration date"), ("L", "1", "2025-01-01"), ("L", "1", "2026-01-01")),
    ],
)
def test_other_kinds(any_house: House, kind: str, headers: Any, first: Any, second: Any) -> None:
    empty = everything(any_house)
    one = bring(any_house, table(headers, first), kind)
    before = everything(any_house)
    two = bring(any_house, table(headers, second), kind)
    assert (one.created, two.updated) == (1, 1)
    undo(any_house, two)
    assert everything(any_house) == before
    undo(any_house, one)  # what was changed since has been changed back
    assert everything(any_house) == empty != before
    assert_sound()


def test_nobody_looks_through_all_units_for_one_inside_of_what_goes(any_house: House) -> None:
    """Deleting a unit asks whether another one is inside of it: for thousands of them, an index has to know."""
    question = "SELECT 1 FROM asset WHERE parent_id = 5"
    with db.transaction():
        if db.is_sqlite():
            plan = [row[3] for row in db.run_sql(f"EXPLAIN QUERY PLAN {question}").fetchall()]
        else:
            db.run_sql("SET LOCAL enable_seqscan = off")
            plan = [row[0] for row in db.run_sql(f"EXPLAIN {question}").fetchall()]
    assert "asset_parent" in str(plan) or "asset_slot" in str(plan), plan
