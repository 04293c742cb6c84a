"""Moving all files to another store while they are used: nothing lost, nothing twice, whenever it is cut off."""

import hashlib
import io
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry import checks_of_files
from registry.kernel import db, files, locks, wall
from registry.kernel.errors import Busy, Conflict, Invalid, NotFound, Problem
from registry.kernel.files import FolderStore, choice, moves, moving
from registry.kernel.files.moves import FileMove
from registry.settings import Settings
from tests import seaweed
from tests.houses import House


class Places:
    def __init__(self, folder: Path) -> None:
        self.old, self.new = folder / "old store", folder / "new store"
        self.url, self.to = self.old.as_uri(), self.new.as_uri()

    @property
    def before(self) -> FolderStore:
        return FolderStore(self.old)

    @property
    def after(self) -> FolderStore:
        return FolderStore(self.new)


@pytest.fixture
def places(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    yield from opened(tmp_path, monkeypatch)


@pytest.fixture
def any_places(any_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    yield from opened(tmp_path, monkeypatch)


def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    monkeypatch.setattr(moving, "GRACE", 0.0)
    monkeypatch.setattr(moves, "LOOK_SECONDS", 0.0)
    found, url = Places(tmp_path), files.configured()
    files.use(found.url, spool=tmp_path / "spool")
    with wall.everywhere():
        yield found
    files.use(url)


def put(text: bytes, owner: int | None = 7) -> str:
    return files.store().put(files.new_key(owner), io.BytesIO(text)).key


def text_of(key: str) -> bytes:
    return b"".join(files.read(key))


def digest(text: bytes) -> str:
    """What stands for millions of bytes in a comparison: one that failed would show all of them."""
    return hashlib.sha256(text).hexdigest()


def test_all_files_go_over_and_are_found_there(any_places: Places) -> None:
    places = any_places
    texts = {put(bytes([number]) * number, number % 3 or None): bytes([number]) * number for number in range(20)}
    heard: list[moving.Moved] = []
    moved = moving.move_store(places.to, heard.append)
    assert moved == heard[-1] and (moved.files, moved.bytes, moved.done) == (20, sum(range(20)), True)
    assert [one.left for one in heard[:20]] == list(reversed(range(20)))
    assert sorted(places.after.keys()) == sorted(texts) and list(places.before.keys()) == []
    assert {key: text_of(key) for key, _size in files.listed()} == texts
    new = put(b"afterwards")
    assert places.after.exists(new) and files.current_url() == places.to != files.configured()
    assert moving.redirected() == (places.url, places.to) and moving.under_way() is None and not moving.left_behind()
    with pytest.raises(Conflict):
        moving.move_store(places.to)


def test_there_and_back_again_and_on(places: Places, tmp_path: Path) -> None:
    key, third = put(b"travelling"), (tmp_path / "third").as_uri()
    for url, elsewhere in ((places.to, True), (places.url, False), (places.to, True), (third, True)):
        assert moving.move_store(url).done and text_of(key) == b"travelling"
        assert files.current_url() == url and (moving.redirected() is not None) == elsewhere
    files.use(third)
    assert text_of(key) == b"travelling" and moving.redirected() is None


class Cut(Exception):
    pass


STEPS = [("put", 3), ("put", 1), ("read", 1), ("read", 2), ("read", 5), ("delete", 1), ("delete", 4)]


@pytest.mark.parametrize(("step", "times"), STEPS)
@pytest.mark.parametrize("late", [False, True])
def test_cut_off_anywhere_and_gone_on_with(
    places: Places, monkeypatch: pytest.MonkeyPatch, step: str, times: int, late: bool
) -> None:
    texts = {put(text, owner): text for owner, text in ((7, b"a" * 3_000_000), (8, b"b"), (7, b""), (None, b"d"))}
    real, left = getattr(FolderStore, step), [times]

    def cutting(self: FolderStore, *arguments: Any) -> Any:
        left[0] -= 1
        if not left[0] and not late:
            raise Cut
        done = real(self, *arguments)
        if not left[0]:
            raise Cut
        return done

    with monkeypatch.context() as patch:
        patch.setattr(moving._Move, "_try", staticmethod(lambda source, target: None))
        patch.setattr(FolderStore, step, cutting)
        with pytest.raises(Cut):
            moving.move_store(places.to)
        left[0] = 10**9
        assert {key: text_of(key) for key, _size in files.listed()} == texts, "all is there meanwhile"
        assert moving.under_way() == (places.url, places.to)
        with pytest.raises(Conflict, match="on their way"):
            moving.move_store(places.url)
    assert moving.move_store(places.to).done
    assert {key: text_of(key) for key, _size in places.after.listed()} == texts and not list(places.before.keys())


def begun_only(places: Places) -> None:
    FileMove.create(source=places.url, target=places.to, state=moves.GOING)


def test_meanwhile_new_files_go_to_the_new_place_and_old_ones_are_found(places: Places) -> None:
    old = put(b"old")
    begun_only(places)
    new = put(b"new")
    assert places.before.exists(old) and places.after.exists(new) and not places.before.exists(new)
    assert text_of(old) == b"old" and text_of(new) == b"new" and files.size_of(old) == 3
    assert list(files.store().keys()) == sorted([old, new])
    assert list(files.listed()) == sorted([(old, 3), (new, 3)])
    assert files.plain_path(old) == places.old / old and files.plain_path(new) == places.new / new
    files.store().delete(old)
    assert not files.store().exists(old) and not places.before.exists(old)
    with pytest.raises(NotFound):
        text_of(old)


def test_an_upload_in_progress_goes_on_where_it_was_begun(places: Places) -> None:
    place = files.begin(key := files.new_key(7), 6)
    files.arriving(key, place).append([b"abc"])
    other = put(b"other")
    waiting = moving.move_store(places.to)
    assert (waiting.done, waiting.waiting) == (False, 1) and places.after.exists(other)
    coming = files.arriving(key, place)
    assert coming.offset == 3 and coming.append([b"def"]) == 6
    coming.finish()
    assert text_of(key) == b"abcdef"
    assert moving.move_store(places.to).done and text_of(key) == b"abcdef" and places.after.exists(key)
    assert files.arriving(key, place).offset == 6, "who asks again is told that it is finished"


def test_uploads_may_be_given_up_for_it(places: Places) -> None:
    place = files.begin(key := files.new_key(7), 6)
    assert moving.move_store(places.to, drop_unfinished=True).done
    with pytest.raises(NotFound):
        files.arriving(key, place)


def test_other_bytes_at_the_new_place_are_not_believed(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    key, put_there = put(b"right"), FolderStore.put

    def wrong(self: FolderStore, key: str, stream: Any) -> Any:
        return put_there(self, key, io.BytesIO(b"wrong") if self.root == places.new else stream)

    with monkeypatch.context() as patch:
        patch.setattr(moving._Move, "_try", staticmethod(lambda source, target: None))
        patch.setattr(FolderStore, "put", wrong)
        with pytest.raises(Problem, match="other bytes"):
            moving.move_store(places.to)
    assert text_of(key) == b"right" and places.before.exists(key) and not places.after.exists(key)
    places.after.put(key, io.BytesIO(b"half"))  # whatever lies there from before
    assert moving.move_store(places.to).done and text_of(key) == b"right"


def test_a_place_that_does_not_work_is_told_before_anything_moves(places: Places, tmp_path: Path) -> None:
    put(b"x")
    (tmp_path / "a file").write_text("in the way")
    for url, error in (("ftp://x", Invalid), ((tmp_path / "a file").as_uri(), OSError), (places.url, Conflict)):
        with pytest.raises(error):
            moving.move_store(url)
    assert moves.rows() == [] and files.current_url() == places.url


@pytest.mark.parametrize("ending", ["/", "/.", "/../old%20store", "/../link"])
def test_the_same_place_under_another_address_is_none_to_move_to(places: Places, ending: str) -> None:
    key = put(b"the only copy")
    places.old.with_name("link").symlink_to(places.old)
    with pytest.raises(Conflict, match="there already"):
        moving.move_store(places.url + ending)
    assert text_of(key) == b"the only copy" and moves.rows() == [] and list(places.before.keys()) == [key]


def test_what_is_deleted_while_it_is_copied_stays_deleted(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    key, put_there = put(b"gone soon"), FolderStore.put

    def meanwhile(self: FolderStore, key: str, stream: Any) -> Any:
        done = put_there(self, key, stream)
        files.store().delete(key)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(moving._Move, "_try", staticmethod(lambda source, target: None))
        patch.setattr(FolderStore, "put", meanwhile)
        assert moving.move_store(places.to).done
    assert not files.store().exists(key) and not list(places.after.keys()) and not list(places.before.keys())


def test_a_file_that_moves_while_it_is_read(places: Places) -> None:
    text = random.Random(1).randbytes(3 * files.PIECE + 5)
    key = put(text)
    begun_only(places)
    pieces = files.read(key)
    read = next(pieces)
    assert moving.move_store(places.to).done
    assert read + b"".join(pieces) == text


def test_one_at_a_time(places: Places) -> None:
    taken, done = threading.Event(), threading.Event()

    def other() -> None:
        with locks.held(moving.LOCK):
            taken.set()
            done.wait(120)

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert taken.wait(120)
        with pytest.raises(Busy):
            moving.move_store(places.to)
    finally:
        done.set()
        thread.join()


def test_encrypted_files_move_as_they_are(places: Places) -> None:
    files.use(places.url, encrypt=True)
    key = put(b"secret text")
    with files.raw_store().open(key) as stream:
        lying = stream.read()
    assert moving.move_store(places.to).done
    assert (places.new / key).read_bytes() == lying != b"secret text" == text_of(key)


def test_the_new_place_is_noticed_within_seconds(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "LOOK_SECONDS", 3600.0)
    assert files.current_url() == places.url
    begun_only(places)
    assert files.current_url() == places.url, "not asked for every file"
    looked, *rest = moves._known[0]
    moves._known[0] = (looked - 3601, *rest)  # type: ignore[assignment]
    assert files.current_url() == places.to


def test_who_reads_in_a_long_transaction_notices_too(any_places: Places) -> None:
    places = any_places
    key = put(b"text")
    with db.snapshot():
        assert text_of(key) == b"text"
        thread = threading.Thread(target=_elsewhere, args=(places,))
        thread.start()
        thread.join()
        assert places.after.exists(key) and not places.before.exists(key) and text_of(key) == b"text"


def _elsewhere(places: Places) -> None:
    with wall.everywhere(), db.connection():
        moving.move_store(places.to)
    db.database.close()


@pytest.mark.slow
def test_to_a_bucket_and_back(places: Places, s3_server: seaweed.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    texts = {put(text): digest(text) for text in (b"", b"small", random.Random(1).randbytes(20_000_000))}
    assert moving.move_store(s3_server.url).done and not list(places.before.keys())
    assert {key: digest(text_of(key)) for key, _size in files.listed()} == texts
    place = files.begin(key := files.new_key(7), 3)
    assert not moving.move_store(places.url).done
    files.arriving(key, place).append([b"abc"])
    files.arriving(key, place).finish()
    assert moving.move_store(places.url).done
    again = files.arriving(key, place)
    again.finish()
    assert (again.offset, again.size) == (3, 3), "a job that was killed behind finish() begins it anew"
    for late in (lambda: again.append([b"x"]), lambda: files.arriving(files.new_key(7), place)):
        with pytest.raises((Conflict, NotFound)):
            late()
    assert {one: digest(text_of(one)) for one, _size in files.listed()} == {**texts, key: digest(b"abc")}
    assert list(choice.opened(s3_server.url).keys()) == []


def findings() -> list[tuple[str, str]]:
    return [(one.state, one.text) for one in checks_of_files.where(Settings())]


def test_whoever_checks_or_starts_is_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    key = put(b"text")
    assert findings() == []
    moving.warn_at_start()
    begun_only(places)
    assert [(state, "sendbig move" in text) for state, text in findings()] == [("advice", True)]
    moving.move_store(places.to)
    assert [(state, f"have moved to {places.to}" in text) for state, text in findings()] == [("advice", True)]
    places.before.put(key, io.BytesIO(b"put by whoever was asleep"))
    assert findings()[1][1].startswith("1 files lie where they were moved from")
    assert text_of(key) == b"text"
    logged: list[dict[str, str]] = []
    monkeypatch.setattr(moving.log, "warning", lambda event, **told: logged.append({"event": event, **told}))
    moving.warn_at_start()
    assert logged == [{"event": "file_store_redirected", "configured": places.url, "current": places.to}]
    files.use(places.to)
    moving.warn_at_start()
    assert len(logged) == 1


def test_a_house_without_the_table_or_the_database_starts(places: Places, tmp_path: Path) -> None:
    db.run_sql("DROP TABLE file_move")
    assert moves.rows() == [] and text_of(put(b"x")) == b"x"
    moving.warn_at_start()
