"""Fixtures about people who sign in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from registry.kernel import clock
from registry.people import passwords
from tests.houses import House
from tests.people.browser import PASSWORD, Browser

START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = START
        self._frozen = clock.frozen(self.now)
        self._frozen.__enter__()

    def forward(self, **time: float) -> None:
        self.stop()
        self.now += timedelta(**time)
        self._frozen = clock.frozen(self.now)
        self._frozen.__enter__()

    def stop(self) -> None:
        self._frozen.__exit__(None, None, None)


@pytest.fixture
def watch() -> Iterator[Clock]:
    made = Clock()
    yield made
    made.stop()


@pytest.fixture
def alice(house: House, watch: Clock) -> Browser:
    """acme's manager at her browser, not signed in yet."""
    house.customer("acme", name="Acme Rail")
    house.person("alice@acme.example", "manager", "acme", password=PASSWORD)
    return Browser(house, "alice@acme.example")


@pytest.fixture
def in_earnest(monkeypatch: pytest.MonkeyPatch, real_hasher: PasswordHasher) -> None:
    """Passwords are hashed as they are in production."""
    monkeypatch.setattr(passwords, "_hasher", real_hasher)
