"""An installation of several hosts, as processes: two web servers and two workers with nothing in common but what
docs/deploy/compose.yaml gives them - PostgreSQL, Redis, an S3 store, a mail server and the same secret.
"""

import contextlib
import http.client
import json
import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from tests import seaweed
from tests.postgres import Cluster
from tests.redis import RedisServer
from tests.security.nursery import Forked, shared
from tests.server import clean_environment, free_port
from tests.smtp import Sink

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS, STOP_SECONDS = 120, 60
METRICS_TOKEN = "a-token-for-prometheus"
LOST_SECONDS = 4


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Program:
    """`python -m registry ...` on a host of its own: a data folder that nobody else sees."""

    def __init__(self, folder: Path, settings: dict[str, str], *arguments: str) -> None:
        self.data = folder / "data"
        self.folder = folder
        folder.mkdir()
        self._program = ("-m", "registry", *arguments)
        self._environment = clean_environment(ASSETCARE_DATA=str(self.data), **settings)
        self._process: Forked | None = None

    def start(self) -> Self:
        with self._log_file.open("ab") as log:
            self._process = shared().fork(self._program, self._environment, log.fileno(), log.fileno())
        return self

    def run(self) -> str:
        """To its end; answers what it said. AssertionError when it did not end well."""
        done = shared().start(self._program, self._environment)
        out, err = done.communicate()
        assert done.wait() == 0, (self._program, out, err)
        return out

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9, everything that it started included."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    @property
    def _log_file(self) -> Path:
        return self.folder / "log"


class Web(Program):
    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.port = free_port()
        super().__init__(
            folder, {**settings, "ASSETCARE_PORT": str(self.port)}, "serve", "--no-worker", "--workers", "2"
        )

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = "", cookie: str = "", **headers: str
    ) -> Reply:
        """One request. `body`: bytes as they are, a dict as JSON."""
        sent = {"Host": f"127.0.0.1:{self.port}", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if cookie:
            sent["Cookie"] = cookie
        if isinstance(body, dict):
            body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=sent)
            got = connection.getresponse()
            return Reply(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            connection.close()

    def get(self, path: str, **options: Any) -> Reply:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        return self.ask("POST", path, body, **options)

    def form(self, path: str, fields: dict[str, str], **options: Any) -> Reply:
        body = urlencode(fields).encode()
        return self.post(path, body, **{"Content-Type": "application/x-www-form-urlencoded", **options})

    def upload(self, path: str, file: Path, fields: dict[str, str], **options: Any) -> Reply:
        mark = secrets.token_hex(12)
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        return self.post(path, body, **{"Content-Type": f"multipart/form-data; boundary={mark}", **options})

    def await_ready(self) -> Self:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.alive, self.log()
            with contextlib.suppress(OSError):
                if self.get("/readyz").status == 200:
                    return self
            time.sleep(0.1)
        raise AssertionError(f"not ready in {START_SECONDS} s:\n{self.log()}")


class Topology:
    """Everything of it, running."""

    def __init__(self, folder: Path, database: str, queue: str, storage: str, mail: Sink) -> None:
        self.folder, self.mail = folder, mail
        self.settings = {
            "ASSETCARE_DATABASE": database,
            "ASSETCARE_QUEUE": queue,
            "ASSETCARE_STORAGE": storage,
            "ASSETCARE_SECRET": secrets.token_urlsafe(48),
            "ASSETCARE_SMTP": f"smtp://127.0.0.1:{mail.port}",
            "ASSETCARE_MAIL_FROM": "Assetcare <assets@operator.example>",
            "ASSETCARE_PUBLIC_URL": "http://127.0.0.1",
            "ASSETCARE_HOST": "127.0.0.1",
            "ASSETCARE_JOB_LOST_SECONDS": str(LOST_SECONDS),
            "ASSETCARE_IMPORT_INLINE_MB": "0",  # every one is the worker's
            "ASSETCARE_METRICS_TOKEN": METRICS_TOKEN,
            **seaweed.Server.environment,
        }
        self.webs: list[Web] = []
        self.workers: list[Program] = []
        self.admin = ""

    def program(self, name: str, *arguments: str, **settings: str) -> Program:
        return Program(self.folder / f"{name}-{secrets.token_hex(3)}", {**self.settings, **settings}, *arguments)

    def start(self) -> None:
        self.program("migrate", "migrate").run()
        self.program("first", "user", "create", "admin@operator.example", "--role", "admin").run()
        self.admin = self.program("token", "token", "create", "--user", "admin@operator.example").run().strip()
        self.webs = [Web(self.folder / f"web-{number}", self.settings).start() for number in (1, 2)]
        self.workers = [self.program(f"worker-{number}", "worker").start() for number in (1, 2)]
        for web in self.webs:
            web.await_ready()

    def stop(self) -> None:
        for program in (*self.webs, *self.workers):
            program.kill()

    def logs(self) -> str:
        return "\n".join(program.log()[-3000:] for program in (*self.webs, *self.workers))


@contextlib.contextmanager
def running(folder: Path, cluster: Cluster) -> Iterator[Topology]:
    """The whole, from nothing. The database belongs to an ordinary role, as it should."""
    cluster.drop_database("topology")
    database = cluster.create_database("topology", owner=cluster.ordinary_user)
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        storage = stack.enter_context(seaweed.Server())
        mail = stack.enter_context(Sink())
        made = Topology(folder, database, redis.url, storage.url, mail)
        stack.callback(made.stop)
        made.start()
        yield made
