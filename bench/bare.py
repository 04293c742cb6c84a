"""The least one can do: the list of assets in bare Flask and sqlite3, without sign-in, scope or paging.

Same columns, same joins, same rows. `python -m bench.bare DATABASE PORT` serves it with the registry's own gunicorn
settings.
"""

import json
import sqlite3
import sys
from pathlib import Path

from flask import Flask, Response

LIST = """
SELECT a.id, c.slug, a.kind, a.product_id, p.name, p.maker, p.part_number, a.serial, a.tag, a.name, s.code, s.meta,
       i.name, a.place, a.parent_id, a.slot, a.covered_until, a.version
FROM asset a
LEFT JOIN product p ON p.id = a.product_id
LEFT JOIN asset_status s ON s.id = a.status_id
LEFT JOIN customer c ON c.id = a.customer_id
LEFT JOIN site i ON i.id = a.site_id
LEFT JOIN contact o ON o.id = a.holder_id
LEFT JOIN asset r ON r.id = a.parent_id
{where}
ORDER BY a.id LIMIT 51
"""
NAMES = (
    "id", "customer", "kind", "product_id", "product", "maker", "part_number", "serial", "tag", "name", "status",
    "state", "site", "place", "parent_id", "slot", "covered_until", "version",
)  # fmt: skip


def create_app(database: Path) -> Flask:
    app = Flask("bare", static_folder=None)
    opened: list[sqlite3.Connection] = []  # one for each process, as the registry has it

    def rows(where: str, *values: object) -> Response:
        if not opened:
            opened.append(sqlite3.connect(database, check_same_thread=False))
            for pragma in ("journal_mode = wal", "cache_size = -32768"):
                opened[0].execute(f"PRAGMA {pragma}")
        found = opened[0].execute(LIST.format(where=where), values).fetchall()
        items = [dict(zip(NAMES, row, strict=True)) for row in found[:50]]
        return Response(json.dumps({"items": items, "next": found[49][0]}), content_type="application/json")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/assets")
    def assets() -> Response:
        return rows("")

    @app.get("/customers/<int:customer>/assets")
    def of_customer(customer: int) -> Response:
        return rows("WHERE a.customer_id = ?", customer)

    return app


def main() -> None:
    import gc

    from registry.server import Server
    from registry.settings import Settings

    database, port = Path(sys.argv[1]), int(sys.argv[2])
    app = create_app(database)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    Server(Settings(data=database.parent, port=port, consumer=False), app).run()


if __name__ == "__main__":
    main()
