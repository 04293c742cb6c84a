"""No single request takes more than 256 MiB or 30 seconds, whatever it carries; bombs are refused in the first."""

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.houses import House
from tests.imports.files import raw
from tests.security.serving import Reply, serving
from tests.server import Server

pytestmark = pytest.mark.slow
MOST_MEMORY, MOST_SECONDS = 256 * 1024, 90  # KiB, seconds
MEG = 1024 * 1024
FORM = "multipart/form-data; boundary=b"
JSON = "application/json"


def upload(content: bytes, name: str = "units.csv") -> bytes:
    fields = {"kind": "assets", "customer": "acme", "dry_run": "true", "key": "serial"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"".join([*parts, head, content, b"\r\n--b--\r\n"])


def bomb(part: str, size: int, byte: bytes = b" ") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed, packed.open(part, "w") as file:
        for _ in range(size // MEG):
            file.write(byte * MEG)
    return made.getvalue()


def entities(folder: Path) -> bytes:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    before = f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return raw(folder / "entities.xlsx", "<row><c><v>&l8;&f;</v></c></row>", before=before).read_bytes()


# name -> (method, path, type, body, statuses that refuse it; () where it may be carried out)
Hostile = tuple[str, str, str, Callable[[Path], bytes], tuple[int, ...]]
HOSTILE: dict[str, Hostile] = {
    "a gigabyte of blanks in a workbook": (
        "POST", "imports", FORM, lambda _: upload(bomb("xl/worksheets/sheet1.xml", 1024 * MEG), "a.xlsx"), (422,)),
    "a workbook inside its limit of size": (
        "POST", "imports", FORM, lambda _: upload(bomb("xl/sharedStrings.xml", 60 * MEG, b"<t>"), "a.xlsx"), (422,)),
    "entities that grow and one that reads a file": (
        "POST", "imports", FORM, lambda at: upload(entities(at), "a.xlsx"), (422,)),
    "one line of forty megabytes": (
        "POST", "imports", FORM, lambda _: upload(b"serial\n" + b"x" * 40 * MEG), (422,)),
    "a quote that never ends": ("POST", "imports", FORM, lambda _: upload(b'serial\n"' + b"x\n" * 4 * MEG), (422,)),
    "a million columns": ("POST", "imports", FORM, lambda _: upload(b"a," * MEG + b"\n"), (422,)),
    "a million empty rows": ("POST", "imports", FORM, lambda _: upload(b"serial,product\n" + b",\n" * MEG), ()),
    "two megabytes of small numbers": ("POST", "assets", JSON, lambda _: b"[" + b"1," * (MEG - 9) + b"1]", (400,)),
    "many small objects": (
        "POST", "assets/bulk", JSON, lambda _: b'{"items": [' + b"{}," * 600_000 + b"{}]}", (400,)),
    "as many objects as a list may hold": (
        "POST", "assets/bulk", JSON, lambda _: b'{"items": [' + b"{}," * 9_999 + b"{}]}", (422,)),
    "a million brackets": ("POST", "assets", JSON, lambda _: b"[" * MEG, (400,)),
    "many names": (
        "POST", "assets", JSON, lambda _: b"{" + b",".join(b'"%d":1' % n for n in range(150_000)) + b"}", (422,)),
    "more than the limit": ("POST", "assets", JSON, lambda _: b" " * 5 * MEG, (413,)),
    "ten thousand parts": (
        "POST", "imports", FORM,
        lambda _: b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 10_000 + b"--b--\r\n", (413,)),
    "a field of many megabytes": (
        "POST", "imports", FORM,
        lambda _: b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n' + b"x" * 20 * MEG + b"\r\n--b--\r\n",
        (413, 422)),
    "line ends without a boundary": ("POST", "imports", FORM, lambda _: b"\r\n-" * 5 * MEG, (400, 413, 422)),
    "three hundred thousand fields": (
        "POST", "/sign-in", "application/x-www-form-urlencoded", lambda _: b"a=1&" * 400_000, (401, 413, 429)),
    "a password of a megabyte": (
        "POST", "/sign-in", "application/x-www-form-urlencoded",
        lambda _: b"email=a@example.com&password=" + b"x" * MEG, (401, 413, 429)),
    "a search of signs": ("GET", "search?q=" + "%25_" * 24, JSON, lambda _: b"", ()),
    "a search of many words": ("GET", "search?q=" + "+".join("ab" for _ in range(33)), JSON, lambda _: b"", ()),
    "a long query": ("GET", "assets?" + "&".join(f"x{n}=1" for n in range(700)), JSON, lambda _: b"", (422,)),
}  # fmt: skip


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    folder = tmp_path_factory.mktemp("resources")
    (folder / "data").mkdir(mode=0o700)
    target = folder / "data" / "assetcare.db"
    target.write_bytes(sqlite_template.read_bytes())
    house = House(folder / "data", f"sqlite:///{target}")
    house.open()
    token = house.people().admin.token
    house.close()
    with serving(house, folder) as server:
        yield server, token


def send(server: Server, token: str, method: str, path: str, kind: str, body: bytes) -> Reply:
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}", "Connection": "close"}
    where = path if path.startswith("/") else f"/api/v1/{path}"
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=MOST_SECONDS * 2)) as connection:
        with suppress(OSError):  # refused by its length alone, before it was read
            connection.request(method, where, body=body or None, headers=headers)
        response = connection.getresponse()
        return Reply(response.status, response.read(2000).decode(errors="replace"))


def processes(server: Server) -> list[int]:
    """The server and what it started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                group = int((entry / "stat").read_text().rpartition(")")[2].split()[2])
            except OSError:
                continue
            if group == server.pid:
                found.append(int(entry.name))
    return found


def awaited(server: Server) -> list[int]:
    """All of them: the second web process may take a moment longer than the first."""
    deadline = time.monotonic() + 120
    while len(found := processes(server)) < 3:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def memory(pid: int, name: str) -> int:
    """VmRSS (now) or VmHWM (at most) in KiB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines[name].split()[0])


@pytest.mark.parametrize("name", HOSTILE)
def test_no_request_takes_more_than_its_share(running: tuple[Server, str], tmp_path: Path, name: str) -> None:
    server, token = running
    method, path, kind, body, refusals = HOSTILE[name]
    content = body(tmp_path)
    pids = awaited(server)
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # counts the most anew from here
    before = {pid: memory(pid, "VmRSS") for pid in pids}
    started = time.monotonic()
    reply = send(server, token, method, path, kind, content)
    seconds = time.monotonic() - started
    more = max(memory(pid, "VmHWM") - before[pid] for pid in pids)
    print(f"{name}: {reply.status} in {seconds:.1f} s, {more // 1024} MiB more")
    assert reply.status in refusals if refusals else reply.status < 500, f"{reply.status} {reply.text[:300]}"
    assert more < MOST_MEMORY and seconds < MOST_SECONDS
    assert processes(server) == pids, "no process died of it"
