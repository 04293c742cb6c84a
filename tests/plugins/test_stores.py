"""A plugin that keeps the files: asked first, held to what a store promises, and told at start when it cannot."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.kernel import files
from registry.kernel.errors import Busy, NotFound
from registry.kernel.files import FolderStore, choice
from registry.plugins import checking, switches
from registry.sdk import Actor, Kept, copy_hashed
from tests.houses import House
from tests.plugins.making import entry, guest
from tests.plugins.world import taken_in


class Shelf:
    """In memory, as a partner would write it."""

    def __init__(self, url: str) -> None:
        self.url, self.kept = url, {"not a key of ours": b""}

    def put(self, key: str, stream: Any) -> Kept:
        held = io.BytesIO()
        size, digest = copy_hashed(stream, held)
        self.kept[key] = held.getvalue()
        return Kept(key, size, digest)

    def open(self, key: str) -> Any:
        if key not in self.kept:
            raise NotFound()
        return io.BytesIO(self.kept[key])

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from self.kept

    def exists(self, key: str) -> bool:
        return key in self.kept

    def local(self, key: str) -> Path | None:
        return None


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    chosen, opened = list(choice._chosen), list(choice._opened)
    yield
    choice._chosen[:], choice._opened[:] = chosen, opened


def shelf(url: str) -> Shelf | None:
    return Shelf(url) if url.startswith("shelf:") else None


def test_a_scheme_of_a_plugin_s(house: House) -> None:
    with guest(storage_for=shelf) as host:
        files.use("shelf://main")
        key = files.new_key(7)
        other = files.store().put(files.new_key(77), io.BytesIO(b"other")).key
        kept = files.store().put(key, io.BytesIO(b"photo"))
        assert kept.size == 5 and files.store().exists(key) and files.store().local(key) is None
        assert files.store().open(key).read() == b"photo"
        assert list(files.store().keys("customer/7/")) == [key] and sorted(files.store().keys()) == sorted([key, other])
        assert [one.text for one in checking.findings("guest")][:1] == [
            "It keeps the files: one went there and came back."
        ]
        switches.switch(Actor.system(), "guest", on=False)
        assert files.store().exists(key), "files are there while the plugin is off"
        files.store().delete(key)
        assert not files.store().exists(key)
        with pytest.raises(NotFound):
            files.store().open(key)
        with pytest.raises(ValueError, match="not a key"):
            files.store().open("../secret")
        assert isinstance(files.open_store("file:///x"), FolderStore), "the core's own come last"
        assert not host.unwritten


def test_the_core_s_own_schemes_can_be_taken_over(house: House) -> None:
    with guest(storage_for=lambda url: Shelf(url)):
        assert not isinstance(files.open_store("file:///x"), FolderStore)
    with guest(storage_for=lambda url: 1 / 0) as host:  # type: ignore[arg-type, return-value]
        assert isinstance(files.open_store("file:///x"), FolderStore) and host.plugins["guest"].failures == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda url: None, "no plugin serves shelf:"),
        (lambda url: 1 / 0, "guest failed: ZeroDivisionError"),
        (lambda url: object(), "guest answers object without put, open, delete, keys, exists, local"),
    ],
)
def test_a_store_that_cannot_be_is_told_at_start(house: House, answer: Any, reason: str) -> None:
    with guest(storage_for=answer), pytest.raises(ValueError, match="ASSETCARE_STORAGE") as refused:
        files.use("shelf://main")
    assert reason in str(refused.value)


def test_the_plugin_that_is_missing_is_named() -> None:
    with taken_in([entry("guest")]) as host:
        host.remove(host.plugins["guest"], "Its library is gone.")
        with pytest.raises(ValueError, match="The plugin guest does not work: Its library is gone."):
            files.use("shelf://main")


def test_what_fails_in_a_store_is_a_store_out_of_reach(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise ConnectionError("the shelf is empty")
        yield

    with guest(storage_for=shelf) as host:
        files.use("shelf://main")
        for name in ("put", "open", "delete", "keys", "exists", "local"):
            monkeypatch.setattr(Shelf, name, fail if name == "keys" else lambda *_: next(fail()))
        key = files.new_key(None)
        for call in (
            lambda: files.store().put(key, io.BytesIO()), lambda: files.store().open(key),
            lambda: list(files.store().keys()), lambda: files.store().exists(key), lambda: files.store().delete(key),
        ):  # fmt: skip
            with pytest.raises(Busy):
                call()
        assert checking.findings("guest")[0].state == "fault"
        monkeypatch.setattr(Shelf, "put", lambda *_: "done")
        with pytest.raises(Busy):
            files.store().put(key, io.BytesIO())
        assert host.plugins["guest"].works and not host.plugins["guest"].failures, "the plugin is not stopped for it"


class Ranged(Shelf):
    """It can tell of a part of a file without reading all of it."""

    def read(self, key: str, start: int, length: int | None) -> Iterator[bytes]:
        end = None if length is None else start + length
        yield from (bytes([byte]) for byte in self.kept[key][start:end])

    def size_of(self, key: str) -> int:
        return len(self.kept[key])

    def open(self, key: str) -> Any:
        raise AssertionError("nobody reads all of it")


@pytest.mark.parametrize("kind", [Shelf, Ranged])
def test_large_files_by_a_plugin_s_store(house: House, kind: type[Shelf], tmp_path: Path) -> None:
    """What comes in piece by piece waits on this host, and goes there as a whole."""
    with guest(storage_for=lambda url: kind(url) if url.startswith("shelf:") else None):
        files.use("shelf://main", spool=tmp_path / "spool")
        place = files.begin(key := files.new_key(7), 9)
        assert files.arriving(key, place).append([b"abc", b"def"]) == 6 and not files.store().exists(key)
        coming = files.arriving(key, place)
        assert coming.offset == 6 and [(one, where) for one, where, _ in files.unfinished()] == [(key, place)]
        coming.append([b"ghi"])
        for _again in range(2):
            files.arriving(key, place).finish()
        assert b"".join(files.read(key, 2, 5)) == b"cdefg" and files.size_of(key) == 9
        assert list(files.listed("customer/7/")) == [(key, 9)] and list(files.unfinished()) == []
        assert [path for path in (tmp_path / "spool").rglob("*") if path.is_file()] == []
        with pytest.raises(NotFound):
            files.arriving(files.new_key(7), place)
        assert files.presigned_get(key, name="x", media_type="x/y") is None and files.part_size(key, place) is None
