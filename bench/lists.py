"""Lists and look-ups: against bare Flask with sqlite3, and a million rows against ten thousand."""

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from werkzeug.test import EnvironBuilder

from bench import bare
from bench.client import Answer, free_port
from bench.data import fill, serial_of
from bench.house import House, Server
from bench.report import Result, in_ms, middle
from registry.app import create_app
from registry.kernel import db

LIST = "/api/v1/assets?limit=50"
WHO = ("operator", "customer")
Measure = Callable[[], float]


def in_turn(measures: Mapping[Any, Measure], rounds: int, warm: int = 20) -> dict[Any, list[float]]:
    """Each once a round, so that whatever else the machine does meets all alike."""
    times: dict[Any, list[float]] = {name: [] for name in measures}
    for number in range(rounds + warm):
        for name, measure in measures.items():
            spent = measure()
            if number >= warm:
                times[name].append(spent)
    return times


def against_bare(work: Path, size: int, rounds: int) -> list[Result]:
    """Goal 1: a page of 50 at most 3 times what bare Flask needs, over HTTP and inside one process."""
    house = House.create(work / "bare", customers=20)
    fill(house, size)
    served, inside = _over_http(work, house, rounds), _inside(house, rounds)
    results = []
    for how, times in (("over HTTP", served), ("in process", inside)):
        for who in WHO:
            ours, least = middle(times["registry", who]), middle(times["bare", who])
            what = f"page of 50 of {size:,}, {who}'s token, {how} / bare Flask"
            results.append(Result("bare", what, ours / least, "x", 3, detail=f"{in_ms(ours)} / {in_ms(least)}"))
    return results


def _over_http(work: Path, house: House, rounds: int) -> dict[Any, list[float]]:
    port = free_port()
    command = [sys.executable, "-m", "bench.bare", str(house.data / "assetcare.db"), str(port)]
    with Server.registry(work, house) as ours, Server(work, command, port) as least:
        measures = {("registry", who): asking(ours, LIST, house.tokens[who]) for who in WHO}
        measures |= {("bare", who): asking(least, path) for who, path in zip(WHO, _bare_paths(), strict=True)}
        return in_turn(measures, rounds)


def _bare_paths() -> tuple[str, str]:
    return "/assets", "/customers/1/assets"


def asking(server: Server, path: str, token: str | None = None) -> Measure:
    """One request a call. The answer is checked outside of the time that is taken."""
    message = server.client.message("GET", path, token)

    def measure() -> float:
        answer: Answer = server.client.send(message)
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}: {answer.body[:300]!r}")
        return answer.seconds

    return measure


def _inside(house: House, rounds: int) -> dict[Any, list[float]]:
    """Both applications called as gunicorn calls them, without a network between."""
    ours, least = create_app(house.settings), bare.create_app(house.data / "assetcare.db")
    try:
        measures = {("registry", who): calling(ours, LIST, house.tokens[who]) for who in WHO}
        measures |= {("bare", who): calling(least, path) for who, path in zip(WHO, _bare_paths(), strict=True)}
        return in_turn(measures, rounds)
    finally:
        db.database.close()


def calling(app: Any, path: str, token: str | None = None, clock: Callable[[], float] = time.perf_counter) -> Measure:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    environ = EnvironBuilder(path=path, base_url="http://127.0.0.1/", headers=headers).get_environ()
    seen: list[str] = []

    def answered(status: str, _headers: Any, _error: Any = None) -> None:
        seen.append(status)

    def measure() -> float:
        mine = dict(environ)
        began = clock()
        answer = app(mine, answered)
        b"".join(answer)
        answer.close()
        spent = clock() - began
        if not seen.pop().startswith("200"):
            raise RuntimeError(f"{path} failed")
        return spent

    return measure


def growing(work: Path, small: int, large: int, rounds: int) -> list[Result]:
    """Goal 2: list and look-up by serial at `large` within 1.3 times the time at `small`."""
    results = []
    for layout, customers in (("20 customers", 20), ("1 customer", 1)):
        with ExitStack() as stack:
            measures: dict[Any, Measure] = {}
            for size in (small, large):
                house = House.create(work / f"growing-{customers}-{size}", customers=customers)
                fill(house, size)
                server = stack.enter_context(Server.registry(work, house, workers=1))
                measures |= {(size, *name): measure for name, measure in _questions(server, house, size).items()}
            times = {name: middle(found) for name, found in in_turn(measures, rounds).items()}
        for what, who in [name[1:] for name in measures if name[0] == small]:
            few, many = times[small, what, who], times[large, what, who]
            text = f"{what}, {who}'s token, {layout}: {large:,} / {small:,}"
            results.append(Result("growing", text, many / few, "x", 1.3, detail=f"{in_ms(many)} / {in_ms(few)}"))
    return results


def _questions(server: Server, house: House, size: int) -> dict[Any, Measure]:
    owned = len(house.slugs) * (size // len(house.slugs) // 2)  # a unit from the middle, the first customer's
    serial = serial_of(owned)
    found = server.client.get(f"/api/v1/assets?serial={serial}", house.tokens["customer"]).json()["items"]
    if [item["serial"] for item in found] != [serial]:
        raise RuntimeError(f"the unit {serial} was not found by its owner")
    paths = {"list": LIST, "newest first": f"{LIST}&sort=-id", "serial": f"/api/v1/assets?serial={serial}"}
    return {(what, who): asking(server, path, house.tokens[who]) for what, path in paths.items() for who in WHO}
