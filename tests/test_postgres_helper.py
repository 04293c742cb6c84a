"""The server that the PostgreSQL tests run on: copies are separate, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests import postgres

pytestmark = pytest.mark.postgres


def test_a_copy_of_a_template_holds_its_rows_and_is_separate(postgres_cluster):
    template = postgres_cluster.create_database("helper_template")
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE thing (name text)")
        connection.execute("INSERT INTO thing VALUES ('kept')")
    copy = postgres_cluster.create_database("helper_copy", template="helper_template")
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT name FROM thing").fetchall() == [("kept",)]
        connection.execute("DELETE FROM thing")
    with psycopg.connect(template) as connection:
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (1,)
    postgres_cluster.drop_database("helper_copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy)
    postgres_cluster.drop_database("helper_template")


def test_the_ordinary_user_is_held_back_by_row_level_security(postgres_cluster):
    url = postgres_cluster.create_database("helper_walls", owner=postgres_cluster.ordinary_user)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE thing (name text)")
        connection.execute("ALTER TABLE thing ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE thing FORCE ROW LEVEL SECURITY")
    with psycopg.connect(postgres_cluster.url("helper_walls")) as connection:
        connection.execute("INSERT INTO thing VALUES ('hidden')")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    postgres_cluster.drop_database("helper_walls")


def test_dropping_closes_connections_and_may_be_repeated(postgres_cluster):
    url = postgres_cluster.create_database("helper_busy")
    with psycopg.connect(url, autocommit=True) as connection:
        postgres_cluster.drop_database("helper_busy")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    postgres_cluster.drop_database("helper_busy")


def test_stopping_leaves_neither_server_nor_files(postgres_cluster):
    with postgres.Cluster() as second:
        folder, url = second.folder, second.url("postgres")
        assert second.port != postgres_cluster.port
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    second.stop()


def test_a_killed_test_run_takes_its_server_along(postgres_cluster):
    program = (
        "import time; from tests.postgres import Cluster; c = Cluster(); c.start();"
        "print(c.folder, flush=True); time.sleep(600)"
    )
    root = Path(__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) as run:
        folder = Path(run.stdout.readline().strip())
        assert folder.exists()
        os.kill(run.pid, signal.SIGKILL)
    wait_until(lambda: not folder.exists())


def test_what_the_server_says_is_told_when_it_does_not_start(postgres_cluster, monkeypatch):
    monkeypatch.setitem(postgres.OPTIONS, "shared_buffers", "nonsense")
    cluster = postgres.Cluster()
    with pytest.raises(RuntimeError, match="nonsense"):
        cluster.start()
    assert cluster.folder is None


def test_without_server_programs_the_reason_says_what_to_do(monkeypatch):
    monkeypatch.setattr(postgres, "find_programs", lambda: None)
    assert "make services" in postgres.unavailable_reason()
    with pytest.raises(RuntimeError, match="make services"):
        postgres.Cluster().start()


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
