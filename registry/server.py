"""The web server (gunicorn, one thread a process) and the job worker beside it."""

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from registry.app import create_app, open_house
from registry.cli import prepare
from registry.imports.service import give_up_interrupted
from registry.kernel import db, jobs, migrate
from registry.kernel.logs import log
from registry.settings import Settings

POLL_SECONDS = 1.0


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings: sync workers have the best write tail on SQLite."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self.settings = settings
        self.app = app
        self.beside: subprocess.Popen[bytes] | None = None
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "worker_class": "sync",
            "preload_app": True,
            "timeout": 300,
            "graceful_timeout": 20,
            "keepalive": 2,
            "accesslog": None,
            "loglevel": "warning",
            "limit_request_line": 8190,
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - gunicorn's heartbeat
            "forwarded_allow_ips": "127.0.0.1,::1" if not self.settings.proxies else "*",
            "when_ready": self._ready,
            "on_exit": self._stop,
            "control_socket_disable": True,  # no side door
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app

    def _ready(self, _server: Any) -> None:
        log.info("serving", address=f"http://{self.settings.host}:{self.settings.port}")
        if self.settings.consumer:
            self.beside = subprocess.Popen([sys.executable, "-m", "registry", "worker", "--beside"])

    def _stop(self, _server: Any) -> None:
        if self.beside and self.beside.poll() is None:
            self.beside.terminate()
            self.beside.wait(20)


def run(settings: Settings) -> None:
    """Serve until told to stop. Embedded mode is migrated first; PostgreSQL must have been."""
    app = create_app(settings)
    with db.connection():
        prepare(settings, migrate.pending())
    db.database.close()  # each process opens its own after the fork
    # Freezing what is loaded keeps the collector from walking it again: p99 of lists fell by more than half.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    Server(settings, app).run()


def run_worker(settings: Settings, *, beside: bool = False) -> None:
    """Run jobs and couriers (events, mail), until told to stop; `beside` a server, until that is gone."""
    open_house(settings)
    with db.connection():
        prepare(settings, migrate.pending())
        give_up_interrupted()
    queue = jobs.build_queue(settings.queue_url)
    stop = threading.Event()
    parent = os.getppid() if beside else None
    for name, work in jobs.COURIERS.items():
        threading.Thread(target=_carry, args=(name, work, stop, parent), name=name, daemon=True).start()
    consumer = queue.huey.create_consumer(workers=2, worker_type="thread", check_worker_health=True)
    try:
        consumer.run()
    finally:
        stop.set()


def _carry(name: str, work: Callable[[], int], stop: threading.Event, parent: int | None) -> None:
    while not stop.wait(POLL_SECONDS):
        if parent is not None and os.getppid() != parent:  # the server was killed: do not outlive it
            os.kill(os.getpid(), signal.SIGTERM)
            return
        try:
            with db.connection():
                while work() and not stop.is_set():
                    pass
        except Exception:
            log.exception("courier_failed", courier=name)
