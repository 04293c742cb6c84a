"""Large files: uploads against the disk and a bare handler, downloads against nginx, and who else has to wait."""

import http.client
import mmap
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.carrier import PIECE, begun, carry, ended
from bench.client import free_port
from bench.house import House, Server
from bench.lists import in_turn
from bench.report import Result, high, in_ms, middle
from bench.writes import computed

GIB = 1 << 30
UPLOADS, IN_TURN = 4, 2  # at once, and so often
PAUSE = 0.02  # seconds between two small requests
SMALL = "/api/v1/customers?limit=1"
TUS = ("Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream", "Upload-Offset: 0")


def flowing(work: Path, megabytes: int, rounds: int) -> list[Result]:
    house, size = House.create(work / "flows"), megabytes * PIECE
    with Server.registry(work, house) as server:
        for _ in range(20):
            server.client.get(SMALL, house.tokens["customer"])
        before = max(_status(pid, "VmRSS") for pid in server.workers())
        results = _up(work, house, server, size, rounds)
        results += _beside(house, server, size)
        results += _memory(server, before)
        return results + _down(work, house, server, size, rounds)


def through_s3(work: Path, megabytes: int) -> list[Result]:
    """One file into a real S3 server and back: the store is the limit, memory is ours."""
    from tests import seaweed

    size = megabytes * PIECE
    os.environ.update(seaweed.Server.environment)
    with seaweed.Server() as store:
        house = House.create(work / "s3", storage=store.url)
        with Server.registry(work, house) as server:
            before = max(_status(pid, "VmRSS") for pid in server.workers())
            uploads, spent = Uploads(house, server), computed(server.workers())
            with uploads.one(size) as path:
                up = uploads.send(path, size)
                spent = computed(server.workers()) - spent
                place = uploads.place_of(_settled(house, uploads.transfer))
                down = carry(server.port, "GET", place, 0, [uploads.bearer])
                assert (down.status, down.came) == (200, size), down
            memory = _memory(server, before, "flows-s3")
    what = f"{size / GIB:g} GiB through SeaweedFS"
    return [
        Result("flows-s3", f"upload of {what}", size / up / 1e6, "MB/s", more=True),
        Result("flows-s3", "the same, the server's processor time", spent * GIB / size, "s/GiB"),
        Result("flows-s3", f"download of {what}", size / down.seconds / 1e6, "MB/s", more=True),
        *memory,
    ]


# --- Up ------------------------------------------------------------------------------------------------------


def _up(work: Path, house: House, server: Server, size: int, rounds: int) -> list[Result]:
    uploads, port, costs = Uploads(house, server), free_port(), []
    command = [sys.executable, "-m", "bench.bare_flow", str(work), str(port)]
    with Server(work, command, port) as bare:

        def ours() -> float:
            before = computed(server.workers())
            with uploads.one(size) as path:
                seconds = uploads.send(path, size)
            costs.append(computed(server.workers()) - before)
            return seconds

        measures = {"disk": lambda: _to_disk(work, size), "ours": ours, "bare": lambda: _put(bare.port, size)}
        times = {name: middle(found) for name, found in in_turn(measures, rounds, warm=1).items()}
    disk, own, least = (times[name] for name in ("disk", "ours", "bare"))
    speeds = f"{_speed(size, own)} / {_speed(size, disk)}"
    what = f"upload of {size / GIB:g} GiB by tus, on the disk and with its CRC-32C"
    return [
        Result("flows", f"{what} / the disk itself", disk / own, "x", 0.5, True, speeds),
        Result("flows", f"{what} / a bare handler", least / own, "x", detail=f"{_speed(size, least)} bare"),
        Result("flows", "the same, the server's processor time", middle(costs[1:]) * GIB / size, "s/GiB", 0.8),
    ]


class Uploads:
    """Uploads into a draft of SendBig's."""

    def __init__(self, house: House, server: Server) -> None:
        self.port, self.token = server.port, house.tokens["customer"]
        draft = server.client.post(
            "/api/v1/x/sendbig/transfers", self.token, {"customer": house.slugs[0], "title": "Measured"}
        ).json()
        self.transfer, self.slug = draft["id"], house.slugs[0]
        self.bearer = f"Authorization: Bearer {self.token}"

    def place_of(self, file: int) -> str:
        return f"/c/{self.slug}/x/sendbig/flow/files/{file}"

    @contextmanager
    def one(self, size: int) -> Iterator[str]:
        """The path of a new one, thrown away in the end."""
        place = f"/x/sendbig/flow/transfers/{self.transfer}/files"
        status, path = self._ask("POST", place, {"Upload-Length": str(size)})
        assert status == 201, status
        try:
            yield path
        finally:
            assert self._ask("DELETE", path, {})[0] == 204

    def send(self, path: str, size: int) -> float:
        done = carry(self.port, "PATCH", path, size, list(TUS))
        assert done.status == 204, done
        return done.seconds

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(
            method, path, headers={"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0"} | headers
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")


def _put(port: int, size: int) -> float:
    done = carry(port, "PUT", f"/x/bare/flow/{threading.get_ident()}", size, [])
    assert done.status == 200, done
    return done.seconds


def _to_disk(work: Path, size: int) -> float:
    """Past the page cache, as the disk itself takes it."""
    file = work / "direct"
    piece = mmap.mmap(-1, PIECE)  # O_DIRECT wants memory that begins at a page
    piece.write(os.urandom(PIECE))
    handle = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_DIRECT, 0o600)
    try:
        began = time.perf_counter()
        for _ in range(size // PIECE):
            os.write(handle, piece)
        os.fdatasync(handle)
        return time.perf_counter() - began
    finally:
        os.close(handle)
        file.unlink()


# --- Beside --------------------------------------------------------------------------------------------------


def _beside(house: House, server: Server, size: int) -> list[Result]:
    """A small request every 20 ms while four uploads run at full speed, one after the other in each of four lanes."""
    uploads, sent = Uploads(house, server), []
    quiet = _asked_while(house, server, lambda: time.sleep(3))

    def lane() -> None:
        for _ in range(IN_TURN):
            with uploads.one(size) as path:
                done = ended(begun(server.port, "PATCH", path, size, *TUS))
            assert done.status == 204, done
            sent.append(done.seconds)

    def all_at_once() -> None:
        lanes = [threading.Thread(target=lane) for _ in range(UPLOADS)]
        for each in lanes:
            each.start()
        for each in lanes:
            each.join()

    times = _asked_while(house, server, all_at_once)
    assert len(sent) == UPLOADS * IN_TURN
    told = (
        f"p50 {in_ms(middle(times))}, p99 {in_ms(high(times))} of {len(times)}; idle p95 {in_ms(high(quiet, 0.95))}; "
        f"{UPLOADS} x {_speed(size, middle(sent))}"
    )
    return [
        Result("flows", "p95 of a small request beside four uploads", high(times, 0.95) * 1000, "ms", 60, detail=told)
    ]


def _asked_while(house: House, server: Server, work: Callable[[], Any]) -> list[float]:
    times: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(PAUSE):
            answer = server.client.get(SMALL, house.tokens["customer"])
            assert answer.status == 200, answer
            times.append(answer.seconds)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        work()
    finally:
        over.set()
        asking.join()
    return times


def _memory(server: Server, before: float, bench: str = "flows") -> list[Result]:
    """The most that a web process ever had after all of these, beyond what it has anyway."""
    peak = max(_status(pid, "VmHWM") for pid in server.workers())
    told = f"{peak:.0f} MB, of which {before:.0f} before, for the most part shared by all processes"
    return [Result(bench, "memory that uploads add to a web process", peak - before, "MB", 100, detail=told)]


def _status(pid: int, name: str) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


# --- Down ----------------------------------------------------------------------------------------------------


def _down(work: Path, house: House, server: Server, size: int, rounds: int) -> list[Result]:
    if not shutil.which("nginx"):
        return [Result("flows", "download / nginx", 0, "x", detail="there is no nginx on this machine")]
    uploads = Uploads(house, server)
    with uploads.one(size) as path:
        uploads.send(path, size)
        place = uploads.place_of(_settled(house, uploads.transfer))
        kept = next(
            each for each in (house.data / "files").rglob("*") if each.is_file() and each.stat().st_size == size
        )
        costs: list[float] = []

        def ours() -> float:
            before = computed(server.workers())
            done = carry(server.port, "GET", place, 0, [uploads.bearer])
            assert (done.status, done.came) == (200, size), done
            costs.append(computed(server.workers()) - before)
            return done.seconds

        with _nginx(work, kept.parent) as port:

            def theirs() -> float:
                done = carry(port, "GET", f"/{kept.name}", 0, [])
                assert (done.status, done.came) == (200, size), done
                return done.seconds

            times = in_turn({"ours": ours, "nginx": theirs}, rounds, warm=1)
    own, nginx = middle(times["ours"]), middle(times["nginx"])
    speeds = f"{_speed(size, own)} / {_speed(size, nginx)}"
    return [
        Result("flows", f"download of {size / GIB:g} GiB / nginx", nginx / own, "x", 0.6, True, speeds),
        Result("flows", "the same, the server's processor time", middle(costs[1:]) * GIB / size, "s/GiB"),
    ]


def _settled(house: House, transfer: int) -> int:
    """The id of a transfer's file, once it was verified as the worker does it."""
    from registry.app import create_app
    from registry.kernel.access import Actor, visible
    from registry_sendbig.models import File, Upload
    from registry_sendbig.uploads.settling import settle

    app = create_app(house.settings)
    with app.app_context(), house.opened():
        everything = Actor.system()
        for upload in visible(Upload, everything).where(Upload.transfer == transfer):
            settle(upload.id)
        found = visible(File, everything).where((File.transfer == transfer) & (File.state == "kept")).get()
        return int(found.id)


@contextmanager
def _nginx(work: Path, folder: Path) -> Iterator[int]:
    port = free_port()
    text = (
        f"daemon off; pid {work}/nginx.pid; error_log {work}/nginx.log; worker_processes 1; user root;\n"
        f"events {{}}\nhttp {{ access_log off; sendfile on;\n"
        f"client_body_temp_path {work}/n1; proxy_temp_path {work}/n2;\n"
        f"fastcgi_temp_path {work}/n3; uwsgi_temp_path {work}/n4; scgi_temp_path {work}/n5;\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
    )
    (work / "nginx.conf").write_text(text)
    process = subprocess.Popen(["nginx", "-c", str(work / "nginx.conf"), "-e", str(work / "nginx.log")])
    try:
        for _ in range(200):
            try:
                carry(port, "GET", "/", 0, [])
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _speed(size: int, seconds: float) -> str:
    return f"{size / seconds / 1e6:,.0f} MB/s"
