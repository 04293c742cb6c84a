"""Numbers for Prometheus: what is counted while it happens, and what is measured when somebody asks.

Off unless `switch(True)` was called: then counting costs a call and nothing more. Several processes of an installation
share a folder of small memory-mapped files (`share`), which the library reads together. Labels come from code - a
route's rule, an outcome - and never from data: no name of a customer gets out this way.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

PREFIX = "assetcare"
# Seconds, for how long requests and jobs took.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STARTED = time.time()  # of this process, or of the one that it was forked from
SHARED = "PROMETHEUS_MULTIPROC_DIR"
MOST_COUNTED = 10_000  # beyond that a number says "many"

Value = float | Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that is measured when somebody asks: `measure()` answers it, or {label values: it}."""

    help: str
    labels: tuple[str, ...]
    measure: Callable[[], Value]


COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {}
DURATIONS: dict[str, tuple[str, tuple[str, ...]]] = {}
GAUGES: dict[str, Gauge] = {}
_on = False
_making = RLock()  # a metric is made once, whichever thread counts first


def declare_counter(name: str, text: str, *labels: str) -> None:
    COUNTERS[name] = (text, labels)


def declare_duration(name: str, text: str, *labels: str) -> None:
    """Seconds as a histogram; its count is how often."""
    DURATIONS[name] = (text, labels)


def gauge(name: str, text: str, *labels: str) -> Callable[[Callable[[], Value]], Callable[[], Value]]:
    """Declare a function that measures something in a few milliseconds."""

    def register(measure: Callable[[], Value]) -> Callable[[], Value]:
        GAUGES[name] = Gauge(text, labels, measure)
        return measure

    return register


def switch(on: bool) -> None:
    """Called by open_house: count from now on, or not."""
    global _on
    _on = on


def is_on() -> bool:
    return _on


def share(folder: Path, *, fresh: bool) -> None:
    """Count together with the other processes of this installation. Before anything is counted, so at the very start.

    `fresh`: begin at zero; the server does, which starts the others. A worker that runs by itself goes on counting.
    """
    for each in (folder.parent, folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    if fresh:
        for old in folder.glob("*.db"):
            if not _counts_still(old):
                old.unlink(missing_ok=True)
    os.environ[SHARED] = str(folder)


def _counts_still(file: Path) -> bool:
    """Whether another process that lives has this file (KIND_PID.db); to unlink it would make its numbers vanish."""
    process = file.stem.rpartition("_")[2]
    return process.isdigit() and int(process) != os.getpid() and Path(f"/proc/{process}").exists()


def count(name: str, *labels: str, by: int = 1) -> None:
    if _on:
        _child(name, labels).inc(by)


def took(name: str, seconds: float, *labels: str) -> None:
    if _on:
        _child(name, labels).observe(seconds)


def status_class(status: int) -> str:
    """2xx, 4xx ..."""
    return f"{status // 100}xx"


@cache
def _child(name: str, labels: tuple[str, ...]) -> Any:
    """Keeping the child spares the library's own search for it, which takes longer than the counting."""
    with _making:
        return _made(name).labels(*labels)


@cache
def _made(name: str) -> Any:
    # Imported late: as it is imported the library decides whether several processes share their numbers.
    import prometheus_client

    if name in COUNTERS:
        text, labels = COUNTERS[name]
        return prometheus_client.Counter(f"{PREFIX}_{name}", text, labels, registry=_registry())
    text, labels = DURATIONS[name]
    return prometheus_client.Histogram(f"{PREFIX}_{name}_seconds", text, labels, buckets=BUCKETS, registry=_registry())


@cache
def _registry() -> Any:
    import prometheus_client

    prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
    return prometheus_client.CollectorRegistry()


def text() -> bytes:
    """Everything in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    with _making:
        counters = _registry()
    if os.environ.get(SHARED):
        counters = CollectorRegistry()
        MultiProcessCollector(counters)  # type: ignore[no-untyped-call]
    gauges = CollectorRegistry()
    gauges.register(_Measured())
    return bytes(generate_latest(counters) + generate_latest(gauges))


class _Measured:
    """The gauges, as a collector of the library."""

    def describe(self) -> list[Any]:
        return []  # registering is no reason to measure

    def collect(self) -> Any:
        from prometheus_client.core import GaugeMetricFamily

        for name, one in GAUGES.items():
            family = GaugeMetricFamily(f"{PREFIX}_{name}", one.help, labels=one.labels)
            value = one.measure()
            for labels, number in (value if isinstance(value, Mapping) else {(): value}).items():
                family.add_metric(labels, number)
            yield family


def counted(query: Any) -> float:
    """How many rows a query finds, and no more than 10,000: a full table must not make the question expensive."""
    return float(query.limit(MOST_COUNTED).count())
