"""Every list as CSV, XLSX and JSON; and our own import restores our own export."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from registry.app import load_rooms
from registry.assets.fields import define_field
from registry.assets.models import Asset
from registry.assets.service import register_asset, retire_asset
from registry.customers.models import Contact, Site
from registry.customers.places import create_contact, create_site
from registry.customers.service import customer_by
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.listing import LISTINGS
from registry.licences.models import Licence
from registry.licences.service import create_licence
from registry.products.models import Product
from registry.web.lists.exports_api import listing_named, plural, write
from tests.houses import House, People
from tests.imports.world import assert_sound, asset, bring, content, counts, table

load_rooms()  # the lists stand in the parameters of a test
NASTY = (
    "=1+1",
    "+49 123",
    "-5",
    "@home",
    "'quoted",
    "'=guarded",
    "''=twice",
    'a,b;c"d',
    "中文 名稱",
    "inner  gap",
    "-",
    "'",
)


def filled(house: House) -> None:
    """Units with everything that a unit can have, and texts that spreadsheets misread."""
    house.customer("acme")
    house.customer("globex")
    system = house.system
    define_field(system, {"name": "rack_units", "title": "Rack units", "type": "integer"}, None)
    define_field(system, {"name": "colour", "title": "Colour", "type": "choice", "choices": ["red", "blue"]}, None)
    for number, text in enumerate(NASTY):
        create_site(system, {"customer": "acme", "name": text, "address": f"{text}\nsecond line"})
        product = house.product(text, customer="acme", maker=text, part_number=text)
        register_asset(
            system,
            {
                "customer": "acme", "product": product.id, "serial": text, "tag": f"{text} {number}",
                "name": text, "site": text, "place": text, "purchased_on": "2024-02-29",
                "supplier": text, "cost_minor": 100 * number + 1, "currency": "EUR",
                "custom": {"rack_units": number, "colour": "red"}, "notes": f"{text}\n{text}",
            },
        )  # fmt: skip
    create_contact(system, {"customer": "acme", "name": "=Ann", "email": "ann@acme.example", "trained": True})
    sfp = house.product("SFP", "optic", customer="acme")
    host = asset(house, "-5")
    register_asset(system, {"customer": "acme", "product": sfp.id, "serial": "O1", "parent": host.id, "slot": "=1"})
    register_asset(system, {"customer": "acme", "product": sfp.id, "tag": "without serial", "holder": "=Ann"})
    retire_asset(system, asset(house, "@home").id, 1)
    register_asset(system, {"customer": "globex", "product": house.product("Foreign").id, "serial": "SECRET"})
    licence = {
        "customer": "acme",
        "product": house.product("Suite", "software").id,
        "name": "=Suite",
        "metric": "named_user",
    }
    create_licence(
        system, {**licence, "order_number": "+1", "quantity": 5, "key": "KEY-0000001", "ends_on": "2026-01-31"}
    )
    create_licence(system, {**licence, "name": "Other", "order_number": "+2", "cost_minor": 999, "reassignable": False})


def exported(house: House, kind: str, form: str) -> bytes:
    listing = listing_named(kind)
    arguments = {"customer": "acme"} if "customer" in listing.filters else {}
    return b"".join(write(listing, house.system, listing.arguments(paged=False).load(arguments), form))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_our_import_restores_our_export(any_house: House, form: str, tmp_path: Path) -> None:
    filled(any_house)
    path = tmp_path / f"assets.{form}"
    path.write_bytes(exported(any_house, "assets", form))
    before = content(visible(Asset, any_house.system).order_by(Asset.id))
    by_tag = [one for one in before if one["customer_id"] == before[0]["customer_id"]]
    for key, known in (("serial", len(by_tag) - 1), ("tag", len(by_tag) - 1)):
        found = bring(any_house, path, mode="update", key=key, on_error="skip", dry_run=True)
        assert (found.rows, found.unchanged, found.updated) == (len(by_tag), known, 0), (key, found.errors)
        assert "The key is empty" in found.errors[0]["message"] and found.error_count == 1
    assert any("Customer" in notice and "Covered until" in notice for notice in found.notices)
    assert not any("Custom fields" in notice or "Purchased on" in notice for notice in found.notices)
    assert content(visible(Asset, any_house.system).order_by(Asset.id)) == before
    assert_sound()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_lost_registry_is_restored_from_its_export(any_house: House, form: str, tmp_path: Path) -> None:
    filled(any_house)
    kinds = ("sites", "contacts", "products", "assets", "licences")
    files = {kind: exported(any_house, kind, form) for kind in kinds}
    any_house.customer("restored")
    for kind in kinds:
        path = tmp_path / f"{kind}.{form}"
        path.write_bytes(files[kind])
        found = bring(any_house, path, kind, customer="restored", mode="create", on_error="skip", key="")
        assert found.skipped == 0, (kind, found.errors)
    for kind in kinds:
        again = bring(any_house, tmp_path / f"{kind}.{form}", kind, customer="restored", on_error="skip", dry_run=True)
        assert (again.created, again.updated) == (0, 0), (kind, again.errors)
    old, new = (_known(any_house, slug) for slug in ("acme", "restored"))
    assert new == old


def _known(house: House, slug: str) -> list[Any]:
    owner = customer_by(house.system, slug).id
    found: list[Any] = []
    for model in (Site, Contact, Product, Asset, Licence):
        texts = [name for name in model._meta.sorted_field_names if name not in IDENTITIES]
        rows = visible(model, house.system).where(model.customer_id == owner)
        found.append(
            sorted(orjson.dumps([row.__data__[n] for n in texts], option=orjson.OPT_SORT_KEYS) for row in rows)
        )
    return found


IDENTITIES = {
    "id", "customer_id", "version", "created_at", "changed_at", "product", "site", "parent", "holder", "key_sealed",
    "key_hint",
}  # fmt: skip


def test_columns_that_cannot_be_imported_are_told(house: House) -> None:
    house.customer("acme")
    data = table(("Id", "Serial number", "Product", "Used", "Version"), ("1", "A", "S", "3", "4"))
    assert bring(house, data).notices[0] == "Not imported, since no field fits: Id, Used, Version."


def test_over_the_api_with_the_scope_of_the_list(house: House, people: People) -> None:
    house.asset("acme", "=A1")
    house.asset("globex", "B1")
    answer = people.reader.get("/api/v1/exports/assets.csv")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert row["Serial number"] == "'=A1" and "B1" not in answer.text
    assert orjson.loads(people.owner.get("/api/v1/exports/assets.json").data)[0]["serial"] == "=A1"
    sheet = openpyxl.load_workbook(io.BytesIO(people.owner.get("/api/v1/exports/assets.xlsx").data)).active
    assert [cell.value for cell in sheet[2]].count("=A1") == 1 and sheet.max_row == 2
    assert AuditEntry.select().where(AuditEntry.action == "export.made").count() == 3
    assert people.owner.get("/api/v1/exports/boats.csv").status_code == 404
    assert people.owner.get("/api/v1/exports/assets.csv?colour=red").status_code == 422
    assert people.owner.get("/api/v1/exports/assets.csv?serial=none").text.count("\r\n") == 1


@pytest.mark.parametrize("kind", sorted(LISTINGS))
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_every_list_can_be_exported_by_whoever_may_see_it(house: House, people: People, kind: str, form: str) -> None:
    path = f"/api/v1/exports/{plural(kind)}.{form}"
    assert people.admin.get(path).status_code == 200
    expected = 200 if people.reader.actor.can_somewhere(LISTINGS[kind].permission) else 403
    assert people.reader.get(path).status_code == expected, "refused before the first byte"


def test_counts_after_the_round_trip(house: House) -> None:
    filled(house)
    data = exported(house, "licences", "csv")
    found = bring(house, data, "licences", mode="update", key="order_number")
    assert counts(found) == (2, 0, 0, 2, 0, 0)


def test_an_export_is_told_of_in_the_history_of_whose_data_left(house: House) -> None:
    people = house.people()
    for who, path in (
        (people.admin, "sites.csv?customer=acme"),
        (people.owner, "sites.csv"),
        (people.admin, "sites.csv"),
    ):
        assert who.get(f"/api/v1/exports/{path}").status_code == 200
    told = [entry.actor_name for entry in AuditEntry.select().where(AuditEntry.action == "export.made")]
    acme = people.admin.get("/api/v1/audit?customer=acme&action=export.made").json["items"]
    assert len(told) == 3
    assert [entry["actor_id"] for entry in acme] == [people.admin.user.id, people.owner.user.id]
    house_chain = people.admin.get("/api/v1/audit?customer=house&action=export.made").json["items"]
    assert [entry["actor_id"] for entry in house_chain] == [people.admin.user.id]
