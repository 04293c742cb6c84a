"""kill -9 at a hundred moments under load: data, audit chain and outbox agree, and everything accepted is there."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import postgres
from tests.houses import House
from tests.needs import lacking
from tests.postgres import Cluster
from tests.security.nursery import shared
from tests.security.rampage import Rampage
from tests.security.serving import serving

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("ASSETCARE_TEST_KILLS", "100"))
FOLDERS = 4


@pytest.mark.parametrize("seed", range(1, FOLDERS + 1))
def test_nothing_accepted_is_lost_and_nothing_is_half_done(house: House, tmp_path: Path, seed: int) -> None:
    rampage = Rampage(house, tmp_path, seed)
    for number in range(KILLS // FOLDERS):
        rampage.kill_once(worker=number % 8 == 0, nursery=shared())
        rampage.check()
    delivered = rampage.deliver_the_rest()
    print(f"seed {seed}: {rampage.kills} kills, {rampage.accepted.total} accepted requests, {delivered} deliveries")
    assert rampage.kills == KILLS // FOLDERS and rampage.accepted.total >= rampage.kills // 2


@pytest.fixture
def cluster_house(tmp_path: Path) -> Iterator[tuple[Cluster, House]]:
    """A house on a PostgreSQL server of this test's own, whose processes may be killed."""
    if reason := postgres.unavailable_reason():
        lacking("postgres", reason)
    with postgres.Cluster() as cluster:
        url = cluster.create_database("killed", owner=cluster.ordinary_user)
        # What was committed must survive the server's own crash: the log is handed to the system at each commit.
        cluster.execute(sql.SQL("ALTER DATABASE killed SET synchronous_commit = on"))
        house = House(tmp_path / "data", url)
        house.prepare()
        yield cluster, house


@pytest.mark.postgres
def test_nothing_is_lost_on_postgresql(cluster_house: tuple[Cluster, House], tmp_path: Path) -> None:
    _, house = cluster_house
    rampage = Rampage(house, tmp_path, 1)
    for number in range(10):
        rampage.kill_once(worker=number % 5 == 0, nursery=shared())
        rampage.check()
    print(f"PostgreSQL: {rampage.kills} kills, {rampage.accepted.total} accepted requests, all of them there")
    assert rampage.accepted.total >= rampage.kills // 2


@pytest.mark.postgres
def test_the_house_outlives_its_database_server(cluster_house: tuple[Cluster, House], tmp_path: Path) -> None:
    """A backend is killed, which makes PostgreSQL end all of them: 503 meanwhile, never a 500, then on as before."""
    cluster, house = cluster_house
    rampage = Rampage(house, tmp_path, 2)
    with serving(house, tmp_path) as server:
        for _ in range(6):
            before = rampage.accepted.total
            with rampage.load(server.port):
                time.sleep(rampage.dice.uniform(0.05, 0.3))
                until(lambda: kill_a_backend(cluster))
                await_backends(cluster)
                until(lambda before=before: rampage.accepted.total > before + 20)
    rampage.check()
    print(f"PostgreSQL killed 6 times: {rampage.accepted.total} accepted, {len(rampage.accepted.refused)} told to wait")


def kill_a_backend(cluster: Cluster) -> bool:
    """Whether there was one: the first may not have come yet, or the last have gone by itself."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = 'killed' AND pid <> pg_backend_pid() ORDER BY random()"
    with (
        contextlib.suppress(psycopg.OperationalError, ProcessLookupError),
        psycopg.connect(cluster.url("postgres"), autocommit=True) as connection,
    ):
        for (pid,) in connection.execute(query).fetchall():
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def await_backends(cluster: Cluster) -> None:
    def answers() -> bool:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(cluster.url("killed")) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
        return False

    until(answers)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, "it does not come back"
        time.sleep(0.05)
