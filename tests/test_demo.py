"""The demo installation: made once, sound, and everybody in it can sign in."""

import stat
from datetime import date, timedelta
from typing import Any

import pytest

from registry import demo
from registry.assets.listing import ASSETS
from registry.contracts.duties import duties_of
from registry.contracts.listing import CONTRACTS
from registry.customers.listing import CUSTOMERS
from registry.customers.service import customers, without_manager
from registry.kernel import audit, clock
from registry.labels.service import active_codes, batches
from registry.licences.listing import LICENCES
from registry.people.roles import ROLES
from registry.people.signin import Origin, sign_in
from registry.warranty.listing import WARRANTIES
from registry_rma import custody
from registry_rma.cases import get_line
from registry_rma.listing import LINES as CASES
from tests.houses import House
from tests.plugins.making import guest

PAST = {"limit": 500}


@pytest.mark.slow
def test_it_fills_once_on_both_engines(any_house: House) -> None:
    assert demo.fill(any_house.settings) is True
    assert len(CUSTOMERS.page(any_house.system, PAST)["items"]) == 3
    first = demo.accounts(any_house.settings)
    assert demo.fill(any_house.settings) is False
    assert demo.accounts(any_house.settings) == first
    assert all(state.fault is None for state in audit.verify())


@pytest.mark.slow
def test_it_shows_what_a_tour_wants_to_show(house: House) -> None:
    """One demo for all of it: it takes seconds."""
    demo.fill(house.settings)
    everybody_can_sign_in_and_every_role_is_there(house)
    passwords_are_for_the_owner_of_the_folder(house)
    units_have_warranties_licences_and_contracts(house)
    units_have_labels_and_cases(house)


def everybody_can_sign_in_and_every_role_is_there(house: House) -> None:
    lines = [line.split() for line in demo.accounts(house.settings) if "@" in line]
    for email, password, *_ in lines:
        assert sign_in(email, password, Origin())
    assert len({password for _, password, *_ in lines}) == len(lines)
    shown = "\n".join(demo.accounts(house.settings))
    assert all(role.replace("_", " ") in shown for role in ROLES)
    assert "http://127.0.0.1:8000" in shown


def passwords_are_for_the_owner_of_the_folder(house: House) -> None:
    path = house.settings.data / demo.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_installation_in_use_is_left_alone(house: House) -> None:
    house.customer("acme")
    assert demo.fill(house.settings) is False
    assert [row["slug"] for row in CUSTOMERS.page(house.system, PAST)["items"]] == ["acme"]
    assert not any("@" in line for line in demo.accounts(house.settings))


@pytest.mark.slow
def test_nothing_stays_of_a_fill_that_failed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: demo.Stories) -> None:
        raise RuntimeError("out of stories")

    with monkeypatch.context() as patch:
        patch.setattr(demo.Stories, "tell", fails)
        with pytest.raises(RuntimeError):
            demo.fill(house.settings)
    assert not CUSTOMERS.page(house.system, PAST)["items"]
    assert not (house.settings.data / demo.FILE).exists()
    assert demo.fill(house.settings) is True


def units_have_warranties_licences_and_contracts(house: House) -> None:
    system = house.system
    assets = ASSETS.page(system, PAST)["items"]
    assert 130 <= len(assets) <= 170
    assert sum(1 for row in assets if row["kind"] == "optic" and row["slot"]) >= 60
    for state in ("active", "expiring", "expired", "none"):
        assert ASSETS.page(system, {"covered": state})["items"], state
    warranties = WARRANTIES.page(system, PAST)["items"]
    assert {row["terms"] for row in warranties} == {"optical-module", "software", "hardware", "on-site-support"}
    assert any(row["void_on"] for row in warranties) and any(row["origin_id"] for row in warranties)
    assert any(row["starts_on"] is None for row in warranties)
    assert LICENCES.page(system, {"over_used": True})["items"]
    assert not without_manager(system).exists()
    for contract in CONTRACTS.page(system, {})["items"]:
        assert contract["state"] == "active"
        assert duties_of(system, contract["id"])["items"]


def units_have_labels_and_cases(house: House) -> None:
    system = house.system
    labelled = active_codes(system, [row["id"] for row in ASSETS.page(system, PAST)["items"]])
    [batch] = batches(system, next(one for one in customers(system) if one.slug == "mesa-clinics"))
    assert (len(labelled), batch["count"], batch["free"]) == (14, 14, 14)
    cases = CASES.page(system, PAST)["items"]
    assert {row["state"] for row in cases} >= {
        "requested", "awaiting_receipt", "received", "repairing", "failed", "refund_or_return", "quoted", "shipped",
        "lost_in_transit", "closed", "cancelled",
    }  # fmt: skip
    for case in cases:
        rows = custody.rows_of(system, get_line(system, case["id"]))
        assert custody.verify(system, get_line(system, case["id"])).whole
        assert [row.at for row in rows] == sorted(row.at for row in rows) and rows[-1].at <= clock.now()
        assert not any(row.who == system.name for row in rows), "people did it"
    assert any(row["replacement_serial"] for row in cases)


@pytest.mark.slow
def test_a_plugin_that_cannot_tell_its_stories_takes_nothing_along(house: House) -> None:
    def fails(actor: Any, people: Any) -> None:
        assert people["priya.raman@northgate.example"].name == "Priya Raman"
        house.customer("leftover")
        raise RuntimeError("out of stories")

    with guest(demo=fails) as host:
        assert demo.fill(house.settings) is True
        assert [one.hook for one in host.unwritten] == ["demo"] and "out of stories" in host.unwritten[0].error
    there = {row["slug"] for row in CUSTOMERS.page(house.system, PAST)["items"]}
    assert there == {"harbourline", "elbtal", "mesa-clinics"}


@pytest.mark.slow
def test_it_never_ages(house: House) -> None:
    """Filled years from now it tells the same: the dates go with the day."""
    with clock.frozen(clock.now() + timedelta(days=900)):
        demo.fill(house.settings)
        today = clock.today()
        soon = ASSETS.page(house.system, {"covered": "expiring"})["items"]
    assert soon
    for row in soon:
        assert timedelta(-1) <= date.fromisoformat(row["covered_until"]) - today <= timedelta(days=91)
