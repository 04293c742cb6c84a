"""kill -9 of the worker at any point: everything is announced once, and every reader has his mail, once."""

import signal
from datetime import timedelta

import pytest

from registry.kernel.mail import LEASE, Mail
from tests.houses import House
from tests.notices.killed import POINTS
from tests.notices.world import END, Calendar, at
from tests.programs import run_module


@pytest.mark.slow
@pytest.mark.parametrize("point", list(POINTS))
def test_a_killed_worker_costs_nobody_his_mail(any_house: House, point: str) -> None:
    world = Calendar(any_house)
    asset = world.unit("SN-1", END)
    world.plan(users=[world.people.colleague.user.id])
    any_house.close()
    code, _out, err = run_module(any_house, "tests.notices.killed", point)
    any_house.open()
    assert code == -signal.SIGKILL, err
    assert timedelta(hours=1) > LEASE
    with at(END):
        world.run()
    with at(END, 13):  # an hour later, and no lease lasts that long
        readers = [str(message["To"]) for message in world.mails()]
    assert readers == ["alice@acme.example", "bob@acme.example"]
    assert world.told() == [("asset_warranty", asset.id, END, 0)]
    assert {row.state for row in Mail.select()} == {"sent"}
