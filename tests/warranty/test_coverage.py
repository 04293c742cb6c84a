"""Spans: from terms, extended, closed, moved to a replacement unit; the state derived from them."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.warranty.coverage import (
    CoverageSpan,
    after_repair,
    close,
    covered_until,
    extend,
    materialise,
    state,
    transfer,
    union,
)
from registry.warranty.periods import Period, last_covered
from registry.warranty.terms import TEMPLATES

DAY = timedelta(days=1)
OPTIC = TEMPLATES["optical-module"][1]
HARDWARE = TEMPLATES["hardware"][1]
BODIES = st.sampled_from([body for _, body in TEMPLATES.values()])
DATES = st.dates(date(2015, 1, 1), date(2040, 12, 31))
NEAR = st.dates(date(2024, 1, 1), date(2026, 12, 31))
REMEDIES = st.sampled_from(["repair", "replace", "support"])


@st.composite
def some_spans(draw, least=0):
    spans = []
    for position in range(draw(st.integers(least, 5))):
        start = draw(NEAR)
        end = start + timedelta(days=draw(st.integers(0, 500)))
        spans.append(CoverageSpan(draw(REMEDIES), start, end, position))
    return spans


SPANS = some_spans()


def span(start, end, remedy="repair", position=0):
    return CoverageSpan(remedy, date.fromisoformat(start), date.fromisoformat(end), position)


def days_of(spans):
    return {item.starts_on + n * DAY for item in spans for n in range((item.ends_on - item.starts_on).days + 1)}


@pytest.mark.rule("S4-09", "S4-10")
def test_materialise_the_optical_module():
    assert materialise(date(2024, 2, 29), OPTIC) == [
        span("2024-02-29", "2025-02-28", "replace", 0),
        span("2024-02-29", "2027-02-28", "repair", 1),
        span("2024-02-29", "2027-02-28", "support", 2),
    ]


@given(DATES, BODIES)
@example(date(2024, 2, 29), OPTIC)
@example(date(2023, 12, 31), HARDWARE)
def test_the_last_covered_day_is_covered_and_the_next_is_not(start, body):
    for item, coverage in zip(materialise(start, body), body.coverages, strict=True):
        assert item.covers(start)
        assert not item.covers(start - DAY)
        assert item.covers(last_covered(start, coverage.period))
        assert not item.covers(last_covered(start, coverage.period) + DAY)


def test_a_span_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="would end on"):
        span("2025-01-02", "2025-01-01")


def test_a_term_beyond_the_calendar_is_refused():
    with pytest.raises(ValueError, match="9999"):
        materialise(date(9999, 6, 1), OPTIC)


def test_a_repair_starts_a_warranty_of_its_own_if_the_terms_say_so():
    assert after_repair(date(2025, 1, 1), HARDWARE) == [span("2025-01-01", "2025-03-31")]
    assert after_repair(date(2025, 1, 1), OPTIC) == []


def test_extend_by_a_period_follows_the_old_end():
    (longer,) = extend([span("2024-02-29", "2025-02-28")], Period(years=1))
    assert longer == span("2024-02-29", "2026-02-28")


def test_extend_through_a_date_never_shortens():
    spans = [span("2024-01-01", "2024-12-31"), span("2024-01-01", "2026-12-31", "support", 1)]
    assert extend(spans, date(2025, 6, 30)) == [span("2024-01-01", "2025-06-30"), spans[1]]


def test_extend_some_remedies_only():
    spans = materialise(date(2024, 1, 1), OPTIC)
    longer = extend(spans, Period(months=6), ["replace"])
    assert longer == [span("2024-01-01", "2025-06-30", "replace"), *spans[1:]]
    with pytest.raises(ValueError, match="patrol is not covered"):
        extend(spans, Period(months=6), ["replace", "patrol"])


def test_extend_stops_at_the_end_of_the_calendar():
    with pytest.raises(ValueError, match="9999"):
        extend([CoverageSpan("repair", date(2025, 1, 1), date.max)], Period(days=1))
    with pytest.raises(ValueError, match="9999"):
        extend([span("2025-01-01", "9999-12-01")], Period(years=1))


EXTENSIONS = DATES | st.builds(Period, st.integers(0, 5), st.integers(0, 20), st.just(0), st.integers(1, 40))


@given(SPANS, EXTENSIONS, st.booleans())
def test_an_extension_never_shortens_and_keeps_every_covered_day(spans, by, only_some):
    remedies = [spans[0].remedy] if only_some and spans else None
    longer = extend(spans, by, remedies)
    for old, new in zip(spans, longer, strict=True):
        assert (new.remedy, new.starts_on, new.position) == (old.remedy, old.starts_on, old.position)
        assert new.ends_on >= old.ends_on
        if isinstance(by, Period) and remedies is None:
            assert new.ends_on == last_covered(old.ends_on + DAY, by)
        if remedies and old.remedy not in remedies:
            assert new == old


@given(SPANS, NEAR)
def test_closing_covers_through_the_day_before(spans, on):
    assert days_of(close(spans, on)) == {day for day in days_of(spans) if day < on}


@given(SPANS, NEAR)
def test_moving_the_rest_neither_loses_nor_adds_a_day(spans, on):
    old, new = close(spans, on), transfer(spans, on, "remaining", None, OPTIC)
    for remedy in ("repair", "replace", "support"):
        before = days_of(item for item in spans if item.remedy == remedy)
        kept = days_of(item for item in old if item.remedy == remedy)
        moved = days_of(item for item in new if item.remedy == remedy)
        assert kept | moved == before
        assert not kept & moved


@given(SPANS, NEAR, st.sampled_from(["remaining", "full_new", "max_remaining"]), st.integers(1, 400), BODIES)
def test_a_transfer_never_lengthens_beyond_the_terms(spans, on, rule, days, body):
    moved = transfer(spans, on, rule, days if rule == "max_remaining" else None, body)
    for item in moved:
        assert item.starts_on >= on
        if rule == "full_new":
            assert item.ends_on == last_covered(on, body.coverage(item.remedy).period)
            continue
        ends = [old.ends_on for old in spans if old.remedy == item.remedy]
        least = on + timedelta(days=days - 1) if rule == "max_remaining" else date.min
        assert item.ends_on in {max(end, least) for end in ends}


@pytest.mark.rule("S3-09")
def test_transfer_rules_by_example():
    spans = materialise(date(2024, 1, 1), OPTIC)
    on = date(2026, 11, 1)
    assert transfer(spans, on, "remaining", None, OPTIC) == [
        span("2026-11-01", "2026-12-31", "repair", 1),
        span("2026-11-01", "2026-12-31", "support", 2),
    ], "replacement was over and gives nothing"
    assert transfer(spans, on, "full_new", None, OPTIC) == materialise(on, OPTIC)
    assert transfer(spans, on, "max_remaining", 90, OPTIC) == [
        span("2026-11-01", "2027-01-29", "replace", 0),
        span("2026-11-01", "2027-01-29", "repair", 1),
        span("2026-11-01", "2027-01-29", "support", 2),
    ]
    assert transfer(spans, on, "max_remaining", 30, OPTIC)[1] == span("2026-11-01", "2026-12-31", "repair", 1)
    assert transfer(spans, date(2026, 12, 31), "remaining", None, OPTIC)[0].ends_on == date(2026, 12, 31)
    assert transfer(spans, date(2027, 1, 1), "remaining", None, OPTIC) == []


@pytest.mark.parametrize(("rule", "days"), [("best", None), ("max_remaining", None), ("max_remaining", 0)])
def test_transfer_refuses_a_rule_it_does_not_know(rule, days):
    with pytest.raises(ValueError, match="is not known or lacks its days"):
        transfer([], date(2025, 1, 1), rule, days, OPTIC)


def test_transfer_stops_at_the_end_of_the_calendar():
    with pytest.raises(ValueError, match="9999"):
        transfer([], date.max, "max_remaining", 2, OPTIC)


def test_union_merges_what_overlaps_or_touches():
    spans = [
        span("2025-01-01", "2025-01-31"),
        span("2025-02-01", "2025-02-10"),
        span("2025-02-05", "2025-02-07"),
        span("2025-02-12", "2025-03-01"),
        CoverageSpan("repair", date(9999, 1, 1), date.max),
    ]
    assert union(spans) == [
        (date(2025, 1, 1), date(2025, 2, 10)),
        (date(2025, 2, 12), date(2025, 3, 1)),
        (date(9999, 1, 1), date.max),
    ]


@given(SPANS)
def test_union_holds_exactly_the_covered_days_with_gaps_between_blocks(spans):
    blocks = union(spans)
    assert days_of(CoverageSpan("any", start, end) for start, end in blocks) == days_of(spans)
    for (_, end), (start, _) in zip(blocks, blocks[1:], strict=False):
        assert start - end > DAY


def test_covered_until_chains_blocks():
    spans = [
        span("2025-01-01", "2025-03-31"),
        span("2025-04-01", "2025-06-30"),
        span("2026-01-01", "2026-01-31"),
    ]
    assert covered_until(spans, date(2025, 2, 1)) == date(2025, 6, 30)
    assert covered_until(spans, date(2025, 7, 1)) == date(2026, 1, 31)
    assert covered_until(spans, date(2027, 1, 1)) == date(2026, 1, 31)
    assert covered_until([], date(2025, 1, 1)) is None


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2023-12-31", "not_started"),
        ("2024-01-01", "active"),
        ("2024-10-01", "active"),  # 91 days before the last
        ("2024-10-02", "expiring"),
        ("2024-12-31", "expiring"),
        ("2025-01-01", "expired"),
    ],
)
def test_states_of_one_term(on, expected):
    assert state([span("2024-01-01", "2024-12-31")], date.fromisoformat(on)) == expected


def test_state_between_two_terms_and_without_any():
    spans = [span("2024-01-01", "2024-12-31"), span("2026-01-01", "2026-12-31")]
    assert state(spans, date(2025, 6, 1)) == "not_started"
    assert state([], date(2025, 6, 1)) == "none"
    assert state(spans, date(2024, 6, 1), expiring_days=400) == "expiring"


def test_void_counts_from_its_day_on():
    spans = [span("2024-01-01", "2026-12-31")]
    void_on = date(2025, 6, 1)
    assert state(spans, date(2025, 1, 1), void_on) == "active"
    assert state(spans, date(2025, 5, 31), void_on) == "expiring"
    assert state(spans, void_on, void_on) == "void"
    assert state(spans, date(2030, 1, 1), void_on) == "void"
    assert state(spans, date(2022, 1, 1), date(2023, 1, 1)) == "not_started"


@given(some_spans(least=1), st.none() | NEAR, st.integers(0, 120))
def test_the_state_agrees_with_the_spans_on_every_day(spans, void_on, expiring_days):
    live = days_of(spans if void_on is None else close(spans, void_on))
    first, last = min(days_of(spans)), max(days_of(spans))
    for number in range(-2, (last - first).days + 3):
        on = first + number * DAY
        found = state(spans, on, void_on, expiring_days)
        if void_on is not None and on >= void_on:
            assert found == "void"
        elif on in live:
            left = 0
            while on + (left + 1) * DAY in live:
                left += 1
            assert found == ("expiring" if left <= expiring_days else "active")
        elif void_on is None:
            assert found == ("not_started" if on < last else "expired")
        else:
            assert found in ("not_started", "expired")
