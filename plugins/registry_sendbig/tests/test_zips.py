"""An archive of everything: what is in it, under which names, and how it is made."""

import io
import zipfile
from pathlib import Path
from shutil import which
from subprocess import run

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_sendbig.downloads.zips import Archive, Entry, clean, paths
from registry_sendbig.tests.post import Post
from registry_sendbig.transfers import service as transfers

MIB = 1024 * 1024


def test_all_of_it_as_an_archive_that_everybody_can_open(post: Post, tmp_path: Path) -> None:
    made = post.draft(most_downloads=1)
    names = [("", "圖片.png"), ("", "圖片.png"), ("a/b", "übung.txt"), ("../../etc", "passwd"), ("", "CON.txt"),
             ("C:\\x", "no\x00thing.txt"), ("", "empty"), ("a", "b")]  # fmt: skip
    texts = {name: f"{number}".encode() * 3 for number, name in enumerate(names)}
    for number, (folder, name) in enumerate(names):
        post.file(made, b"" if name == "empty" else texts[folder, name] + bytes([number]), name, folder=folder)
    transfers.send(post.people.member.actor, made.id)
    answer = post.get(post.path(made, what="all.zip"))
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Accept-Ranges"] == "none"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        assert {one.compress_type for one in opened.infolist()} == {zipfile.ZIP_STORED}
        inside = {one.filename for one in opened.infolist()}
        assert sorted(map(opened.read, opened.namelist())) == sorted(post.kept.values())
    assert inside == {
        "圖片.png", "圖片 (2).png", "a/b/übung.txt", "etc/passwd", "_CON.txt", "C_/x/no_thing.txt", "empty", "a/b (2)",
    }  # fmt: skip
    if which("unzip"):
        (tmp_path / "all.zip").write_bytes(answer.data)
        done = run(["unzip", "-q", "-d", tmp_path / "out", tmp_path / "all.zip"], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "out" / "a" / "b" / "übung.txt").exists()
    assert post.fresh(made).end_reason == "used_up", "it counts for each of the files"


def test_an_archive_needs_no_more_memory_than_a_piece() -> None:
    opened = [0, 0]

    def read() -> object:
        opened[0] += 1
        opened[1] = max(opened)
        for _piece in range(8):
            yield bytes(MIB)
        opened[0] -= 1

    entries = [Entry("", "same.bin", 8 * MIB, "", read) for _number in range(8)]  # type: ignore[arg-type]
    archive = Archive(entries)
    longest = total = 0
    for piece in archive.pieces():
        longest, total = max(longest, len(piece)), total + len(piece)
    assert total == archive.size
    assert longest <= MIB
    assert opened == [0, 1], "one file open at a time"


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_paths_are_safe_and_different_whatever_people_call_things(wanted: list[tuple[str, str]]) -> None:
    found = paths(wanted)
    assert len({one.casefold() for one in found}) == len(wanted)
    for path in found:
        steps = path.split("/")
        assert all(step and step not in (".", "..") and not step.endswith((".", " ")) for step in steps)
        assert "\\" not in path
        assert all(step.isprintable() or max(step) >= "\ue000" for step in steps if step.isascii())
        path.encode()
        assert all(len(step.encode()) <= 200 for step in steps)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a" * 300 + ".tar.gz", ".gz"), ("長" * 200 + ".pdf", ".pdf"), ("..", "_"), ("NUL", "_NUL"), ("x. ", "x")],
)
def test_names_that_need_care(given: str, kept: str) -> None:
    assert clean(given).endswith(kept)
    assert len(clean(given).encode()) <= 181
