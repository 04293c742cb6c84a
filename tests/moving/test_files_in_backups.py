"""Files that are encrypted, or have moved: as they lie in a backup, and readable once it is put back."""

import io
import shutil
from pathlib import Path

import pytest

from registry.kernel import db, files, presence, wall
from registry.kernel.files import FileKey, moves
from registry.kernel.files.moves import FileMove
from tests.houses import House
from tests.programs import run_module

pytestmark = pytest.mark.slow


def put(text: bytes) -> str:
    return files.store().put(files.new_key(7), io.BytesIO(text)).key


def backed_up_and_put_back(house: House, saved: Path) -> None:
    house.close()
    presence.leave()
    code, _, err = run_module(house, "registry", "backup", "--to", str(saved))
    assert code == 0, err
    shutil.rmtree(house.settings.data / "files", ignore_errors=True)
    code, _, err = run_module(house, "registry", "restore", str(saved), "--force")
    assert code == 0, err
    house.open()


def test_encrypted_files_stay_so_in_the_backup(
    house: House, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    saved = tmp_path_factory.mktemp("saved") / "b.zip"
    files.use(files.configured(), encrypt=True)
    key = put(b"plain text")
    files.use(files.configured())
    other = put(b"as it is")
    backed_up_and_put_back(house, saved)
    assert b"plain text" not in saved.read_bytes() and b"as it is" in saved.read_bytes()
    with wall.everywhere():
        assert b"".join(files.read(key)) == b"plain text" and b"".join(files.read(other)) == b"as it is"
        assert FileKey.select().count() == 1


def test_files_that_were_moving_come_back_where_the_settings_say(
    house: House, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere, saved = tmp_path_factory.mktemp("elsewhere"), tmp_path_factory.mktemp("saved") / "b.zip"
    old = put(b"not moved yet")
    FileMove.create(source=files.configured(), target=elsewhere.as_uri(), state=moves.GOING)
    moves.forget()
    new = put(b"put since")
    assert (elsewhere / new).exists()
    backed_up_and_put_back(house, saved)
    shutil.rmtree(elsewhere)
    assert moves.rows() == [] and db.run_sql("SELECT count(*) FROM file_move").fetchone() == (0,)
    assert b"".join(files.read(old)) == b"not moved yet" and b"".join(files.read(new)) == b"put since"
    assert sorted(files.store().keys()) == sorted([old, new])
