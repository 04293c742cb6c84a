"""Contracts in notices and calendars: what goes on after a warranty, and what ends with a contract, told once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from registry.assets.service import retire_asset
from registry.contracts.lines import add_line, change_line
from registry.contracts.service import terminate_contract
from registry.notices.feeds import make_feed
from registry.people.models import User
from registry.people.roles import ROLES
from tests.houses import House
from tests.notices.test_calendar import events, own_address
from tests.notices.world import END, Calendar, at, words_of

WEEK_BEFORE = END - timedelta(days=7)
LATER = date(2028, 12, 31)


@pytest.fixture
def world(any_house: House) -> Calendar:
    made = any_house.furnished(Calendar)
    made.plan()
    return made


def cared_for(world: Calendar, number: str, ends_on: date | None, line: dict[str, Any], **values: Any) -> Any:
    """A contract through that day, with one line whose terms promise a repair."""
    made = world.contract(number, ends_on, **values)
    return made, add_line(world.house.system, made.id, {"terms": "year", **line})


def mail_of(world: Calendar, day: date = WEEK_BEFORE) -> str:
    with at(day):
        world.run()
        messages = world.mails()
    assert len(messages) == 1, messages
    return words_of(messages[0]).replace("\r\n", "\n")


def test_a_warranty_that_ends_says_which_contract_goes_on(world: Calendar) -> None:
    """Also when the contract renews itself on that very day, and also once the day has passed."""
    cared, bare = world.unit("SN-1", END), world.unit("SN-2", END)
    licence = world.licence("Editor", None)
    world.warranty_of_licence(licence, END)
    with at(WEEK_BEFORE):
        cared_for(world, "C-1", END, {"asset": cared.id}, renewal="tacit", renewal_period="P1Y", notice_days=90)
        cared_for(world, "C-2", LATER, {"licence": licence.id})
        cared_for(world, "C-3", END, {"asset": bare.id})
    text = mail_of(world)
    assert "- SN-1 (Switch): ends on 30 June 2027; contract C-1 covers it after that\n" in text
    assert "- SN-2 (Switch): ends on 30 June 2027\n" in text
    assert "- Editor: ends on 30 June 2027; contract C-2 covers it after that\n" in text
    assert "- SN-1 (Switch): ended on 30 June 2027; contract C-1 covers" in mail_of(world, END + timedelta(days=1))


def test_whoever_may_not_see_contracts_is_not_told_of_them(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    asset, manager = world.unit("SN-1", END), ROLES["manager"]
    with at(WEEK_BEFORE):
        cared_for(world, "C-1", LATER, {"asset": asset.id})
        monkeypatch.setitem(ROLES, "manager", replace(manager, names=manager.permissions - {"contract.view"}))
        text = mail_of(world)
        _, secret = make_feed(world.people.owner.actor)
        (event,) = events(world, f"/calendar/{secret}.ics").values()
    assert "- SN-1 (Switch): ends on 30 June 2027\n" in text
    assert str(event["DESCRIPTION"]) == "SN-1 (Switch)"


def test_a_contract_that_ends_is_told_once_with_how_many_it_leaves_uncovered(world: Calendar) -> None:
    units = [world.unit(f"SN-{number}") for number in range(4)]
    world.licence("Editor", None)
    world.warranty(units[0], LATER)
    with at(WEEK_BEFORE):
        retire_asset(world.house.system, units[1].id, version=0)
        contract, _ = cared_for(world, "C-1", END, {"everything": True})
        cared_for(world, "C-2", LATER, {"asset": units[2].id})
    text = mail_of(world)
    assert world.told() == [("contract", contract.id, END, 7)]
    line = "- C-1 (Care C-1): ends on 30 June 2027; assets and licences without cover after that: 2\n"
    assert f"{line}  http://127.0.0.1:8000/c/acme/contracts/{contract.id}\n" in text


def test_parts_of_a_contract_that_end_are_told_once_for_each_day(world: Calendar) -> None:
    """However many lines: a contract may name thousands of units. Not what another line of it covers from then on."""
    units, own = [world.unit(f"SN-{number}") for number in range(5)], world.unit("SN-OWN", END)
    licence = {"licence": world.licence("Editor", None).id}
    system = world.house.system
    with at(WEEK_BEFORE):
        contract, _ = cared_for(world, "C-1", LATER, {"asset": units[0].id, "ends_on": END})
        for unit in units[1:4]:
            add_line(system, contract.id, {"asset": unit.id, "terms": "year", "ends_on": END})
        add_line(system, contract.id, {"asset": units[3].id, "terms": "year", "starts_on": END + timedelta(days=1)})
        add_line(system, contract.id, {**licence, "ends_on": END + timedelta(days=10)})
        add_line(system, contract.id, {**licence, "starts_on": END + timedelta(days=11)})
        add_line(system, contract.id, {"product": "Switch", "ends_on": END + timedelta(days=30)})
        _, whole = cared_for(world, "C-2", END, {"asset": units[4].id, "ends_on": END})
        past = {"asset": own.id, "terms": "year", "ends_on": WEEK_BEFORE - timedelta(days=30)}
        add_line(system, whole.contract_id, past)
    text = mail_of(world)
    assert world.told() == [
        ("asset_warranty", own.id, END, 7), ("contract", whole.contract_id, END, 7),
        ("contract_part", contract.id, END, 7), ("contract_part", contract.id, END + timedelta(days=30), 90),
    ]  # fmt: skip
    assert "- C-2 (Care C-2): ends on 30 June 2027; assets and licences without cover after that: 1\n" in text
    assert "- C-1 (Care C-1): part of what it covers ends on 30 June 2027; assets and licences" in text
    assert "without cover after that: 4\n" in text
    assert "ends on 30 July 2027\n" in text, "nothing was promised by that line"


def test_a_part_that_moved_is_told_anew_and_one_that_ends_with_its_contract_is_not_told(world: Calendar) -> None:
    asset, system = world.unit("SN-1"), world.house.system
    with at(WEEK_BEFORE):
        contract, line = cared_for(world, "C-1", LATER, {"asset": asset.id, "ends_on": END})
        world.run()
        change_line(system, contract.id, line.id, {"ends_on": END + timedelta(days=1)}, 0)
        world.run()
        terminate_contract(system, contract.id, {"terminated_on": END, "reason": "moved"}, 0)
    with at(END + timedelta(days=1)):
        world.run()
    days = [(topic, day) for topic, _id, day, _step in world.told()]
    assert days == [("contract_part", END), ("contract_part", END + timedelta(days=1))]


def test_the_calendar_says_the_same(world: Calendar) -> None:
    asset = world.unit("SN-1", END)
    with at(WEEK_BEFORE):
        contract, _ = cared_for(world, "C-1", LATER, {"asset": asset.id})
        for days in (1, 3):
            values = {
                "product": "Switch",
                "starts_on": END + timedelta(days=days),
                "ends_on": END + timedelta(days=days),
            }
            add_line(world.house.system, contract.id, values)
        found = events(world, own_address(world.people.owner))
        User.update(language="zh-Hant").where(User.id == world.people.owner.user.id).execute()
        chinese = events(world, own_address(world.people.owner))
    (unit,) = [event for uid, event in found.items() if uid.startswith("asset_warranty")]
    assert str(unit["DESCRIPTION"]) == "SN-1 (Switch); contract C-1 covers it after that"
    parts = {uid: event for uid, event in found.items() if uid.startswith("contract_part")}
    assert {str(event["SUMMARY"]) for event in parts.values()} == {"Acme: part of contract C-1 (Care C-1) ends"}
    assert len(parts) == 1 + 1 and all(uid.startswith(f"contract_part-{contract.id}-2027-07-0") for uid in parts)
    assert not [event for event in chinese.values() if "contract" in str(event["SUMMARY"]).replace("C-1", "")]
