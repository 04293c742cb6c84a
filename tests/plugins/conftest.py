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
