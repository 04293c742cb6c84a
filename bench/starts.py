"""Goal 6: from the command to the first answer."""

import time
from pathlib import Path

from bench.house import House, Server
from bench.report import Result, in_ms, middle


def starting(work: Path, times: int) -> list[Result]:
    """`assetcare serve` on a migrated folder: until it lives, and until it lists assets."""
    house = House.create(work / "starting")
    alive, listed = [], []
    for _ in range(times + 1):  # the first one makes the byte code
        began = time.perf_counter()
        with Server.registry(work, house) as server:
            alive.append(time.perf_counter() - began)
            server.await_answer("/api/v1/assets", house.tokens["operator"])
            listed.append(time.perf_counter() - began)
    detail = f"without byte code {listed[0]:.2f} s; slowest after {in_ms(max(listed[1:]))}"
    return [
        Result("starting", "until /healthz answers", middle(alive[1:]), "s", 1.5),
        Result("starting", "until a list of assets answers", middle(listed[1:]), "s", 1.5, detail=detail),
    ]
