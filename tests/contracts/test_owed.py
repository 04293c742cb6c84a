"""What a contract owes on a unit: part of the same answer as its warranties."""

from datetime import UTC, date, datetime

import pytest

from registry.assets.service import asset_by
from registry.contracts import lines, service
from registry.kernel import clock
from registry.warranty.claims import coverage_of
from tests.licences.world import both_engines

NEW = {"customer": "acme", "number": "C-1", "title": "Care", "starts_on": date(2024, 1, 1)}


@pytest.fixture(autouse=True)
def today():
    with clock.frozen(datetime(2024, 6, 15, 12, tzinfo=UTC)):
        yield


def owed(world, on, actor=None, serial="SW1"):
    asset = asset_by(world.operator, serial)
    return coverage_of(actor or world.owner, asset.id, on=on)


def free(found):
    return [remedy["remedy"] for remedy in found["remedies"] if remedy["charge"] == "free"]


@both_engines
def test_on_site_support_is_owed_while_the_contract_is_in_force(world):
    contract = service.create_contract(world.lead, {**NEW, "ends_on": date(2024, 12, 31)})
    assert free(owed(world, date(2024, 6, 15))) == []
    lines.add_line(world.lead, contract.id, {"site": "HQ", "terms": "on-site-support"})
    found = owed(world, date(2024, 12, 31))
    assert found["state"] == "expiring" and found["until"] == "2024-12-31"
    assert "onsite" in free(found)
    assert found["warranties"][0]["kind"] == "contract"
    assert "C-1" in found["remedies"][0]["reason"]
    assert free(owed(world, date(2025, 1, 1))) == []
    assert owed(world, date(2023, 12, 31))["state"] == "none"


def test_an_open_ended_contract_covers_period_after_period(world):
    contract = service.create_contract(world.lead, NEW)
    lines.add_line(world.lead, contract.id, {"everything": True, "terms": "on-site-support"})
    assert owed(world, date(2024, 12, 31))["until"] == "2024-12-31"
    assert owed(world, date(2025, 1, 1))["until"] == "2025-12-31"
    assert owed(world, date(2031, 7, 1), serial="OP1")["state"] == "active"


def test_another_customers_contract_owes_nothing_here(world):
    contract = service.create_contract(world.lead, {**NEW, "customer": "globex"})
    lines.add_line(world.lead, contract.id, {"everything": True, "terms": "on-site-support"})
    assert owed(world, date(2024, 6, 15))["warranties"] == []
