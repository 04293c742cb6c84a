"""What pages about optics draw: limits as bands, readings over time, bytes of a memory."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registry.kernel.access import visible
from registry.optics import series
from registry.optics.decoder.records import PER_LANE, Limits
from registry.optics.memory_pages import rows_of
from registry.optics.models import Optic
from registry.web.optics.bands import band
from registry.web.optics.trends import time_ticks, trend
from tests.houses import House
from tests.optics.optic_world import at_now, bring, item


def test_zones_cover_the_band_and_values_stand_in_theirs() -> None:
    made = band(Limits(75, 70, 0, -5))
    assert [zone.kind for zone in made.zones] == ["bad", "warn", "good", "warn", "bad"]
    assert sum(zone.width for zone in made.zones) == pytest.approx(100, abs=0.05)
    warn = made.zones[1]
    assert warn.x < (made.at(-2) or 0) < warn.x + warn.width
    assert made.at(None) is None and made.at(1e9) == 98.5 and made.at(-1e9) == 1.5
    assert [zone.kind for zone in band(Limits(high_alarm=5)).zones] == ["good", "bad"]
    assert [zone.kind for zone in band(Limits(low_alarm=-5, high_warning=1)).zones] == ["bad", "good", "warn"]


def test_a_hole_in_the_readings_is_a_hole_in_the_line() -> None:
    xs = [0.0, 10, 20, 30, 90, 100]
    series = {name: [1.0, 1, None, 1, 1, 1] for name in ("low", "mean", "high")}
    one = trend("voltage_v", series, xs, Limits(2, 1.5, 0.5, 0))
    assert one.line.count("M") == 2 and one.area.count("Z") == 2
    assert [(line.state, line.kind) for line in one.limits] == [("low_warning", "warn"), ("high_warning", "warn")]
    assert (one.least, one.mean, one.most) == (1, 1, 1)
    dark = trend("rx_power_dbm", {**{name: [None] for name in ("low", "mean", "high")}, "dark": [3]}, [50.0], None)
    assert dark.line == dark.dots == "" and dark.dark == (50.0,) and dark.mean is None


def test_a_value_beyond_its_limit_is_drawn_with_all_of_them() -> None:
    series = {name: [-3.0, -9.0] for name in ("low", "mean", "high")}
    one = trend("tx_power_dbm", series, [0.0, 100], Limits(3.5, 0.5, -8.2, -12.2))
    assert {line.state for line in one.limits} >= {"low_alarm", "low_warning", "high_warning"}
    assert float(one.ticks[0][1]) <= -12.2 and float(one.ticks[-1][1]) >= 0.5


@pytest.mark.parametrize(
    ("hours", "first", "most"),
    [
        (0, "", 1),
        (3, "20:00", 4),
        (23, "1 Jun", 5),
        (24 * 7, "26 May", 8),
        (24 * 31, "4 May", 5),
        (24 * 366, "Jul", 13),
    ],
)
def test_ticks_are_hours_days_or_months_of_the_place(hours: int, first: str, most: int) -> None:
    ends = datetime(2026, 6, 1, 12, tzinfo=UTC)
    ticks = time_ticks(ends - timedelta(hours=hours), ends, ZoneInfo("Asia/Taipei"), "en")
    assert len(ticks) <= most and (not first or first in {tick.text for tick in ticks} or ticks[0].text == first)
    assert all(0 <= tick.x <= 100 for tick in ticks) and sum(tick.major for tick in ticks) <= 4


def test_a_chart_of_one_lane_has_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    at_now(monkeypatch)
    house.people()
    bring(house, *[item(hours, lanes=3, tx_power_dbm=-2.0 - hours) for hours in range(3)])
    actor, optic = house.system, visible(Optic, house.system).get()
    whole, one = series.chart(actor, optic.id), series.chart(actor, optic.id, lane=2)
    assert set(one["series"]) == {"temperature_c", "voltage_v", *(f"2.{name}" for name in PER_LANE)}
    assert one["series"].items() <= whole["series"].items() and len(whole["series"]) == 2 + 3 * 3


def test_rows_of_a_dump() -> None:
    rows = rows_of(b"ABC\x00" * 5, b"ABC\x00" * 4)
    assert [(at, len(cells), text) for at, cells, text in rows] == [
        ("0000", 16, "ABC.ABC.ABC.ABC."),
        ("0010", 4, "ABC."),
    ]
    assert not any(changed for _byte, changed in rows[0][1]) and all(changed for _byte, changed in rows[1][1])
