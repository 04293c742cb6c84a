"""A PostgreSQL server of the tests' own: started in a temporary folder, gone when the tests end.

    with Cluster() as cluster:
        url = cluster.create_database("work", template="migrated")

Speed beats durability: nothing is synced to disk, and stopping means dropping everything.
"""

import atexit
import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.ports import free_port

START_TRIES = 3
START_SECONDS = 120

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum": "off",  # nothing lives long enough
    "timezone": "UTC",
}

# Runs the server for as long as our end of its standard input stays open. Should the test run be killed, the
# pipe closes, and the server and its files go too. QUIT stops at once, without saving.
KEEPER = """
"$@" & server=$!
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$CLUSTER_FOLDER"
"""


def find_programs() -> Path | None:
    """The folder that holds initdb and postgres, newest version first, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, Path(on_path).resolve().parent] if on_path else debian
    return next((it for it in folders if (it / "initdb").exists() and (it / "postgres").exists()), None)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def unavailable_reason() -> str | None:
    """Why no server can be started here, as a sentence for a skipped test; None when one can."""
    if find_programs() is None:
        return "PostgreSQL's server programs are missing: run make services"
    if os.geteuid() == 0 and _server_account() is None:
        return "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as"
    return None


def _server_account() -> str | None:
    """The account that owns the server when we are root; None when there is none."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return None


class Cluster:
    """One server; `options` are settings of its own, over ours. `ordinary_user` is a role without special rights, whom
    row-level security holds back; the user `postgres` passes every such wall.
    """

    ordinary_user = "assetcare"

    def __init__(self, **options: str) -> None:
        self._options = OPTIONS | options
        self.port = 0
        self.folder: Path | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._admin: psycopg.Connection | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Create and start the server. RuntimeError with the server's own words when it does not come up."""
        if reason := unavailable_reason():
            raise RuntimeError(reason)
        for attempt in range(1, START_TRIES + 1):
            atexit.register(self.stop)
            try:
                self._create()
                self._launch()
                self.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(self.ordinary_user)))
                return
            except BaseException as error:
                self.stop()
                # Somebody else may have taken the free port between our look and the server's start.
                if attempt == START_TRIES or not isinstance(error, RuntimeError):
                    raise

    def stop(self) -> None:
        """Stop the server and delete its files. Does nothing the second time."""
        atexit.unregister(self.stop)
        if self._admin is not None:
            self._admin.close()
            self._admin = None
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait(timeout=START_SECONDS)
            self._keeper = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def url(self, name: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    def create_database(self, name: str, template: str | None = None, owner: str = "postgres") -> str:
        """Create a database, as a copy of `template` if given, and return the owner's URL for it.
        Nobody may be connected to the template meanwhile (psycopg.errors.ObjectInUse).
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} {}").format(
            sql.Identifier(name),
            sql.Identifier(template or "template1"),
            sql.Identifier(owner),
            self._copy_strategy(),
        )
        self.execute(statement)
        return self.url(name, owner)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, closing connections that are still open to it. (Where one is just being closed
        the server looks again after a tenth of a second: we look more often.)"""
        self._await_leaving(name)
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _await_leaving(self, name: str) -> None:
        open_still = "SELECT 1 FROM pg_stat_activity WHERE datname = %s"
        for _ in range(20):
            if not self._connection().execute(open_still, [name]).fetchone():
                return
            time.sleep(0.001)

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement as administrator, outside of any transaction."""
        self._connection().execute(statement)

    def _connection(self) -> psycopg.Connection:
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(self.url("postgres"), autocommit=True)
        return self._admin

    def _copy_strategy(self) -> sql.SQL:
        """Copying files beats writing the log by a third; before version 15 it was the only way."""
        return sql.SQL("STRATEGY FILE_COPY" if self._connection().info.server_version >= 150000 else "")

    def _create(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="assetcare-pg-"))
        if account := self._account():
            shutil.chown(self.folder, account)
        initdb = [str(self._program("initdb")), f"--pgdata={self.folder / 'data'}", "--username=postgres"]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        done = subprocess.run(initdb, cwd=self.folder, capture_output=True, text=True, **self._identity())
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def _launch(self) -> None:
        self.port = free_port()
        self._keeper = self._run_keeper()
        if not self._answers():
            raise RuntimeError(f"PostgreSQL did not start: {self._log().strip()[-2000:]}")

    def _run_keeper(self) -> subprocess.Popen[bytes]:
        options = self._options | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        server = [str(self._program("postgres")), "-D", f"{self.folder}/data"]
        for name, value in options.items():
            server += ["-c", f"{name}={value}"]
        with self._log_file().open("wb") as log:
            return subprocess.Popen(
                ["sh", "-c", KEEPER, "keeper", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "CLUSTER_FOLDER": str(self.folder)},
                start_new_session=True,  # Ctrl-C in the terminal is the test run's, not the server's
                **self._identity(),
            )

    def _answers(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self._failed():
            with contextlib.suppress(psycopg.OperationalError):
                return self._is_ours(self._connection())
            time.sleep(0.02)
        return False

    def _failed(self) -> bool:
        # Who calls too early is told "FATAL: the database system is starting up"; every other one is the end.
        return any("FATAL" in line and "starting up" not in line for line in self._log().splitlines())

    def _is_ours(self, connection: psycopg.Connection) -> bool:
        row = connection.execute("SHOW data_directory").fetchone()
        return row is not None and row[0] == f"{self.folder}/data"

    def _log_file(self) -> Path:
        return self.folder / "server.log" if self.folder else Path(os.devnull)

    def _log(self) -> str:
        return self._log_file().read_text(errors="replace")

    def _program(self, name: str) -> Path:
        folder = find_programs()
        return folder / name if folder else Path(name)

    def _account(self) -> str | None:
        return _server_account() if os.geteuid() == 0 else None

    def _identity(self) -> dict[str, object]:
        account = self._account()
        if account is None:
            return {}
        return {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
