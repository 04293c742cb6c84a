"""The standing conclusion, kept up to date upload by upload, is that of the whole series."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.kernel.access import visible
from registry.optics import service
from registry.optics.concluding import HOUSE, _proofs, effective_limits, reading_of
from registry.optics.models import Optic, OpticReading
from registry.optics.profiles import NONE
from registry.optics.verdicts.persistence import conclude
from tests.optics.optic_world import DEAF, NOW, WORN, at_now, bring, item

KINDS = {
    "good": {}, "worn": WORN, "deaf": DEAF, "weak": {"tx_power_dbm": -13.0}, "strong": {"tx_power_dbm": 4.0},
    "hot": {"temperature_c": 80.0, **WORN}, "unsaid": {"admin_up": None, **WORN},
    "off": {"admin_up": False, "tx_bias_ma": 0.0, "tx_power_dbm": -30.0},
}  # fmt: skip
TESTS = st.sampled_from(("loopback", "swap", "cleaned"))
STEPS = st.lists(
    st.tuples(st.sampled_from(("worn", *KINDS)), st.integers(0, 120), st.booleans()), min_size=1, max_size=14
)
PROOFS = st.lists(st.tuples(TESTS, st.integers(0, 120), st.booleans()), max_size=2)


@pytest.fixture
def acme(house, monkeypatch):
    at_now(monkeypatch)
    house.customer("acme")
    return house


@given(steps=STEPS, proofs=PROOFS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_it_is_that_of_all_readings(acme, steps, proofs):
    """Readings in any order, several at once or one by one, with tests on record in between."""
    serial = f"S{visible(Optic, HOUSE).count()}"
    waiting = []
    for kind, hours, now in steps:
        waiting.append(item(hours, serial=serial, **KINDS[kind]))
        if now:
            bring(acme, *waiting)
            waiting = []
    done = bring(acme, *waiting, item(121, serial=serial))
    optic_id = done["items"][0]["id"]
    for kind, hours, failed in proofs:
        at = NOW - timedelta(hours=hours)
        service.record_proof(acme.system, optic_id, {"kind": kind, "at": at, "module_failed": failed})
    optic = visible(Optic, HOUSE).where(Optic.id == optic_id).get()
    rows = visible(OpticReading, HOUSE).where(OpticReading.optic_id == optic_id).dicts()
    limits = effective_limits(optic, NONE)
    whole = conclude([reading_of(row, optic, limits) for row in rows], proofs=_proofs([optic_id]).get(optic_id, []))
    assert (optic.verdict, optic.claimable) == (whole.verdict, whole.claimable)
    assert [one["code"] for one in optic.reasons] == [one.code for one in whole.reasons]


def test_a_failure_that_began_long_before_many_late_readings(acme):
    bring(acme, item(80, **WORN), *(item(minutes / 60, **WORN) for minutes in range(20)))
    assert visible(Optic, HOUSE).get().claimable
