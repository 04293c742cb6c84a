"""Exports of another asset manager, with its own dirt."""

from pathlib import Path

import pytest

from registry.assets.models import Asset
from registry.customers.models import Contact, Site
from registry.kernel.access import visible
from registry.licences.keys import reveal_key
from registry.licences.models import Licence
from registry.products.models import Product
from tests.houses import House
from tests.imports.world import SAMPLES, assert_sound, bring, counts, session
from tests.needs import lacking

SERIAL_OF_FIRST = "4c2713a1-5b73-4ecb-b2e9-62bf0ff57165"


@pytest.fixture(autouse=True)
def _acme(any_house: House) -> None:
    any_house.customer("acme")


def sample(name: str) -> Path:
    path = SAMPLES / f"snipeit_{name}-sample.csv"
    if not path.exists():
        lacking("samples", f"{path} is absent")
    return path


def test_assets(any_house: House) -> None:
    asked = bring(any_house, sample("assets"), dry_run=True)
    assert asked.error_count == asked.rows and "date_order=mdy" in asked.errors[0]["message"]
    found = bring(any_house, sample("assets"), date_order="mdy", key="tag")
    assert found.state == "applied" and found.created == found.rows == 22 and found.error_count == 0
    first = visible(Asset, any_house.system).where(Asset.tag == "ICC-2065556").get()
    assert (first.name, str(first.purchased_on), first.cost_minor, first.currency) == (
        "Backhoe",
        "2023-01-23",
        226613,
        "USD",
    )
    product = visible(Product, any_house.system).where(Product.id == first.product_id).get()
    assert (product.name, product.maker, product.part_number) == ('Macbook Pro 13"', "Berge Inc", "1786VM80X07")
    assert any("Company" in notice and "Checked Out To: Username" in notice for notice in found.notices)
    assert counts(bring(any_house, sample("assets"), date_order="mdy", key="tag"))[3] == found.rows
    assert_sound()


def test_licences_with_their_keys_sealed(any_house: House) -> None:
    found = bring(any_house, sample("licenses"), "licences", date_order="mdy", on_error="skip")
    assert (found.rows, found.created) == (50, 47)
    assert {(e["column"], e["value"]) for e in found.errors} == {("reassignable", "sometimes")}
    first = visible(Licence, any_house.system).order_by(Licence.id).first()
    assert (first.quantity, str(first.ends_on), first.cost_minor, first.reassignable) == (56, "2016-02-26", 1258, True)
    assert reveal_key(any_house.system, first.id) == SERIAL_OF_FIRST
    assert SERIAL_OF_FIRST not in str(first.__data__) and first.notes.count("\n\n") == 1
    assert SERIAL_OF_FIRST not in str(session(found.id).__data__)
    assert_sound()


def test_locations_are_sites(any_house: House) -> None:
    found = bring(any_house, sample("locations"), "sites", on_error="skip")
    assert counts(found)[:5] == (19, 17, 0, 0, 2), "two names stand there twice"
    assert {e["value"] for e in found.errors} == {"Rocky Mountain House", "Airdrie"}
    site = visible(Site, any_house.system).where(Site.name == "Drayton Valley").get()
    assert (site.city, site.province, site.country) == ("Bahía Honda", "AB", "CA")


def test_models_are_products(any_house: House) -> None:
    found = bring(any_house, sample("models"), "products")
    assert (found.created, found.error_count, found.key) == (20, 0, "name")
    product = visible(Product, any_house.system).where(Product.name == "Test Model 2").get()
    assert (product.maker, product.part_number, product.kind) == (
        "Botsford, Boyle and Herzog",
        "9351IS25A51",
        "hardware",
    )


def test_users_are_contacts(any_house: House) -> None:
    keyed = bring(any_house, sample("users"), "contacts", dry_run=True)
    assert (keyed.key, keyed.skipped) == ("email", 5), "five have no address"
    found = bring(any_house, sample("users"), "contacts", mode="create")
    assert (found.state, found.created, found.error_count) == ("applied", 100, 0)
    contact = visible(Contact, any_house.system).where(Contact.email == "rtenant0@istockphoto.com").get()
    assert (contact.name, contact.phone, contact.title) == ("Reagen Tenant", "895-137-2034", "Nurse Practicioner")
    assert visible(Site, any_house.system).where(Site.id == contact.site_id).get().name == "Braun, Ullrich and O'Hara"
