"""Fixtures for tests of pages."""

import pytest

from tests.houses import House, People
from tests.web.world import World, build


@pytest.fixture
def world(house: House, people: People) -> World:
    return build(house, people)
