"""Two companies in a house of the test's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import House, opened
from tests.two_companies import Companies


@pytest.fixture(scope="session")
def stocked_once(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Companies:
    folder = tmp_path_factory.mktemp("handover") / "house"
    folder.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, folder / "assetcare.db")
    house = House(folder, f"sqlite:///{folder / 'assetcare.db'}")
    house.open()
    made = Companies(house)
    house.close()
    return made


@pytest.fixture
def companies(stocked_once: Companies, tmp_path: Path) -> Iterator[Companies]:
    folder = tmp_path / "house"
    shutil.copytree(stocked_once.house.settings.data, folder)
    for house in opened(House(folder, f"sqlite:///{folder / 'assetcare.db'}")):
        yield stocked_once.moved_to(house)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_companies(request: pytest.FixtureRequest) -> Companies:
    if request.param == "sqlite":
        return request.getfixturevalue("companies")
    return Companies(request.getfixturevalue("postgres_house"))
