"""The state of duties on a day, compared with counting every single part."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.contracts.renewal import ONE_DAY, boundary
from registry.contracts.schedule import Schedule, done_parts, part, state_on
from registry.warranty.periods import Period

START = date(2024, 3, 1)
PATROLS = Schedule(START, per_year=2)
REPORTS = Schedule(START, date(2025, 8, 31), due_on=date(2024, 3, 31), every=Period(months=1))


@pytest.mark.parametrize(
    ("done", "on", "state", "missing"),
    [
        ([], "2024-02-29", "not_yet", 0),
        ([], "2024-03-01", "due", 2),
        (["2024-05-01"], "2024-07-01", "not_yet", 1),
        (["2024-05-01"], "2024-12-30", "due", 1),  # one done, sixty days left: said before the year ends
        (["2024-05-01"], "2025-02-28", "due", 1),
        (["2024-05-01"], "2025-03-01", "overdue", 1),
        (["2024-05-01", "2024-05-20"], "2024-06-01", "done", 0),
        (["2024-03-01", "2025-02-28"], "2025-02-28", "done", 0),  # on the first and on the last day
        (["2024-02-29", "2025-02-28"], "2025-02-28", "due", 1),  # before the contract is no part of it
        (["2024-05-01", "2024-05-20", "2024-08-01"], "2025-02-28", "done", 0),  # a third is allowed
        (["2024-05-01", "2024-05-20", "2024-08-01"], "2026-03-01", "overdue", 2),  # but not saved up
        ([], "2026-03-01", "overdue", 4),
    ],
)
def test_patrols_of_a_year(done, on, state, missing):
    days = [date.fromisoformat(day) for day in done]
    found = state_on(PATROLS, days, date.fromisoformat(on))
    assert (found.state, found.missing) == (state, missing)


def test_a_patrol_made_late_counts_for_the_year_that_lacked_it():
    late = [date(2024, 5, 1), date(2025, 4, 1)]
    found = state_on(PATROLS, late, date(2025, 4, 2))
    assert (found.state, found.due_on, found.missing) == ("due", date(2026, 2, 28), 2)


def test_a_year_cut_short_owes_its_share():
    half = Schedule(START, date(2025, 10, 31), per_year=4)  # a year and eight months
    assert part(half, 3).due_on == date(2025, 2, 28)
    assert part(half, 5) == (date(2025, 3, 1), date(2025, 10, 31), 0)
    assert part(half, 6) is None
    assert state_on(half, [], date(2026, 1, 1)).missing == 6


@pytest.mark.parametrize(
    ("done", "on", "state", "next_due"),
    [
        ([], "2024-02-28", "not_yet", "2024-03-31"),
        ([], "2024-03-15", "due", "2024-03-31"),
        ([], "2024-03-31", "due", "2024-03-31"),
        ([], "2024-04-01", "overdue", "2024-03-31"),
        (["2024-03-20"], "2024-03-31", "done", "2024-05-01"),
        (["2024-03-20"], "2024-04-01", "due", "2024-05-01"),
        (["2024-04-20"], "2024-04-21", "due", "2024-05-01"),  # late, and the next one stays owed
    ],
)
def test_a_monthly_report(done, on, state, next_due):
    days = [date.fromisoformat(day) for day in done]
    found = state_on(REPORTS, days, date.fromisoformat(on))
    assert (found.state, found.due_on) == (state, date.fromisoformat(next_due))


def test_something_yearly_is_not_due_eleven_months_ahead():
    yearly = Schedule(START, due_on=date(2025, 2, 28), every=Period(years=1))
    assert state_on(yearly, [], date(2024, 6, 1)).state == "not_yet"
    assert state_on(yearly, [], date(2025, 1, 29)).state == "due"


def test_once():
    once = Schedule(START, due_on=date(2024, 9, 30))
    assert state_on(once, [], date(2024, 5, 1)).state == "not_yet"
    assert state_on(once, [], date(2024, 10, 1)).state == "overdue"
    assert state_on(once, [date(2024, 10, 5)], date(2024, 10, 4)).state == "overdue"
    assert state_on(once, [date(2024, 10, 5)], date(2024, 10, 5)) == ("done", None, 0, "All of it is done.")


def test_what_is_due_after_the_end_is_not_owed():
    beyond = Schedule(START, date(2024, 8, 31), due_on=date(2024, 9, 30))
    assert state_on(beyond, [], date(2025, 1, 1)).state == "not_yet"
    assert state_on(REPORTS, [], date(2030, 1, 1)).missing == 18


def test_what_is_due_today_is_not_late_yet():
    assert part(REPORTS, 1).due_on == date(2024, 5, 1)
    assert state_on(REPORTS, [], date(2024, 5, 1)).missing == 1
    assert state_on(REPORTS, [], date(2024, 5, 2)).missing == 2


def test_without_a_schedule_it_is_owed_while_the_contract_lasts():
    always = Schedule(START, date(2025, 2, 28))
    states = [state_on(always, [], day).state for day in (START - ONE_DAY, START, date(2025, 2, 28), date(2025, 3, 1))]
    assert states == ["not_yet", "due", "due", "done"]


every = st.builds(Period, months=st.integers(1, 14)) | st.builds(Period, days=st.integers(1, 500))
starts = st.dates(date(2000, 1, 1), date(2030, 12, 31))
offsets = st.integers(-100, 1200)


@st.composite
def schedules(draw):
    start = draw(starts)
    last = start + timedelta(days=draw(st.integers(0, 1500))) if draw(st.booleans()) else None
    if draw(st.booleans()):
        return Schedule(start, last, per_year=draw(st.integers(1, 6)))
    due = start + timedelta(days=draw(st.integers(-50, 800)))
    return Schedule(start, last, due_on=due, every=draw(st.none() | every))


def _parts(schedule, by):
    """Every part that opens by a day, one after the other."""
    found, number = [], 0
    while (one := part(schedule, number)) is not None and one.opens_on <= by:
        found.append(one)
        number += 1
    return found


@given(schedules(), st.lists(offsets, max_size=12), offsets)
def test_the_state_is_what_counting_every_part_gives(schedule, done, offset):
    on = schedule.starts_on + timedelta(days=offset)
    days = sorted(schedule.starts_on + timedelta(days=day) for day in done)
    open_parts = _parts(schedule, on)
    for day in days:
        if day <= on and open_parts and open_parts[0].opens_on <= day:
            open_parts.pop(0)
    found = state_on(schedule, days, on)
    late = [one for one in open_parts if one.due_on < on]
    if late:
        assert (found.state, found.due_on, found.missing) == ("overdue", late[0].due_on, len(late))
    elif open_parts:
        assert found.state in ("due", "not_yet")
        assert found.due_on == open_parts[0].due_on >= on
        assert found.missing == len(open_parts)
    else:
        assert found.state in ("done", "not_yet")
        assert found.missing == 0


@given(schedules())
def test_parts_follow_each_other_and_stay_within_the_contract(schedule):
    parts = _parts(schedule, schedule.starts_on + timedelta(days=1500))
    for one in parts:
        assert one.opens_on <= one.due_on
        assert schedule.last is None or one.due_on <= schedule.last
    for before, after in zip(parts, parts[1:], strict=False):
        assert after == (before.opens_on, before.due_on, before.more - 1) or after.opens_on == before.due_on + ONE_DAY
        assert (before.more == 0) is (after.opens_on > before.opens_on)


@given(schedules(), st.lists(offsets, max_size=12), offsets, offsets)
def test_doing_more_never_makes_it_worse(schedule, done, more, offset):
    on = schedule.starts_on + timedelta(days=offset)
    days = [schedule.starts_on + timedelta(days=day) for day in done]
    extra = [*days, schedule.starts_on + timedelta(days=more)]
    assert done_parts(schedule, extra) >= done_parts(schedule, days)
    assert (state_on(schedule, extra, on).state == "overdue") <= (state_on(schedule, days, on).state == "overdue")


@given(starts, st.integers(1, 12), st.integers(0, 8))
def test_so_many_parts_in_each_contract_year(start, per_year, year):
    schedule = Schedule(start, per_year=per_year)
    first, end = boundary(start, Period(years=1), year), boundary(start, Period(years=1), year + 1) - ONE_DAY
    parts = [part(schedule, year * per_year + place) for place in range(per_year)]
    assert {(one.opens_on, one.due_on) for one in parts} == {(first, end)}
    assert [one.more for one in parts] == list(range(per_year - 1, -1, -1))
