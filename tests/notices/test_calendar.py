"""The calendar feed: what a member may see at this moment, for as long as he may, for whoever has the address."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar as Ical

from registry.contracts.service import renew_contract
from registry.kernel.events import deliver_due
from registry.kernel.throttle import Bucket
from registry.notices import calendar_pages
from registry.notices.feeds import make_feed
from registry.notices.models import CalendarFeed
from registry.people.models import Membership, User
from registry.people.service import activate_user, deactivate_user
from registry.people.tokens import revoke_token
from tests.houses import House, Person
from tests.ladder import API
from tests.notices.world import Calendar, at

END = date(2027, 6, 30)
MINE = f"{API}/me/calendar"
START = date(2027, 3, 1)


@pytest.fixture
def world(house: House) -> Calendar:
    return house.furnished(Calendar)


@pytest.fixture
def any_world(any_house: House) -> Calendar:
    return any_house.furnished(Calendar)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(START):
        yield


def address_of(person: Person) -> str:
    made = person.post(MINE)
    assert made.status_code == 201, made.json
    address = made.json["address"]
    assert address.startswith("http://127.0.0.1:8000/calendar/") and address.endswith(".ics")
    return str(address.removeprefix("http://127.0.0.1:8000"))


def own_address(person: Person) -> str:
    """Made by the user himself, signed in."""
    _, secret = make_feed(person.actor)
    return f"/calendar/{secret}.ics"


def events(world: Calendar, path: str) -> dict[str, Any]:
    """The feed read back, by UID."""
    answer = world.house.client.get(path)
    assert answer.status_code == 200, answer.data
    assert answer.content_type == "text/calendar; charset=utf-8"
    read = Ical.from_ical(answer.data)
    found = {str(event["UID"]): event for event in read.walk("VEVENT")}
    assert len(found) == len(read.walk("VEVENT")), "every event has an id of its own"
    return found


def summaries(world: Calendar, path: str) -> list[str]:
    return sorted(str(event["SUMMARY"]) for event in events(world, path).values())


def test_what_ends_is_an_event_of_one_day(world: Calendar) -> None:
    for serial in ("SN-1", "SN-2", "SN-3"):
        world.unit(serial, END)
    licence = world.licence("Editor, \\ed; \u7de8\u8f2f", END)
    contract = world.contract("C-1", END, renewal="tacit", renewal_period="P1Y", notice_days=30)
    found = events(world, address_of(world.people.owner))
    assert set(found) == {
        "asset_warranty-1-2027-06-30@localhost", f"licence-{licence.id}@localhost",
        f"contract_notice-{contract.id}@localhost",
    }  # fmt: skip
    group = found["asset_warranty-1-2027-06-30@localhost"]
    assert str(group["SUMMARY"]) == "Acme: warranty ends, 3 assets"
    assert str(group["DESCRIPTION"]).split("\n") == [f"SN-{n} (Switch)" for n in (1, 2, 3)]
    assert (group["DTSTART"].dt, group["DTEND"].dt) == (END, END + timedelta(days=1))
    assert type(group["DTSTART"].dt) is date and group["TRANSP"] == "TRANSPARENT"
    assert str(found[f"licence-{licence.id}@localhost"]["SUMMARY"]) == "Acme: licence Editor, \\ed; 編輯 ends"
    notice = found[f"contract_notice-{contract.id}@localhost"]
    assert notice["DTSTART"].dt == END - timedelta(days=30)


def test_a_term_that_moves_moves_its_event(world: Calendar) -> None:
    contract = world.contract("C-1", END, renewal="by_notice")
    path, uid = address_of(world.people.owner), f"contract-{contract.id}@localhost"
    before = events(world, path)[uid]
    with at(START, 13):
        renew_contract(world.house.system, contract.id, {"ends_on": date(2028, 6, 30)}, 0)
        after = events(world, path)[uid]
    assert (before["DTSTART"].dt, after["DTSTART"].dt) == (END, date(2028, 6, 30))
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert after["LAST-MODIFIED"].dt == datetime.fromisoformat("2027-03-01T13:00:00+00:00")


def test_from_a_month_ago_to_two_years_ahead(world: Calendar) -> None:
    for days in (-32, -31, 0, 731, 732):
        world.licence(f"{days:+}", START + timedelta(days=days))
    assert summaries(world, address_of(world.people.owner)) == sorted(
        f"Acme: licence {days:+} ends" for days in (-31, 0, 731)
    )


def test_the_day_is_that_of_the_reader(world: Calendar) -> None:
    world.licence("Editor", START + timedelta(days=732))
    path = address_of(world.people.owner)
    assert not events(world, path)
    User.update(time_zone="Pacific/Kiritimati").where(User.id == world.people.owner.user.id).execute()
    assert len(events(world, path)) == 1, "at noon UTC it is tomorrow on Kiritimati"


def test_a_reader_of_chinese_reads_chinese(world: Calendar) -> None:
    world.unit("SN-1", END)
    User.update(language="zh-Hant").where(User.id == world.people.owner.user.id).execute()
    assert summaries(world, address_of(world.people.owner)) == ["Acme：1 項資產保固到期"]


def test_each_sees_what_his_pages_show(any_world: Calendar) -> None:
    world = any_world
    world.unit("SN-1", END)
    world.unit("SN-2", END, slug="globex")
    world.licence("Hidden", END, slug="globex")
    people = world.people
    assert summaries(world, address_of(people.reader)) == ["Acme: warranty ends, 1 assets"]
    assert summaries(world, address_of(people.stranger)) == [
        "Globex: licence Hidden ends", "Globex: warranty ends, 1 assets",
    ]  # fmt: skip
    assert len(summaries(world, address_of(people.engineer))) == 3


def test_rights_are_those_of_the_moment(world: Calendar) -> None:
    world.unit("SN-1", END)
    owner, path = world.people.owner, own_address(world.people.owner)
    assert len(events(world, path)) == 1
    Membership.update(customer_id=2).where(Membership.user == owner.user.id).execute()
    assert not events(world, path), "moved to another company"
    Membership.delete().where(Membership.user == owner.user.id).execute()
    assert not events(world, path)


@pytest.mark.parametrize("made", [address_of, own_address])
def test_a_deactivated_members_calendar_is_gone(world: Calendar, made: Any) -> None:
    path = made(world.people.owner)
    assert world.house.client.get(path).status_code == 200
    deactivate_user(world.house.system, world.people.owner.user.id)
    answers = [world.house.client.get(each) for each in (path, "/calendar/never-was.ics")]
    assert [answer.status_code for answer in answers] == [404, 404]
    gone, never = (re.sub(rb"[0-9a-f]{16}", b"", answer.data) for answer in answers)
    assert gone == never, "but for the id of the request"
    deliver_due()
    activate_user(world.house.system, world.people.owner.user.id)
    assert world.house.client.get(path).status_code == 404, "let in again, he begins without one"


def test_one_made_by_a_token_may_no_more_than_the_token(world: Calendar) -> None:
    world.unit("SN-1", END)
    world.contract("C-1", END)
    owner = world.people.owner
    made = owner.post(f"{API}/tokens", {"name": "narrow", "scope": ["contract.view"]}).json
    headers = {"Authorization": f"Bearer {made['token']}"}
    client = world.house.client
    address = client.post(MINE, headers=headers).json["address"].removeprefix("http://127.0.0.1:8000")
    assert summaries(world, address) == ["Acme: contract C-1 (Care C-1) ends"]
    wide = own_address(owner)
    assert len(events(world, wide)) == 2
    assert len(events(world, address)) == 1, "each has an address of its own"
    client.delete(MINE, headers=headers)
    assert client.get(address).status_code == 404 and client.get(wide).status_code == 200
    address = client.post(MINE, headers=headers).json["address"].removeprefix("http://127.0.0.1:8000")
    assert client.get(address).status_code == 200
    revoke_token(owner.actor, made["id"])
    assert client.get(address).status_code == 404
    other = owner.post(f"{API}/tokens", {"name": "short", "days": 5}).json["token"]
    made = client.post(MINE, headers={"Authorization": f"Bearer {other}"}).json
    with at(START + timedelta(days=6)):
        assert client.get(made["address"]).status_code == 404, "the token has expired"


def test_a_new_address_ends_the_old_one_and_it_is_kept_as_a_hash(world: Calendar) -> None:
    owner, client = world.people.owner, world.house.client
    assert owner.get(MINE).status_code == 404
    first = address_of(owner)
    second = address_of(owner)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert set(owner.get(MINE).json) == {"created_at", "read_at"}
    secret = second.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) >= 43 and CalendarFeed.get(CalendarFeed.user == owner.user.id).hash != secret
    told = str(world.people.admin.get(f"{API}/audit?action=calendar.made").json)
    assert told.count("calendar.made") == 2 and secret not in told
    assert owner.delete(MINE).status_code == 204
    assert (client.get(second).status_code, owner.delete(MINE).status_code) == (404, 404)


def test_an_unchanged_calendar_costs_no_transfer_and_nobody_in_between_keeps_it(world: Calendar) -> None:
    world.unit("SN-1", END)
    path, client = address_of(world.people.owner), world.house.client
    first = client.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    with at(START, 18):
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        world.unit("SN-2", END)
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_guessing_is_slowed_down_and_the_owner_is_not(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_pages, "WRONG", calendar_pages.Limit(4, 3600))
    path, client = address_of(world.people.owner), world.house.client
    answers = [client.get(f"/calendar/guess-{n}.ics").status_code for n in range(4)]
    assert answers == [404, 404, 429, 429]
    assert client.get(path).status_code == 200
    assert Bucket.select().count() == 1


@pytest.mark.parametrize("secret", ["x" * 5000, "%00", "%ED%A0%80", "a%0Ab", "..%2F..", "%F0%9F%94%91"])
def test_no_address_breaks_it(world: Calendar, secret: str) -> None:
    assert world.house.client.get(f"/calendar/{secret}.ics").status_code == 404


def test_the_log_does_not_hold_the_address(world: Calendar, capsys: pytest.CaptureFixture[str]) -> None:
    from registry.kernel.logs import configure_logs

    path = address_of(world.people.owner)
    configure_logs("INFO")
    world.house.client.get(path)
    configure_logs("ERROR")
    told = capsys.readouterr().err
    assert "/calendar/<secret>.ics" in told and path not in told


def test_many_units_are_one_event_and_the_feed_stays_bounded(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.notices import calendar as feed

    monkeypatch.setattr(feed, "LISTED", 3)
    monkeypatch.setattr(feed, "MOST", 5)
    for number in range(6):
        world.unit(f"SN-{number}", END)
    for number in range(8):
        world.licence(f"L-{number}", END + timedelta(days=number))
    found = events(world, address_of(world.people.owner))
    group = found["asset_warranty-1-2027-06-30@localhost"]
    assert str(group["SUMMARY"]).endswith("6 assets")
    assert str(group["DESCRIPTION"]).split("\n") == [
        "SN-0 (Switch)",
        "SN-1 (Switch)",
        "SN-2 (Switch)",
        "... and 3 more",
    ]
    assert sorted(uid for uid in found if uid.startswith("licence-")) == sorted(found)[1:]
    assert len(found) == 6, "the soonest five licences"
