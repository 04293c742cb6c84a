"""A bucket behind a network that fails: nothing lost that was told as kept, nothing half visible, nothing left over."""

import http.client
import io
import random
import re
import ssl
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from registry.kernel import files
from registry.kernel.errors import Busy, Conflict, NotFound
from registry.kernel.files import S3Store, choice, s3_arriving, s3_bucket, s3_notes
from registry.kernel.files.s3_bucket import Bucket
from tests import seaweed
from tests.smtp import certificate

pytestmark = pytest.mark.slow
MB = 1 << 20
PART = 5 * MB
KEY = "customer/7/" + "ab" * 16
Fault = Callable[[str, str], str | None]


class Network:
    """Passes requests on; `fault(method, path)` says what goes wrong: "500", "lost" (the answer), "cut" (in the middle
    of it), "slow" (nothing is passed on before `patience` is over), "deaf" (nor then), or nothing."""

    def __init__(self, endpoint: str, context: ssl.SSLContext | None = None) -> None:
        self.fault: Fault = lambda method, path: None
        self.asked: list[str] = []
        self.patience = threading.Event()
        self.target = urlsplit(endpoint).netloc
        network = self

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def handle_one(self) -> None:
                network.answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever asked has gone
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        self.asked.append(f"{asked.command} {asked.path}")
        fault = self.fault(asked.command, asked.path)
        if fault in ("slow", "deaf"):
            self.patience.wait(60)
        if fault == "deaf":
            asked.close_connection = True
            return
        if fault == "500":
            asked.send_response(500)
            asked.send_header("Content-Length", "0")
            asked.end_headers()
            return
        connection = http.client.HTTPConnection(self.target)
        try:
            connection.request(asked.command, asked.path, body, dict(asked.headers))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if fault == "lost":
            asked.close_connection = True
            return
        asked.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                asked.send_header(name, value)
        length = answer.headers.get("Content-Length") if asked.command == "HEAD" else str(len(text))
        asked.send_header("Content-Length", length or "0")
        asked.end_headers()
        asked.wfile.write(text[: len(text) // 2] if fault == "cut" else text)
        asked.close_connection = fault == "cut"

    def __enter__(self) -> "Network":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def network(s3_server: seaweed.Server) -> Iterator[Network]:
    with Network(s3_server.endpoint) as found:
        yield found


@pytest.fixture
def store(
    network: Network, s3_server: seaweed.Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[S3Store]:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3_notes, "LEAST_PART", PART)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    endpoint = f"http://127.0.0.1:{network.server.server_port}"
    made = S3Store(s3_server.bucket, endpoint=endpoint, region="us-east-1", spool=tmp_path / "spool")
    yield made
    network.fault = lambda method, path: None
    for key, place, _begun in list(made.unfinished()):
        made.abort(key, place)
    for key in list(made.keys()):
        made.delete(key)
    assert list(made.bucket.objects("")) == [], "nothing is left over"
    made.bucket.client.close()


def text(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def sometimes(pattern: str, fault: str, times: int) -> Fault:
    """`fault` for the first `times` requests that look like this."""
    left = [times]

    def decide(method: str, path: str) -> str | None:
        if left[0] and re.search(pattern, f"{method} {path}"):
            left[0] -= 1
            return fault
        return None

    return decide


PARTS = r"^PUT .*partNumber=\d"
NOTE = r"^PUT .*incoming"
END = r"^POST .*uploadId="


@pytest.mark.parametrize("fault", ["500", "lost"])
@pytest.mark.parametrize("where", [PARTS, NOTE, END, r"^GET .*uploadId=", r"^GET .*incoming", r"^POST .*uploads"])
def test_what_fails_once_is_tried_again(store: S3Store, network: Network, where: str, fault: str) -> None:
    data = text(2 * PART + 3 * MB)
    network.fault = sometimes(where, fault, 1)
    place = store.begin(KEY, len(data))
    assert store.arriving(KEY, place).append([data[: PART + MB]]) == PART + MB
    network.fault = sometimes(where, fault, 1)
    upload = store.arriving(KEY, place)
    assert upload.offset == PART + MB and upload.append([data[PART + MB :]]) == len(data)
    upload.finish()
    assert b"".join(store.read(KEY)) == data


def test_what_fails_for_long_is_told_and_nothing_is_lost(store: S3Store, network: Network) -> None:
    data = text(3 * PART + MB)
    place = store.begin(KEY, len(data))
    store.arriving(KEY, place).append([data[:MB]])
    for where, kept in ((PARTS, MB), (NOTE, PART), (NOTE, 2 * PART)):
        upload = store.arriving(KEY, place)
        network.fault = sometimes(where, "500", 10**6)
        with pytest.raises(Busy):
            upload.append([data[upload.offset : upload.offset + PART + 1]])
        network.fault = lambda method, path: None
        assert store.arriving(KEY, place).offset == kept, "a part that was acknowledged counts, the rest is sent again"
    upload = store.arriving(KEY, place)
    upload.append([data[upload.offset :]])
    network.fault = sometimes(END, "500", 10**6)
    with pytest.raises(Busy):
        upload.finish()
    assert not store.exists(KEY)
    network.fault = lambda method, path: None
    store.arriving(KEY, place).finish()
    assert b"".join(store.read(KEY)) == data


def test_a_slow_store_holds_up_nobody_else(store: S3Store, network: Network) -> None:
    data = text(2 * PART + 3)
    store.put("house/" + "cd" * 16, io.BytesIO(b"another file"))
    place = store.begin(KEY, len(data))
    network.fault = sometimes(PARTS, "slow", 1)
    sending = threading.Thread(target=lambda: store.arriving(KEY, place).append([data]))
    sending.start()
    while not any(re.search(PARTS, asked) for asked in network.asked):
        assert sending.is_alive()
    assert b"".join(store.read("house/" + "cd" * 16)) == b"another file"
    assert store.arriving(KEY, place).offset == 0, "nobody is told of a part that was not acknowledged"
    network.patience.set()
    sending.join()
    store.arriving(KEY, place).finish()
    assert b"".join(store.read(KEY)) == data


def test_a_store_that_is_slow_for_too_long_is_told_and_nothing_is_lost(
    store: S3Store, network: Network, s3_server: seaweed.Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(s3_bucket, "READ_SECONDS", 0.3)
    hasty = S3Store(s3_server.bucket, endpoint=str(store.bucket.client.meta.endpoint_url), region="us-east-1",
                    spool=tmp_path / "spool")  # fmt: skip
    data = text(2 * PART)
    place = store.begin(KEY, len(data))
    assert store.arriving(KEY, place).append([data[:PART]]) == PART
    network.fault = sometimes(PARTS, "deaf", 10**6)
    with pytest.raises(Busy):
        hasty.arriving(KEY, place).append([data[PART:]])
    assert store.arriving(KEY, place).offset == PART
    network.fault = lambda method, path: None
    network.patience.set()
    assert store.arriving(KEY, place).append([data[PART:]]) == len(data)
    store.arriving(KEY, place).finish()
    assert b"".join(store.read(KEY)) == data
    hasty.bucket.client.close()


def test_a_part_that_the_server_lost_is_sent_again(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data, real = text(3 * PART + 5), Bucket.parts
    place = store.begin(KEY, len(data))
    store.arriving(KEY, place).append([data[: 3 * PART]])
    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "parts", lambda self, *known: {n: p for n, p in real(self, *known).items() if n != 2})
        upload = store.arriving(KEY, place)
        assert upload.offset == PART, "what is behind a gap does not count"
        with pytest.raises(Conflict):
            upload.finish()
        assert not store.exists(KEY)
    upload = store.arriving(KEY, place)
    upload.cut(PART)
    assert upload.offset == PART and upload.append([data[PART:]]) == len(data)
    upload.finish()
    assert b"".join(store.read(KEY)) == data


def test_ended_by_a_lifecycle_rule_it_is_gone_and_never_finished(store: S3Store) -> None:
    place = store.begin(KEY, 2 * PART)
    upload = store.arriving(KEY, place)
    upload.append([text(PART)])
    store.bucket.call("abort_multipart_upload", Key=KEY, UploadId=place.partition("_")[2])
    for call in (
        lambda: store.arriving(KEY, place),
        upload.finish,
        lambda: upload.append([b"x"]),
        lambda: upload.offset,
    ):
        with pytest.raises(NotFound):
            call()
    [(key, left, _begun)] = store.unfinished()
    assert key == KEY and "~" in left, "its note is told of"
    store.put(KEY, io.BytesIO(b"another file"))
    with pytest.raises(NotFound):
        store.arriving(KEY, place)
    store.abort(KEY, left)
    assert list(store.unfinished()) == []


def test_a_tail_that_went_into_a_part_counts_once(store: S3Store) -> None:
    """The note is left as it was when a part ends where an append does."""
    data = text(PART)
    upload = store.arriving(KEY, store.begin(KEY, PART + 4))
    assert upload.append([data[: 3 * MB]]) == 3 * MB
    assert upload.append([data[3 * MB :]]) == PART == upload.offset
    assert upload.append([b"more"]) == PART + 4
    upload.finish()
    assert b"".join(store.read(KEY)) == data + b"more"


def test_without_its_note_it_is_gone(store: S3Store) -> None:
    place = store.begin(KEY, 2 * PART)
    [note] = [one["Key"] for one in store.bucket.objects("incoming/")]
    store.bucket.call("delete_object", Key=note)
    with pytest.raises(NotFound):
        store.arriving(KEY, place)
    [(key, left, _begun)] = store.unfinished()
    store.abort(key, left)
    store.abort(key, left)


def test_the_server_compares_what_it_gets(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = store.arriving(KEY, store.begin(KEY, 2 * PART))
    monkeypatch.setattr("registry.kernel.files.s3_filling.crc_of", lambda piece, before=0: 12345)
    with pytest.raises(Busy):
        upload.append([text(PART)])
    assert upload.offset == 0


def test_a_tail_that_came_back_otherwise_is_not_sent_on(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = store.arriving(KEY, store.begin(KEY, 2 * PART))
    upload.append([b"abc"])
    monkeypatch.setattr(Bucket, "fetch", lambda *_: iter([b"abd"]))
    with pytest.raises(Busy):
        upload.append([b"more"])


def test_finished_twice_at_once(store: S3Store) -> None:
    place = store.begin(KEY, PART + 1)
    one, other = store.arriving(KEY, place), store.arriving(KEY, place)
    one.append([text(PART + 1)])
    one.finish()
    other.finish()
    assert store.size_of(KEY) == PART + 1
    for late in (lambda: one.append([b"x"]), lambda: other.cut(0)):
        with pytest.raises(Conflict, match="finished"):
            late()


def test_what_came_out_shorter_is_not_taken_for_finished(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a server makes of the parts: the file has the declared size, or this is no success."""
    upload = store.arriving(KEY, store.begin(KEY, None))
    upload.append([text(PART)])
    complete = Bucket.complete

    def shorter(self: Bucket, key: str, where: str, parts: list[dict[str, Any]]) -> None:
        complete(self, key, where, parts)
        store.put(key, io.BytesIO(b"short"))

    monkeypatch.setattr(Bucket, "complete", shorter)
    with pytest.raises(Busy):
        upload.finish()


def test_a_download_that_breaks_off_goes_on(store: S3Store, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    data = text(3 * MB)
    store.put(KEY, io.BytesIO(data))
    monkeypatch.setattr(choice, "_chosen", ["s3://x"])
    monkeypatch.setattr(choice, "_places", lambda: [("x", store)])
    network.fault = sometimes(rf"^GET .*{KEY}", "cut", 3)
    assert b"".join(files.read(KEY)) == data
    assert b"".join(files.read(KEY, MB, 17)) == data[MB : MB + 17]
    network.fault = sometimes(rf"^GET .*{KEY}", "500", 10**6)
    with pytest.raises(Busy):
        b"".join(files.read(KEY))


def test_straight_from_a_browser(store: S3Store) -> None:
    data = text(2 * PART + 7)
    place = store.begin(KEY, len(data), direct=True)
    assert store.part_size(KEY, place) == PART
    with urllib3.PoolManager() as pool:
        for number in (3, 1, 2):
            address = store.presigned_part(KEY, place, number)
            assert address is not None
            mine = data[(number - 1) * PART : number * PART]
            for wrong in (mine + b"x", mine[:-1]):
                assert pool.request("PUT", address, body=wrong).status == 403, "the length is signed"
            assert pool.request("PUT", address, body=mine).status == 200
            assert store.arriving(KEY, place).offset == {3: 0, 1: PART, 2: len(data)}[number]
        store.arriving(KEY, place).finish()
        address = store.presigned_get(KEY, name='Bericht "Übersicht".pdf', media_type="application/pdf")
        assert address is not None
        got = pool.request("GET", address)
        assert got.data == data and got.headers["Content-Type"] == "application/pdf"
        assert "filename*=UTF-8''Bericht%20%22%C3%9Cbersicht%22.pdf" in got.headers["Content-Disposition"]
        assert pool.request("GET", address.replace(KEY, KEY.replace("7", "8"))).status == 403
        assert store.presigned_part(KEY, place, 4) is None
    checked = store.begin(KEY, 10)
    assert store.presigned_part(KEY, checked, 1) is None
    store.abort(KEY, checked)


SENDER = """
import random, sys
from pathlib import Path
from registry.kernel.files import S3Store, s3_notes
s3_notes.LEAST_PART = 5 << 20
store, key = S3Store(sys.argv[1], endpoint=sys.argv[2], region="us-east-1"), sys.argv[3]
upload, text = store.arriving(key, sys.argv[4]), random.Random(5).randbytes(1 << 20)
held = upload.offset
def pieces():
    for number in range(held >> 20, 100):
        print(number, flush=True)
        yield text
upload.append(pieces())
"""


def test_killed_in_the_middle(store: S3Store, s3_server: seaweed.Server) -> None:
    place, held = store.begin(KEY, 25 * MB), 0
    for stop in (7, 13):
        command = [sys.executable, "-c", SENDER, s3_server.bucket, s3_server.endpoint, KEY, place]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as sender:
            assert sender.stdout is not None
            while int(sender.stdout.readline()) < stop:
                pass
            sender.kill()
        held = store.arriving(KEY, place).offset
        assert held == stop // 5 * PART and not store.exists(KEY)
    piece = random.Random(5).randbytes(MB)
    upload = store.arriving(KEY, place)
    upload.append([piece] * (25 - held // MB))
    upload.finish()
    assert b"".join(store.read(KEY)) == piece * 25


def test_memory_stays_flat(store: S3Store, s3_server: seaweed.Server) -> None:
    """Past the network of these tests, which holds what it passes on."""
    store = S3Store(s3_server.bucket, endpoint=s3_server.endpoint, region="us-east-1", spool=store.spool)
    upload, piece = store.arriving(KEY, store.begin(KEY, None)), bytes(MB)
    tracemalloc.start()
    upload.append(piece for _ in range(100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MB
    upload.abort()
    store.bucket.client.close()


def test_with_tls_in_front(s3_server: seaweed.Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Signatures and checksums take other ways there: bodies go unsigned, checksums into trailers if one lets them."""
    bundle, context = certificate(tmp_path, "127.0.0.1")
    for name, value in {**s3_server.environment, "AWS_CA_BUNDLE": str(bundle)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3_notes, "LEAST_PART", PART)
    with Network(s3_server.endpoint, context) as network:
        endpoint = f"https://127.0.0.1:{network.server.server_port}"
        store = S3Store(s3_server.bucket, endpoint=endpoint, region="us-east-1", spool=tmp_path / "spool")
        for data in (b"", b"small", text(17 * MB)):
            store.put(KEY, io.BytesIO(data))
            assert b"".join(store.read(KEY)) == data
        data = text(2 * PART + MB)
        upload = store.arriving(KEY, store.begin(KEY, len(data)))
        upload.append([data[:MB]])
        upload.append([data[MB:]])
        upload.finish()
        address = store.presigned_get(KEY, name="x", media_type="text/plain")
        assert address is not None
        with urllib3.PoolManager(ca_certs=str(bundle)) as pool:
            assert pool.request("GET", address).data == data
        store.delete(KEY)
        store.bucket.client.close()


def test_parts_grow_with_the_file() -> None:
    assert s3_notes.part_for(1) == s3_notes.part_for(100 << 30) == 16 * MB
    for size in (150 << 30, 1 << 40, 5 << 40):
        part = s3_notes.part_for(size)
        assert part % MB == 0 and -(-size // part) <= s3_notes.PLANNED_PARTS and part - MB < max(size / 9000, 16 * MB)
    assert s3_arriving.MOST_PARTS == 10_000
