"""The web server (gunicorn, with a worker class of ours: registry/flowing) and the job worker beside it."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from registry.app import create_app, open_house
from registry.cli import prepare
from registry.flowing import FlowingWorker
from registry.imports.service import give_up_interrupted
from registry.imports.store import tidy
from registry.kernel import db, dispatch, jobs, metrics, migrate, tickets, wall
from registry.kernel.files import moving
from registry.kernel.logs import log
from registry.settings import Settings

POLL_SECONDS = 1.0
JOB_THREADS = 2
PAUSE_SECONDS = 5.0  # between two starts of a worker that ends again and again
GRACE_SECONDS = 10  # for running jobs; `serve` waits a little longer for the worker beside it


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self.settings = settings
        self.app = app
        self.beside: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "worker_class": FlowingWorker,
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

    def run(self) -> None:
        _Arbiter(self).run()

    def _ready(self, _server: Any) -> None:
        log.info("serving", address=f"http://{self.settings.host}:{self.settings.port}")
        if self.settings.consumer:
            self._start_beside()

    def _start_beside(self) -> None:
        self.began = time.monotonic()
        self.beside = subprocess.Popen([sys.executable, "-m", "registry", "worker", "--beside"])

    def keep_beside(self) -> None:
        """A worker that was killed, or ran out of memory, is followed by another."""
        if self.beside is None or self.beside.poll() is None or time.monotonic() < self.began + PAUSE_SECONDS:
            return
        log.error("worker_ended", code=self.beside.returncode)
        self._start_beside()

    def _stop(self, _server: Any) -> None:
        if self.beside and self.beside.poll() is None:
            self.beside.terminate()
            self.beside.wait(GRACE_SECONDS + 10)


class _Arbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's master, with an eye on the worker beside."""

    def manage_workers(self) -> None:
        super().manage_workers()
        self.app.keep_beside()


def run(settings: Settings) -> None:
    """Serve until told to stop. Embedded mode is migrated first; PostgreSQL must have been."""
    if settings.metrics_token:
        metrics.share(settings.data / "metrics", fresh=True)
    app = create_app(settings)
    with db.connection(), wall.everywhere():
        prepare(settings, migrate.pending())
        moving.warn_at_start()
    db.close_all()  # each process opens its own after the fork
    # Freezing what is loaded keeps the collector from walking it again: p99 of lists fell by more than half.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    Server(settings, app).run()


def run_worker(settings: Settings, *, beside: bool = False) -> None:
    """Run jobs and couriers (events, mail), until told to stop; `beside` a server, until that is gone."""
    if settings.metrics_token:
        metrics.share(settings.data / "metrics", fresh=False)
    open_house(settings)
    wall.stand(wall.EVERYWHERE)
    with db.connection():
        prepare(settings, migrate.pending())
        give_up_interrupted()
        moving.warn_at_start()
    tidy()
    queue = jobs.build_queue(settings.queue_url, lost_after=settings.job_lost_seconds)
    if queue.immediate:
        raise ValueError("ASSETCARE_QUEUE: a worker needs a queue that other processes can reach, not memory:")
    stop = threading.Event()
    parent = os.getppid() if beside else None
    works: dict[str, Callable[[], None]] = {
        name: partial(_carry, name, work, stop, parent) for name, work in jobs.COURIERS.items()
    }
    # TERM lets running jobs end if they are quick; what they leave is given back for another worker.
    consumer = queue.huey.create_consumer(  # before any thread is there that could open the queue, too
        workers=JOB_THREADS, periodic=False, max_delay=1.0, graceful_signal="TERM", shutdown_timeout=GRACE_SECONDS
    )
    for name, work in (works | {"dispatcher": dispatch.Dispatcher(queue, stop).run}).items():
        threading.Thread(target=work, name=name, daemon=True).start()
    log.info("working", queue=settings.queue_url.partition(":")[0])
    try:
        consumer.run()
    finally:
        stop.set()
        with db.connection():
            tickets.give_back_all()


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
