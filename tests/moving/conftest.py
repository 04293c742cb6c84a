"""What all tests of moving begin with."""

import shutil
from pathlib import Path

import pytest

from registry.kernel import presence
from tests.houses import House
from tests.moving.world import close, furnished


@pytest.fixture(scope="session")
def furnished_data(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a furnished installation on SQLite, to be copied: it takes seconds to make."""
    data = tmp_path_factory.mktemp("furnished") / "data"
    data.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, data / "assetcare.db")
    house = House(data, f"sqlite:///{data / 'assetcare.db'}")
    house.open()
    close(furnished(house))
    presence.leave()
    return data
