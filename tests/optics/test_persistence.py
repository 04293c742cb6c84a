"""A claim needs persistence, a stated port, sound conditions, for a receiver a proof: all else is an observation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.language import speaking
from registry.optics.decoder.records import CLAIMABLE, VERDICTS, Checksum, Module, Port
from registry.optics.verdicts.judging import judge
from registry.optics.verdicts.persistence import SENTENCES, Conclusion, Proof, Reading, conclude
from tests.optics.test_judging import DARK_TX, DOWN, UNSTATED, UP, module

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

WORN = {"tx_power_dbm": -13.0, "tx_bias_ma": 72.0}
DEAD = {"tx_bias_ma": 0.0, **DARK_TX}
WEAK = {"tx_power_dbm": -13.0}
DEAF = {"rx_power_dbm": -25.0}


def at(hours: float, port: Port = UP, **said: Any) -> Reading:
    return Reading(START + timedelta(hours=hours), module(port, **said))


def codes(concluded: Conclusion) -> list[str]:
    return [reason.code for reason in concluded.reasons]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(WORN, "worn_laser"), (DEAD, "transmitter_fault"), ({"tx_power_dbm": 4.0}, "transmitter_out_of_spec")],
)
def test_three_readings_over_a_day_make_a_claim(said, verdict):
    series = [at(0, **said), at(12, **said), at(24, **said)]
    concluded = conclude(series)
    assert (concluded.verdict, concluded.claimable) == (verdict, True) and codes(concluded)[-1] == "persistent"
    assert conclude(reversed(series)) == concluded
    for fewer in (series[:2], [at(0, **said), at(12, **said), at(23.9, **said)], [series[0], series[2], series[2]]):
        less = conclude(fewer)
        assert (less.verdict, less.claimable) == (verdict, False) and "not_persistent" in codes(less)


def test_one_reading_is_an_observation():
    concluded = conclude([at(0, **WORN)])
    assert (concluded.verdict, concluded.claimable) == ("worn_laser", False)
    assert "one_reading" in codes(concluded)
    assert str(concluded.reasons[-1]) == (
        "Readings that agree: 1 of 3, over 0.0 of 24 hours. Read the module again later."
    )


def test_how_much_is_needed_can_be_set():
    series = [at(0, **WORN), at(2, **WORN)]
    assert conclude(series, needed=2, hours=2).claimable
    assert not conclude(series, needed=2, hours=2.1).claimable
    assert not conclude(series, needed=3, hours=2).claimable


def test_readings_whose_port_is_not_stated_do_not_count():
    assert not conclude([at(hour, UNSTATED, **WORN) for hour in (0, 12, 24, 36)]).claimable
    mixed = [at(0, **WORN), at(12, UNSTATED, **WORN), at(24, **WORN)]
    assert not conclude(mixed).claimable
    assert conclude([*mixed, at(30, **WORN)]).claimable


def test_the_port_may_be_stated_beside_the_reading():
    series = [Reading(START + timedelta(hours=hour), module(UNSTATED, **DEAD), UP) for hour in (0, 12, 24)]
    assert conclude(series).claimable
    assert conclude([Reading(START, module(DOWN, **DEAD), UP)]).verdict == "undecided_needs_port_state"  # its own word


def test_a_healthy_reading_between_breaks_the_series():
    series = [at(0, **WORN), at(12, **WORN), at(18), at(24, **WORN), at(30, **WORN)]
    assert not conclude(series).claimable
    assert conclude([*series, at(48, **WORN)]).claimable
    better = conclude([at(0, **WORN), at(12, **WORN), at(24, **WORN), at(25)])
    assert (better.verdict, better.claimable) == ("within_spec", False)


def test_a_reading_that_says_nothing_neither_breaks_nor_counts():
    series = [at(0, **DEAD), at(6, DOWN, **DEAD), at(12, **DEAD), at(24, **DEAD)]
    assert conclude(series).claimable
    last = conclude([*series, at(25, DOWN, **DEAD)])
    assert (last.verdict, last.claimable) == ("undecided_needs_port_state", False) and "port_not_stated" in codes(last)


UNLIKE = {"said": {"checksums": (Checksum("CC_DMI", 1, 2),)}}


@pytest.mark.parametrize(("port", "said"), [(UNSTATED, DEAD), (DOWN, DEAD), (UP, UNLIKE)])
@pytest.mark.parametrize("before", [{}, {"said": {"temperature_c": 90.0}}, {"rx_power_dbm": 4.0}, WORN])
def test_what_was_before_says_nothing_of_now(before, port, said):
    """A module that was sound is none that is sound where the newest reading leaves it open."""
    concluded = conclude([at(0, **before), at(1, port, **said)])
    assert concluded.verdict == judge(at(1, port, **said).module)[0] and not concluded.claimable
    assert ("port_not_stated" in codes(concluded)) is (before is WORN and port is not UP)


def test_a_reading_that_measures_nothing_is_none():
    identity = Reading(START + timedelta(hours=30), Module(port=UP, serial="S1", dom=True))
    assert conclude([*(at(hour, **WORN) for hour in (0, 12, 24)), identity]).claimable
    assert conclude([at(0), identity]).verdict == "within_spec" and conclude([identity]).verdict == "no_dom"


def lanes(hours: float, *failing: dict[str, float]) -> Reading:
    """A module of several lanes."""
    whole = [replace(module(UP, **said).lanes[0], lane=at + 1) for at, said in enumerate(failing)]
    return Reading(START + timedelta(hours=hours), replace(module(UP), lanes=tuple(whole)))


def test_readings_agree_about_one_lane():
    """A failure here today and there tomorrow is none that lasts."""
    wandering = [lanes(0, WORN, {}, {}), lanes(12, {}, WORN, {}), lanes(24, {}, {}, WORN)]
    assert not conclude(wandering).claimable
    lasting = [lanes(0, WORN, WORN, DEAF), lanes(12, {}, WORN, {}), lanes(24, {}, WORN, WORN)]
    assert conclude(lasting).claimable
    assert not conclude([lanes(0, WORN, DEAF), lanes(12, WORN, DEAF), lanes(24, {}, WORN)]).claimable
    deaf = [lanes(0, DEAF, {}), lanes(12, DEAF, {}), lanes(24, {}, DEAF)]
    assert not conclude(deaf, proofs=[Proof("swap", START + timedelta(hours=20))]).claimable


def test_of_failures_that_differ_the_quietest_is_claimed():
    concluded = conclude([at(0, **DEAD), at(12, **WORN), at(24, **DEAD)])
    assert (concluded.verdict, concluded.claimable) == ("worn_laser", True)


def test_what_the_module_and_its_values_disagree_about_carries_no_claim():
    raised = {"said": {"flags": {"1.tx_bias_ma": "high_alarm", "1.tx_power_dbm": "low_alarm"}}}
    concluded = conclude([at(hour, **raised) for hour in (0, 12, 24)])
    assert (concluded.verdict, concluded.claimable) == ("worn_laser", False) and "not_counted" in codes(concluded)
    assert conclude([at(hour, **raised, **WORN) for hour in (0, 12, 24)]).claimable
    elsewhere = {"said": {"flags": {"1.rx_power_dbm": "low_warning"}}}
    assert conclude([at(hour, **elsewhere, **WORN) for hour in (0, 12, 24)]).claimable, "about something else"


def test_a_module_that_was_too_hot_is_no_claim():
    series = [at(0, **WORN), at(12, said={"temperature_c": 90.0}, **WORN), at(24, **WORN)]
    concluded = conclude(series)
    assert not concluded.claimable and "conditions" in codes(concluded)
    assert conclude(
        [at(0, **WORN), at(12, said={"temperature_c": 72.0}, **WORN), at(24, **WORN)]
    ).claimable  # a warning


def test_a_receiver_needs_a_proof():
    series = [at(0, **DEAF), at(12, **DEAF), at(24, **DEAF)]
    alone = conclude(series)
    assert (alone.verdict, alone.claimable) == ("link_or_far_end", False) and "needs_proof" in codes(alone)
    for kind in ("loopback", "swap"):
        proven = conclude(series, proofs=[Proof(kind, START + timedelta(hours=20))])
        assert (proven.verdict, proven.claimable) == ("link_or_far_end", True) and "proven" in codes(proven)
    assert not conclude(series[:2], proofs=[Proof("swap", START)]).claimable
    against = conclude(series, proofs=[Proof("swap", START), Proof("loopback", START + timedelta(hours=1), False)])
    assert not against.claimable and "proven_elsewhere" in codes(against)
    assert not conclude(series, proofs=[Proof("cleaned", START)]).claimable
    assert not conclude(series, proofs=[Proof("loopback", START - timedelta(days=9))]).claimable  # of another fault


def test_weak_light_at_normal_current_has_to_be_cleaned_first():
    series = [at(0, **WEAK), at(12, **WEAK), at(24, **WEAK), at(40, **WEAK)]
    assert (conclude(series).verdict, conclude(series).claimable) == ("clean_and_retest", False)
    cleaned = conclude(series, proofs=[Proof("cleaned", START + timedelta(hours=6))])
    assert (cleaned.verdict, cleaned.claimable) == ("transmitter_out_of_spec", True) and "cleaned" in codes(cleaned)
    assert not conclude(series, proofs=[Proof("cleaned", START + timedelta(hours=13))]).claimable
    near = [at(hour, tx_power_dbm=-9.0) for hour in (0, 12, 24, 40)]
    assert not conclude(near, proofs=[Proof("cleaned", START - timedelta(hours=1))]).claimable  # within its alarm limit


def test_ageing_is_advice_and_no_verdict():
    concluded = conclude([at(0, tx_bias_ma=45.0)], baseline=module(tx_bias_ma=30.0))
    assert concluded.verdict == "within_spec" and not concluded.claimable
    assert [reason.code for reason in concluded.advice] == ["ageing"]
    assert "45 mA where it needed 30 mA" in str(concluded.advice[0])
    assert not conclude([at(0, tx_bias_ma=45.0)], baseline=module(said={"temperature_c": 20.0})).advice
    assert not conclude([at(0, tx_bias_ma=44.0)], baseline=module(tx_bias_ma=30.0)).advice


def test_no_reading_at_all():
    concluded = conclude([])
    assert (concluded.verdict, concluded.claimable, codes(concluded)) == ("no_dom", False, ["no_reading"])


def test_every_sentence_is_whole():
    values = {"have": 1, "needed": 2, "span": "1", "hours": 24, "lane": 1, "now": 1, "before": 1}
    assert all((text % values).endswith(".") for text in SENTENCES.values())
    with speaking("zh-Hant"):
        assert str(conclude([]).reasons[0]) != SENTENCES["no_reading"]


kinds = st.sampled_from([{}, WORN, DEAD, WEAK, DEAF, {"said": {"temperature_c": 90.0}}, {"tx_fault": True}])
readings = st.builds(
    lambda hour, port, said: at(hour, port, **said), st.integers(0, 60), st.sampled_from([UP, DOWN, UNSTATED]), kinds
)
tests = st.builds(
    lambda kind, hour, failed: Proof(kind, START + timedelta(hours=hour), failed),
    st.sampled_from(["loopback", "swap", "cleaned"]),
    st.integers(-5, 65),
    st.booleans(),
)


@given(st.lists(readings, max_size=8), st.none() | st.just(module()), st.lists(tests, max_size=2))
def test_no_claim_without_its_evidence(series, baseline: Module | None, proofs):
    concluded = conclude(series, baseline=baseline, proofs=proofs)
    assert concluded.verdict in VERDICTS and concluded.reasons
    if concluded.claimable:
        up = {reading.at for reading in series if reading.module.port.admin_up}
        assert len(up) >= 3 and max(up) - min(up) >= timedelta(hours=24)
        proven = any(proof.kind != "cleaned" and proof.module_failed for proof in proofs)
        assert concluded.verdict in CLAIMABLE or (concluded.verdict == "link_or_far_end" and proven)
    else:
        assert not conclude(series[:2], proofs=proofs).claimable
