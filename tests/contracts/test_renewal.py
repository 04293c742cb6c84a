"""When a contract is in force: agreed terms, tacit renewal, notice, termination."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.contracts.renewal import (
    ONE_DAY,
    Agreement,
    Term,
    boundary,
    completed,
    in_force,
    last_day,
    notice_by,
    tacit_terms,
)
from registry.warranty.periods import Period

YEAR = Period(years=1)
FIRST = Term(date(2024, 1, 1), date(2024, 12, 31))
FIXED = Agreement((FIRST,))
TACIT = Agreement((FIRST,), "tacit", YEAR, 90)

days = st.dates(date(1950, 1, 1), date(2150, 12, 31))
periods = st.builds(
    Period,
    years=st.integers(0, 3),
    months=st.integers(0, 11),
    weeks=st.integers(0, 3),
    days=st.integers(28, 40),
) | st.builds(Period, years=st.integers(0, 5), months=st.integers(1, 24))


@st.composite
def rolling(draw):
    start = draw(days)
    end = start + timedelta(days=draw(st.integers(0, 1500)))
    return Agreement((Term(start, end),), "tacit", draw(periods), draw(st.integers(0, 400)))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2023, 12, 31), False),
        (date(2024, 1, 1), True),
        (date(2024, 12, 31), True),
        (date(2025, 1, 1), False),
    ],
)
def test_first_and_last_day_belong_to_the_term(on, expected):
    assert in_force(FIXED, on).in_force is expected


def test_the_answer_names_the_term_and_says_why():
    assert in_force(FIXED, date(2024, 6, 1)) == (True, FIRST.starts_on, FIRST.ends_on, "Term 1, as agreed.")
    over = in_force(FIXED, date(2025, 1, 1))
    assert over == (False, None, None, "It ended on 31 Dec 2024 and was not renewed.")
    early = in_force(FIXED, date(2023, 1, 1))
    assert early == (False, None, None, "It starts on 1 Jan 2024.")


@pytest.mark.parametrize("renewal", ["none", "by_notice"])
def test_only_a_tacit_contract_goes_on_by_itself(renewal):
    assert last_day(replace(TACIT, renewal=renewal)) == date(2024, 12, 31)
    assert last_day(TACIT) is None


@pytest.mark.parametrize("years", range(1, 40))
def test_tacit_renewal_any_number_of_times(years):
    found = in_force(TACIT, date(2024 + years, 7, 1))
    assert found[:3] == (True, date(2024 + years, 1, 1), date(2024 + years, 12, 31))
    assert ("once" if years == 1 else f"{years} times") in found.reason


@pytest.mark.parametrize(
    ("notice_on", "ends"),
    [
        (date(2023, 6, 1), date(2024, 12, 31)),  # before it even began
        (date(2024, 10, 2), date(2024, 12, 31)),  # the last day for it: 90 days before the end
        (date(2024, 10, 3), date(2025, 12, 31)),  # a day late: renewed once more, then over
        (date(2025, 10, 2), date(2025, 12, 31)),
        (date(2030, 12, 31), date(2031, 12, 31)),
    ],
)
def test_notice_ends_it_with_the_term_that_it_is_in_time_for(notice_on, ends):
    noticed = replace(TACIT, notice_on=notice_on)
    assert last_day(noticed) == ends
    assert in_force(noticed, ends).in_force
    assert not in_force(noticed, ends + ONE_DAY).in_force


def test_an_open_ended_contract_ends_when_the_time_of_notice_is_over():
    endless = Agreement((Term(date(2024, 1, 1), None),), notice_days=30)
    assert in_force(endless, date(2900, 1, 1))[:3] == (True, date(2024, 1, 1), None)
    noticed = replace(endless, notice_on=date(2025, 3, 1))
    assert last_day(noticed) == date(2025, 3, 31)
    assert in_force(noticed, date(2025, 3, 31))[:3] == (True, date(2024, 1, 1), date(2025, 3, 31))
    assert "after notice given on 1 Mar 2025" in in_force(noticed, date(2025, 4, 1)).reason


def test_termination_is_the_last_day_whatever_the_terms_say():
    ended = replace(TACIT, terminated_on=date(2026, 5, 31))
    assert in_force(ended, date(2026, 5, 31))[:3] == (True, date(2026, 1, 1), date(2026, 5, 31))
    assert in_force(ended, date(2026, 6, 1)).reason == "It was terminated on 31 May 2026."


def test_terminated_before_it_began_it_was_never_in_force():
    ended = replace(TACIT, terminated_on=date(2023, 11, 30))
    assert not any(in_force(ended, date(2023, 11, day)).in_force for day in range(1, 31))
    assert not in_force(ended, date(2024, 1, 1)).in_force


def test_periods_are_counted_from_one_day_and_do_not_drift():
    """Month after month a 31st would move to the 1st and stay there."""
    monthly = Agreement((Term(date(2025, 1, 1), date(2025, 1, 30)),), "tacit", Period(months=1))
    starts = [term.starts_on for term in tacit_terms(monthly, date(2025, 6, 1))]
    assert starts == [date(2025, 1, 31), date(2025, 3, 1), date(2025, 3, 31), date(2025, 5, 1), date(2025, 5, 31)]


def test_a_century_of_months():
    monthly = Agreement((Term(date(1900, 1, 1), date(1900, 1, 31)),), "tacit", Period(months=1))
    assert in_force(monthly, date(2999, 12, 31))[:3] == (True, date(2999, 12, 1), date(2999, 12, 31))


@given(rolling(), st.integers(-100, 40_000))
def test_every_day_from_the_start_on_lies_in_exactly_one_term(agreement, offset):
    on = agreement.starts_on + timedelta(days=offset)
    found = in_force(agreement, on)
    assert found.in_force is (offset >= 0)
    if found.in_force:
        assert found.period_start <= on <= found.period_end
        assert in_force(agreement, found.period_end).period_start == found.period_start
        following = in_force(agreement, found.period_end + ONE_DAY)
        assert following.period_start == found.period_end + ONE_DAY


@given(rolling(), st.integers(0, 3000))
def test_the_terms_up_to_a_day_leave_no_gap_and_end_with_that_day(agreement, offset):
    on = agreement.starts_on + timedelta(days=offset)
    terms = [*agreement.terms, *tacit_terms(agreement, on)]
    for before, after in zip(terms, terms[1:], strict=False):
        assert before.ends_on + ONE_DAY == after.starts_on
    assert terms[-1].ends_on >= on or on <= agreement.agreed_until
    assert terms[-1].starts_on <= max(on, agreement.starts_on)


@given(rolling(), st.integers(-800, 8000))
def test_notice_in_time_ends_the_term_and_a_day_later_ends_the_next(agreement, offset):
    notice_on = agreement.starts_on + timedelta(days=offset)
    end = last_day(replace(agreement, notice_on=notice_on))
    assert notice_on <= end - timedelta(days=agreement.notice_days)
    on_time = end - timedelta(days=agreement.notice_days)
    assert last_day(replace(agreement, notice_on=on_time)) == end
    late = last_day(replace(agreement, notice_on=on_time + ONE_DAY))
    assert late == in_force(agreement, end + ONE_DAY).period_end > end


@given(rolling(), st.integers(-500, 8000))
def test_notice_never_changes_a_day_before_the_end_it_brings(agreement, offset):
    noticed = replace(agreement, notice_on=agreement.starts_on + timedelta(days=offset))
    end = last_day(noticed)
    assert in_force(noticed, end)[:3] == in_force(agreement, end)[:3]
    assert not in_force(noticed, end + ONE_DAY).in_force


@given(rolling(), st.integers(-500, 8000))
def test_notice_by_is_the_next_day_that_still_counts(agreement, offset):
    on = agreement.starts_on + timedelta(days=offset)
    day = notice_by(agreement, on)
    assert day >= max(on, agreement.starts_on)
    ends = last_day(replace(agreement, notice_on=day))
    assert ends == last_day(replace(agreement, notice_on=max(on, agreement.starts_on)))
    assert last_day(replace(agreement, notice_on=day + ONE_DAY)) > ends


@given(days, periods, st.integers(0, 3000))
def test_completed_periods_are_those_that_counting_one_by_one_finds(start, period, offset):
    on = start + timedelta(days=offset)
    counted = 0
    while boundary(start, period, counted + 1) <= on:
        counted += 1
    assert completed(start, period, on) == counted


def test_there_is_no_day_for_notice_where_notice_changes_nothing():
    assert notice_by(FIXED, date(2024, 2, 1)) is None
    assert notice_by(replace(TACIT, notice_on=date(2024, 2, 1)), date(2024, 2, 1)) is None
