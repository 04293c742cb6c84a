import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.plugins import tables
from registry.plugins.host import Host
from tests.houses import House
from tests.plugins.world import Plugged, sample


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workshop")


@pytest.fixture(scope="session", autouse=True)
def _with_what_is_bundled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The application that all houses of a run share is wired before others take the place of the bundled plugins."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copyfile(sqlite_template, folder / "assetcare.db")
    house = House(folder, f"sqlite:///{folder / 'assetcare.db'}")
    house.open()
    assert "rma.list_lines" in house.app.view_functions
    house.close()


@pytest.fixture
def loans(any_house: House, workshop: Path) -> Iterator[Host]:
    """An installation, on either engine, with the plugin that the scaffold makes."""
    any_house.people()  # copied in whole: tables of plugins come after
    if not _plugged:
        _plugged.append(Plugged(any_house, sample(workshop)))
    with _plugged[0].there(any_house) as host:
        tables.settle(may_migrate=True)
        yield host


_plugged: list[Plugged] = []
