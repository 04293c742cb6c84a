"""What grows how: one registry of many customers, small and large, on SQLite or on a PostgreSQL server of its own.

Beside the time on the clock each figure has the processor's: our programs' and PostgreSQL's together. On a machine that
others use as well it is the one to go by.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

from bench.data import cover, fill, serial_of
from bench.house import ROOT, House, Server, environment
from bench.lists import LIST, asking
from bench.report import Result, high, in_ms, middle
from bench.writes import MB, Memory
from registry.kernel import audit, clock, db
from registry.kernel.access import Actor

WARM = 20
CLIENTS = 4
ENDING = datetime(2027, 2, 1, 12, tzinfo=UTC)  # cover of one asset in fifteen ends within the month that follows
# The private server of the tests syncs nothing and has little memory; reading is measured with some.
POSTGRES = {"shared_buffers": "512MB", "work_mem": "16MB", "effective_cache_size": "4GB", "max_wal_size": "4GB"}


@dataclass(frozen=True)
class Plan:
    engine: str
    customers: int
    rounds: int
    seconds: float
    entries: int
    import_rows: int


def scaling(work: Path, sizes: Sequence[int], plan: Plan) -> list[Result]:
    """Figures for each size, to be compared with each other; there are no goals."""
    results: list[Result] = []
    with _server(plan.engine) as (databases, processor):
        for size in sizes:
            report = _Report(f"{plan.engine} {size:,}", results, processor)
            with report.timed("made"):
                house = House.create(work / f"{plan.engine}-{size}", plan.customers, databases(f"bench_{size}"))
                fill(house, size)
                cover(house)
            volume = _bytes(house) / MB
            report("database", volume, "MB", f"{volume / size * 100_000:.0f} MB for each 100,000 assets")
            _pages(work, house, size, plan, report)
            _notices(house, report)
            _importing(work, house, plan.import_rows, report)
            _exporting(work, house, report)
            _chains(house, plan.entries, report)
            _moving(work, house, report)
    return results


class Processor:
    """Seconds of processor time: of PostgreSQL's processes, and of others."""

    def __init__(self, postmaster: int | None) -> None:
        self._postmaster = postmaster

    def spent(self, pids: Sequence[int] = ()) -> float:
        return sum(_computed(pid) for pid in [*pids, *self._postgres()])

    def _postgres(self) -> list[int]:
        if self._postmaster is None:
            return []
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text().split()
        return [self._postmaster, *(int(pid) for pid in children)]


def _computed(pid: int) -> float:
    """A process' own seconds, and those of its children that have ended."""
    with suppress(FileNotFoundError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[at]) for at in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    return 0.0


@contextmanager
def _server(engine: str) -> Iterator[tuple[Callable[[str], str], Processor]]:
    """(makes a database and answers its address, "" for SQLite; the processor time of their server)."""
    if engine == "sqlite":
        yield (lambda _name: ""), Processor(None)
        return
    from tests.postgres import Cluster

    with Cluster(**POSTGRES) as cluster:
        master = int(Path(f"{cluster.folder}/data/postmaster.pid").read_text().split()[0])
        yield (lambda name: cluster.create_database(name, owner=cluster.ordinary_user)), Processor(master)


class _Report:
    """Prints each figure as it comes, too: a run takes long."""

    def __init__(self, name: str, results: list[Result], processor: Processor) -> None:
        self._name, self._results, self.processor = name, results, processor

    def __call__(self, what: str, value: float, unit: str, detail: str = "") -> None:
        self._results.append(Result(self._name, what, value, unit, detail=detail))
        print(f"  {self._name}  {what}: {value:,.2f} {unit}  {detail}", file=sys.stderr, flush=True)

    @contextmanager
    def timed(self, what: str, rows: int = 0, pids: Sequence[int] = ()) -> Iterator[list[str]]:
        """What the block takes, of us and `pids`. Texts put into the list are told, too. `rows`: as a rate as well."""
        more: list[str] = []
        began, used = time.perf_counter(), self.processor.spent([os.getpid(), *pids])
        yield more
        used = self.processor.spent([os.getpid(), *pids]) - used
        rate = [f"{rows / used:,.0f} for each of these seconds"] if rows and used else []
        detail = ", ".join([*rate, f"{time.perf_counter() - began:.1f} s on the clock", *more])
        self(f"{what}: processor time", used, "s", detail)


def _bytes(house: House) -> int:
    if not house.database:
        return sum(path.stat().st_size for path in house.data.glob("assetcare.db*"))
    with house.opened():
        return int(db.run_sql("SELECT pg_database_size(current_database())").fetchone()[0])


def _pages(work: Path, house: House, size: int, plan: Plan, report: _Report) -> None:
    with Server.registry(work, house, workers=1) as server:
        for what, path, who in _questions(house, size):
            ask = asking(server, path, house.tokens[who])
            for _ in range(WARM):
                ask()
            used = report.processor.spent(server.workers())
            times = [ask() for _ in range(plan.rounds)]
            used = (report.processor.spent(server.workers()) - used) / plan.rounds
            detail = f"on the clock {in_ms(middle(times))}, p99 {in_ms(high(times))}"
            report(f"{what} ({who}): processor time", used * 1000, "ms", detail)
        for what, path in (("list", LIST), ("one asset", f"/api/v1/assets/{len(house.slugs)}")):
            report(f"{what}: requests a second of one web process", _rate(server, path, house, plan.seconds), "/s")
        memory = Memory(server.workers()[0]).before
        report("memory of the web process", memory["VmRSS"] / MB, "MB", f"its own: {memory['RssAnon'] / MB:.0f} MB")


def _questions(house: House, size: int) -> Iterator[tuple[str, str, str]]:
    number = len(house.slugs) * (size // len(house.slugs) // 2)  # the first customer's, from the middle
    serial = serial_of(number)
    paths = {
        "list": LIST, "newest first": f"{LIST}&sort=-id", "by serial": f"/api/v1/assets?serial={serial}",
        "one asset": f"/api/v1/assets/{number}", "search": f"/api/v1/search?q={serial[:7]}",
        "cover that ends first": f"{LIST}&sort=covered_until",
    }  # fmt: skip
    for what, path in paths.items():
        for who in ("operator", "customer"):
            yield what, path, who


def _rate(server: Server, path: str, house: House, seconds: float) -> float:
    """Answers a second to several clients at once."""
    counts = [0] * CLIENTS
    end = time.monotonic() + seconds

    def ask(client: int) -> None:
        measure = asking(server, path, house.tokens["customer"])
        while time.monotonic() < end:
            measure()
            counts[client] += 1

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def _notices(house: House, report: _Report) -> None:
    from registry.notices.announcing import announce

    with house.opened(), clock.frozen(ENDING):
        for what in ("first run of the notices job", "next run of the notices job"):
            with report.timed(what) as more:
                more.append(f"{announce()} customers told")


def _importing(work: Path, house: House, rows: int, report: _Report) -> None:
    file = work / "import.csv"
    with file.open("w") as out:
        out.write("Serial,Tag,Product,Status,Site,Delivered on\r\n")
        for number in range(1, rows + 1):
            product, place = f"Model {number % 100}", f"Site {number % 10}"
            out.write(f"NEW{number:07d},N{number:08d},{product},in_use,{place},2025-01-1{number % 10}\r\n")
    words = ["import", "assets", str(file), "--customer", house.slugs[0], "--key", "serial"]
    with report.timed(f"import of {rows:,} rows for one customer", rows) as more:
        more.append(f"{_command(work, house, *words):.0f} MB at most")


def _command(work: Path, house: House, *words: str) -> float:
    """Run one command; megabytes of memory at most."""
    process = Popen([sys.executable, "-m", "registry", *words], cwd=ROOT, env=environment(work, **house.variables))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"assetcare {words[0]} failed")
    return used.ru_maxrss / 1024


def _exporting(work: Path, house: House, report: _Report) -> None:
    with Server.registry(work, house, workers=1) as server:
        server.client.get(LIST, house.tokens["operator"])
        memory = Memory(server.workers()[0])
        memory.start()
        message = server.client.message("GET", "/api/v1/exports/assets.csv", house.tokens["operator"])
        began, first, lines, used = time.perf_counter(), 0.0, 0, report.processor.spent(server.workers())
        for part in server.client.stream(message):
            first = first or time.perf_counter() - began
            lines += part.count(b"\n")
        used = report.processor.spent(server.workers()) - used
        memory.stop()
    rate, grown = lines / used, memory.grown("RssAnon")
    detail = f"{lines:,} lines, {rate:,.0f} for each of these seconds, {grown:.0f} MB more memory"
    report("export of everything as CSV: processor time", used, "s", detail)
    report("first byte of that export", first * 1000, "ms")


def _chains(house: House, entries: int, report: _Report) -> None:
    """History as it comes: dealt to the customers, in batches of a hundred."""
    with house.opened():
        ids = [row[0] for row in db.run_sql("SELECT id FROM customer ORDER BY id").fetchall()]
        with report.timed(f"{entries:,} audit entries written", entries):
            for batch in range(0, entries, 10_000):
                with db.transaction():
                    for start in range(batch, batch + 10_000, 100):
                        _record(ids[start // 100 % len(ids)], start)
        length = int(db.run_sql("SELECT count(*) FROM audit_entry").fetchone()[0])
        with report.timed(f"{length:,} audit entries verified", length) as more:
            states = list(audit.verify())
            more.append(f"{len(states)} chains")
    if any(state.fault for state in states):
        raise RuntimeError("a chain does not verify")


def _record(customer: int, start: int) -> None:
    after = {"serial": "SN00000000", "status": "in_use", "place": "rack 7", "version": 2}
    rows = [audit.Entry("asset.changed", "asset", start + at, "SN0", {"version": 1}, after) for at in range(100)]
    audit.record(Actor.system(), customer, rows)


def _moving(work: Path, house: House, report: _Report) -> None:
    """A copy into a new SQLite file, proved; and with SQLite a backup."""
    target = work / "moved"
    target.mkdir(mode=0o700)
    source = house.database or f"sqlite:///{house.data / 'assetcare.db'}"
    with report.timed("copy-db into SQLite, proved") as more:
        peak = _command(work, house, "copy-db", "--from", source, "--to", f"sqlite:///{target / 'copy.db'}")
        more.append(f"{peak:.0f} MB at most")
    if not house.database:
        with report.timed("backup") as more:
            peak = _command(work, house, "backup", "--to", str(target / "backup.zip"))
            size = (target / "backup.zip").stat().st_size / MB
            more.append(f"a file of {size:.0f} MB, {peak:.0f} MB of memory at most")
    shutil.rmtree(target)
