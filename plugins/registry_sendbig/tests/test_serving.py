"""Uploads against `assetcare serve` itself: clients that exist, lines that break, processes that are killed."""

import contextlib
import gc
import hashlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from tusclient.client import TusClient

from registry.kernel import db
from registry.kernel.access import Actor
from registry.people.tokens import create_token
from registry.sdk import files, link
from registry.testing import SECRET
from registry_sendbig import healthy
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import BYTES, TUS, Tus, a_draft, blob_of, files_of, said, setting
from registry_sendbig.transfers import service as transfers
from tests import seaweed
from tests.needs import lacking
from tests.security.nursery import FromNursery, shared

pytestmark = pytest.mark.slow
MB = 1_000_000
DATA = os.urandom(3 * MB)


class Line:
    """An installation that serves, and what its rows say. put() sends a part of a body, and keeps the line open."""

    def __init__(self, post: Post, storage: str = "", **settings: Any) -> None:
        self.post, house = post, post.installation
        self.transfer = a_draft(post.people.manager)
        self.token = create_token(Actor.system(), post.people.manager.user, name="test", scope=None, days=3)[1]
        folder = house.settings.data
        self.server = FromNursery(
            shared(), folder, ASSETCARE_SECRET=SECRET, ASSETCARE_WORKERS="2",
            ASSETCARE_STORAGE=storage or house.settings.storage_url, **settings,
        )  # fmt: skip

    @property
    def address(self) -> str:
        return f"{self.server.url}/x/sendbig/flow/transfers/{self.transfer.id}/files"

    def client(self) -> TusClient:
        return TusClient(self.address, headers={"Authorization": f"Bearer {self.token}"})

    def begin(self, size: int) -> str:
        headers = {**TUS, "Authorization": f"Bearer {self.token}", "Upload-Length": str(size)}
        answer = requests.post(self.address, headers=headers, timeout=90)
        assert answer.status_code == 201, answer.text
        return self.server.url + answer.headers["Location"]

    def head(self, at: str) -> requests.Response:
        return requests.head(at, headers=TUS, timeout=90)

    def stands(self, at: str) -> int:
        """Once whoever is at it has let go."""
        return int(self.until(lambda: self.head(at).headers.get("Upload-Offset")))

    def patch(self, at: str, offset: int, data: bytes) -> requests.Response:
        """As any client does: again while somebody else is at it and has not let go."""
        headers = {**TUS, "Content-Type": BYTES, "Upload-Offset": str(offset)}

        def answered() -> list[requests.Response]:
            answer = requests.patch(at, headers=headers, data=data, timeout=90)
            return [] if answer.status_code == 423 else [answer]

        [answer] = self.until(answered)
        return answer

    def put(self, at: str, offset: int, data: bytes, *, of: int) -> socket.socket:
        parts = urlsplit(at)
        side = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=90)
        head = (
            f"PATCH {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nTus-Resumable: 1.0.0\r\nContent-Type: {BYTES}\r\n"
            f"Upload-Offset: {offset}\r\nContent-Length: {of}\r\n\r\n"
        )
        side.sendall(head.encode() + data)
        return side

    def until(self, what: Callable[[], Any], seconds: float = 120) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, f"it did not happen:\n{self.server.log()[-3000:]}"
            time.sleep(0.02)
        return found

    def kept(self, count: int = 1) -> Any:
        def look() -> Any:
            found = files_of(self.transfer)
            return found if len(found) == count and all(one.state == "kept" for one in found) else None

        return self.until(look)

    def workers(self) -> list[int]:
        """Processes that serve: children of the server but the one that runs jobs."""
        found = []
        for one in Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split():
            with contextlib.suppress(OSError):  # it may have ended since
                line = Path(f"/proc/{one}/cmdline").read_bytes()
                if line and b"worker" not in line:
                    found.append(int(one))
        assert found
        return found


@pytest.fixture
def line(post: Post) -> Iterator[Line]:
    made = Line(post)
    with made.server:
        yield made
        db.release()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_python_client_sends_and_resumes(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "disk image 光.bin"
    path.write_bytes(DATA)
    told = {"metadata": {"filename": path.name}, "upload_checksum": True}
    with path.open("rb") as stream:
        first = line.client().uploader(file_stream=stream, chunk_size=MB, **told)
        first.upload_chunk()
        again = line.client().uploader(file_stream=stream, chunk_size=MB, url=first.url)
        assert again.offset == MB
        again.upload()
    [file] = line.kept()
    assert file.name == path.name
    assert blob_of(file).sha256 == hashlib.sha256(DATA).hexdigest()
    del first, again
    gc.collect()  # the client leaves its lines open


def test_a_stalled_line_is_taken_over_and_nothing_is_lost(line: Line) -> None:
    """A phone has changed networks: the old connection is dead, and nobody has told the server."""
    at = line.begin(len(DATA))
    stalled = line.put(at, 0, DATA[: 2 * MB + 17], of=len(DATA))
    line.until(lambda: sum(lying(line)) == 2 * MB + 17)
    began = time.monotonic()
    assert line.stands(at) == 2 * MB + 17
    assert time.monotonic() - began < 50  # a bound on hanging, not on speed
    assert line.patch(at, 2 * MB + 17, DATA[2 * MB + 17 :]).status_code == 204
    stalled.close()
    [file] = line.kept()
    assert blob_of(file).sha256 == hashlib.sha256(DATA).hexdigest()


def incoming(line: Line) -> list[Path]:
    return list((line.post.installation.settings.data / "files" / "incoming").glob("*"))


def lying(line: Line) -> list[int]:
    """How many bytes there are of each upload."""
    found = []
    for path in incoming(line):
        with contextlib.suppress(FileNotFoundError):  # it is moved when it is whole
            found.append(path.stat().st_size)
    return found


def test_a_line_that_breaks_loses_nothing(line: Line) -> None:
    at = line.begin(len(DATA))
    line.put(at, 0, DATA[:MB], of=len(DATA)).close()
    line.until(lambda: line.stands(at) == MB)
    assert line.patch(at, 0, DATA).status_code == 409
    assert line.patch(at, MB, DATA[MB:]).status_code == 204
    line.kept()


def test_two_that_write_one_upload_at_once(line: Line) -> None:
    """Whoever comes later wins; what is kept is one of them, whole, and never a mixture."""
    at = line.begin(len(DATA))
    one = line.put(at, 0, DATA[:MB], of=len(DATA))
    line.until(lambda: MB in lying(line))
    other = line.patch(at, 0, bytes(len(DATA)))
    assert other.status_code == 409, "it is told that another byte is due"
    with one, contextlib.suppress(OSError):
        one.sendall(DATA[MB:])
    assert line.stands(at) == MB
    assert line.patch(at, MB, DATA[MB:]).status_code == 204
    [file] = line.kept()
    assert blob_of(file).sha256 == hashlib.sha256(DATA).hexdigest()


def test_killed_in_the_midst_and_at_the_end(line: Line) -> None:
    at = line.begin(len(DATA))
    side = line.put(at, 0, DATA[:MB], of=len(DATA))
    line.until(lambda: MB in lying(line))
    for process in line.workers():
        os.kill(process, signal.SIGKILL)
    side.close()
    assert line.until(lambda: settled_head(line, at)) == MB
    assert line.patch(at, MB, DATA[MB:]).status_code == 204
    for process in line.workers():
        os.kill(process, signal.SIGKILL)
    [file] = line.kept()
    assert blob_of(file).sha256 == hashlib.sha256(DATA).hexdigest()
    assert sending.uploads()[0].settled_at and not incoming(line)


def settled_head(line: Line, at: str) -> int | None:
    try:
        return line.stands(at)
    except requests.ConnectionError:  # the killed process's turn, or its successor's
        return None


def test_the_server_stops_in_the_midst(line: Line) -> None:
    """A restart: what has come is kept, and the rest is sent to whoever answers next."""
    at = line.begin(len(DATA))
    side = line.put(at, 0, DATA[:MB], of=len(DATA))
    line.until(lambda: MB in lying(line))
    port = line.server.port
    line.server.__exit__()
    side.close()
    again = FromNursery(
        shared(), line.post.installation.settings.data, port, ASSETCARE_SECRET=SECRET,
        ASSETCARE_STORAGE=line.post.installation.settings.storage_url,
    )  # fmt: skip
    line.server = again
    with again:
        assert line.stands(at) == MB
        assert line.patch(at, MB, DATA[MB:]).status_code == 204
        line.kept()
        db.release()


@pytest.mark.rule("S0-29")
def test_more_than_a_hundred_megabytes_take_no_memory(line: Line, tmp_path: Path) -> None:
    """150 MB come in a stream, are verified, and the link goes off by mail."""
    size, piece = 150 * MB, os.urandom(MB)
    at = line.begin(size)
    line.patch(at, 0, piece)
    before = max(map(most_memory, line.workers()))
    with (tmp_path / "rest").open("w+b") as rest:
        rest.truncate(size - MB)
        headers = {**TUS, "Content-Type": BYTES, "Upload-Offset": str(MB)}
        assert requests.patch(at, headers=headers, data=rest, timeout=300).status_code == 204
    assert line.stands(at) == size
    assert max(map(most_memory, line.workers())) - before < 20 * MB
    [file] = line.kept()
    assert blob_of(file).size == size
    transfers.send(line.post.people.manager.actor, line.transfer.id)
    [letter] = line.post.letters("link")
    assert letter.to == "x@acme.example" and "/x/sendbig/t/" in letter.body


def most_memory(process: int) -> int:
    """Bytes that it has ever held."""
    told = Path(f"/proc/{process}/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.fixture(scope="module")
def s3() -> Iterator[seaweed.Server]:
    if reason := seaweed.unavailable_reason():
        lacking("s3", reason)
    with seaweed.Server() as server:
        yield server


def test_through_an_s3_store(post: Post, s3: seaweed.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken twice, once by a killed process, and the parts come together."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    files.use(s3.url, spool=post.installation.settings.data / "spool")
    data, line = os.urandom(20 * MB), Line(post, s3.url, **s3.environment)
    with line.server:
        at = line.begin(len(data))
        line.put(at, 0, data[: 18 * MB], of=len(data)).close()
        line.until(lambda: line.stands(at) == 18 * MB)
        side = line.put(at, 18 * MB, data[18 * MB : 19 * MB], of=2 * MB)
        time.sleep(0.5)
        for process in line.workers():
            os.kill(process, signal.SIGKILL)
        side.close()
        stands = line.until(lambda: settled_head(line, at))
        assert 18 * MB <= stands <= 19 * MB, "what was acknowledged is there"
        assert line.patch(at, stands, data[stands:]).status_code == 204
        [file] = line.kept()
        blob = blob_of(file)
        assert blob.sha256 == hashlib.sha256(data).hexdigest() and files.size_of(str(blob.key)) == len(data)
        assert not list(files.unfinished())
        db.release()


def test_parts_go_straight_to_the_store(post: Post, s3: seaweed.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is for the store to say: parts that came in another order, one that is missing, one sent twice."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    files.use(s3.url, spool=post.installation.settings.data / "spool")
    tus, data = Tus(post.installation, post.people.manager), os.urandom(34 * MB)
    assert "Upload-Part-Size" not in tus.create(len(data), Upload_Direct="1").headers, "unless it is switched on"
    setting(direct_parts=True)
    answer = tus.create(len(data), Upload_Direct="1", Upload_Metadata=said(filename="image.bin"))
    at, size = answer.headers["Location"], int(answer.headers["Upload-Part-Size"])
    parts = [ask_part(tus, at, number).get_json() for number in (1, 2, 3)]
    assert [(one["first"], one["after_last"]) for one in parts] == [
        (0, size), (size, 2 * size), (2 * size, len(data)),
    ]  # fmt: skip
    for number in (3, 1, 1):
        one = parts[number - 1]
        assert requests.put(one["url"], data=data[one["first"] : one["after_last"]], timeout=90).status_code == 200
    assert tus.stands(at) == size, "without a gap"
    assert "Upload-Part-Size" not in tus.head(at).headers
    assert tus.ask("HEAD", at, Upload_Direct="1").headers["Upload-Part-Size"] == str(size), "after a reload"
    assert files_of(tus.transfer)[-1].state == "receiving"
    other = parts[1]["url"].replace("partNumber=2", "partNumber=9")
    assert requests.put(other, data=b"x", timeout=90).status_code == 403
    requests.put(parts[1]["url"], data=data[size : 2 * size], timeout=90)
    assert tus.stands(at) == len(data)
    file = files_of(tus.transfer)[-1]
    assert file.state == "kept" and blob_of(file).sha256 == hashlib.sha256(data).hexdigest()
    for number, status in ((1, 409), (2**40, 409)):
        assert ask_part(tus, at, number).status_code == status
    assert ask_part(tus, tus.create(5, Upload_Direct="1").headers["Location"], 2).status_code == 404


def ask_part(tus: Tus, at: str, number: int) -> Any:
    return tus.ask("GET", at.replace("/flow/uploads/", "/uploads/") + f"/parts/{number}")


def test_a_page_may_talk_to_the_store_only_to_send(
    post: Post, s3: seaweed.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is what its content policy says; and the operator is told whether the store lets it in."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    files.use(s3.url, spool=post.installation.settings.data / "spool")
    manager, draft = post.people.manager, a_draft(post.people.manager)
    here = "/c/acme/x/sendbig/transfers"
    page = manager.get(f"{here}/{draft.id}")
    assert "connect-src" not in page.headers["Content-Security-Policy"] and "direct.js" not in page.text
    assert healthy.straight()[0] == "ok"
    setting(direct_parts=True)
    page = manager.get(f"{here}/{draft.id}")
    assert page.headers["Content-Security-Policy"].endswith(f"; connect-src 'self' {s3.endpoint}")
    assert "data-straight" in page.text and "direct.js" in page.text
    assert "connect-src" not in manager.get(here).headers["Content-Security-Policy"]
    assert "connect-src" not in manager.get(f"{here}/new").headers["Content-Security-Policy"]
    for origin, state in ((link(""), "ok"), ("https://elsewhere.example", "advice")):
        rule = {"AllowedOrigins": [origin], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
        s3.client().put_bucket_cors(Bucket=s3.bucket, CORSConfiguration={"CORSRules": [rule]})
        assert healthy.straight()[0] == state
    s3.client().delete_bucket_cors(Bucket=s3.bucket)
    files.use(s3.url, encrypt=True)
    assert "connect-src" not in manager.get(f"{here}/{draft.id}").headers["Content-Security-Policy"]
    assert healthy.straight()[0] == "advice"


def test_a_folder_takes_no_parts(post: Post) -> None:
    setting(direct_parts=True)
    tus = Tus(post.installation, post.people.manager)
    assert "data-straight" not in post.people.manager.get(f"/c/acme/x/sendbig/transfers/{tus.transfer.id}").text
    answer = tus.create(5, Upload_Direct="1")
    assert "Upload-Part-Size" not in answer.headers
    assert ask_part(tus, answer.headers["Location"], 1).get_json()["code"] == "not_direct"
