"""Free online storage to send large files by e-mail: end to end, with a server, a mail and 150 MB."""

import hashlib
import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from registry.kernel import clock, db
from registry.kernel.db import run_sql
from registry_sendbig.models import TABLES, Transfer
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import BYTES, TUS
from registry_sendbig.tests.test_serving import Line
from tests.server import free_port
from tests.smtp import Sink

MB = 1_000_000
SIZE = 150 * MB
PIECE = hashlib.shake_128(b"disk image").digest(MB)
MONEY = re.compile(r"price|amount|cost|fee|charge|currency|invoice|minor|billing", re.IGNORECASE)
MOST_MB = 60  # by which a process may grow while 150 MB pass through it, twice


def content() -> Iterator[bytes]:
    return itertools.repeat(PIECE, SIZE // MB)


class Image:
    """The same as something to be read: a client that sends it with its length."""

    def __init__(self) -> None:
        self.left = SIZE

    def __len__(self) -> int:
        return self.left

    def read(self, size: int = MB, /) -> bytes:
        found = (PIECE * 2)[(SIZE - self.left) % MB :][: min(size, self.left, MB)]
        self.left -= len(found)
        return found


def peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def with_money() -> dict[str, int]:
    """Every table that could hold what somebody owes, with its rows."""
    found = {}
    for table in db.database.get_tables():
        if any(MONEY.search(column.name) for column in db.database.get_columns(table)):
            found[table] = run_sql(f'SELECT count(*) FROM "{table}"').fetchone()[0]
    return found


@pytest.mark.rule("S0-29")
def test_nothing_in_it_has_a_price() -> None:
    names = [f"{model._meta.table_name}.{name}" for model in TABLES for name in model._meta.columns]
    assert not [name for name in names if MONEY.search(name)]


@pytest.mark.slow
@pytest.mark.rule("S0-29")
def test_150_megabytes_go_by_mail_and_nobody_pays(post: Post) -> None:
    before, port = with_money(), free_port()
    with Sink() as sink:
        line = Line(
            post, ASSETCARE_SMTP=f"smtp://127.0.0.1:{sink.port}", ASSETCARE_PUBLIC_URL=f"http://127.0.0.1:{port}"
        )
        line.server.port, line.server.url = port, f"http://127.0.0.1:{port}"
        line.server._environment["ASSETCARE_PORT"] = str(port)
        with line.server:
            _there_and_back(line, sink)
    assert with_money() == before, "no line of any invoice"


def _there_and_back(line: Line, sink: Sink) -> None:
    token = {"Authorization": f"Bearer {line.token}"}
    api = f"{line.server.url}/api/v1/x/sendbig"
    small = line.begin(1)
    line.patch(small, 0, b"x")
    requests.delete(small, headers=TUS, timeout=90)
    resting = {pid: peak_mb(pid) for pid in line.workers()}
    asked: Any = {"customer": "acme", "title": "Disk image", "recipients": [{"email": "ann@third.example"}]}
    made = requests.post(f"{api}/transfers", json=asked, headers=token, timeout=90).json()
    address = f"{line.server.url}/x/sendbig/flow/transfers/{made['id']}/files"
    length = {**TUS, **token, "Upload-Length": str(SIZE), "Upload-Metadata": "filename ZGlzay5pbWc="}
    place = requests.post(address, headers=length, timeout=90).headers["Location"]
    sent = {**TUS, "Content-Type": BYTES, "Upload-Offset": "0"}
    answer = requests.patch(line.server.url + place, data=Image(), headers=sent, timeout=300)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(SIZE))
    version = {**token, "If-Match": "*"}
    going = requests.post(f"{api}/transfers/{made['id']}/sending", headers=version, timeout=90).json()
    assert going["state"] in ("checking", "open")
    message = line.until(lambda: sink.messages)[0]
    assert message["To"] == "ann@third.example"
    link = re.search(rf"{line.server.url}/x/sendbig/t/(\S+)", message.get_content())
    assert link, message.get_content()
    assert requests.get(link[0], timeout=90).status_code == 200
    file = requests.get(f"{api}/transfers/{made['id']}", headers=token, timeout=90).json()["files"][0]
    path = f"{line.server.url}/x/sendbig/flow/t/{link[1]}/{file['id']}"
    assert _fetched(path) == (SIZE, file["sha256"])
    assert file["sha256"] == _sha256()
    line.until(lambda: len(sink.messages) > 1)
    assert "fetched" in sink.messages[1]["Subject"]
    grown = {pid: peak_mb(pid) - rest for pid, rest in resting.items()}
    assert max(grown.values()) < MOST_MB, grown
    Transfer.update(expires_at=clock.now() - timedelta(seconds=1)).where(Transfer.id == made["id"]).execute()
    assert requests.get(path, timeout=90).status_code == 410


def _fetched(path: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with requests.get(path, stream=True, timeout=90) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_content(MB):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _sha256() -> str:
    digest = hashlib.sha256()
    for piece in content():
        digest.update(piece)
    return digest.hexdigest()
