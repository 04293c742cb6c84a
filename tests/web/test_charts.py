"""Charts as numbers: what is drawn is in proportion to what was counted, inside of its room, and nothing hides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.web.dashboard.geometry import LEAST_SHARE, LINES, Chart, Group, Segment, columns, rows, scale_step, shares

CODES = ("a", "b", "c", "d")
COUNTS = st.integers(min_value=0, max_value=200_000)
GROUPS = st.lists(st.dictionaries(st.sampled_from(CODES), COUNTS), min_size=1, max_size=30)


def _groups(found: list[dict[str, int]]) -> list[Group]:
    return [
        Group(str(at), tuple(Segment(code, counts[code], code) for code in CODES if code in counts), str(at))
        for at, counts in enumerate(found)
    ]


@settings(max_examples=50)
@given(GROUPS)
def test_columns_stand_in_their_room_and_are_as_high_as_their_numbers(found: list[dict[str, int]]) -> None:
    chart = columns(_groups(found), CODES)
    per = chart.height - chart.lines[1][0]  # pixels of one step
    step = chart.lines[1][1]
    for counts, bar in zip(found, chart.bars, strict=True):
        foot = chart.height
        assert [rect.segment.code for rect in bar.rects] == [code for code in CODES if counts.get(code)]
        for rect in bar.rects:
            assert rect.y + rect.height == pytest.approx(foot, abs=0.03)
            assert rect.height == pytest.approx(max(rect.segment.count * per / step, 2), abs=0.1)
            assert bar.x <= rect.x and rect.x + rect.width <= bar.x + bar.width + 0.01
            foot = rect.y
        assert bar.top == pytest.approx(max(foot, 0), abs=0.03) and bar.top >= 0
    assert chart.bars[-1].x + chart.bars[-1].width <= 100.01
    _check_codes(chart, found)


@settings(max_examples=50)
@given(GROUPS)
def test_rows_fill_their_line(found: list[dict[str, int]]) -> None:
    chart = rows(_groups(found), CODES)
    for counts, bar in zip(found, chart.bars, strict=True):
        end = 0.0
        for rect in bar.rects:
            assert rect.x == pytest.approx(end, abs=0.01)
            end = rect.x + rect.width
        assert end == pytest.approx(100 if any(counts.values()) else 0, abs=0.02)
    _check_codes(chart, found)


def test_rows_may_be_as_long_as_their_counts() -> None:
    groups = _groups([{CODES[0]: 6, CODES[1]: 2}, {CODES[0]: 2}, {}])
    ends = [max((one.x + one.width for one in bar.rects), default=0) for bar in rows(groups, CODES, most=8).bars]
    assert ends == pytest.approx([100, 25, 0], abs=0.01)


def _check_codes(chart: Chart, found: list[dict[str, int]]) -> None:
    there = {code for counts in found for code, count in counts.items() if count}
    assert chart.codes == tuple(code for code in CODES if code in there)


@settings(max_examples=50)
@given(st.lists(st.integers(min_value=1, max_value=10**6), min_size=1, max_size=8))
def test_shares_are_in_proportion_but_never_too_small_to_see(counts: list[int]) -> None:
    found = shares(counts)
    assert sum(found) == pytest.approx(100)
    assert min(found) >= LEAST_SHARE - 1e-9
    large = [(count, share) for count, share in zip(counts, found, strict=True) if share > LEAST_SHARE + 1e-9]
    for count, share in large:
        assert share / count == pytest.approx(large[0][1] / large[0][0])
    assert sorted(found) == [share for _count, share in sorted(zip(counts, found, strict=True))]


@settings(max_examples=50)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_scale_has_few_round_lines(most: int) -> None:
    step = scale_step(most)
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert step * LINES >= most
    assert step == 1 or step * LINES < most * 3


def test_the_figure_above_is_what_the_bar_is_as_high_as() -> None:
    """Also where its list has another number, since the segments overlap."""
    segments = (Segment("a", 3, "a"), Segment("b", 2, "b"))
    chart = columns([Group("x", segments, "x", behind=3), Group("y", (Segment("a", 5, "a"),), "y")], CODES)
    first, second = chart.bars
    assert first.group.count == second.group.count == 5 and first.top == second.top
