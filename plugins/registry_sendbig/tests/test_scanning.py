"""Clean, infected, or not looked at: with a real clamd, and nothing that it passes over is called clean."""

import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest

from registry.sdk import NotNow, files
from registry_sendbig import healthy
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import Tus, blob_of, blobs, files_of, setting
from registry_sendbig.uploads import scanning, settling
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.scanning import NoScanner, Verdict, understood
from tests import clamav
from tests.needs import lacking
from tests.server import free_port

CLEAN = b"nothing of note " * 100


@pytest.fixture(scope="module")
def clamd() -> Iterator[clamav.Clamd]:
    if reason := clamav.unavailable_reason():
        lacking("clamav", reason)
    with clamav.Clamd(free_port()) as running:
        yield running


@pytest.fixture
def tus(post: Post) -> Tus:
    return Tus(post.installation, post.people.manager)


@pytest.mark.parametrize("way", ["address", "tcp"])
def test_three_states(tus: Tus, clamd: clamav.Clamd, way: str) -> None:
    """By the handle of the opened file where it is on this machine, and by the stream."""
    setting(clamd=getattr(clamd, way), scan_mb=1)
    assert blob_of(tus.sent(CLEAN)).scan == "clean"
    ill = tus.sent(clamav.VIRUS, "holiday.jpg")
    assert (ill.state, ill.refusal) == ("refused", "infected") and clamav.NAME in ill.refusal_told
    assert ill.blob_id is None and len(list(files.store().keys())) == 1, "it is not kept"
    large = blob_of(tus.sent(bytes(1_000_001)))
    assert (large.scan, large.scanned_at is not None) == ("too_large", True)
    assert healthy.scanner() == ("ok", "The virus scanner answers.")


def test_in_an_archive(tus: Tus, clamd: clamav.Clamd) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", clamav.VIRUS)
    setting(clamd=clamd.address)
    assert tus.sent(packed.getvalue(), "x.zip").refusal == "infected"


def test_a_limit_that_is_set_too_high_is_told_by_the_stream(tus: Tus, clamd: clamav.Clamd) -> None:
    setting(clamd=clamd.tcp, scan_mb=100)
    assert blob_of(tus.sent(bytes(3_000_000))).scan == "too_large"


def test_a_file_is_held_while_the_scanner_is_away(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(clamd=f"127.0.0.1:{free_port()}")
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "enqueue", lambda *_args, **_values: None)
        tus.send(CLEAN)
    [row] = sending.uploads()
    with pytest.raises(NotNow):
        settling.settle(row.id)
    assert files_of(tus.transfer)[0].state == "checking" and not blobs()
    assert healthy.scanner()[0] == "fault"
    for _ in range(settling.MOST_TRIES - 2):
        with pytest.raises(NotNow):
            settling.settle(row.id)
    settling.settle(row.id)
    assert (files_of(tus.transfer)[0].state, "scanner" in files_of(tus.transfer)[0].refusal_told) == ("stuck", True)
    assert healthy.files_wait()[0] == "advice"
    setting(clamd="")
    settling.settle(row.id)
    assert (files_of(tus.transfer)[0].state, blobs()[0].scan) == ("kept", "not_scanned")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("stream: OK", Verdict("clean")),
        ("fd[10]: OK", Verdict("clean")),
        ("stream: Eicar-Signature FOUND", Verdict("infected", "Eicar-Signature")),
        ("fd[10]: Win.Test FOUND", Verdict("infected", "Win.Test")),
        ("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", Verdict("too_large")),
        ("INSTREAM size limit exceeded. ERROR", Verdict("too_large")),
    ],
)
def test_its_answers(said: str, verdict: Verdict) -> None:
    assert understood(said) == verdict


@pytest.mark.parametrize("said", ["", "UNKNOWN COMMAND", "stream: Can't allocate memory ERROR", "OK"])
def test_what_is_no_verdict_is_none(said: str) -> None:
    with pytest.raises(NoScanner):
        understood(said)


def test_two_gigabytes_are_more_than_it_can_do() -> None:
    assert scanning.scan("/nowhere", (), 2**31, most=2**40).state == "too_large"
    with pytest.raises(NoScanner):
        scanning.scan("/nowhere", (), 2**31 - 1, most=2**40)
