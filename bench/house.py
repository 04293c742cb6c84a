"""An installation in a temporary folder: migrated, with people and tokens, and its web server as a process."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench.client import Client, free_port
from registry.app import open_house
from registry.customers.service import create_customer
from registry.defaults import install_defaults
from registry.kernel import db, migrate, wall
from registry.kernel.access import Actor
from registry.people.service import create_user
from registry.people.tokens import create_token
from registry.plugins import tables
from registry.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder for everything of one run."""
    made = Path(tempfile.mkdtemp(prefix="assetcare-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def environment(work: Path, **more: str) -> dict[str, str]:
    """A child's environment: none of our settings, and byte code kept in the run's own folder."""
    ours = ("PYTHON", "ASSETCARE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONPYCACHEPREFIX": str(work / "bytecode"), "PYTHONPATH": str(ROOT)} | more


@dataclass
class House:
    """`tokens` holds an operator's and a customer's ("operator", "customer"); `slugs` the customers' short names.

    `database`: postgresql://..., or nothing for a SQLite file in `data`. `storage`: s3://..., or nothing for a folder.
    """

    data: Path
    database: str = ""
    storage: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    slugs: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(data=self.data, database=self.database, storage=self.storage, log_level="ERROR")

    @property
    def variables(self) -> dict[str, str]:
        """For programs that work on it."""
        given = {"ASSETCARE_DATA": str(self.data), "ASSETCARE_LOG_LEVEL": "ERROR"}
        chosen = {"ASSETCARE_DATABASE": self.database, "ASSETCARE_STORAGE": self.storage}
        return given | {name: value for name, value in chosen.items() if value}

    @classmethod
    def create(cls, data: Path, customers: int = 1, database: str = "", storage: str = "") -> Self:
        made = cls(data, database, storage)
        with made.opened():
            migrate.migrate()
            tables.settle(may_migrate=True)  # of plugins
            install_defaults()
            made._people(customers)
        return made

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """This installation's database, in this process."""
        open_house(self.settings)
        before = wall.stand(wall.EVERYWHERE)
        try:
            with db.connection():
                yield
        finally:
            wall.stand(before)
            db.close_all()

    def _people(self, customers: int) -> None:
        system = Actor.system()
        ids = []
        for number in range(customers):
            slug = f"customer-{number}"
            self.slugs.append(slug)
            ids.append(create_customer(system, {"slug": slug, "name": slug.title()}).id)
        operator = create_user(system, email="admin@operator.example", role="admin")
        manager = create_user(system, email="manager@customer.example", role="manager", customer_id=ids[0])
        for name, user in (("operator", operator), ("customer", manager)):
            _, self.tokens[name] = create_token(system, user, name="bench", scope=None, days=2)


class Server:
    """`command` as a process of its own, awaited until it answers; stopped with all its children on leaving."""

    def __init__(self, work: Path, command: list[str], port: int, **variables: str) -> None:
        self.port, self.client = port, Client(port)
        self._log = work / f"server-{port}.log"
        self._command, self._environment = command, environment(work, **variables)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def registry(cls, work: Path, house: House, *, workers: int = 2) -> Self:
        port = free_port()
        command = [sys.executable, "-m", "registry", "serve", "--port", str(port), "--workers", str(workers)]
        return cls(work, [*command, "--no-worker"], port, **house.variables)

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            self.await_answer("/healthz")
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(25)
        self._kill()

    def await_answer(self, path: str, token: str | None = None) -> Any:
        """Ask until the answer is 200."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                answer = self.client.get(path, token)
                if answer.status == 200:
                    return answer
            time.sleep(0.005)
        raise RuntimeError(f"the server did not answer {path}:\n{self._log.read_text(errors='replace')[-2000:]}")

    def workers(self) -> list[int]:
        """Process ids of the web workers."""
        master = self._process.pid if self._process else 0
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
