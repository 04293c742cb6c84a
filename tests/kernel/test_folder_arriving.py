"""A file that comes in piece by piece to a folder: durable when it is told, whatever the disk and the process do."""

import errno
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.kernel import files
from registry.kernel.errors import Conflict, NoRoom, NotFound
from registry.kernel.files import FolderStore, incoming

KEY = "customer/7/" + "ab" * 16
MB = 1 << 20


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What the kernel answers then (EFBIG) is treated like a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_what_fitted_and_says_so(store: FolderStore) -> None:
    place = store.begin(KEY, None)
    upload, data = store.arriving(KEY, place), os.urandom(3 * MB)
    assert upload.append([data[:MB]]) == MB
    with no_file_larger_than(2 * MB + 100), pytest.raises(NoRoom) as told:
        upload.append([data[MB : 2 * MB], data[2 * MB :]])
    assert told.value.status == 507 and upload.offset == 2 * MB + 100
    assert upload.append([data[upload.offset :]]) == len(data), "there is room again"
    upload.finish()
    assert b"".join(store.read(KEY)) == data


def test_a_full_disk_leaves_nothing_of_what_was_put_at_once(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(2 * MB))
    with no_file_larger_than(MB), (tmp_path / "large").open("rb") as stream, pytest.raises(NoRoom):
        store.put(KEY, stream)
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_what_cannot_fit_is_refused_before_it_is_sent(store: FolderStore) -> None:
    with pytest.raises(NoRoom):
        store.begin(KEY, 1 << 60)
    assert list(store.unfinished()) == []


def test_one_flush_for_one_append(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, flushed, real = store.arriving(KEY, store.begin(KEY, None)), [], os.fdatasync

    def flush(handle: int) -> None:
        flushed.append(os.fstat(handle).st_size)
        real(handle)

    monkeypatch.setattr(incoming.os, "fdatasync", flush)
    upload.append(bytes(1000) for _ in range(20))
    assert flushed == [20_000], "once, when all is written"


def test_what_a_killed_process_left_counts_once_it_is_on_the_disk(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, flushed = store.begin(KEY, None), []
    store.draft_of(KEY, place).write_bytes(b"never flushed")
    monkeypatch.setattr(incoming.os, "fdatasync", lambda handle: flushed.append(os.fstat(handle).st_size))
    assert store.arriving(KEY, place).offset == 13 and flushed == [13]


def test_what_could_not_be_flushed_does_not_count(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = store.arriving(KEY, store.begin(KEY, None))
    upload.append([b"safe"])

    def fail(_handle: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    with monkeypatch.context() as patch:
        patch.setattr(incoming.os, "fdatasync", fail)
        with pytest.raises(OSError, match="broken"):
            upload.append([b"lost"])
    assert upload.offset == 4 and b"".join(upload.pieces()) == b"safe"


def test_new_names_survive_a_power_cut(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr("registry.kernel.files.folder.flush_folder", flushed.append)
    upload = store.arriving(KEY, store.begin(KEY, 1))
    assert flushed == [store.root / "incoming"]
    upload.append([b"x"])
    upload.finish()
    assert flushed[1:] == [store.root / "customer" / "7"]


def test_places_of_others_are_none(store: FolderStore) -> None:
    place, other = store.begin(KEY, 4), KEY.replace("7", "8")
    for key, where in ((other, place), (KEY, f"../{place}"), (KEY, ""), (KEY, "x"), (KEY, place[:-1] + "/")):
        with pytest.raises(NotFound):
            store.arriving(key, where)
    store.abort(KEY, place)
    with pytest.raises(NotFound):
        store.arriving(KEY, place)


def test_another_file_under_its_key_is_not_this_upload(store: FolderStore) -> None:
    place = store.begin(KEY, 4)
    store.abort(KEY, place)
    (store.root / KEY).parent.mkdir(parents=True)
    (store.root / KEY).write_bytes(b"other")
    with pytest.raises(NotFound):
        store.arriving(KEY, place)


def test_everything_in_progress_is_told(store: FolderStore) -> None:
    place = store.begin(KEY, 4)
    (store.root / "incoming" / "somebody else's").write_text("x")
    [(key, where, begun)] = store.unfinished()
    assert (key, where) == (KEY, place) and begun.tzinfo is not None
    assert list(store.keys()) == [] and not store.exists(KEY)


def test_joined_by_the_file_system(store: FolderStore) -> None:
    texts = [os.urandom(size) for size in (100, 0, 2 * MB + 1)]
    parts = []
    for number, text in enumerate(texts):
        key = f"customer/7/{number:032x}"
        upload = store.arriving(key, store.begin(key, len(text)))
        upload.append([text])
        upload.finish()
        parts.append((key, len(text)))
    whole = store.arriving(KEY, store.join(KEY, parts, sum(map(len, texts))))
    assert whole.offset == sum(map(len, texts))
    whole.finish()
    assert b"".join(store.read(KEY)) == b"".join(texts)
    with pytest.raises(NotFound):
        store.join(KEY, [(parts[0][0], 101)], 101)
    assert list(store.unfinished()) == []


SENDER = """
import random, sys
from pathlib import Path
from registry.kernel.files import FolderStore
store, key = FolderStore(Path(sys.argv[1])), sys.argv[2]
upload, text = store.arriving(key, sys.argv[3]), random.Random(5).randbytes(100_003) * 2
start = upload.offset % 100_003
def pieces():
    for number in range(400):
        if number % 40 == 39:
            print(number, flush=True)
        yield text[start:start + 100_003]
upload.append(pieces())
"""


@pytest.mark.slow
def test_killed_in_the_middle(store: FolderStore) -> None:
    """Again and again: what is there is what was sent first, and it goes on from there."""
    place, held = store.begin(KEY, None), 0
    for lines in (1, 2, 1):
        sender = subprocess.Popen(
            [sys.executable, "-c", SENDER, str(store.root), KEY, place], stdout=subprocess.PIPE, cwd=Path.cwd()
        )
        assert sender.stdout is not None
        with sender.stdout as told:
            for _line in range(lines):
                assert told.readline()
            sender.send_signal(signal.SIGKILL)
        assert sender.wait() == -signal.SIGKILL
        before, held = held, store.arriving(KEY, place).offset
        assert held >= before + lines * 39 * 100_003
        assert not store.exists(KEY) and [one[1] for one in store.unfinished()] == [place]
    assert b"".join(store.arriving(KEY, place).pieces()) == (random.Random(5).randbytes(100_003) * 1000)[:held]


def test_finished_while_somebody_appends(store: FolderStore) -> None:
    place = store.begin(KEY, None)
    one, other = store.arriving(KEY, place), store.arriving(KEY, place)
    one.append([b"abc"])
    other.finish()
    other.finish()
    with pytest.raises(Conflict):
        one.append([b"d"])
    assert one.offset == 3 and files.PIECE == MB
