"""Large bodies through a real server process: what arrives is kept, nobody waits for anybody, and everything ends."""

import fcntl
import json
import os
import signal
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.exceptions import ClientDisconnected

from registry.web.flows.wire import PIECE
from tests.flows.plugin import KEY
from tests.houses import House
from tests.plugins.test_serving import ROOT, install
from tests.security.nursery import FromNursery, shared

pytestmark = pytest.mark.slow
MOST = 21  # flows at a time, in the one web process
IDLE = 3  # seconds, where a test waits for it
CONTENT = bytes(range(256)) * 12_000  # some 3 MB


class Flowing(FromNursery):
    """With the plugin of plugin.py, one web process, and a file in the store. `folder`: where bodies arrive."""

    def __init__(self, work: Path, **settings: str) -> None:
        self.folder = work / "arrived"
        self.folder.mkdir()
        file = work / "data" / "files" / KEY
        file.parent.mkdir(parents=True, mode=0o700)
        (work / "data").chmod(0o700)
        file.write_bytes(CONTENT)
        plugins = install(work / "plugins", "flowing", module="tests.flows.plugin")
        usual = {
            "PYTHONPATH": f"{plugins}:{ROOT}", "TEST_FLOWS": str(self.folder), "ASSETCARE_WORKERS": "1",
            "ASSETCARE_CONSUMER": "no", "ASSETCARE_PLUGINS": "flowing", "ASSETCARE_FLOWS": str(MOST),
            "ASSETCARE_FLOWS_PER_NETWORK": "100",
        }  # fmt: skip
        super().__init__(shared(), work / "data", **usual | settings)

    def begin(self, head: str, body: bytes = b"") -> socket.socket:
        """A connection on which a request has begun. Who is refused may be so before all of his body has gone."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        with suppress(BrokenPipeError, ConnectionResetError):
            opened.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return opened

    def put(self, name: str, length: int, body: bytes = b"", more: str = "") -> socket.socket:
        head = f"PUT /x/flowing/flow/bodies/{name} HTTP/1.1\nHost: localhost\nContent-Length: {length}{more}"
        return self.begin(head, body)

    def fetch(self, query: str, more: str = "", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        head = f"{method} /x/flowing/flow/files/{query} HTTP/1.1\nHost: localhost{more}"
        return told(self.begin(head))

    def outcome(self, name: str) -> dict[str, Any]:
        """What the plugin says of a body once it has ended."""
        file = self.folder / f"{name}.json"
        until(file.exists)
        return dict(json.loads(file.read_text()))

    def state(self) -> dict[str, Any]:
        answer = self.get("/x/flowing/state")
        assert answer.status == 200, answer.text
        return dict(json.loads(answer.text))

    def arrived(self, name: str) -> int:
        file = self.folder / name
        return file.stat().st_size if file.exists() else 0


def until(look: Callable[[], Any], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def told(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of an answer, to the end of the connection, which whoever still sends finds broken."""
    data = bytearray()
    with connection, suppress(ConnectionResetError):
        for piece in iter(lambda: connection.recv(1 << 20), b""):
            data += piece
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {key.lower(): value for key, value in (line.split(": ", 1) for line in lines)}, body


def waiting(connection: socket.socket) -> int:
    """Bytes that the other side has not acknowledged yet."""
    return int(struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0])


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flowing]:
    with Flowing(tmp_path_factory.mktemp("flows")) as made:
        yield made


def test_a_body_is_read_from_the_connection_itself_whole(server: Flowing) -> None:
    status, _, body = told(server.put("whole", len(CONTENT), CONTENT))
    assert status == 200 and (server.folder / "whole").read_bytes() == CONTENT
    found = json.loads(body)
    assert found["raw"], "gunicorn's insides are not what they were: see registry/web/flows/wire.py"
    assert (found["outcome"], found["received"], found["length"]) == ("whole", len(CONTENT), len(CONTENT))


def test_an_empty_body_is_whole(server: Flowing) -> None:
    assert json.loads(told(server.put("empty", 0))[2])["outcome"] == "whole"


def test_a_body_in_chunks_is_read_the_ordinary_way(server: Flowing) -> None:
    head = "PUT /x/flowing/flow/bodies/chunks HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (CONTENT[:5], CONTENT[5:200_000]))
    found = json.loads(told(server.begin(head, chunks + b"0\r\n\r\n"))[2])
    assert (found["outcome"], found["received"], found["length"], found["raw"]) == ("whole", 200_000, None, False)
    assert (server.folder / "chunks").read_bytes() == CONTENT[:200_000]
    server.begin(head.replace("chunks", "broken"), chunks).close()
    assert server.outcome("broken")["outcome"] == "cut" and server.arrived("broken") >= 200_000 - 64 * 1024


def test_who_asks_first_is_told_to_go_on_and_who_is_refused_has_sent_nothing(server: Flowing) -> None:
    connection = server.put("asked", 5, more="\nExpect: 100-continue")
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"12345")
    assert json.loads(told(connection)[2])["outcome"] == "whole"
    refused = "PUT /x/flowing/flow/refused HTTP/1.1\nHost: localhost\nContent-Length: 9999999\nExpect: 100-continue"
    assert told(server.begin(refused))[0] == 409


def test_what_came_before_the_caller_hung_up_is_kept(server: Flowing) -> None:
    server.put("hung-up", 2 * len(CONTENT), CONTENT).close()
    found = server.outcome("hung-up")
    assert (found["outcome"], found["received"]) == ("cut", len(CONTENT))
    assert (server.folder / "hung-up").read_bytes() == CONTENT


def test_a_reset_loses_a_megabyte_at_most(server: Flowing) -> None:
    connection = server.put("reset", 2 * len(CONTENT), CONTENT)
    until(lambda: not waiting(connection))
    reset(connection)
    found = server.outcome("reset")
    assert found["outcome"] == "cut" and found["received"] >= len(CONTENT) - PIECE
    assert (server.folder / "reset").read_bytes() == CONTENT[: found["received"]]


def test_a_stalled_body_is_stopped_when_somebody_asks_and_says_how_far_it_came(server: Flowing) -> None:
    with server.put("asked-to-stop", len(CONTENT), CONTENT[:1000]) as connection:
        begun = time.monotonic()
        until(lambda: server.arrived("asked-to-stop") == 1000)
        (server.folder / "asked-to-stop.stop").touch()
        found = server.outcome("asked-to-stop")
        assert (found["outcome"], found["received"]) == ("stopped", 1000)
        assert 1 <= found["looked"] <= time.monotonic() - begun + 1, "once a second"
        assert told(connection)[0] == 200


def test_a_body_that_says_nothing_for_long_is_ended(tmp_path: Path) -> None:
    hasty = Flowing(tmp_path, ASSETCARE_FLOW_IDLE_SECONDS=str(IDLE))
    with hasty as server, server.put("silent", len(CONTENT), CONTENT[:1000]):
        found = server.outcome("silent")
        assert (found["outcome"], found["received"], found["looked"] >= 1) == ("idle", 1000, True)


def test_stalled_bodies_hold_nobody_up_and_one_too_many_is_told_so(server: Flowing) -> None:
    with ExitStack() as held:
        for number in range(MOST):
            path = "/x/flowing/%66low/bodies/" if number % 2 else "/x/flowing/flow/bodies/"  # however it is written
            head = f"PUT {path}stalled-{number} HTTP/1.1\nHost: localhost\nContent-Length: 9"
            held.enter_context(server.begin(head, b"1"))
        until(lambda: all(server.arrived(f"stalled-{number}") for number in range(MOST)))
        assert server.state()["threads"] > MOST
        status, headers, body = told(server.put("too-many", len(CONTENT), CONTENT))
        assert status == 503 and int(headers["retry-after"]) and b"Try again" in body
        status, headers, body = server.fetch("a?size=5", method="HEAD")
        assert status == 503 and body == b""
        assert server.state()["customers"] == 0
    until(lambda: server.state()["threads"] < MOST)
    assert told(server.put("after", 1, b"1"))[0] == 200


def test_one_network_never_takes_the_places_of_all(tmp_path: Path) -> None:
    settings = {"ASSETCARE_FLOWS": "5", "ASSETCARE_FLOWS_PER_NETWORK": "3", "ASSETCARE_PROXIES": "1"}

    def coming(server: Flowing, name: str, network: str, length: int = 9) -> socket.socket:
        return server.put(name, length, b"1", f"\nX-Forwarded-For: 198.51.100.{len(name)}, {network}")

    with Flowing(tmp_path, **settings) as server, ExitStack() as held:
        for number in range(3):
            held.enter_context(coming(server, f"{number}", "203.0.113.7"))
        until(lambda: all(server.arrived(f"{number}") for number in range(3)))
        assert told(coming(server, "fourth", "203.0.113.7"))[0] == 503
        assert told(coming(server, "other", "203.0.113.8", 1))[0] == 200
        assert server.state()["customers"] == 0


def test_who_is_being_refused_takes_no_place() -> None:
    from registry import flowing

    worker, ends, done = object.__new__(flowing.FlowingWorker), threading.Event(), list[str]()
    worker.app = SimpleNamespace(settings=SimpleNamespace(flows=1, flows_per_network=1, proxies=0))
    worker.beside, worker.refusing = {}, {}
    worker._carry = lambda *_: done.append("carried")
    worker._refuse = lambda *_: (done.append("refused"), ends.wait(60))

    def come() -> None:
        ours, theirs = socket.socketpair()
        held.enter_context(ours)
        request = SimpleNamespace(headers=[], unreader=SimpleNamespace(sock=None))
        worker._hand_over(None, request, flowing.Caller.of(theirs), ("203.0.113.7", 1))

    with ExitStack() as held:
        worker.beside[threading.current_thread()] = "203.0.113.9"
        come()
        until(lambda: done == ["refused"])
        worker.beside.clear()
        come()
        until(lambda: done == ["refused", "carried"])
        ends.set()
        until(lambda: not worker.beside and not worker.refusing)


@pytest.mark.parametrize(
    ("said", "proxies", "found"),
    [
        ([], 1, "203.0.113.7"),
        (["198.51.100.1"], 0, "203.0.113.7"),
        (["forged, 198.51.100.1"], 1, "198.51.100.1"),
        (["forged", "198.51.100.1, 10.0.0.1"], 2, "198.51.100.1"),
    ],
)
def test_a_caller_is_who_our_own_proxy_says(said: list[str], proxies: int, found: str) -> None:
    from registry.flowing import caller_of

    headers = [("X-FORWARDED-FOR", value) for value in said]
    assert caller_of(headers, ("203.0.113.7", 1), proxies) == found
    assert caller_of([], "", 0) == ""


def test_of_an_answer_that_is_broken_off_nothing_more_leaves(server: Flowing) -> None:
    with server.begin("GET /x/flowing/flow/taken-back/download HTTP/1.1\nHost: localhost") as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        (server.folder / "download.stop").touch()
        with pytest.raises(ConnectionResetError):  # and not all that lies in buffers, and its end
            for _piece in iter(lambda: connection.recv(1 << 20), b""):
                pass


@pytest.mark.postgres
def test_stalled_bodies_hold_no_connections_of_the_pool(postgres_house: House, tmp_path: Path) -> None:
    settings = postgres_house.settings
    postgres_house.close()
    given = {"ASSETCARE_DATABASE": settings.database, "ASSETCARE_SECRET": settings.secret}
    with Flowing(tmp_path, ASSETCARE_FLOWS="50", **given) as server, ExitStack() as held:
        for number in range(30):  # the pool has 20
            held.enter_context(server.put(f"stalled-{number}", 9, b"1"))
        until(lambda: all(server.arrived(f"stalled-{number}") for number in range(30)))
        assert server.state()["customers"] == 0


def test_connections_of_threads_are_closed_with_them(server: Flowing) -> None:
    def leads(link: Path) -> str:
        try:
            return os.readlink(link)
        except FileNotFoundError:  # closed since it was listed
            return ""

    def files() -> int:
        return sum("assetcare.db" in leads(link) for link in Path(f"/proc/{server.state()['pid']}/fd").iterdir())

    before, spare = files(), 5
    for number in range(20):
        assert told(server.put(f"one-of-{number}", 1, b"1"))[0] == 200
    # While other connections of the process hold locks SQLite keeps a file that was closed, and opens it again: of a
    # few that were open at a time, never one for each.
    until(lambda: files() <= before + spare)


def test_memory_stays_flat_whatever_the_size(server: Flowing) -> None:
    before, size = server.state()["peak"], 300 * PIECE
    connection = server.put("much?nowhere=yes", size)
    for _ in range(300):
        connection.sendall(CONTENT[:1] * PIECE)
    assert json.loads(told(connection)[2])["received"] == size
    assert server.state()["peak"] - before < 20, "megabytes"


def test_a_header_that_does_not_come_holds_a_process_up_for_a_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry import flowing

    monkeypatch.setattr(flowing, "HEADER_SECONDS", 1)
    ours, theirs = socket.socketpair()
    with ours, flowing.Caller.of(theirs) as caller:
        ours.sendall(b"GET ")
        assert caller.recv(100) == b"GET " and caller.recv(100) == b"", "as if it had been hung up"
        monkeypatch.setattr(flowing, "SILENT_SECONDS", 0.1)
        caller.until = None
        ours.sendall(b"body")
        assert caller.recv(100) == b"body"
        with pytest.raises(ClientDisconnected):
            caller.recv(100)
        caller.settimeout(0.1)
        with pytest.raises(TimeoutError):
            caller.recv(100)


def test_who_takes_nothing_of_an_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry import flowing

    monkeypatch.setattr(flowing, "SILENT_SECONDS", 1)
    ours, theirs = socket.socketpair()
    with ours, flowing.Caller.of(theirs) as caller, pytest.raises(BlockingIOError) as given_up:
        caller.sendall(CONTENT)
    assert given_up.value.errno in flowing.AWAY


def test_files_go_out_whole_and_in_parts(server: Flowing) -> None:
    size = len(CONTENT)
    status, headers, body = server.fetch(f"b%C3%A4r%20%E7%86%8A.png?size={size}")
    assert (status, body) == (200, CONTENT) and headers["content-length"] == str(size)
    assert headers["content-disposition"].endswith("filename*=UTF-8''b%C3%A4r%20%E7%86%8A.png")
    assert headers["content-disposition"].startswith("attachment;") and "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
    assert headers["etag"] == '"e1"' and headers["accept-ranges"] == "bytes"
    asked = server.fetch(f"a?size={size}", "\nRange: bytes=1000000-2500000")
    assert asked[0] == 206 and asked[2] == CONTENT[1_000_000:2_500_001]
    assert asked[1]["content-range"] == f"bytes 1000000-2500000/{size}" and asked[1]["content-length"] == "1500001"
    until(lambda: (server.folder / "delivered").read_text().split() == [f"0-{size}", "1000000-2500001"])


def test_who_goes_away_before_he_has_read_all_was_delivered_less(server: Flowing) -> None:
    """Although all of it was written, into buffers of the system."""
    noted, size = server.folder / "delivered", len(CONTENT)
    noted.unlink(missing_ok=True)
    with server.begin(f"GET /x/flowing/flow/files/a?size={size} HTTP/1.1\nHost: localhost") as connection:
        assert connection.recv(1000)
    assert server.fetch(f"a?size={size}", "\nRange: bytes=0-9")[0] == 206
    until(lambda: "0-10" in noted.read_text().split())
    assert all(int(line.split("-")[1]) < size for line in noted.read_text().split())


def test_told_to_end_uploads_stop_with_an_answer_and_downloads_go_on(tmp_path: Path) -> None:
    with Flowing(tmp_path) as server:
        upload = server.put("at-the-end", len(CONTENT), CONTENT[:5000])
        until(lambda: server.arrived("at-the-end") == 5000)
        pid = server.state()["pid"]
        download = server.begin(f"GET /x/flowing/flow/files/a?size={len(CONTENT)} HTTP/1.1\nHost: localhost")
        first = download.recv(10)
        os.kill(server.pid, signal.SIGTERM)
        assert json.loads(told(upload)[2])["outcome"] == "stopped"
        with download:
            rest = b"".join(iter(lambda: download.recv(1 << 20), b""))
        assert (first + rest).endswith(CONTENT)
        until(lambda: not Path(f"/proc/{pid}").exists())
    assert server.exit_code == 0
