"""Fixtures that every test may use."""

import gc
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
from argon2 import PasswordHasher

from tests import houses, postgres, redis, scratch, seaweed
from tests.needs import lacking
from tests.two_companies import Companies

pytest_plugins = ["tests.rules_plugin", "tests.browser"]
scratch.use_memory()

# Continuous integration looks further, and at the same for the same code: what it says must not depend on the dice.
# They are thrown by whoever runs the tests himself. Deadlines, and how fast examples are made, measure the machine.
SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=SLOW)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=200, derandomize=True, print_blob=True, suppress_health_check=SLOW
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_finish() -> None:
    """What five thousand tests and all modules are made of stays: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)  # as the server does


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A private PostgreSQL server, one for each test process (it starts in about half a second)."""
    if reason := postgres.unavailable_reason():
        lacking("postgres", reason)
    with postgres.Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _s3() -> Iterator[seaweed.Server]:
    if reason := seaweed.unavailable_reason():
        lacking("s3", reason)
    with seaweed.Server() as server:
        yield server


@pytest.fixture
def s3_server(_s3: seaweed.Server) -> seaweed.Server:
    """A private S3 server, one for each test process (it starts in about a second), with an empty bucket."""
    _s3.empty()
    return _s3


@pytest.fixture(scope="session")
def _redis() -> Iterator[redis.RedisServer]:
    if reason := redis.unavailable_reason():
        lacking("redis", reason)
    with redis.RedisServer() as server:
        yield server


@pytest.fixture
def redis_server(_redis: redis.RedisServer) -> redis.RedisServer:
    """A private Redis server, one for each test process, and empty."""
    _redis.empty()
    return _redis


# --- The application: settings, migrated template databases, app, client, actors ---------------------------


@pytest.fixture(scope="session", autouse=True)
def _declared(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Rooms declared and logs quiet, once for the whole run."""
    from registry.app import load_rooms
    from tests import bundled

    folder = tmp_path_factory.getbasetemp()
    scratch.share_templates((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "templates")
    load_rooms()
    bundled.load()


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> PasswordHasher:
    """What hashes passwords in earnest, for tests of that; all others do with one that takes no time."""
    from registry.people import passwords

    real, passwords._hasher = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return real


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database with the shipped rows; each test gets a copy (a fraction of a millisecond)."""
    folder = tmp_path_factory.mktemp("template")
    house = houses.House(folder, f"sqlite:///{folder / 'template.db'}")
    house.prepare()
    house.close()
    with_small_pages(folder / "template.db")
    return folder / "template.db"


def with_small_pages(database: Path) -> None:
    """Hundreds of tables and indexes with next to nothing in them: a third of the bytes to copy for each test."""
    with closing(sqlite3.connect(database)) as opened:
        for statement in ("journal_mode = DELETE", "page_size = 1024"):
            opened.execute(f"PRAGMA {statement}")
        opened.execute("VACUUM")
        opened.execute("PRAGMA journal_mode = WAL")


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated PostgreSQL database to copy from."""
    name = "assetcare_template"
    url = postgres_cluster.create_database(name, owner=postgres_cluster.ordinary_user)
    house = houses.House(tmp_path_factory.mktemp("postgres"), url)
    house.prepare()
    house.close()
    return name


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[houses.House]:
    """An installation of this test's own, on SQLite."""
    target = tmp_path / "assetcare.db"
    shutil.copyfile(sqlite_template, target)
    yield from houses.opened(houses.House(tmp_path, f"sqlite:///{target}"))


@pytest.fixture
def postgres_house(
    postgres_cluster: postgres.Cluster, postgres_template: str, tmp_path: Path
) -> Iterator[houses.House]:
    """An installation of this test's own, on PostgreSQL, as a role that no wall lets pass."""
    name = f"test_{secrets.token_hex(6)}"
    url = postgres_cluster.create_database(name, postgres_template, postgres_cluster.ordinary_user)
    house = houses.House(tmp_path, url)
    house.cluster, house.template = postgres_cluster, postgres_template
    yield from houses.opened(house)
    postgres_cluster.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_house(request: pytest.FixtureRequest) -> houses.House:
    """The same test on both engines."""
    return request.getfixturevalue("house" if request.param == "sqlite" else "postgres_house")


@pytest.fixture
def people(house: houses.House) -> houses.People:
    """Two customers and everybody who may want something of the first: see tests/houses.py."""
    return house.people()


# --- Two companies that own one of everything: see tests/two_companies.py ----------------------------------


@pytest.fixture(scope="session")
def stocked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Companies:
    """Made once; each test gets a copy of the folder that they live in."""
    folder = tmp_path_factory.mktemp("companies") / "house"
    folder.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, folder / "assetcare.db")
    house = houses.House(folder, f"sqlite:///{folder / 'assetcare.db'}")
    house.open()
    made = Companies(house)
    house.close()
    return made


@pytest.fixture
def companies(stocked: Companies, tmp_path: Path) -> Iterator[Companies]:
    yield from stocked.living_in(tmp_path / "house")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_companies(request: pytest.FixtureRequest) -> Companies:
    if request.param == "sqlite":
        return request.getfixturevalue("companies")
    return Companies(request.getfixturevalue("postgres_house"))
