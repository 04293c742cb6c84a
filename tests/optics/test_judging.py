"""Every verdict by its evidence, and no verdict without it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.language import speaking
from registry.optics.decoder.records import (
    CLAIMABLE,
    PARAMETERS,
    PER_LANE,
    STATES,
    VERDICTS,
    Checksum,
    Lane,
    Limits,
    Module,
    Port,
)
from registry.optics.verdicts.judging import LOUDNESS, findings_of, judge, states_of
from registry.optics.verdicts.reasons import SENTENCES

LIMITS = {
    "temperature_c": Limits(75, 70, 0, -5),
    "voltage_v": Limits(3.63, 3.46, 3.13, 2.97),
    "tx_bias_ma": Limits(70, 60, 10, 5),
    "tx_power_dbm": Limits(3.5, 0.5, -8.2, -12.2),
    "rx_power_dbm": Limits(2.5, 0.5, -14.4, -18.4),
}
UP, DOWN, UNSTATED = Port("Et1", True, False), Port("Et1", False, False), Port("Et1")
GOOD = {"tx_bias_ma": 30.0, "tx_power_dbm": -3.0, "rx_power_dbm": -6.0}
DARK_RX = {"rx_power_dbm": None, "dark": frozenset({"rx_power_dbm"})}
DARK_TX = {"tx_power_dbm": None, "dark": frozenset({"tx_power_dbm"})}


def lane(number: int = 1, **said: Any) -> Lane:
    return Lane(number, **{**GOOD, **said})


def module(port: Port = UP, *, said: dict[str, Any] | None = None, **of_lane: Any) -> Module:
    whole = {"temperature_c": 35.0, "voltage_v": 3.3, "dom": True, "media": "optical", "limits": LIMITS}
    return Module(port=port, **{"lanes": (lane(**of_lane),), **whole, **(said or {})})


def codes(judged: Module, **more: Any) -> list[str]:
    return [reason.code for reason in judge(judged, **more)[1]]


TABLE = [
    # what it is, the state of the port, what the lane reads, verdict, first reason
    ("healthy", UP, {}, "within_spec", "within"),
    ("healthy, port not stated", UNSTATED, {}, "within_spec", "within"),
    ("at its alarm limit", UP, {"tx_power_dbm": -12.2}, "clean_and_retest", "transmit_low"),
    ("just within", UP, {"tx_power_dbm": -8.2, "rx_power_dbm": -14.4}, "within_spec", "within"),
    ("receives little", UP, {"rx_power_dbm": -19.0}, "link_or_far_end", "receive_low"),
    ("receives little, port not stated", UNSTATED, {"rx_power_dbm": -19.0}, "link_or_far_end", "receive_low"),
    ("a little", UP, {"rx_power_dbm": -15.0}, "link_or_far_end", "receive_low"),
    ("nothing", UP, DARK_RX, "link_or_far_end", "receive_low"),
    ("loss of signal alone", UP, {"rx_power_dbm": None, "rx_los": True}, "link_or_far_end", "receive_low"),
    ("nothing and knows nothing of itself", UNSTATED, {**DARK_RX, "tx_bias_ma": None, "tx_power_dbm": None},
     "undecided_needs_port_state", "port_unknown"),
    ("the same with the port up", UP, {**DARK_RX, "tx_bias_ma": None, "tx_power_dbm": None},
     "link_or_far_end", "receive_low"),
    ("too much", UP, {"rx_power_dbm": 3.0}, "receiver_overload", "receive_high"),
    ("too much with the port down", DOWN, {"rx_power_dbm": 3.0}, "undecided_needs_port_state", "port_off"),
    ("port down, all fine", DOWN, {}, "undecided_needs_port_state", "port_off"),
    ("port down and yet worn", DOWN, {"tx_power_dbm": -13.0, "tx_bias_ma": 72.0},
     "undecided_needs_port_state", "port_down"),
    ("transmitter off, all fine", UP, {"tx_disabled": True}, "undecided_needs_port_state", "laser_off"),
    ("too much with the transmitter off", UP, {"tx_disabled": True, "rx_power_dbm": 3.0},
     "undecided_needs_port_state", "laser_off"),
    ("low light, high current", UP, {"tx_power_dbm": -13.0, "tx_bias_ma": 72.0}, "worn_laser", "worn_laser"),
    ("nearly", UP, {"tx_power_dbm": -13.0, "tx_bias_ma": 61.0}, "worn_laser", "worn_laser"),
    ("lower light, far too much current", UP, {"tx_power_dbm": -9.0, "tx_bias_ma": 72.0}, "worn_laser", "worn_laser"),
    ("both only near", UP, {"tx_power_dbm": -9.0, "tx_bias_ma": 61.0}, "clean_and_retest", "transmit_low"),
    ("no light, high current", UP, {**DARK_TX, "tx_bias_ma": 72.0}, "worn_laser", "worn_laser"),
    ("worn, port not stated", UNSTATED, {"tx_power_dbm": -13.0, "tx_bias_ma": 72.0}, "worn_laser", "worn_laser"),
    ("low light, normal current", UP, {"tx_power_dbm": -13.0}, "clean_and_retest", "transmit_low"),
    ("low light, current unknown", UP, {"tx_power_dbm": -13.0, "tx_bias_ma": None},
     "clean_and_retest", "transmit_low_alone"),
    ("the same, port not stated", UNSTATED, {"tx_power_dbm": -13.0, "tx_bias_ma": None},
     "undecided_needs_port_state", "port_unknown"),
    ("too much light", UP, {"tx_power_dbm": 4.0}, "transmitter_out_of_spec", "out_of_spec"),
    ("too much current", UP, {"tx_bias_ma": 71.0}, "transmitter_out_of_spec", "out_of_spec"),
    ("current near its limit", UP, {"tx_bias_ma": 61.0}, "within_spec", "within"),
    ("too little current and light", UP, {"tx_bias_ma": 4.0, "tx_power_dbm": -13.0},
     "transmitter_out_of_spec", "out_of_spec"),
    ("no current", UP, {"tx_bias_ma": 0.0, **DARK_TX}, "transmitter_fault", "laser_dead"),
    ("hardly any", UP, {"tx_bias_ma": 0.4, "tx_power_dbm": -20.0}, "transmitter_fault", "laser_dead"),
    ("no current, light not measured", UP, {"tx_bias_ma": 0.0, "tx_power_dbm": None},
     "transmitter_fault", "laser_dead"),
    ("no current, port not stated", UNSTATED, {"tx_bias_ma": 0.0, **DARK_TX},
     "undecided_needs_port_state", "port_unknown"),
    ("no current and yet light", UP, {"tx_bias_ma": 0.0}, "dom_unreliable", "bias_impossible"),
    ("fault", UP, {"tx_fault": True}, "transmitter_fault", "transmitter_fault"),
    ("fault, port not stated", UNSTATED, {"tx_fault": True}, "undecided_needs_port_state", "fault_port_unknown"),
    ("port down", DOWN, {"tx_bias_ma": 0.0, "tx_power_dbm": None, "rx_power_dbm": -30.0,
                         "dark": frozenset({"tx_power_dbm"})}, "undecided_needs_port_state", "port_down"),
    ("port down, fault", DOWN, {"tx_fault": True, "tx_bias_ma": 0.0}, "undecided_needs_port_state", "port_down"),
    ("port down, nothing but a fault", DOWN, {"tx_fault": True}, "undecided_needs_port_state", "fault_off"),
    ("transmitter off, nothing but a fault", UP, {"tx_fault": True, "tx_disabled": True},
     "undecided_needs_port_state", "fault_off"),
    ("switch silent, nothing but a fault", UP, {"tx_fault": True, "tx_los": True},
     "undecided_needs_port_state", "host_silent"),
    ("transmitter off", UP, {"tx_disabled": True, "tx_bias_ma": 0.0, **DARK_TX},
     "undecided_needs_port_state", "transmitter_off"),
    ("switch silent", UP, {"tx_los": True, "tx_bias_ma": 0.0, **DARK_TX}, "undecided_needs_port_state", "host_silent"),
    ("lane not in use", UP, {"in_use": False, "tx_bias_ma": 0.0, "tx_power_dbm": None, "rx_power_dbm": None},
     "undecided_needs_port_state", "lanes_unused"),
]  # fmt: skip


@pytest.mark.parametrize(("port", "said", "verdict", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_lane(port, said, verdict, code):
    judged, reasons = judge(module(port, **said))
    assert (judged, reasons[0].code) == (verdict, code)


def test_every_verdict_and_sentence_is_reached():
    whole = [
        (module(said={"media": "copper"}), "no_dom", "copper"),
        (module(said={"dom": False}), "no_dom", "no_dom"),
        (Module(dom=True, serial="X"), "no_dom", "not_read"),
        (Module(dom=True, temperature_c=30.0, limits=LIMITS), "no_dom", "no_light_reported"),
        (module(said={"checksums": (Checksum("CC_DMI", 1, 2),)}), "dom_unreliable", "checksum"),
        (module(said={"checksums": (Checksum("PAGE_02", 1, 2),)}), "dom_unreliable", "checksum"),
        (module(said={"checksums": (Checksum("CC_BASE", 1, 2),)}), "within_spec", "within"),
        (module(said={"findings": ("diagnostics_blank",)}), "dom_unreliable", "diagnostics_broken"),
        (module(said={"limits": {}}), "dom_unreliable", "no_limits"),
        (module(said={"temperature_c": 76.0}), "environment", "environment"),
        (module(said={"temperature_c": 71.0}), "environment", "environment"),
        (module(said={"voltage_v": 2.9}), "environment", "environment"),
        (module(DOWN, said={"voltage_v": 2.9}), "undecided_needs_port_state", "port_off"),
        (module(said={"flags": {"1.tx_bias_ma": "ok"}}, tx_bias_ma=0.0, **DARK_TX), "dom_unreliable", "bias_denied"),
    ]
    for judged, verdict, code in whole:
        assert judge(judged)[0] == verdict and codes(judged)[0] == code
    named = {code for judged, _, _ in whole for code in codes(judged)} | {row[4] for row in TABLE}
    named |= {
        "lane_dead",
        "lanes_idle",
        "near_limit",
        "flags_disagree",
        "thresholds_invalid",
        "receive_low_too",
        "worn_since_baseline",
    }  # below
    assert named == set(SENTENCES)
    assert {verdict for _, verdict, _ in whole} | {row[3] for row in TABLE} == set(VERDICTS)


ORDER = [  # each row: what holds, and the verdict; a row goes before all those below it
    ("no DOM", {"dom": False}, {}, "no_dom"),
    ("a broken sum", {"checksums": (Checksum("CC_DMI", 1, 2),)}, {}, "dom_unreliable"),
    ("port down", {"port": DOWN}, {}, "undecided_needs_port_state"),
    ("transmitter off", {}, {"tx_disabled": True}, "undecided_needs_port_state"),
    ("transmitter fault", {}, {"tx_fault": True}, "transmitter_fault"),
    ("no current", {}, {"tx_bias_ma": 0.0, **DARK_TX}, "transmitter_fault"),
    ("low light, high current", {}, {"tx_power_dbm": -13.0, "tx_bias_ma": 72.0}, "worn_laser"),
    ("too much current", {}, {"tx_bias_ma": 72.0}, "transmitter_out_of_spec"),
    ("low light", {}, {"tx_power_dbm": -13.0}, "clean_and_retest"),
    ("nothing received", {}, DARK_RX, "link_or_far_end"),
    ("too much received", {}, {"rx_power_dbm": 3.0}, "receiver_overload"),
    ("too warm", {"temperature_c": 80.0}, {}, "environment"),
    ("nothing", {}, {}, "within_spec"),
]


@pytest.mark.parametrize("below", range(len(ORDER)))
def test_what_comes_first_in_the_order_of_conclusions_decides(below):
    """The eleven verdicts in their order: a condition, with each one that stands after it."""
    assert {row[3] for row in ORDER} == set(VERDICTS)
    name, said, lanes, verdict = ORDER[below]
    assert _judged(said, lanes) == verdict
    for other, more, of_lane, _verdict in ORDER[below + 1 :]:
        if (name, other) == ("too much current", "low light"):
            continue  # together they are a worn laser
        dark = frozenset({*lanes.get("dark", ()), *of_lane.get("dark", ())})
        assert _judged({**more, **said}, {**of_lane, **lanes, "dark": dark}) == verdict, other


def _judged(said: dict[str, Any], lanes: dict[str, Any]) -> str:
    return judge(module(said.get("port", UP), said={k: v for k, v in said.items() if k != "port"}, **lanes))[0]


def test_reasons_name_parameter_lane_value_limit_and_what_to_do():
    two = module(said={"lanes": (lane(), lane(2, rx_power_dbm=-19.04))})
    verdict, (reason,) = judge(two)
    assert verdict == "link_or_far_end"
    text = str(reason)
    assert text.startswith("Receive power of lane 2 is -19.04 dBm, beyond its limit for low alarm of -18.4 dBm")
    assert "loopback" in text and text.endswith(".")
    with speaking("zh-Hant"):
        assert "-19.04 dBm" in reason.said() and reason.said() != text and "通道 2" in reason.said()
    assert "lane" not in str(judge(module(rx_power_dbm=-19.04))[1][0])  # where there is only one
    assert "no light" in str(judge(module(**DARK_RX))[1][0])


def test_the_worst_lane_decides_and_the_others_are_told():
    lanes = (lane(), lane(2, rx_power_dbm=-19.0), lane(3, tx_bias_ma=0.0, **DARK_TX), lane(4, tx_power_dbm=-9.0))
    verdict, reasons = judge(module(said={"lanes": lanes, "temperature_c": 80.0}))
    assert verdict == "transmitter_fault"
    assert [reason.code for reason in reasons] == ["laser_dead", "receive_low", "transmit_low", "environment"]


def test_lanes_that_are_not_in_use_say_nothing():
    lanes = (lane(), lane(2, tx_bias_ma=0.0, in_use=False, **DARK_TX))
    judged = module(said={"lanes": lanes})
    assert judge(judged)[0] == "within_spec"
    assert not any(key.startswith("2.") for key in states_of(judged))


DEAD = {"tx_bias_ma": 0.0, "tx_power_dbm": None, "rx_power_dbm": None,
        "dark": frozenset({"tx_power_dbm", "rx_power_dbm"})}  # fmt: skip


@pytest.mark.parametrize(
    ("alive", "verdict"),
    [
        ("1", "within_spec"),
        ("12", "within_spec"),
        ("1234", "within_spec"),
        ("123", "undecided_needs_port_state"),  # no module has three lanes
        ("5678", "undecided_needs_port_state"),  # perhaps a port of its own
        ("", "transmitter_fault"),
    ],
)
def test_lanes_that_are_dead_in_every_way_beside_others(alive, verdict):
    lanes = tuple(lane(at) if str(at) in alive else lane(at, **DEAD) for at in range(1, 9))
    judged = module(said={"lanes": lanes})
    assert judge(judged)[0] == verdict
    assert ("lanes_idle" in codes(judged)) == (verdict == "within_spec")
    assert ("lane_dead" in codes(judged)) == (verdict == "undecided_needs_port_state")


def test_the_receiver_of_a_weak_transmitter_comes_second():
    assert codes(module(tx_power_dbm=-13.0, rx_power_dbm=-20.0)) == ["transmit_low", "receive_low_too"]


def test_a_value_is_not_said_to_be_beyond_a_limit_that_it_keeps():
    raised = module(said={"flags": {"1.tx_power_dbm": "low_alarm"}})
    told = str(judge(raised)[1][0])
    assert "-3 dBm, beyond the limit at which the module says low alarm" in told and "-12.2" not in told


def test_what_the_module_raises_wins_and_the_disagreement_is_told():
    judged = module(said={"flags": {"1.rx_power_dbm": "low_alarm", "1.tx_power_dbm": "ok"}}, tx_power_dbm=-13.0)
    assert states_of(judged)["1.rx_power_dbm"] == "low_alarm" and states_of(judged)["1.tx_power_dbm"] == "ok"
    assert judge(judged)[0] == "link_or_far_end"
    assert codes(judged) == ["receive_low", "flags_disagree", "flags_disagree"]
    assert findings_of(judged) == ("flags_disagree",)
    agreeing = module(said={"flags": {"1.rx_power_dbm": "low_warning"}}, rx_power_dbm=-19.0)
    assert not findings_of(agreeing)  # both say low; how low, the module knows better
    only = module(said={"flags": {"1.rx_power_dbm": "low_alarm"}, "limits": {}}, rx_power_dbm=-19.0)
    assert "the limit at which the module says low alarm" in str(judge(only)[1][0])


@pytest.mark.parametrize(
    "limits",
    [
        Limits(0, 0, 0, 0),
        Limits(2, 2, 2, 2),
        Limits(-5, 0, 1, 2),
        Limits(3, 1, 2, 0),
        Limits(),
        Limits(5, None, 6, None),
    ],
)
def test_limits_that_cannot_be_true_judge_nothing(limits):
    judged = module(said={"limits": {**LIMITS, "tx_power_dbm": limits}}, tx_power_dbm=-30.0)
    assert states_of(judged)["1.tx_power_dbm"] == "thresholds_invalid"
    assert judge(judged)[0] == "within_spec" and "thresholds_invalid" in codes(judged)
    assert findings_of(judged) == ("thresholds_invalid",)
    raised = replace(judged, flags={"1.tx_power_dbm": "low_alarm"})  # by those very limits
    assert states_of(raised)["1.tx_power_dbm"] == "thresholds_invalid"


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (-12.21, "low_alarm"),
        (-12.2, "low_warning"),
        (-8.21, "low_warning"),
        (-8.2, "ok"),
        (0.5, "ok"),
        (0.51, "high_warning"),
        (3.5, "high_warning"),
        (3.51, "high_alarm"),
    ],
)
def test_at_a_limit_is_within_it(value, state):
    judged = module(tx_power_dbm=value)
    assert states_of(judged)["1.tx_power_dbm"] == state
    rounded = replace(judged, flags={"1.tx_power_dbm": "low_warning"})
    noted = state in ("ok", "high_warning", "high_alarm") and value not in (
        -8.2,
        0.5,
        3.5,
    )  # printed values are rounded
    assert ("flags_disagree" in findings_of(rounded)) == noted


def test_no_light_is_not_within_limits_that_cannot_be_true():
    """Whatever the module says of it: there is nothing that it could be compared with."""
    zero = dict.fromkeys(PER_LANE, Limits(0, 0, 0, 0))
    said = {"limits": LIMITS | zero, "flags": dict.fromkeys((f"1.{name}" for name in PER_LANE), "ok")}
    dark = {"tx_bias_ma": 0.0, "tx_power_dbm": None, **DARK_RX}
    assert (judge(module(said=said, **dark))[0], codes(module(said=said, **dark))[0]) == ("dom_unreliable", "no_limits")


def test_the_least_that_can_be_measured_is_no_light():
    unlit = {"tx_bias_ma": 0.0, "tx_power_dbm": -40.0}
    for limits in (LIMITS, {}):
        assert judge(module(said={"limits": limits}, **unlit))[0] == "transmitter_fault"
        assert judge(module(UNSTATED, said={"limits": limits}, **unlit))[0] == "undecided_needs_port_state"
    only = {"limits": {"rx_power_dbm": LIMITS["rx_power_dbm"]}}
    deaf = module(UNSTATED, said=only, tx_bias_ma=None, tx_power_dbm=-40.0, rx_power_dbm=-25.0)
    assert judge(deaf)[0] == "undecided_needs_port_state", "its own transmitter is not known to work"


def test_no_light_that_the_module_does_not_mind_is_no_fault():
    judged = module(said={"flags": {"1.rx_power_dbm": "ok"}}, **DARK_RX)
    assert judge(judged)[0] == "within_spec" and codes(judged) == ["within", "flags_disagree"]
    assert states_of(judged)["1.rx_power_dbm"] == "dark"


def test_transmit_power_that_is_not_measured_is_no_darkness():
    judged = module(said={"limits": {**LIMITS, "tx_power_dbm": Limits()}}, **DARK_TX)
    assert judge(judged)[0] == "within_spec" and codes(judged) == ["within", "thresholds_invalid"]
    assert judge(module(**DARK_TX))[0] == "clean_and_retest"  # measured, and there is none


def test_a_link_that_is_down_says_nothing_of_the_port():
    down = Port("Et1", None, False)
    assert codes(module(down, tx_bias_ma=0.0, **DARK_TX)) == ["port_unknown"]
    assert judge(module(Port("Et1", None, True), tx_bias_ma=0.0, **DARK_TX))[0] == "transmitter_fault"


@pytest.mark.parametrize(
    ("bias", "low_alarm", "verdict"),
    [
        (0.4, 0.2, "clean_and_retest"),  # within its own limits
        (0.4, 0.0, "transmitter_fault"),
        (0.6, 0.0, "clean_and_retest"),
        (14.0, 75.0, "transmitter_fault"),  # a large laser does not even begin at that
        (16.0, 75.0, "transmitter_out_of_spec"),
    ],
)
def test_how_little_current_is_none(bias, low_alarm, verdict):
    limits = {**LIMITS, "tx_bias_ma": Limits(175, 160, None, low_alarm)}
    assert judge(module(said={"limits": limits}, tx_bias_ma=bias, tx_power_dbm=-20.0))[0] == verdict


def test_a_fault_is_believed_beside_a_flag_that_is_missing():
    judged = module(said={"flags": {"1.tx_bias_ma": "ok"}}, tx_bias_ma=0.0, tx_fault=True, **DARK_TX)
    assert codes(judged)[:2] == ["transmitter_fault", "laser_dead"]


def test_lanes_with_current_are_in_use_although_no_light_is_there():
    lanes = (lane(), *(lane(at, **{**DEAD, "tx_bias_ma": 30.0}) for at in (2, 3, 4)))
    assert judge(module(said={"lanes": lanes}))[0] == "clean_and_retest"


def test_an_empty_warning_band_leaves_the_alarms():
    judged = module(said={"limits": {**LIMITS, "rx_power_dbm": Limits(1.5, 0, 0, -30)}}, rx_power_dbm=-20.5)
    assert states_of(judged)["1.rx_power_dbm"] == "ok"


def test_a_lanes_own_limits_come_first():
    judged = module(said={"limits": {**LIMITS, "1.rx_power_dbm": Limits(2.5, 0.5, -3.0, -5.0)}})
    assert states_of(judged)["1.rx_power_dbm"] == "low_alarm"


def test_no_current_where_current_is_not_measured_is_no_fault():
    judged = module(said={"limits": {**LIMITS, "tx_bias_ma": Limits(0, 0, 0, 0)}}, tx_bias_ma=0.0)
    assert judge(judged)[0] == "within_spec"


def test_current_that_has_risen_since_commissioning_counts_as_high():
    then = module(tx_bias_ma=20.0)
    now = module(tx_bias_ma=31.0, tx_power_dbm=-13.0)
    assert judge(now, baseline=then)[0] == "worn_laser" and codes(now, baseline=then)[0] == "worn_since_baseline"
    assert "20 mA to 31 mA" in str(judge(now, baseline=then)[1][0])
    assert judge(now, baseline=replace(then, temperature_c=60.0))[0] == "clean_and_retest"  # not to be compared
    assert judge(module(tx_bias_ma=31.0), baseline=then)[0] == "within_spec"  # alone it is no failure


def test_near_a_limit_is_told():
    assert codes(module(tx_bias_ma=61.0)) == ["within", "near_limit"]
    assert codes(module(tx_bias_ma=61.0, tx_power_dbm=-13.0)) == ["worn_laser"]  # which tells of it already


numbers = st.none() | st.floats(-60, 100) | st.sampled_from([0.0, -40.0, float("nan"), float("inf"), -1e308])
bools = st.none() | st.booleans()
lanes = st.builds(
    Lane,
    st.integers(1, 8),
    numbers,
    numbers,
    numbers,
    st.frozensets(st.sampled_from(PARAMETERS)),
    bools,
    bools,
    bools,
    bools,
    bools,
)
keys = st.sampled_from([*PARAMETERS[:2], *(f"{at}.{name}" for at in (1, 2, 3) for name in PARAMETERS[2:])])
anything = st.builds(
    Module,
    port=st.builds(Port, st.just("Et1"), bools, bools),
    media=st.sampled_from(["", "optical", "copper", "active_optical"]),
    dom=bools,
    temperature_c=numbers,
    voltage_v=numbers,
    lanes=st.lists(lanes, max_size=4).map(tuple),
    limits=st.dictionaries(keys | st.sampled_from(PARAMETERS), st.builds(Limits, numbers, numbers, numbers, numbers)),
    flags=st.dictionaries(keys, st.sampled_from(STATES[:5])),
    checksums=st.lists(st.builds(Checksum, st.sampled_from(["CC_DMI", "CC_BASE"]), st.just(1), st.integers(1, 2))).map(
        tuple
    ),
)


@given(anything, st.none() | anything)
def test_anything_is_judged_and_nothing_louder_than_its_evidence(judged, baseline):
    verdict, reasons = judge(judged, baseline=baseline)
    assert verdict in VERDICTS and reasons and len({str(reason) for reason in reasons}) >= 1
    states = states_of(judged)
    assert set(states.values()) <= set(STATES)
    abnormal = {state for state in states.values()} - {"ok", "not_reported", "thresholds_invalid"}
    faulty = any(lane.tx_fault for lane in judged.lanes)
    if verdict in CLAIMABLE:
        assert judged.port.admin_up is not False and judged.dom is not False and judged.media != "copper"
        assert (
            abnormal or faulty or any(lane.tx_bias_ma is not None and lane.tx_bias_ma <= 0.5 for lane in judged.lanes)
        )
    if verdict == "transmitter_fault":
        assert judged.port.admin_up or (judged.port.admin_up is None and judged.port.oper_up)
    if verdict == "within_spec":
        assert "ok" in states.values() or abnormal


worse = st.floats(0, 40)


@given(
    bias=st.floats(0, 80),
    power=st.floats(-25, 5),
    received=st.floats(-25, 5),
    temperature=st.floats(-10, 90),
    steps=st.tuples(worse, worse, worse),
)
def test_worse_readings_never_give_a_milder_verdict(bias, power, received, temperature, steps):
    """Away from the middle of every band, with the port up: less light, more current or none, hotter or colder."""
    before = module(tx_bias_ma=bias, tx_power_dbm=power, rx_power_dbm=received, said={"temperature_c": temperature})
    after = module(
        tx_bias_ma=bias + steps[0] if bias > 30 else max(0.0, bias - steps[0]),
        tx_power_dbm=power + steps[1] if power > -3 else power - steps[1],
        rx_power_dbm=received + steps[2] if received > -6 else received - steps[2],
        said={"temperature_c": temperature + steps[0] if temperature > 35 else temperature - steps[0]},
    )
    mild, hard = judge(before)[0], judge(after)[0]
    if "bias_impossible" not in codes(before) + codes(after):  # a reading that cannot be true is no worse one
        assert LOUDNESS.index(hard) >= LOUDNESS.index(mild)
    for port in (UNSTATED, DOWN):  # the less is known of the port, the less is claimed
        said = judge(replace(after, port=port))[0]
        assert said not in CLAIMABLE or said == hard
