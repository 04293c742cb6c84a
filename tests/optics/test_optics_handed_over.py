"""Modules, readings, places and proofs go along when a customer is handed over."""

from registry.customers.service import customer_by
from registry.handover.reading import read_package
from registry.kernel.access import visible
from registry.optics import given, series, service
from registry.optics.models import Optic, OpticReading
from registry.optics.taking import take
from tests.handover.world import package_of
from tests.optics.images import finish_sfp, sfp
from tests.optics.optic_world import WORN, at_now, bring, item


def test_they_go_along_with_what_hangs_on_them(any_house, monkeypatch, tmp_path):
    house = any_house
    at_now(monkeypatch)
    house.customer("acme")
    image = given.from_bytes(finish_sfp(*sfp()))
    optic_id = bring(house, *(item(hours, **WORN) for hours in (30, 15, 1)))["items"][0]["id"]
    take(house.system, image, customer="acme", source="file", register=True, host="sw2")
    service.set_baseline(house.system, optic_id)
    service.record_proof(house.system, optic_id, {"kind": "cleaned"})
    package_of(house, "acme", tmp_path / "acme.zip")
    read_package(house.system, tmp_path / "acme.zip", "moved")
    moved = customer_by(house.system, "moved").id
    mine = {row.serial: row for row in visible(Optic, house.system).where(Optic.customer_id == moved)}
    there, whole = mine["S1"], service.whole(house.system, optic_id)
    found = service.whole(house.system, there.id)
    for name in ("reasons", "now", "baseline", "places", "verdict", "claimable", "limits"):
        assert found[name] == whole[name], name
    assert [one["kind"] for one in found["proofs"]] == ["cleaned"]
    assert series.chart(house.system, there.id)["series"] == series.chart(house.system, optic_id)["series"]
    assert len(service.images_of(house.system, mine["AB12345678"].id)) == 1
    batches = {row.batch_id for row in visible(OpticReading, house.system).where(OpticReading.customer_id == moved)}
    assert len(batches) == 2
    again = bring(house, item(30, **WORN), item(0, **WORN), customer="moved")
    assert (again["repeated"], again["registered"], again["items"][0]["id"]) == (1, 0, there.id)
