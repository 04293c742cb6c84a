"""Fixtures for tests of pages."""

import pytest

from tests.houses import House
from tests.web.world import World, build


@pytest.fixture
def world(house: House) -> World:
    return house.furnished(build)
