"""Readings of optics: a year of 120 modules every hour, taken in, kept, charted and looked at."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.house import House
from bench.report import Result, high, in_ms, middle
from bench.writes import MB
from registry.kernel import db
from registry.kernel.access import Actor
from registry.optics import series, service
from registry.optics.decoder.records import Lane, Limits, Module, Port
from registry.optics.given import Given
from registry.optics.taking import take

MODULES, AT_ONCE, ROUNDS = 120, 80, 30  # AT_ONCE: hours in one upload
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MOST_MS = 100.0
LIMITS = {
    "temperature_c": Limits(75, 70, 0, -5), "voltage_v": Limits(3.63, 3.46, 3.13, 2.97),
    "tx_bias_ma": Limits(70, 60, 10, 5), "tx_power_dbm": Limits(3.5, 0.5, -8.2, -12.2),
    "rx_power_dbm": Limits(2.5, 0.5, -14.4, -18.4),
}  # fmt: skip


def keeping(work: Path, size: int) -> list[Result]:
    """A million readings in SQLite; one module's year charted, listed and concluded on in under 100 ms."""
    house = House.create(work / "optics")
    database = house.data / "assetcare.db"
    with house.opened():
        before = database.stat().st_size
        taken = _fill(house.slugs[0], size)
        db.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        volume = (database.stat().st_size - before) / MB
        results = [
            Result("optics", f"{size:,} readings kept", volume, "MB", detail=f"{volume * MB / size:.0f} bytes each"),
            Result("optics", "readings taken in", size / taken, "/s", detail=f"{AT_ONCE * MODULES:,} in one upload"),
        ]
        return [*results, *_looked_at()]


def _fill(slug: str, size: int) -> float:
    spent = 0.0
    for first in range(0, -(-size // MODULES), AT_ONCE):
        items = list(_items(first, min(AT_ONCE, -(-size // MODULES) - first)))
        started = time.perf_counter()
        take(Actor.system(), items, customer=slug, source="file", register=first == 0, host="sw1")
        spent += time.perf_counter() - started
    return spent


def _items(first: int, hours: int) -> Iterator[Given]:
    for hour in range(first, first + hours):
        for number in range(MODULES):
            wave = (hour * 7 + number) % 100 / 100
            lanes = tuple(
                Lane(lane, tx_bias_ma=30 + wave, tx_power_dbm=-3 + wave, rx_power_dbm=-6 - wave)
                for lane in range(1, (4 if number % 2 else 1) + 1)
            )
            module = Module(
                port=Port(f"Et{number}", True), vendor="BENCH", part_number=f"PN-{number % 2}",
                serial=f"S{number:04}", media="optical", dom=True, temperature_c=35 + wave * 5,
                voltage_v=3.3, lanes=lanes, limits=LIMITS,
            )  # fmt: skip
            yield Given(module, BEGIN + timedelta(hours=hour))


def _looked_at() -> Iterator[Result]:
    actor = Actor.system()
    for optic_id, lanes in ((MODULES - 1, 1), (MODULES, 4)):
        bare = _times(lambda optic_id=optic_id: _bare(optic_id))  # type: ignore[misc]
        works: dict[str, Callable[[], object]] = {
            "year charted": lambda optic_id=optic_id: series.chart(actor, optic_id),  # type: ignore[misc]
            "100 readings": lambda optic_id=optic_id: series.readings(actor, optic_id),  # type: ignore[misc]
            "module with its conclusion": lambda optic_id=optic_id: service.whole(actor, optic_id),  # type: ignore[misc]
        }
        for name, work in works.items():
            times = _times(work)
            ratio = f"{middle(times) / middle(bare):.1f} times reading its rows alone ({in_ms(middle(bare))})"
            told = f"p99 {in_ms(high(times))}; {ratio}"
            yield Result("optics", f"{name}, lanes: {lanes}", middle(times) * 1000, "ms", MOST_MS, detail=told)


def _bare(optic_id: int) -> object:
    sql = "SELECT * FROM optic_reading WHERE customer_id = 1 AND optic_id = ? ORDER BY at"
    return db.database.execute_sql(sql, (optic_id,)).fetchall()


def _times(work: Callable[[], object]) -> list[float]:
    found = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found
