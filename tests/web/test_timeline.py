"""The picture of coverages: whatever there is, bars stay inside, in proportion, and say what holds."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry.warranty.coverage import CoverageSpan, close
from registry.warranty.facts import WarrantyFacts
from registry.warranty.terms import TEMPLATES
from registry.web.timeline import MOST_LANES, MOST_TICKS, lanes, timeline

BODY = TEMPLATES["hardware"][1]
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def _warranty(number: int = 1, *spans: CoverageSpan, **more: date | None) -> WarrantyFacts:
    return WarrantyFacts(number, "manufacturer", "Terms", 1, BODY, spans, **more)  # type: ignore[arg-type]


@st.composite
def _warranties(draw: st.DrawFn) -> list[WarrantyFacts]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        starts = draw(st.lists(DAYS, max_size=4))
        spans = [CoverageSpan(f"r{i}", day, day + timedelta(days=draw(st.integers(0, 9000))), i)
                 for i, day in enumerate(starts)]  # fmt: skip
        cuts = {"void_on": draw(st.none() | DAYS), "closed_on": draw(st.none() | DAYS)}
        found.append(_warranty(number, *spans, **cuts))
    return found


def _number(percent: str) -> float:
    return float(percent.removesuffix("%"))


@given(_warranties(), DAYS)
def test_every_bar_lies_inside_and_is_seen(warranties: list[WarrantyFacts], on: date) -> None:
    line = timeline(warranties, on)
    drawn = [bar for group in line["groups"] for bar in group["bars"]]
    assert len(drawn) + line["hidden"] == len(lanes(warranties, on)) and len(drawn) <= MOST_LANES
    assert 0 < _number(line["on_x"]) < 100 and len(line["ticks"]) <= MOST_TICKS + 1
    for bar in drawn:
        for x, width in (("x", "width"), ("gone_x", "gone_width")):
            if x in bar:
                assert 0 <= _number(bar[x]) <= 100 and 0 < _number(bar[width]) <= 100
        assert ("x" in bar) == bar["lane"].holds and ("gone_x" in bar) == bool(bar["lane"].cut)
    assert line["drawn"] == any("x" in bar or "gone_x" in bar for bar in drawn)


@given(_warranties(), DAYS)
def test_a_lane_holds_on_a_day_exactly_when_its_live_spans_do(warranties: list[WarrantyFacts], on: date) -> None:
    for warranty in warranties:
        live = {span.remedy for span in warranty.live_spans if span.covers(on)}
        running = [lane for lane in lanes([warranty], on) if lane.state in ("active", "expiring")]
        assert {remedy for lane in running for remedy in lane.remedies} == live


def test_what_was_taken_away_is_told_from_what_ended() -> None:
    start, end = date(2026, 1, 1), date(2026, 12, 31)
    span = CoverageSpan("repair", start, end)
    void = _warranty(1, span, void_on=date(2026, 7, 1))
    assert [lanes([void], day)[0].state for day in (date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1))] == [
        "not_started", "expiring", "void"
    ]  # fmt: skip
    never = _warranty(1, span, void_on=start)
    assert not lanes([never], start)[0].holds and lanes([never], start)[0].cut == "void"
    assert lanes([_warranty(1, span, closed_on=date(2026, 3, 1))], end)[0].state == "moved"
    late = _warranty(1, span, void_on=date(2027, 6, 1))
    assert (lanes([late], date(2027, 7, 1))[0].state, lanes([late], date(2027, 7, 1))[0].cut) == ("expired", "")
    assert close([span], date(2026, 7, 1))[0].ends_on == lanes([void], end)[0].holds_until


def test_what_holds_stands_first_and_remedies_of_the_same_days_share_a_lane() -> None:
    on = date(2026, 6, 1)
    over = _warranty(1, CoverageSpan("repair", date(2020, 1, 1), date(2021, 1, 1)))
    holds = _warranty(2, *(CoverageSpan(name, date(2026, 1, 1), date(2028, 1, 1)) for name in ("repair", "return")))
    waits = _warranty(3)
    found = lanes([over, waits, holds], on)
    assert [lane.warranty.id for lane in found] == [2, 3, 1]
    assert found[0].remedies == ("repair", "return") and found[1].state == "waiting"


def test_ticks_fit_a_month_and_twenty_years() -> None:
    on = date(2026, 6, 15)
    for days, some in ((30, "2026"), (365, "2026"), (7300, "2030"), (36500, "2040")):
        line = timeline([_warranty(1, CoverageSpan("repair", on, on + timedelta(days=days)))], on)
        texts = [tick["text"] for tick in line["ticks"]]
        assert 1 <= len(texts) <= MOST_TICKS + 1 and len(set(texts)) == len(texts), texts
        assert any(some in text for text in texts), texts
