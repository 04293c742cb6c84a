"""Whatever happens in the middle of an import: all of it, or nothing; and the audit chain verifies."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError

from registry.assets.models import ASSET_SEARCH
from registry.imports import asset_table, run, service
from registry.imports.models import ImportSession
from registry.kernel import db
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.search import find
from tests.houses import House
from tests.imports.killed import POINTS
from tests.imports.many_assets import write
from tests.imports.world import assert_sound, assets, bring, counts, session, table
from tests.programs import finished, start_module
from tests.security.nursery import Forked

LARGE = (4500, 2000)  # rows, and at a time as in earnest: three chunks
SMALL = (90, 40)  # as many of them
DEADLY = [point for point in POINTS if point != "never"]


@pytest.fixture(autouse=True)
def _acme(any_house: House) -> None:
    any_house.customer("acme")


def start(house: House, point: str, file: Path, chunk: int) -> Forked:
    return start_module(house, "tests.imports.killed", point, str(file), str(chunk))


@pytest.mark.slow
@pytest.mark.parametrize("point", DEADLY)
def test_killed_in_the_middle(any_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    rows, chunk = LARGE if point == "just before the commit" else SMALL
    monkeypatch.setattr(run, "CHUNK", chunk)
    entries = AuditEntry.select().count()
    any_house.close()
    code, out, err = finished(start(any_house, point, write(tmp_path / "many.csv", rows), chunk))
    any_house.open()
    assert code == -signal.SIGKILL, (out, err)
    assert_sound()
    [found] = visible(ImportSession, any_house.system)
    if point == "just after the commit":
        assert (len(assets(any_house)), found.state, found.created) == (rows, "applied", rows)
        return
    assert assets(any_house) == [] and found.state == "running"
    assert AuditEntry.select().count() == entries + 1, "only that the file came"
    assert service.give_up_interrupted() == 1
    assert session(found.id).state == "failed" and "interrupted" in session(found.id).errors[0]["message"]
    bring(any_house, table(("serial", "model"), ("AFTERWARDS", "S")))
    assert find(any_house.system, [ASSET_SEARCH], "AFTERW", limit=5), "the search index is kept up as before"
    assert service.apply_import(any_house.system, found.id).created == rows
    assert find(any_house.system, [ASSET_SEARCH], f"SN{rows - 1:09d}", limit=5)
    assert_sound()


@pytest.mark.slow
def test_two_at_once_into_the_same_customer(any_house: House, tmp_path: Path) -> None:
    rows, chunk = LARGE
    file = write(tmp_path / "many.csv", rows)
    any_house.close()
    results = [finished(one) for one in [start(any_house, "never", file, chunk) for _ in range(2)]]
    any_house.open()
    assert [code for code, _, _ in results] == [0, 0], results
    assert sorted(out.split() for _, out, _ in results) == [["0", "0", str(rows), "0"], [str(rows), "0", "0", "0"]]
    assert len({one.serial for one in assets(any_house)}) == len(assets(any_house)) == rows
    assert_sound()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The database cannot take the third chunk."""
    monkeypatch.setattr(run, "CHUNK", SMALL[1])
    left = [3]
    original = asset_table.insert_rows

    def insert(*arguments: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise OperationalError("database or disk is full")
        original(*arguments)

    monkeypatch.setattr(asset_table, "insert_rows", insert)
    yield left


def test_a_full_disk(any_house: House, tmp_path: Path, full_disk: list[int]) -> None:
    rows, _ = SMALL
    file = write(tmp_path / "many.csv", rows)
    with pytest.raises(OperationalError, match="full"):
        bring(any_house, file)
    [found] = visible(ImportSession, any_house.system)
    assert assets(any_house) == [] and found.state == "failed"
    assert not db.database.in_transaction()
    assert_sound()
    assert counts(session(service.apply_import(any_house.system, found.id).id))[:2] == (rows, rows)
    assert find(any_house.system, [ASSET_SEARCH], f"SN{rows - 1:09d}", limit=5)
    assert_sound()
