"""The page of one unit: server time against the JSON of the same data, and how large it is."""

from pathlib import Path
from typing import Any

from bench.data import cover, fill
from bench.house import House
from bench.lists import calling, in_turn
from bench.pages import LARGEST
from bench.report import Result, in_ms, middle
from registry.app import create_app
from registry.kernel import db

# What the page shows, as a program would ask for it.
SAME = (
    "assets/{unit}", "products/{product}", "assets/{unit}/coverage", "assets/{unit}/contracts", "assets?parent={unit}",
    "assets/{unit}/files", "audit?object_type=asset&object_id={unit}&sort=-id&limit=8", "asset-statuses",
    "asset-fields",
)  # fmt: skip


def against_json(work: Path, size: int, rounds: int) -> list[Result]:
    """The page of a switch with optics in it at most 3 times what the JSON of the same takes, inside one process."""
    house = House.create(work / "unit", customers=20)
    fill(house, size)
    cover(house)
    with house.opened():
        unit, product = _with_most_inside()
    app = create_app(house.settings)
    try:
        page, token = f"/c/{house.slugs[0]}/assets/{unit}", house.tokens["customer"]
        paths = ["/api/v1/" + path.format(unit=unit, product=product) for path in SAME]
        measures: dict[Any, Any] = {path: calling(app, path, token) for path in [page, *paths]}
        times = {path: middle(found) for path, found in in_turn(measures, rounds).items()}
        answer = app.test_client().get(page, headers={"Authorization": f"Bearer {token}"})
    finally:
        db.database.close()
    html, plain = times[page], sum(times[path] for path in paths)
    told = f"{in_ms(html)} / {in_ms(plain)}"
    return [
        Result("unit", f"page of a unit of {size:,}, HTML / the {len(paths)} calls of the API that say the same",
               html / plain, "x", 3, detail=told),
        Result("unit", "page of a unit, HTML / its JSON and what is owed", html / (times[paths[0]] + times[paths[2]]),
               "x", detail="no goal: a page tells more"),
        Result("unit", "page of a unit, HTML", len(answer.data) / 1000, "kB", LARGEST / 1000),
    ]  # fmt: skip


def _with_most_inside() -> tuple[int, int]:
    """(id, product) of the first customer's unit that holds the most others."""
    found = db.run_sql(
        "SELECT parent_id, count(*) FROM asset WHERE customer_id = 1 AND parent_id IS NOT NULL "
        "GROUP BY parent_id ORDER BY count(*) DESC, parent_id LIMIT 1"
    ).fetchone()
    product = db.run_sql("SELECT product_id FROM asset WHERE id = ?", (found[0],)).fetchone()
    return int(found[0]), int(product[0])
