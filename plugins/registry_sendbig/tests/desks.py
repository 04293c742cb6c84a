"""The fixture `post`: an installation with people in it, made once in a process and copied from then on."""

import sqlite3
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from registry.kernel import db
from registry.testing import Installation, People
from registry_sendbig.tests.post import Post

_furnished: list[tuple[sqlite3.Connection, People, Installation]] = []


@pytest.fixture
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    if not _furnished:
        yield _furnish(request)
        return
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    house = Installation(folder)
    house.open()
    database, people, first = _furnished[0]
    database.backup(db.database.connection())
    yield Post(house, deepcopy(people, {id(first): house}))
    house.close()


def _furnish(request: pytest.FixtureRequest) -> Post:
    made = Post(request.getfixturevalue("installation"), request.getfixturevalue("people"))
    database = sqlite3.connect(":memory:", check_same_thread=False)
    db.database.connection().backup(database)
    _furnished.append((database, deepcopy(made.people, {id(made.installation): made.installation}), made.installation))
    return made
