import sqlite3
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from registry.customers.service import customer_by
from registry.kernel import db
from registry.testing import Installation
from registry_rma.tests.world import Desk

_furnished: list[tuple[sqlite3.Connection, Desk]] = []


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk in an installation of its own: made once in a process, and copied from then on."""
    if not _furnished:
        yield _furnish(Desk(request.getfixturevalue("installation"), request.getfixturevalue("people")))
        return
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    house = Installation(folder)
    house.open()
    database, made = _furnished[0]
    database.backup(db.database.connection())
    copied = deepcopy(made, {id(made.installation): house})
    copied.begun = db.database.connection().total_changes
    yield copied
    house.close()


def _furnish(made: Desk) -> Desk:
    made.price(currency=str(customer_by(made.system, "acme").currency))
    database = sqlite3.connect(":memory:", check_same_thread=False)
    db.database.connection().backup(database)
    _furnished.append((database, deepcopy(made, {id(made.installation): made.installation})))
    return made
