"""What ends is announced in steps, each once, at the customer's own time, and again when the end has moved."""

from datetime import date, timedelta
from typing import Any

import pytest

from registry.assets.service import retire_asset
from registry.contracts.service import renew_contract, terminate_contract
from registry.customers.models import Customer
from registry.kernel.access import Actor, visible
from registry.kernel.events import Event
from registry.licences.service import change_licence
from registry.notices import announcing
from registry.notices.models import Notice, NoticePlan, NoticeRun
from registry.notices.plans import is_quiet
from registry.warranty.periods import Period
from registry.warranty.service import extend_warranty, void_warranty
from tests.houses import House
from tests.notices.world import Calendar, at, words_of

END = date(2027, 6, 30)


@pytest.fixture
def world(house: House) -> Calendar:
    return house.furnished(Calendar)


@pytest.fixture
def any_world(any_house: House) -> Calendar:
    return any_house.furnished(Calendar)


def days(before: int) -> date:
    return END - timedelta(days=before)


def test_each_step_once(any_world: Calendar) -> None:
    asset = any_world.unit("SN-1", END)
    any_world.plan()
    seen = {}
    for before in (91, 90, 89, 31, 30, 29, 8, 7, 6, 1, 0, -1, -8):
        with at(days(before)):
            for _ in range(2):
                any_world.run()
        seen[before] = len(any_world.told())
    assert any_world.told() == [("asset_warranty", asset.id, END, step) for step in (90, 30, 7, 0)]
    assert list(seen.values()) == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_after_a_pause_only_the_most_urgent_step_is_announced(world: Calendar) -> None:
    asset = world.unit("SN-1", END)
    world.plan()
    with at(days(5)):
        world.run()
    assert world.told() == [("asset_warranty", asset.id, END, 7)]
    with at(days(60)):  # a clock that went wrong
        world.run()
    assert len(world.told()) == 1


@pytest.mark.parametrize(("late", "told"), [(0, True), (1, True), (7, True), (8, False)])
def test_the_last_day_is_made_up_for_within_a_week(world: Calendar, late: int, told: bool) -> None:
    world.unit("SN-1", END)
    world.plan()
    with at(END + timedelta(days=late)):
        world.run()
        mails = world.mails()
    assert bool(world.told()) == told
    assert not told or ("ended on 30 June 2027" in words_of(mails[0])) == (late > 0)


def test_nothing_is_announced_after_the_end_by_a_plan_without_the_last_day(world: Calendar) -> None:
    world.unit("SN-1", END)
    world.plan(steps=[30])
    with at(END + timedelta(days=1)):
        world.run()
    assert not world.told()


def test_an_extended_warranty_is_announced_again_and_not_for_its_old_end(world: Calendar) -> None:
    asset = world.house.asset("acme", "SN-1", product=world.product)
    given = world.warranty(asset, END)
    world.plan()
    with at(days(20)):
        world.run()
        extend_warranty(world.house.system, given.id, by=Period.parse("P1Y"), remedies=None, reason="paid", version=0)
        world.run()
    with at(END):
        world.run()
    later = date(2028, 6, 30)
    assert world.told() == [("asset_warranty", asset.id, END, 30)]
    with at(later - timedelta(days=90)):
        world.run()
    assert world.told()[1:] == [("asset_warranty", asset.id, later, 90)]


def test_a_void_warranty_and_a_retired_or_lost_unit_make_no_notice(world: Calendar) -> None:
    units = [world.house.asset("acme", f"SN-{n}", product=world.product) for n in range(4)]
    given = [world.warranty(unit, END) for unit in units]
    world.plan()
    system = world.house.system
    with at(days(40)):
        void_warranty(system, given[0].id, on=None, reason="opened", version=0)
        void_warranty(system, given[1].id, on=days(10), reason="opened", version=0)
        retire_asset(system, units[2].id, version=0)
    for before in (30, 11, 7, 0, -1):
        with at(days(before)):
            world.run()
    assert {subject for _, subject, _, _ in world.told()} == {units[3].id}


def test_what_another_warranty_goes_on_from_is_no_end_but_a_gap_is(world: Calendar) -> None:
    follows, gap = world.unit("SN-1", END), world.unit("SN-2", END)
    world.warranty(follows, date(2028, 6, 30))
    world.warranty(gap, date(2028, 7, 31))
    world.plan()
    with at(days(3)):
        world.run()
    assert world.told() == [("asset_warranty", gap.id, END, 7)]


def test_licences_and_their_maintenance(world: Calendar) -> None:
    licence = world.licence("Editor", END, maintenance_until=END - timedelta(days=10))
    world.licence("Forever", None)
    world.plan()
    with at(days(15)):
        world.run()
        assert world.told() == [
            ("licence", licence.id, END, 30),
            ("maintenance", licence.id, END - timedelta(days=10), 7),
        ]
        change_licence(world.house.system, licence.id, {"ends_on": END + timedelta(days=365)}, 0)
    with at(END):
        world.run()
    assert ("licence", licence.id, END, 0) not in world.told()


def test_a_contract_that_renews_itself_never_expires_but_its_day_of_notice_is_told(world: Calendar) -> None:
    rolling = {"renewal": "tacit", "renewal_period": "P1Y"}
    with_notice = world.contract("C-1", END, notice_days=60, **rolling)
    without = world.contract("C-2", END, notice_days=0, **rolling)
    world.plan()
    for before in (151, 150, 91, 90, 89, 68, 67, 61, 60, 59, 31, 30, 29, 8, 7, 6, 1, 0, -1, -5):
        with at(days(before)):
            world.run()
    told = world.told()
    assert {topic for topic, *_ in told} == {"contract_notice"}
    by_then = END - timedelta(days=60)
    assert [one[2:] for one in told if one[1] == with_notice.id] == [(by_then, step) for step in (90, 30, 7, 0)]
    assert [one[2:] for one in told if one[1] == without.id] == [(END, step) for step in (90, 30, 7, 0)], (
        "no days of notice is not no notice"
    )


def test_a_day_of_notice_that_has_passed_is_of_no_use_to_anybody(world: Calendar) -> None:
    contract = world.contract("C-1", END, renewal="tacit", renewal_period="P1Y")
    world.plan()
    with at(END + timedelta(days=1)):
        world.run()
    assert not world.told()
    with at(date(2028, 6, 1)):
        world.run()
    assert world.told() == [("contract_notice", contract.id, date(2028, 6, 30), 30)]


def test_contracts_that_end_that_go_on_and_that_were_terminated(world: Calendar) -> None:
    ends = world.contract("C-1", END)
    renewed = world.contract("C-2", END, renewal="by_notice")
    followed = world.contract("C-3", END)
    world.contract("C-4", None, starts_on=END + timedelta(days=1), previous="C-3")
    terminated = world.contract("C-5", date(2028, 1, 1))
    world.plan()
    system = world.house.system
    with at(days(50)):
        renew_contract(system, renewed.id, {"ends_on": date(2028, 6, 30)}, 0)
        terminate_contract(system, terminated.id, {"terminated_on": END, "reason": "moved"}, 0)
    with at(days(3)):
        world.run()
    assert world.told() == [("contract", ends.id, END, 7)]
    assert followed.id not in {subject for _, subject, _, _ in world.told()}


def test_quiet_hours_and_days_put_it_off(world: Calendar) -> None:
    world.unit("SN-1", END)  # a Wednesday
    world.plan(quiet_from="20:00", quiet_to="07:00", quiet_days=[3, 6, 7])
    tuesday = days(1)
    for day, hour, minute in ((tuesday, 6, 59), (tuesday, 20, 0), (END, 12, 0), (END + timedelta(days=1), 6, 45)):
        with at(day, hour, minute):
            world.run()
            assert not world.told(), (day, hour)
    with at(END + timedelta(days=1), 7):
        world.run()
    assert [step for *_, step in world.told()] == [0]


def test_today_and_quiet_hours_are_those_of_the_customer(world: Calendar) -> None:
    world.house.customer("taipei", time_zone="Asia/Taipei")
    asset = world.unit("SN-1", END, slug="taipei")
    world.plan("taipei", steps=[7], quiet_from="22:00", quiet_to="06:00")
    with at(days(8), 15, 30):  # 23:30 in Taipei
        world.run()
        assert not world.told()
    with at(days(8), 21, 59):  # 05:59 of the next day
        world.run()
        assert not world.told()
    with at(days(8), 22, 0):
        world.run()
    assert world.told() == [("asset_warranty", asset.id, END, 7)]


@pytest.mark.parametrize(("day", "ends_at"), [(date(2027, 3, 27), 6), (date(2027, 3, 28), 5), (date(2027, 10, 31), 6)])
def test_quiet_hours_end_by_the_clocks_on_the_wall(day: date, ends_at: int) -> None:
    """Clocks in Berlin go forward on 28 March 2027 and back on 31 October."""
    plan = NoticePlan(customer_id=1, quiet_from="22:00", quiet_to="07:00")
    with at(day, ends_at - 1, 59):
        assert is_quiet(plan, "Europe/Berlin")
    with at(day, ends_at):
        assert not is_quiet(plan, "Europe/Berlin")


def test_a_plan_names_kinds_and_can_be_switched_off(world: Calendar) -> None:
    world.unit("SN-1", END)
    licence = world.licence("Editor", END)
    world.plan(kinds=["licence"])
    world.unit("SN-2", END, slug="globex")
    world.plan("globex", enabled=False)
    with at(days(3)):
        world.run()
    assert world.told() == [("licence", licence.id, END, 7)]


def test_one_event_and_one_entry_for_each_customer_and_run(world: Calendar) -> None:
    for serial in ("SN-1", "SN-2"):
        world.unit(serial, END)
    world.unit("SN-3", END, slug="globex")
    world.plan()
    world.plan("globex")
    with at(days(3)):
        assert world.run() == 2
        assert world.run() == 0
    sent = list(Event.select().where(Event.name == "notice.announced").order_by(Event.id))
    assert [event.payload["counts"] for event in sent] == [{"asset_warranty": 2}, {"asset_warranty": 1}]
    assert len({event.customer_id for event in sent}) == 2
    entries = world.people.auditor.get("/api/v1/audit?action=notice.announced").json["items"]
    assert len(entries) == 2


def test_two_workers_at_once_announce_once(any_world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one has found the same things due before the first wrote anything down."""
    any_world.unit("SN-1", END)
    any_world.plan()
    seen = announcing._due_for

    def late(*arguments: Any) -> set[int]:
        monkeypatch.setattr(announcing, "_due_for", seen)
        found = seen(*arguments)
        assert announcing.announce() == 1
        return found

    monkeypatch.setattr(announcing, "_due_for", late)
    with at(days(3)):
        assert announcing.announce() == 0
        assert len(any_world.told()) == 1
        assert len(any_world.mails()) == 1
        assert visible(NoticeRun, Actor.system()).count() == 1


def test_a_worker_that_dies_before_the_mails_leaves_them_to_the_next(
    world: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.unit("SN-1", END)
    world.plan()
    with at(days(3)):
        with monkeypatch.context() as patch:
            patch.setattr(announcing, "mail_runs", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                world.run()
        assert not world.mails()
        assert world.run() == 0
        assert len(world.mails()) == 1
        assert not world.mails()


def test_one_customers_trouble_is_not_the_others(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    world.unit("SN-1", END)
    other = world.unit("SN-2", END, slug="globex")
    world.plan()
    world.plan("globex")
    real = announcing.announce_to
    monkeypatch.setattr(announcing, "announce_to", lambda c, *rest: 1 / 0 if c.slug == "acme" else real(c, *rest))
    with at(days(3)):
        world.run()
    assert [subject for _, subject, _, _ in world.told()] == [other.id]


def test_a_zone_that_is_not_known_here_keeps_nobody_else_from_being_told(world: Calendar) -> None:
    world.unit("SN-1", END)
    other = world.unit("SN-2", END, slug="globex")
    world.plan("globex")
    Customer.update(time_zone="Moon/Tranquility").where(Customer.slug == "acme").execute()
    with at(days(3)):
        world.run()
    assert [subject for _, subject, _, _ in world.told()] == [other.id]


def test_what_was_announced_long_ago_is_forgotten(world: Calendar) -> None:
    world.unit("SN-1", END)
    world.unit("SN-2", date(2030, 6, 30))
    world.plan(steps=[1500, 7])
    with at(days(3)):
        world.run()
    with at(date(2029, 12, 1)):
        assert announcing.forget_old() == 0, "the far end is still to come, and its run is kept whole"
    with at(date(2031, 1, 1)):
        assert announcing.forget_old() == 1
        assert not visible(Notice, Actor.system()).count()
