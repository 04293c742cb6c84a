"""Patches and documents behind the wall of PostgreSQL: what is for a customer reaches its users, nothing else does."""

from typing import Any

import pytest

from registry.kernel import wall
from registry.kernel.access import visible
from registry.kernel.db import is_sqlite
from registry.plugins.rows import of_the_house
from registry_sendbig.models import Blob, File, Installed, Receipt, Release, Taken
from registry_sendbig.releases import entitled, report
from registry_sendbig.releases import letters as release_letters
from registry_sendbig.releases import service as releases
from registry_sendbig.tests.shop import NOTES, PATCH, Shop
from tests.houses import House, Person

V1 = "/api/v1/x/sendbig"


@pytest.fixture
def shop(any_house: House) -> Shop:
    any_house.people()
    return Shop(any_house.system)


def fetch(who: Person, shop: Shop, release: Any, name: str, slug: str = "acme") -> Any:
    return who.get(f"/c/{slug}/x/sendbig/flow/patches/{shop.file_named(release, name)}")


@pytest.mark.rule("S1-39", "S1-40", "S1-41")
def test_from_the_draft_to_the_receipt(any_house: House, shop: Shop) -> None:
    people = any_house.people()
    shop.contract("acme")
    unit, _other = shop.unit("acme", "1.2"), shop.unit("globex", "1.2")
    release = shop.release("1.10", from_version="1.0")
    assert release_letters.tell_releases() == 3
    assert [one["affected"] for one in people.owner.get(f"{V1}/offers?customer=acme").get_json()["items"]] == [1]
    assert people.stranger.get(f"{V1}/offers?customer=globex").get_json()["items"] == []
    assert fetch(people.reader, shop, release, "fix.bin").data == PATCH
    assert fetch(people.stranger, shop, release, "fix.bin", "globex").status_code == 404
    [taken] = visible(Taken, any_house.system)
    assert taken.whole_at and taken.user_id == people.reader.user.id
    for place in (f"/{release.id}", "", "/versions"):
        assert people.reader.get(f"/c/acme/x/sendbig/patches{place}").status_code == 200, place
    assert "fix.bin" in people.reader.get(f"/c/acme/x/sendbig/patches/{release.id}").text
    assert "Fix 1.10" in people.owner.get(f"/c/acme/assets/{unit.id}").text, "the panel of the unit"
    sent = {"customer": "acme", "asset": unit.id}
    answer = people.colleague.post(f"{V1}/offers/{release.id}/receipts", sent)
    assert answer.status_code == 201, answer.text
    [receipt] = visible(Receipt, any_house.system)
    [known] = visible(Installed, any_house.system).where(Installed.customer_id == receipt.customer_id)
    assert (receipt.version_before, known.version_name, known.release_id) == ("1.2", "1.10", release.id)
    numbers = people.auditor.get(f"{V1}/releases/{release.id}/numbers").get_json()
    assert numbers == {"units": 1, "affected": 0, "unknown": 0, "patched": 1, "other": 0, "customers": 0}
    grant = {"customer": "globex", "email": people.stranger.user.email, "reason": "Plans"}
    assert people.account_manager.post(f"{V1}/releases/{release.id}/grants", grant).status_code == 201
    assert fetch(people.stranger, shop, release, "notes.txt", "globex").data == NOTES
    assert fetch(people.stranger, shop, release, "fix.bin", "globex").status_code == 403
    version = people.engineer.get(f"{V1}/releases/{release.id}").get_json()["version"]
    gone = people.engineer.request(
        "POST",
        f"{V1}/releases/{release.id}/withdrawal",
        json={"reason": "Bricks"},
        headers={"If-Match": f'"{version}"'},
    )
    assert gone.status_code == 200, gone.text
    assert fetch(people.reader, shop, release, "fix.bin").status_code == 404


def test_the_rows_of_the_house_are_the_houses(any_house: House, shop: Shop) -> None:
    """A query that forgot to ask who is entitled finds none of them."""
    people = any_house.people()
    shop.release(notes="all")
    acme = shop.id_of("acme")
    with wall.carried(wall.scope_of({acme})):
        for model in (Release, File, Blob):
            assert list(visible(model, people.owner.actor)) == []
            if not is_sqlite():
                assert list(visible(model, any_house.system)) == [], "even without a scope"
            assert of_the_house(model)
        assert [one.release.title for one in entitled.offers(people.owner.actor, acme)] == ["Fix"]
    with pytest.raises(LookupError):
        of_the_house(type(shop.product))


def test_counts_and_pages_are_the_same(shop: Shop) -> None:
    for slug in ("acme", "globex"):
        shop.contract(slug)
        for version in ("1.2", "", "1.10", "0.5"):
            shop.unit(slug, version)
        shop.licence(slug, "1.3", shop.a_product(f"Program of {slug}", "software"))
    release = shop.release("1.10", from_version="1.0")
    assert report.numbers(shop.system, release.id) == {
        "units": 8, "affected": 4, "unknown": 2, "patched": 2, "other": 2, "customers": 2,
    }  # fmt: skip
    found, after = [], 0
    while after is not None:
        page, after = report.units(shop.system, release.id, limit=3, after=after)
        found += [(row["customer"], row["version"]) for row in page]
    assert sorted(found, key=str) == [("acme", "1.2"), ("acme", None), ("globex", "1.2"), ("globex", None)]
    for every in (releases.create_release(shop.system, {"product": shop.product.id, "title": "Handbook"}),):
        assert report.numbers(shop.system, every.id)["affected"] == 8, "documents alone are about every unit"


def test_what_is_for_all_reaches_who_has_no_contract_and_the_operators_taking_is_his_own(
    any_house: House, shop: Shop
) -> None:
    people = any_house.people()
    shop.contract("acme")
    shop.unit("acme", "1.2")
    shop.unit("globex", "1.2")
    release = shop.release("1.10", notes="all")
    assert report.uncovered(any_house.system, release.id) == (
        [{"customer_id": shop.id_of("globex"), "affected": 1, "unknown": 0}],
        None,
    )
    assert release_letters.tell_releases() == 4
    assert fetch(people.engineer, shop, release, "fix.bin").data == PATCH
    [taken] = visible(Taken, any_house.system)
    assert taken.by_operator and taken.whole_at
    assert report.customers(any_house.system, release.id)[0][0]["taken"] == 0
