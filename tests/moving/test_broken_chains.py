"""A backup of a house with a broken audit chain: written, said aloud, put back as it was - by its own house alone."""

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from registry.kernel import archive, backup
from registry.kernel.archive import DATABASE, MANIFEST, BadArchive
from tests.houses import House
from tests.moving.test_backup import (  # noqa: F401 - fixtures
    GUARD,
    NO_GUARD,
    OTHER_SECRET,
    content,
    home,
    in_database,
    place_at,
    put_back,
    quiet,
    rewritten,
    save,
    standing,
)
from tests.programs import run_module


@pytest.fixture
def broken(home: Path) -> Path:  # noqa: F811
    """A house in which somebody has edited an entry."""
    with sqlite3.connect(home / "assetcare.db") as side:
        for statement in (NO_GUARD, "UPDATE audit_entry SET label = 'x' WHERE id = 3", GUARD):
            side.execute(statement)
    side.close()
    return home


def manifest_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as packed:
        return json.loads(packed.read(MANIFEST))


def test_it_is_written_told_and_put_back_as_it_was(broken: Path, tmp_path: Path) -> None:
    was = content(broken)
    made = save(place_at(broken), tmp_path / "b.zip")
    [[chain, fault]] = made.broken or []
    assert isinstance(chain, int) and "(row 3) was changed" in fault
    assert manifest_of(tmp_path / "b.zip")["broken"] == [[chain, fault]]
    assert backup.verify(tmp_path / "b.zip", place_at(broken), tell=quiet).manifest.broken == [[chain, fault]]
    put_back(tmp_path / "b.zip", place_at(tmp_path / "new"))
    assert content(tmp_path / "new") == was


def test_a_sound_one_says_so_and_one_that_nobody_looked_at_says_nothing(home: Path, tmp_path: Path) -> None:  # noqa: F811
    assert save(place_at(home), tmp_path / "a.zip").broken == [] == manifest_of(tmp_path / "a.zip")["broken"]
    assert save(place_at(home), tmp_path / "b.zip", chains=False).broken is None
    for name in ("a", "b"):
        assert backup.verify(tmp_path / f"{name}.zip", place_at(home), tell=quiet).chains


def test_what_nobody_looked_at_is_refused_later(broken: Path, tmp_path: Path) -> None:
    save(place_at(broken), tmp_path / "b.zip", chains=False)
    with pytest.raises(BadArchive, match=r"row 3\) was changed"):
        put_back(tmp_path / "b.zip", place_at(tmp_path / "new"))


def test_only_our_own_word_counts(broken: Path, home: Path, tmp_path: Path) -> None:  # noqa: F811
    """Somebody else's manifest may say that a chain was broken by then: whoever edits a backup would write that."""
    save(place_at(broken), tmp_path / "b.zip")
    for place, trust in ((place_at(tmp_path / "new", secret=OTHER_SECRET), True), (place_at(tmp_path / "new"), True)):
        foreign = rewritten(tmp_path / "b.zip", tmp_path / "c.zip", lambda _parts, told: told.update(gone=1))
        with pytest.raises(BadArchive, match="does not verify"):
            put_back(foreign, place, trust=trust)
    with pytest.raises(BadArchive, match="does not verify"):
        put_back(tmp_path / "b.zip", place_at(tmp_path / "new", secret=OTHER_SECRET), trust=True)


def test_another_fault_than_the_one_that_was_told_is_refused(broken: Path, tmp_path: Path) -> None:
    save(place_at(broken), tmp_path / "b.zip")
    edit = (NO_GUARD, "UPDATE audit_entry SET label = 'y' WHERE id = 2", GUARD)
    worse = rewritten(tmp_path / "b.zip", tmp_path / "c.zip", lambda parts, _: in_database(parts, tmp_path, *edit))
    with archive.opened(worse, place_at(broken).key) as packed:
        packed.extract(DATABASE, tmp_path / "look.db")
        packed.ours = True
        with pytest.raises(BadArchive, match=r"row 2\) was changed"):
            backup.look_over(tmp_path / "look.db", packed)


@pytest.mark.parametrize("broken_as", ["x", [1], [["1", "x"]], [[1, 2]], [[True, "x"]], {"a": 1}, [[1, "x", 3]], 7])
def test_a_manifest_that_tells_nonsense_is_refused(
    standing: Path,  # noqa: F811
    tmp_path: Path,
    broken_as: Any,
) -> None:
    path = rewritten(standing.parent / "backup.zip", tmp_path / "b.zip", lambda _p, told: told.update(broken=broken_as))
    with pytest.raises(BadArchive, match="manifest cannot be read"):
        put_back(path, place_at(tmp_path / "new"), trust=True)


def test_an_archive_of_before_is_read(standing: Path, tmp_path: Path) -> None:  # noqa: F811
    path = rewritten(standing.parent / "backup.zip", tmp_path / "b.zip", lambda _parts, told: told.pop("broken"))
    put_back(path, place_at(tmp_path / "new"), trust=True)


def test_a_database_that_cannot_be_read_is_saved_all_the_same(home: Path, tmp_path: Path) -> None:  # noqa: F811
    parts = {DATABASE: (home / "assetcare.db").read_bytes()}
    with sqlite3.connect(home / "assetcare.db") as side:
        root = side.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit_entry'").fetchone()[0]
        size = side.execute("PRAGMA page_size").fetchone()[0]
    side.close()
    body = bytearray(parts[DATABASE])
    body[(root - 1) * size : root * size] = b"\xff" * size
    (home / "assetcare.db").write_bytes(bytes(body))
    [[_chain, fault]] = save(place_at(home), tmp_path / "b.zip").broken or []
    assert "cannot be read" in fault


@pytest.mark.slow
def test_the_commands_warn(broken: Path, tmp_path: Path) -> None:
    house, target = House(broken, f"sqlite:///{broken / 'assetcare.db'}"), str(tmp_path / "b.zip")
    code, out, err = run_module(house, "registry", "backup", "--to", target)
    assert code == 0 and "Written" in out and "broken audit chains" in err and "row 3) was changed" in err
    code, out, err = run_module(house, "registry", "backup", "verify", target)
    assert code == 1 and "is sound" not in out and "row 3) was changed" in err
    code, out, err = run_module(house, "registry", "backup", "verify", target, "--json")
    assert code == 1 and "row 3) was changed" in json.loads(out)["broken"][0]
    code, out, err = run_module(house, "registry", "restore", target, "--force")
    assert code == 0 and "Restored" in out and "row 3) was changed" in err, err
    code, out, err = run_module(house, "registry", "backup", "--no-chains", "--to", str(tmp_path / "c.zip"))
    assert code == 0 and err == ""
