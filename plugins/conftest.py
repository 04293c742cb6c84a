"""Tests of the bundled plugins use what partners use."""

import pytest

pytest_plugins = ["registry.testing"]


@pytest.fixture(scope="session", autouse=True)
def _declared() -> None:
    """In a checkout that nobody has installed, too."""
    from registry.app import load_rooms
    from tests import bundled

    load_rooms()
    bundled.load()
