"""Writing and carrying: single assets from many clients, imports, exports."""

import os
import resource
import sys
import threading
import time
from pathlib import Path
from subprocess import Popen

from bench.client import Answer
from bench.data import fill, serial_of
from bench.house import ROOT, House, Server, environment
from bench.report import Result, high, in_ms, middle

CLIENTS = 8
MB = 1 << 20


def creating(work: Path, seconds: float) -> list[Result]:
    """Goal 3: one asset a request, with audit and event, from eight clients at once."""
    house = House.create(work / "creating")
    fill(house, 1000)
    answers: list[list[Answer]] = [[] for _ in range(CLIENTS)]
    with Server.registry(work, house) as server:
        pids = server.workers()
        before, began = computed(pids), time.perf_counter()
        jobs = [(server, house, number, seconds, answers[number]) for number in range(CLIENTS)]
        threads = [threading.Thread(target=_create, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent, used = time.perf_counter() - began, computed(pids) - before
    every = [answer for one in answers for answer in one]
    failed = [answer for answer in every if answer.status != 201]
    times = [answer.seconds for answer in every]
    detail = f"p50 {in_ms(middle(times))}, p99 {in_ms(high(times))}, max {in_ms(max(times))}"
    each = used / len(every) * 1000
    return [
        Result("creating", f"assets created by {CLIENTS} clients", len(every) / spent, "/s", 300, True, detail),
        Result("creating", "answers other than 201", len(failed), "", 0, detail=_reason(failed)),
        Result("creating", "audit chains that do not verify", _broken(house), "", 0),
        Result("creating", "the server's processor time for each", each, "ms"),
    ]


def computed(pids: list[int]) -> float:
    """Seconds of processor time that these processes have used."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _reason(failed: list[Answer]) -> str:
    return failed[0].body[:200].decode(errors="replace") if failed else ""


def _create(server: Server, house: House, client: int, seconds: float, answers: list[Answer]) -> None:
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        body = {
            "customer": house.slugs[0], "product": "PN-0001", "serial": f"NEW-{client}-{number}",
            "tag": f"C{client}N{number}", "status": "in_use", "site": "Site 1", "place": "rack 7",
            "delivered_on": "2025-01-31",
        }  # fmt: skip
        try:
            answers.append(server.client.post("/api/v1/assets", house.tokens["customer"], body))
        except OSError as error:
            answers.append(Answer(0, repr(error).encode(), 0))


def _broken(house: House) -> int:
    from registry.kernel import audit

    with house.opened():
        return sum(state.fault is not None for state in audit.verify())


def importing(work: Path, rows: int) -> list[Result]:
    """Goal 4: a CSV file by the command line, start of the program and audit included, held on one processor."""
    house = House.create(work / "importing")
    file = work / "assets.csv"
    with file.open("w") as out:
        out.write("Serial,Tag,Product,Status,Site,Delivered on,Supplier,Notes\r\n")
        for number in range(1, rows + 1):
            out.write(
                f"{serial_of(number)},T{number:08d},Model {number % 100},in_use,Site {number % 10},"
                f"2025-0{number % 9 + 1}-1{number % 10},Supplier {number % 9},unit {number}\r\n"
            )
    command = [sys.executable, "-m", "registry", "import", "assets", str(file), "--customer", house.slugs[0]]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    importer = Popen(
        [*command, "--key", "serial"],
        cwd=ROOT,
        env=environment(work, ASSETCARE_DATA=str(house.data)),
        preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
    )
    if importer.wait():
        raise RuntimeError("the import failed")
    spent, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    detail = f"{spent:.1f} s, {cpu:.1f} s of them computing"
    return [
        Result("importing", f"rows a second, {rows:,} rows, one processor", rows / spent, "/s", 10_000, True, detail),
        Result("importing", "audit chains that do not verify", _broken(house), "", 0),
    ]


class Memory(threading.Thread):
    """Watches how much memory a process holds."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._path, self._ended = Path(f"/proc/{pid}/status"), threading.Event()
        self.before = self.now()
        self.peak = self.before

    def now(self) -> dict[str, int]:
        """Bytes: VmRSS (all), RssAnon (its own), RssFile (pages of files that the system shares)."""
        lines = (line.split() for line in self._path.read_text().splitlines())
        return {line[0][:-1]: int(line[1]) * 1024 for line in lines if line[0] in ("VmRSS:", "RssAnon:", "RssFile:")}

    def run(self) -> None:
        while not self._ended.wait(0.02):
            self.peak = {name: max(value, self.peak[name]) for name, value in self.now().items()}

    def grown(self, name: str) -> float:
        """Megabytes more at the peak than before."""
        return (self.peak[name] - self.before[name]) / MB

    def stop(self) -> None:
        self._ended.set()
        self.join()


def exporting(work: Path, rows: int) -> list[Result]:
    """Goal 5: the whole list as CSV by the API, and what the web worker needs for it."""
    house = House.create(work / "exporting")
    fill(house, rows)
    with Server.registry(work, house, workers=1) as server:
        for _ in range(20):
            server.client.get("/api/v1/assets", house.tokens["operator"])
        memory = Memory(server.workers()[0])
        memory.start()
        message = server.client.message("GET", "/api/v1/exports/assets.csv", house.tokens["operator"])
        began, first, lines, size = time.perf_counter(), 0.0, 0, 0
        for part in server.client.stream(message):
            first = first or time.perf_counter() - began
            lines, size = lines + part.count(b"\n"), size + len(part)
        spent = time.perf_counter() - began
        memory.stop()
    if lines < rows:
        raise RuntimeError(f"the export has {lines} lines for {rows} rows")
    own, shared = memory.grown("RssAnon"), memory.grown("RssFile")
    detail = f"own {own:.1f} MB, files' pages {shared:.1f} MB; worker at the start {memory.before['VmRSS'] / MB:.0f} MB"
    return [
        Result("exporting", f"more memory for {rows:,} rows as CSV", memory.grown("VmRSS"), "MB", 100, detail=detail),
        Result("exporting", "first byte", first * 1000, "ms"),
        Result("exporting", "rows a second", rows / spent, "/s", detail=f"{spent:.1f} s, {size / MB:.0f} MB"),
    ]
