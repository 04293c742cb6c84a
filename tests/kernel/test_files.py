"""The file store: a folder and a real S3 server keep the same promises."""

import hashlib
import io
import os
import tracemalloc
from pathlib import Path
from typing import IO

import pytest

from registry.kernel import files
from registry.kernel.errors import Busy, NotFound
from registry.kernel.files import FolderStore, S3Store, Store
from tests import seaweed


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return files.open_store((tmp_path / "the files").as_uri())
    server: seaweed.Server = request.getfixturevalue("s3_server")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    opened = files.open_store(server.url)
    for key in list(opened.keys()):
        opened.delete(key)
    return opened


def test_what_is_put_comes_back(store: Store) -> None:
    for data in (b"", b"x", os.urandom(3_000_000)):
        kept = store.put(files.new_key(7), io.BytesIO(data))
        assert (kept.size, kept.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert store.exists(kept.key)
        with store.open(kept.key) as file:
            assert file.read() == data


def test_keys_are_found_by_their_owner(store: Store) -> None:
    mine = sorted(store.put(files.new_key(7), io.BytesIO(b"7")).key for _ in range(3))
    other = store.put(files.new_key(77), io.BytesIO(b"77")).key
    house = store.put(files.new_key(None), io.BytesIO(b"house")).key
    assert list(store.keys(files.folder_of(7))) == mine
    assert list(store.keys(files.folder_of(77))) == [other]
    assert list(store.keys(files.folder_of(None))) == [house]
    assert sorted(store.keys()) == sorted([*mine, other, house])
    for key in mine:
        store.delete(key)
    assert list(store.keys(files.folder_of(7))) == [] and list(store.keys(files.folder_of(77))) == [other]


def test_what_is_gone_is_gone_and_may_be_deleted_again(store: Store) -> None:
    key = store.put(files.new_key(7), io.BytesIO(b"x")).key
    for _ in range(2):
        store.delete(key)
        assert not store.exists(key)
        with pytest.raises(NotFound):
            store.open(key).read()


def test_a_key_is_never_a_path(store: Store) -> None:
    digits = "a" * 32
    for key in ("../x", "/etc/passwd", f"customer/../{digits}", f"customer/7/{digits}/x", "customer/7/name.txt",
                f"customer/7/{digits}\n", f"customer/0/{digits}", "", f"customer/7/{digits.upper()}"):  # fmt: skip
        for call in (store.open, store.delete, store.exists, store.local, lambda one: store.put(one, io.BytesIO())):
            if call == store.local and isinstance(store, S3Store):
                continue
            with pytest.raises(ValueError, match="not a key"):
                call(key)
    for prefix in ("..", "customer/7", "/", "customer/7/a"):
        with pytest.raises(ValueError, match="not the beginning"):
            list(store.keys(prefix))


class Breaking(io.RawIOBase):
    """Brings so many bytes, then fails; says how many were held at most."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        if self.left <= 0:
            raise ConnectionResetError
        piece = b"z" * min(size, self.left, 777_777)
        self.left -= len(piece)
        return piece


@pytest.mark.parametrize("size", [100, 40 * 1024 * 1024])
def test_a_broken_upload_leaves_nothing(store: Store, size: int, request: pytest.FixtureRequest) -> None:
    key = files.new_key(7)
    with pytest.raises(ConnectionResetError):
        store.put(key, Breaking(size))  # type: ignore[arg-type]
    assert not store.exists(key) and list(store.keys()) == []
    if isinstance(store, FolderStore):
        assert [path for path in store.root.rglob("*") if path.is_file()] == []
    else:
        server = request.getfixturevalue("s3_server")
        assert "Uploads" not in server.client().list_multipart_uploads(Bucket=server.bucket)


class Endless(io.RawIOBase):
    def __init__(self, size: int) -> None:
        self.left, self.digest = size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = os.urandom(min(size, self.left, 1_000_003))
        self.left -= len(piece)
        self.digest.update(piece)
        return piece


@pytest.mark.slow
def test_memory_stays_flat_however_large_the_file(store: Store) -> None:
    source: IO[bytes] = Endless(200 * 1024 * 1024)  # type: ignore[assignment]
    tracemalloc.start()
    kept = store.put(files.new_key(7), source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.size == 200 * 1024 * 1024 and kept.sha256 == source.digest.hexdigest()  # type: ignore[attr-defined]
    assert peak < 80 * 1024 * 1024
    again = hashlib.sha256()
    with store.open(kept.key) as file:
        while piece := file.read(1 << 20):
            again.update(piece)
    assert again.hexdigest() == kept.sha256


def test_only_this_account_reads_the_folder(tmp_path: Path) -> None:
    store = files.open_store((tmp_path / "files").as_uri())
    path = store.local(store.put(files.new_key(7), io.BytesIO(b"x")).key)
    assert path is not None and path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_addresses_of_stores(tmp_path: Path) -> None:
    opened = files.open_store("file:///var/lib/a%20b")
    assert isinstance(opened, FolderStore) and str(opened.root) == "/var/lib/a b"
    for wrong in ("", "file://host/x", "s3://", "s3://b?user=x", "ftp://x", "/var/lib"):
        with pytest.raises(ValueError, match="ASSETCARE_STORAGE"):
            files.open_store(wrong)


@pytest.mark.slow
def test_a_store_out_of_reach_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in seaweed.Server.environment.items():
        monkeypatch.setenv(name, value)
    store = files.open_store("s3://bucket?endpoint=http://127.0.0.1:1&region=x")
    with pytest.raises(Busy, match="ASSETCARE_STORAGE"):
        store.exists(files.new_key(1))


@pytest.mark.slow
def test_wrong_credentials_are_told_as_such(s3_server: seaweed.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", seaweed.USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(Busy, match="refuses"):
        files.open_store(s3_server.url).put(files.new_key(1), io.BytesIO(b"x"))


def test_a_folder_that_goes_with_its_last_file_takes_no_new_one_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody deletes the last file between the moment that the folder is made and the move into it."""
    store = FolderStore(tmp_path / "files")
    last = store.put(files.new_key(7), io.BytesIO(b"last"))
    replace, left = Path.replace, [1]

    def late(self: Path, target: Path) -> Path:
        if left:
            left.clear()
            store.delete(last.key)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", late)
    kept = store.put(files.new_key(7), io.BytesIO(b"new"))
    assert list(store.keys()) == [kept.key]
