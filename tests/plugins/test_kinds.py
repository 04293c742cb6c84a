"""Kinds of units that a plugin brings: on, off, and gone, nothing of them is lost and nothing breaks."""

from collections.abc import Iterator
from typing import Any

import pytest

from registry.assets.service import change_asset
from registry.kernel.access import Actor
from registry.kernel.errors import Invalid
from registry.plugins import switches
from registry.plugins.host import Host
from registry.plugins.records import AssetKind
from registry.products import kinds, plugged
from registry.web.words.codes import WORDS
from tests.houses import House
from tests.imports.world import asset, bring, counts, errors, table
from tests.ladder import API
from tests.plugins.making import guest
from tests.plugins.world import application

BATTERY = AssetKind("battery", "Battery", within="a battery", terms="hardware")


@pytest.fixture
def host(any_house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr(kinds, "KINDS", dict(kinds.KINDS))
    monkeypatch.setitem(WORDS, "kind", dict(WORDS["kind"]))
    any_house.people()
    with guest(asset_kinds=lambda: [BATTERY]) as made:
        plugged.take_in()
        any_house.app = application(any_house)
        yield made


def battery(house: House) -> Any:
    people = house.people()
    sent = {"kind": "battery", "name": "Cell 12", "customer": "acme"}
    made = people.admin.post(f"{API}/products", json=sent)
    assert made.status_code == 201, made.text
    return house.asset("acme", serial="SN-B", product=made.json["id"])


def seen(house: House, unit: Any) -> None:
    """Shown, found, counted and changed, whatever becomes of the plugin."""
    people = house.people()
    for path in (f"/assets/{unit.id}", f"/assets/{unit.id}/edit", "", "/assets?kind=battery", "/assets"):
        answer = people.owner.get(f"/c/acme{path}")
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert "SN-B" in answer.text or not path, path
    assert 'value="battery"' in people.owner.get("/c/acme/assets?kind=battery").text, "the filter says what it does"
    assert "Cell 12" in people.admin.get("/products?kind=battery").text
    assert people.owner.get("/c/acme/lookup/product?q=Cell&kind=battery").text.count("Cell 12") == 1
    for path in ("assets", "products"):
        [found] = people.owner.get(f"{API}/{path}?customer=acme&kind=battery").json["items"]
        assert found["kind"] == "battery"
    assert people.owner.get("/c/acme/assets/new?product=Cell+%23" + str(unit.product_id)).status_code == 200
    assert people.admin.get(f"/c/acme/assets/{unit.id}/warranties/new").status_code == 200
    again = bring(
        house,
        table(("serial", "kind", "name"), ("SN-B", "battery", f"Row {unit.version}")),
        key="serial",
        mode="update",
    )
    assert counts(again)[4:] == (0, 0), errors(again)


def test_a_kind_of_a_plugin_s(any_house: House, host: Host) -> None:
    unit, people = battery(any_house), any_house.people()
    seen(any_house, unit)
    assert (unit.kind, kinds.within("battery"), kinds.usual_terms("battery")) == ("battery", "a battery", "hardware")
    page = people.admin.get("/products/new").text
    assert '<option value="battery"' in page and "Battery" in page
    assert "Battery" in people.owner.get("/c/acme").text, "in the chart of what is covered"
    assert people.admin.get("/settings/fields").text.count('value="battery"') == 1
    bring(any_house, table(("serial", "product", "kind"), ("SN-N", "Cell 13", "battery")))
    assert asset(any_house, "SN-N").kind == "battery"


def test_off_it_is_offered_for_nothing_new(any_house: House, host: Host) -> None:
    unit, people = battery(any_house), any_house.people()
    switches.switch(Actor.system(), "guest", on=False)
    seen(any_house, unit)
    _nothing_new(any_house)
    assert "Battery" in people.owner.get(f"/c/acme/assets/{unit.id}").text


def test_gone_it_is_shown_by_its_code(any_house: House, host: Host) -> None:
    unit = battery(any_house)
    host.remove(host.plugins["guest"], "It has been uninstalled.")
    del kinds.KINDS["battery"], WORDS["kind"]["battery"]
    seen(any_house, unit)
    _nothing_new(any_house)
    with pytest.raises(Invalid) as refused:
        change_asset(Actor.system(), unit.id, {"product": any_house.product().id}, unit.version + 1)
    assert "This is battery" in refused.value.errors["product"][0]


def _nothing_new(house: House) -> None:
    people = house.people()
    assert '<option value="battery"' not in people.admin.get("/products/new").text
    refused = people.admin.post(f"{API}/products", json={"kind": "battery", "name": "Cell 14"})
    assert refused.status_code == 422 and refused.json["errors"]["kind"] == [
        "Choose one of: hardware, optic, software."
    ]
    found = bring(house, table(("serial", "product", "kind"), ("SN-N", "Cell 15", "battery")), on_error="skip")
    assert counts(found) == (1, 0, 0, 0, 1, 1) and errors(found)[0][1] == "kind"


def test_a_word_that_is_no_kind_is_a_mistake(any_house: House, host: Host) -> None:
    refused = any_house.people().owner.get(f"{API}/assets?customer=acme&kind=batterie")
    assert refused.status_code == 422 and "battery" in refused.json["errors"]["kind"][0]
    theirs = {"kind": "battery", "name": "Cell 12", "customer": "globex"}
    assert any_house.people().admin.post(f"{API}/products", json=theirs).status_code == 201
    del kinds.KINDS["battery"]
    refused = any_house.people().owner.get(f"{API}/assets?customer=acme&kind=battery")
    assert refused.status_code == 422, "what other customers have is nobody's business"


@pytest.mark.parametrize("name", ["hardware", "optic"])
def test_the_core_s_kinds_are_nobody_else_s(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(kinds, "KINDS", dict(kinds.KINDS))
    with guest(asset_kinds=lambda: [AssetKind(name, "Mine")]) as host:
        plugged.take_in()
        assert f"there is a kind {name} already" in host.plugins["guest"].reason


def test_names_of_kinds() -> None:
    for name in ("Battery", "b", "b" * 17, "1b", "a-b"):
        with pytest.raises(ValueError, match="kind"):
            AssetKind(name, "X")
