"""Lists as pages: server time against the JSON of the same rows, and how large they are."""

import time
from pathlib import Path
from typing import Any

from bench.data import fill
from bench.house import House, Server
from bench.lists import LIST, asking, calling, in_turn
from bench.report import Result, in_ms, middle
from registry.app import create_app
from registry.kernel import db

LARGEST = 60_000  # bytes of HTML
MOST = 3  # times what the JSON takes


def against_json(work: Path, size: int, rounds: int) -> list[Result]:
    """A page of 50 assets as HTML against its JSON: over HTTP, and the processor's time inside one process."""
    house = House.create(work / "pages", customers=20)
    fill(house, size)
    pages = {"operator": "/assets", "customer": f"/c/{house.slugs[0]}/assets"}
    addresses = {(who, "html"): path for who, path in pages.items()} | {(who, "json"): LIST for who in pages}
    with Server.registry(work, house) as server:
        asked = {key: asking(server, path, house.tokens[key[0]]) for key, path in addresses.items()}
        served = in_turn(asked, rounds)
        sizes = {who: len(server.client.get(path, house.tokens[who]).body) for who, path in pages.items()}
    inside = _inside(house, addresses, rounds)
    results = []
    for how, times in (("over HTTP", served), ("CPU", inside)):
        for who, path in pages.items():
            html, plain = middle(times[who, "html"]), middle(times[who, "json"])
            what = f"{path}, 50 of {size:,}, {how}, HTML / JSON"
            goal = MOST if how == "over HTTP" else None  # the goal is for what a server's clients see
            results.append(Result("pages", what, html / plain, "x", goal, detail=f"{in_ms(html)} / {in_ms(plain)}"))
    sized = [Result("pages", f"{path}, HTML", sizes[who] / 1000, "kB", LARGEST / 1000) for who, path in pages.items()]
    return [*results, *sized]


def _inside(house: House, addresses: dict[Any, str], rounds: int) -> dict[Any, list[float]]:
    app = create_app(house.settings)
    try:
        tokens, clock = house.tokens, time.process_time
        return in_turn({key: calling(app, path, tokens[key[0]], clock) for key, path in addresses.items()}, rounds)
    finally:
        db.database.close()
