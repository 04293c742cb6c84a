"""kill -9 in the middle of a bulk call: nothing of it was stored, and the audit chain verifies."""

import signal

import pytest

from registry.assets.models import Asset
from registry.kernel import audit
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from tests.assets.killed import POINTS
from tests.houses import House
from tests.programs import run_module


@pytest.mark.slow
@pytest.mark.parametrize("point", list(POINTS))
def test_nothing_is_left_of_a_killed_bulk_call(any_house: House, point: str) -> None:
    any_house.customer("acme")
    any_house.product("Switch 48")
    entries = AuditEntry.select().count()
    any_house.close()
    code, _out, err = run_module(any_house, "tests.assets.killed", point)
    any_house.open()
    assert code == -signal.SIGKILL, err
    assert not visible(Asset, any_house.system).exists()
    assert AuditEntry.select().count() == entries
    assert all(state.fault is None for state in audit.verify())
