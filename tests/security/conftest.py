"""Two companies that own one of everything, made once for each module."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import House, opened
from tests.two_companies import Companies


@pytest.fixture(scope="module")
def stocked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Companies:
    folder = tmp_path_factory.mktemp("stocked") / "house"
    folder.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, folder / "assetcare.db")
    house = House(folder, f"sqlite:///{folder / 'assetcare.db'}")
    house.open()
    made = Companies(house)
    house.close()
    return made


@pytest.fixture
def companies(stocked: Companies, tmp_path: Path) -> Iterator[Companies]:
    """A copy of them for one test."""
    folder = tmp_path / "house"
    shutil.copytree(stocked.house.settings.data, folder)
    for house in opened(House(folder, f"sqlite:///{folder / 'assetcare.db'}")):
        yield stocked.moved_to(house)
