"""Periods, ends of terms and the local day."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.warranty.periods import Period, anniversary, last_covered, local_day

DAY = timedelta(days=1)
STARTS = st.dates(date(1900, 1, 1), date(2300, 12, 31))
PERIODS = st.builds(
    Period,
    years=st.integers(0, 30),
    months=st.integers(0, 40),
    weeks=st.integers(0, 60),
    days=st.integers(1, 400),
) | st.builds(Period, years=st.integers(0, 30), months=st.integers(1, 40))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P1Y", Period(years=1)),
        ("P18M", Period(months=18)),
        ("P90D", Period(days=90)),
        ("P2W", Period(weeks=2)),
        ("P1Y6M", Period(years=1, months=6)),
        ("P1Y2M3W4D", Period(1, 2, 3, 4)),
        ("P0Y3M", Period(months=3)),
        ("P100Y", Period(years=100)),
    ],
)
def test_parse(text, period):
    assert Period.parse(text) == period
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text",
    ["", "P", "1Y", "P1", "PT1H", "P1YT1H", "P-1Y", "-P1Y", "P1.5Y", "P1,5Y", "p1y", " P1Y", "P1Y\n", "P1D1Y"]
    + ["P1M1Y", "P1Y1Y", "P٣Y", "P 1Y", "1 year", None, 12, "P" + "9" * 5000 + "Y"],
)
def test_parse_says_what_is_expected(text):
    with pytest.raises(ValueError, match="expected years, months, weeks and days as whole numbers, such as P1Y"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["P101Y", "P1201M", "P100Y1D", "P99999D", "P50Y601M"])
def test_parse_refuses_more_than_a_hundred_years(text):
    with pytest.raises(ValueError, match="at most 100 years"):
        Period.parse(text)


@pytest.mark.parametrize("values", [(0, 0, 0, 0), (-1, 0, 0, 400), (1.5, 0, 0, 0), (True, 0, 0, 0)])
def test_a_period_is_whole_and_longer_than_zero(values):
    with pytest.raises(ValueError, match="A period"):
        Period(*values)


@pytest.mark.rule("S1-13", "S4-09", "S4-10")
@pytest.mark.parametrize(
    ("start", "period", "last"),
    [
        ("2024-02-29", "P1Y", "2025-02-28"),  # D9: the anniversary of 29 February is 1 March
        ("2024-02-29", "P3Y", "2027-02-28"),
        ("2024-02-29", "P4Y", "2028-02-28"),
        ("2023-02-28", "P1Y", "2024-02-27"),
        ("2023-03-01", "P1Y", "2024-02-29"),
        ("2025-01-31", "P1M", "2025-02-28"),
        ("2024-01-31", "P1M", "2024-02-29"),
        ("2025-01-29", "P1M", "2025-02-28"),
        ("2025-03-31", "P1M", "2025-04-30"),
        ("2025-10-31", "P2M", "2025-12-30"),
        ("2025-12-31", "P2M", "2026-02-28"),
        ("2025-01-01", "P1Y", "2025-12-31"),
        ("2025-05-10", "P1D", "2025-05-10"),
        ("2025-01-31", "P1M1D", "2025-03-01"),
        ("2025-05-10", "P2W", "2025-05-23"),
    ],
)
def test_last_covered_day(start, period, last):
    assert last_covered(date.fromisoformat(start), Period.parse(period)) == date.fromisoformat(last)


@pytest.mark.rule("S4-09")
def test_a_common_year_covers_365_days_and_not_the_366th():
    start = date(2025, 5, 10)
    last = last_covered(start, Period.parse("P1Y"))
    assert last == start + 364 * DAY  # the 365th day is the last, the start being the first


@pytest.mark.parametrize("start", [date(9999, 1, 1), date(9999, 12, 31), date.max])
@pytest.mark.parametrize("period", ["P1Y", "P100Y", "P12M", "P52W2D"])
def test_the_calendar_ends_with_9999(start, period):
    with pytest.raises(ValueError, match="after the year 9999"):
        last_covered(start, Period.parse(period))


def test_the_last_possible_anniversary():
    assert last_covered(date(9998, 12, 31), Period(years=1)) == date(9999, 12, 30)


@given(STARTS, PERIODS)
@example(date(2024, 2, 29), Period(years=1))
@example(date(2023, 12, 31), Period(months=2))
def test_periods_follow_each_other_without_gap_or_overlap(start, period):
    following = start
    for _ in range(3):
        last = last_covered(following, period)
        assert following <= last
        assert last + DAY == anniversary(following, period)
        following = last + DAY


def is_day(year, month, day):
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


@given(STARTS, st.integers(1, 600))
@example(date(2024, 2, 29), 12)
@example(date(2023, 8, 31), 18)
def test_an_anniversary_keeps_the_day_or_is_the_first_of_the_following_month(start, months):
    found = anniversary(start, Period(months=months))
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if is_day(year, month + 1, start.day):
        assert found == date(year, month + 1, start.day)
    else:
        assert found.day == 1
        assert (found - DAY).month == month + 1


@given(STARTS, STARTS, PERIODS)
def test_an_earlier_start_never_ends_later(one, other, period):
    assert last_covered(min(one, other), period) <= last_covered(max(one, other), period)


@given(STARTS, PERIODS, st.integers(1, 50))
def test_a_longer_period_never_ends_earlier(start, period, more):
    longer = Period(period.years, period.months, period.weeks, period.days + more)
    assert last_covered(start, longer) == last_covered(start, period) + more * DAY


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2025-02-28T15:59:59+00:00", "Asia/Hong_Kong", "2025-02-28"),
        ("2025-02-28T16:00:00+00:00", "Asia/Hong_Kong", "2025-03-01"),
        ("2025-02-28T10:00:00+00:00", "Pacific/Kiritimati", "2025-03-01"),
        ("2025-02-28T09:59:59+00:00", "Pacific/Kiritimati", "2025-02-28"),
        ("2025-03-01T10:59:59+00:00", "Pacific/Pago_Pago", "2025-02-28"),
        ("2025-03-01T11:00:00+00:00", "Pacific/Pago_Pago", "2025-03-01"),
        ("2025-07-01T03:59:00+00:00", "America/New_York", "2025-06-30"),  # summer: UTC-4
        ("2025-01-01T04:59:00+00:00", "America/New_York", "2024-12-31"),  # winter: UTC-5
        ("2025-01-01T05:00:00+00:00", "America/New_York", "2025-01-01"),
        ("2025-07-01T04:00:00+00:00", "America/New_York", "2025-07-01"),
        ("2025-03-29T23:30:00+00:00", "Europe/Berlin", "2025-03-30"),
        ("2025-03-30T21:30:00+00:00", "Europe/Berlin", "2025-03-30"),
        ("2025-03-30T22:00:00+00:00", "Europe/Berlin", "2025-03-31"),
        ("2025-03-01T00:30:00+08:00", "UTC", "2025-02-28"),
    ],
)
def test_local_day(instant, zone, day):
    assert local_day(datetime.fromisoformat(instant), zone) == date.fromisoformat(day)


def test_the_same_instant_is_in_term_in_one_place_and_after_it_in_another():
    last = last_covered(date(2024, 2, 29), Period(years=1))
    instant = datetime(2025, 2, 28, 20, 0, tzinfo=UTC)
    assert local_day(instant, "Pacific/Pago_Pago") == last
    assert local_day(instant, "Asia/Hong_Kong") == last + DAY


ZONES = st.sampled_from(
    ["Asia/Hong_Kong", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Europe/Berlin"]
    + ["Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC"]
)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


@given(INSTANTS, ZONES, st.integers(-14, 14))
def test_the_local_day_depends_on_the_instant_not_on_how_it_is_written(instant, zone, hours):
    written = instant.astimezone(timezone(timedelta(hours=hours)))
    assert local_day(written, zone) == local_day(instant, ZoneInfo(zone))
    assert abs(local_day(instant, zone) - instant.date()) <= DAY


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)), ZONES)
def test_the_local_day_never_goes_back(instant, later, zone):
    assert local_day(instant, zone) <= local_day(instant + later, zone)


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", "../etc/passwd", "/etc/localtime", "Asia"])
def test_an_unknown_zone_is_named(zone):
    with pytest.raises(ValueError, match="not a known time zone"):
        local_day(datetime(2025, 1, 1, tzinfo=UTC), zone)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="must carry its time zone"):
        local_day(datetime(2025, 1, 1), "UTC")


def test_an_instant_outside_the_calendar_is_refused():
    with pytest.raises(ValueError, match="outside the calendar"):
        local_day(datetime.max.replace(tzinfo=UTC), "Asia/Hong_Kong")
