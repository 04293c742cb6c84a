"""From the last byte to a file that people can fetch, whatever happens in between."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry.kernel.errors import Busy
from registry.sdk import NotNow, files, settings_of
from registry_sendbig.models import Upload
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import Tus, blob_of, blobs, files_of, said, setting
from registry_sendbig.uploads import contents, settling
from registry_sendbig.uploads import service as uploads

DATA = b"\x01\x02" * 3000


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def tus(post: Post) -> Tus:
    return Tus(post.installation, post.people.manager)


@pytest.fixture
def waiting(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The id of an upload that is whole, and that nobody has looked at yet."""
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "enqueue", lambda *_args, **_values: None)
        tus.send(DATA)
    [row] = sending.uploads()
    assert files_of(tus.transfer)[0].state == "checking" and row.whole_at
    yield row.id


def test_the_job_does_it(tus: Tus, waiting: int) -> None:
    settling.settle(waiting)
    [file] = files_of(tus.transfer)
    assert (file.state, blob_of(file).sha256) == ("kept", hashlib.sha256(DATA).hexdigest())
    settling.settle(waiting)  # twice does no harm
    assert len(blobs()) == 1 and not list(files.unfinished())


def test_the_last_byte_is_noticed_once(tus: Tus, waiting: int) -> None:
    """By HEAD and by PATCH at the same moment."""
    settling.settle(waiting)
    uploads.arrived_whole(waiting)
    assert files_of(tus.transfer)[0].state == "kept"


@pytest.mark.parametrize("name", [
    "settling._be_whole", "settling.read", "settling._keep", "uploads.discard"
])  # fmt: skip
def test_killed_anywhere_it_is_taken_up_again(
    tus: Tus, waiting: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = {"settling": settling, "uploads": uploads}[name.partition(".")[0]]
    work: Callable[..., Any] = getattr(module, name.partition(".")[2])

    def killed(*args: Any, **values: Any) -> None:
        work(*args, **values)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(module, name.partition(".")[2], killed)
        settling.settle(waiting)
    settling.settle(waiting)
    [file] = files_of(tus.transfer)
    assert file.state == "kept" and b"".join(files.read(str(blob_of(file).key))) == DATA
    assert len(blobs()) == 1 and len(list(files.store().keys())) == 1 and not list(files.unfinished())


def test_a_store_that_is_away_is_asked_again_ever_later_and_then_it_says_so(
    tus: Tus, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any) -> None:
        raise Busy("The file store refuses or does not answer.")

    pauses = []
    with monkeypatch.context() as patch:
        patch.setattr(settling, "read", away)
        for _ in range(settling.MOST_TRIES - 1):
            with pytest.raises(NotNow) as told:
                settling.settle(waiting)
            pauses.append(told.value.wait.total_seconds())
        assert pauses == [15, 30, 60, 120, 240, 480, 960, 1920, 3600]
        settling.settle(waiting)
    [file] = files_of(tus.transfer)
    assert (file.state, file.refusal_told) == ("stuck", "The file store refuses or does not answer.")
    settling.settle(waiting)
    assert files_of(tus.transfer)[0].state == "kept" and not files_of(tus.transfer)[0].refusal_told


def test_other_bytes_than_the_sender_said_are_refused(tus: Tus) -> None:
    file = tus.sent(DATA, Upload_Metadata=said(filename="x", sha256="0" * 64))
    assert (file.state, file.refusal, file.blob_id) == ("refused", "checksum", None)
    assert not blobs() and not list(files.store().keys()) and not list(files.unfinished())


def test_a_store_that_gives_back_other_bytes_is_found_out(tus: Tus, waiting: int) -> None:
    """The checksum that ran along while they came is compared with what is read back."""
    [row] = sending.uploads()
    incoming = files.arriving(row.key, row.place)
    incoming.cut(len(DATA) - 1)
    incoming.append([b"!"])
    settling.settle(waiting)
    [file] = files_of(tus.transfer)
    assert (file.state, file.refusal) == ("refused", "damaged")
    assert not list(files.store().keys())


def test_bytes_that_the_store_has_lost_are_never_finished(tus: Tus, waiting: int) -> None:
    [row] = sending.uploads()
    files.abort(row.key, row.place)
    settling.settle(waiting)
    assert (files_of(tus.transfer)[0].state, files_of(tus.transfer)[0].refusal) == ("refused", "damaged")


def test_the_running_checksum_is_taken_up_after_a_kill(tus: Tus) -> None:
    at = tus.begin(len(DATA))
    tus.patch(at, 0, DATA[:100])
    [row] = sending.uploads()
    files.arriving(row.key, row.place).append([DATA[100:900]])  # came, and nobody wrote down how far it is
    assert tus.stands(at) == 900
    tus.patch(at, 900, DATA[900:1000])
    assert sending.uploads()[0].crc_at == 1000
    Upload.update(crc_at=5000).where(Upload.id == row.id).execute()  # more than is there: the machine lost power
    tus.patch(at, 1000, DATA[1000:1100])
    assert sending.uploads()[0].crc_at == 1100
    tus.patch(at, 1100, DATA[1100:])
    assert files_of(tus.transfer)[0].state == "kept"


def test_two_that_bring_the_same_bytes_at_once(tus: Tus, waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is at the very same point: both have read, neither has kept."""
    read = settling.read

    def meanwhile(key: str, size: int) -> settling.Seen:
        seen = read(key, size)
        with monkeypatch.context() as patch:
            patch.setattr(settling, "read", read)
            tus.send(DATA)
        return seen

    monkeypatch.setattr(settling, "read", meanwhile)
    settling.settle(waiting)
    assert {file.state for file in files_of(tus.transfer)} == {"kept"}
    assert len(blobs()) == 1 and len({file.blob_id for file in files_of(tus.transfer)}) == 1
    assert list(files.store().keys()) == [blobs()[0].key]


def test_types_are_refused_by_what_is_in_the_file(tus: Tus) -> None:
    setting(refused_types="application/vnd.microsoft.portable-executable\nimage/svg+xml")
    assert settings_of("sendbig")["refused_types"].count("\n") == 1
    program = b"MZ\x90\0" + bytes(200)
    assert (tus.sent(program, "holiday.jpg").state, tus.sent(program, "holiday.jpg").refusal) == ("refused", "type")
    answer = tus.create(10**9, Upload_Metadata=said(filename="logo.svg"))
    assert (answer.status_code, answer.get_json()["code"]) == (415, "refused_type"), "before a gigabyte was sent"
    assert tus.sent(b"just text", "notes.txt").state == "kept"
    setting(allowed_types="image/*")
    assert tus.sent(b"just text", "notes.txt").refusal == "type"
    assert tus.sent(b"\x89PNG\r\n\x1a\n" + bytes(50), "x.png").state == "kept"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(60), contents.PROGRAM),
        (b"MZ" + bytes(100), contents.WINDOWS_PROGRAM),
        (b"#!/bin/sh\nrm -rf /\n", "text/x-script"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b"\xef\xbb\xbf  \n<HTML lang=en>", "text/html"),
        ("<script>alert(1)</script>".encode("utf-16"), "text/html"),
        (b"<!-- x --><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!-- c --><svg:svg xmlns:svg="http://www.w3.org/2000/svg">', "image/svg+xml"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "application/xhtml+xml"),
        (b'<?xml version="1.0"?><order/>', "application/xml"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (bytes(0x8001) + b"CD001" + bytes(100), "application/x-iso9660-image"),
        (b"PK\x03\x04" + bytes(30) + b"[Content_Types].xml" + b"xl/workbook.xml",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04" + bytes(30), "application/zip"),
        (b"\x1f\x8b\x08" + bytes(20), "application/gzip"),
        ("Grüße, 光模块\n".encode(), "text/plain"),
        (bytes(4096), contents.UNKNOWN),
        (b"", contents.UNKNOWN),
    ],
)  # fmt: skip
def test_what_a_file_is(head: bytes, kind: str) -> None:
    assert contents.recognise(head) == kind
