"""Readings as a few numbers: what comes out of the table is what went in, and charts are worked out from it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.optics import packing, series
from registry.optics.decoder.records import PER_LANE, Checksum, Lane, Module, Port
from registry.optics.models import LANES
from registry.optics.verdicts.judging import judge
from registry.optics.verdicts.persistence import Note
from registry.optics.verdicts.reasons import Limit, Reason, Value, What, Word
from registry.optics.verdicts.saying import data_of, reasons_in
from tests.optics.optic_world import NOW, at_now, bring, item
from tests.optics.test_judging import LIMITS

STATES = ("ok", "low_alarm", "low_warning", "high_warning", "high_alarm")
THREE = st.sampled_from((None, True, False))


@st.composite
def lanes(draw, number):
    dark = frozenset(draw(st.sets(st.sampled_from(("tx_power_dbm", "rx_power_dbm")))))
    power = st.none() | st.integers(-500_000, 400_000).map(lambda tenth: tenth / 10_000)
    values = {name: None if name in dark else draw(power) for name in ("tx_power_dbm", "rx_power_dbm")}
    bias = draw(st.none() | st.integers(0, 1_000_000).map(lambda micro: micro / 1000))
    said = {name: draw(THREE) for name in packing.SIGNALS}
    return Lane(number, tx_bias_ma=bias, dark=dark, **values, **said)


@st.composite
def modules(draw):
    count = draw(st.integers(0, 12))
    keys = packing.keys_of(count)
    flags = draw(st.dictionaries(st.sampled_from(keys), st.sampled_from(STATES)))
    sums = draw(st.lists(st.sampled_from((Checksum("CC_DMI", 1, 2), Checksum("PAGE_02", 3, 4))), unique=True))
    return Module(
        port=Port("", draw(THREE), draw(THREE)), dom=True, media="optical", limits=LIMITS, flags=flags,
        temperature_c=draw(st.none() | st.integers(-1_280_000, 1_280_000).map(lambda tenth: tenth / 10_000)),
        voltage_v=draw(st.none() | st.integers(0, 65535).map(lambda tenth: tenth / 10_000)),
        lanes=tuple(draw(lanes(number)) for number in range(1, count + 1)), checksums=tuple(sums),
        findings=tuple(draw(st.lists(st.sampled_from(packing.BROKEN), unique=True))),
    )  # fmt: skip


@given(modules())
def test_a_reading_comes_back_as_it_was_and_is_judged_the_same(module):
    row = packing.packed(module, LANES)
    back = packing.unpacked(row, LANES, dom=True, media="optical", limits=LIMITS)
    assert (back.lanes, dict(back.flags), back.port) == (module.lanes, dict(module.flags), module.port)
    assert (back.temperature_c, back.voltage_v) == (module.temperature_c, module.voltage_v)
    assert (back.checksums, back.findings) == (module.checksums, module.findings)
    assert judge(back) == judge(module)
    assert all(-(2**63) <= row[f"lane_{lane.lane}"] < 2**63 for lane in module.lanes if lane.lane <= LANES)


@given(st.floats(), st.floats())
def test_any_number_is_kept_or_left_out(bias, power):
    lane = packing.lane_of(packing.lane_number(Lane(1, tx_bias_ma=bias, tx_power_dbm=power)), 1)
    for value, back in ((bias, lane.tx_bias_ma), (power, lane.tx_power_dbm)):
        assert back is None or abs(back - value) <= 0.000501
    kept = packing.scaled("temperature_c", power)
    assert not lane.dark and (kept is None or abs(kept) < 2**31)


@given(modules())
def test_reasons_come_back_as_they_were(module):
    reasons = judge(module)[1]
    assert [one.said() for one in reasons_in(data_of(reasons))] == [one.said() for one in reasons]


def test_every_kind_of_value_in_a_reason():
    values = {"what": What("voltage_v", 2), "value": Value("voltage_v", None), "ours": Word("low_alarm"),
              "limit": Limit("voltage_v", "low_alarm", 3.0), "flag": Word("ok"), "name": "x"}  # fmt: skip
    reasons = [Reason("flags_disagree", values), Note("one_reading")]
    assert reasons_in(data_of(reasons)) == reasons


def test_a_chart_has_lowest_mean_and_highest_of_each_step(any_house, monkeypatch):
    at_now(monkeypatch)
    any_house.customer("acme")
    power = [-3.0, -4.0, -5.0, -7.0]
    items = [item(4 - at, lanes=2, tx_power_dbm=value) for at, value in enumerate(power)]
    items[3]["readings"]["lanes"][1] |= {"tx_power_dbm": None, "rx_power_dbm": -20.0}
    items[3]["states"] = {"2.tx_power_dbm": "dark"}
    optic_id = bring(any_house, *items)["items"][0]["id"]
    whole = series.chart(any_house.system, optic_id, points=2)
    assert whole["counts"] == [2, 2] and whole["times"][0] == whole["begins"] + timedelta(
        seconds=whole["step_seconds"] // 2
    )
    first = whole["series"]["1.tx_power_dbm"]
    assert (first["low"], first["mean"], first["high"]) == ([-4.0, -7.0], [-3.5, -6.0], [-3.0, -5.0])
    second = whole["series"]["2.tx_power_dbm"]
    assert (second["low"], second["dark"]) == ([-4.0, -5.0], [0, 1])
    assert whole["series"]["temperature_c"]["mean"] == [35.0, 35.0] and "3.tx_power_dbm" not in whole["series"]
    narrow = series.chart(any_house.system, optic_id, begins=NOW - timedelta(hours=2), to=NOW, parameter="rx_power_dbm")
    assert sum(narrow["counts"]) == 2 and set(narrow["series"]) == {"1.rx_power_dbm", "2.rx_power_dbm"}
    assert series.chart(any_house.system, optic_id, begins=NOW)["counts"] == []


@pytest.mark.parametrize("how_often", [3, 250])  # by the statement, and on PostgreSQL by COPY
def test_all_of_sixteen_lanes_are_kept_and_charted(any_house, monkeypatch, how_often):
    at_now(monkeypatch)
    any_house.customer("acme")
    items = [item(at, lanes=16) for at in range(how_often)]
    lane = items[0]["readings"]["lanes"][15]
    items[1]["readings"]["lanes"][15] |= {"tx_power_dbm": -5.0}
    lane |= {"rx_power_dbm": None}
    items[0]["states"] = {"16.rx_power_dbm": "dark"}
    optic_id = bring(any_house, *items)["items"][0]["id"]
    whole = series.chart(any_house.system, optic_id, points=1)
    names = {f"{which}.{name}" for which in range(1, 17) for name in ("tx_bias_ma", "tx_power_dbm", "rx_power_dbm")}
    assert set(whole["series"]) == {"temperature_c", "voltage_v", *names}
    last, one = whole["series"]["16.tx_power_dbm"], series.chart(any_house.system, optic_id, points=1, lane=16)
    assert (min(last["low"]), max(last["high"])) == (-5.0, -3.0)
    assert -5.0 < min(last["mean"]) <= max(last["mean"]) <= -3.0
    assert sum(whole["series"]["16.rx_power_dbm"]["dark"]) == 1
    assert {key for key in one["series"] if "." in key} == {f"16.{name}" for name in PER_LANE}
    assert all(one["series"][key] == whole["series"][key] for key in one["series"])
    [newest] = series.readings(any_house.system, optic_id, limit=1)["items"]
    assert [lane["lane"] for lane in newest["lanes"]] == list(range(1, 17)) and newest["lanes"][15]["dark"]


def test_a_step_too_wide_leaves_nothing_out(house, monkeypatch):
    at_now(monkeypatch)
    house.customer("acme")
    optic_id = bring(house, *(item(hours) for hours in range(50)))["items"][0]["id"]
    for points in (1, 2, 3, 7, 49, 50, 51, 1000):
        found = series.chart(house.system, optic_id, points=points)
        assert sum(found["counts"]) == 50 and len(found["counts"]) <= points + 1


@pytest.mark.parametrize("value", [-52.4288, 52.3, 1e9, -1e9, float("nan"), float("inf")])
def test_what_no_module_measures_is_not_reported(value):
    assert packing.lane_of(packing.lane_number(Lane(1, tx_power_dbm=value)), 1).tx_power_dbm in (None, 52.3)
