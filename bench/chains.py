"""The audit chain: how long it takes to prove a million entries, on one processor."""

import resource
import time
from pathlib import Path

from bench.house import House
from bench.report import Result
from registry.kernel import audit, db
from registry.kernel.access import Actor

CUSTOMERS, BATCH, COMMIT = 50, 100, 10_000
BEFORE = {"status": "in_stock", "place": "", "version": 1}
AFTER = {
    "serial": "SN00000000", "tag": "T00000000", "name": "unit 17", "product": 17, "status": "in_use", "site": 5,
    "place": "rack 7", "supplier": "Supplier 3", "order_number": "PO-000123", "custom": {}, "version": 2,
}  # fmt: skip


def verifying(work: Path, entries: int) -> list[Result]:
    """Goal: a million entries in ten seconds of one core; memory does not grow with them."""
    house = House.create(work / "verifying", CUSTOMERS)
    with house.opened():
        customers = [row[0] for row in db.run_sql("SELECT id FROM customer ORDER BY id").fetchall()]
        for start in range(0, entries, COMMIT):
            with db.transaction():
                for at in range(start, min(start + COMMIT, entries), BATCH):
                    rows = [
                        audit.Entry("asset.changed", "asset", at + n, f"S{at + n}", BEFORE, AFTER) for n in range(BATCH)
                    ]
                    audit.record(Actor.system(), customers[at // BATCH % CUSTOMERS], rows)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, computed = time.perf_counter(), time.process_time()
        states = list(audit.verify())
        spent, computed = time.perf_counter() - began, time.process_time() - computed
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    proved = sum(state.length for state in states if not state.fault)
    detail = f"{proved:,} entries in {len(states)} chains, {spent:.1f} s"
    return [
        Result("verifying", "a million entries, seconds of one core", computed / proved * 1e6, "s", 10, detail=detail),
        Result("verifying", "chains that do not verify", sum(bool(state.fault) for state in states), "", 0),
        Result("verifying", "more memory meanwhile", grown, "MB", 50),
    ]
