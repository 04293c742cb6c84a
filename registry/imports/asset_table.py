"""Assets in bulk: read, inserted, updated and written into the chain, a chunk in a few statements.

A stored row here is a dict of column -> value as both engines compare it: dates as ISO text, custom fields as JSON
text with sorted keys.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import orjson

from registry.actions import Action
from registry.assets.models import KEY_DATES, Asset
from registry.assets.service import PLACING, get_asset, key_dates_changed
from registry.contracts.lending import lend
from registry.imports.scratch import parts
from registry.kernel import audit, clock
from registry.kernel.access import Actor, visible
from registry.kernel.bulk import insert_rows, update_rows
from registry.kernel.db import is_sqlite, reserve_ids, run_sql

DATES = (*KEY_DATES, "retired_on")
TEXTS = ("name", "place", "supplier", "order_number", "notes")  # empty where nothing is given, never NULL
COLUMNS = (
    "id", "customer_id", "version", "created_at", "changed_at", "product_id", "kind", "serial", "tag", "name",
    "status_id", "site_id", "place", "parent_id", "slot", "holder_id", *DATES, "supplier", "order_number",
    "cost_minor", "currency", "custom", "notes",
)  # fmt: skip
_READ = tuple(name for name in COLUMNS if name not in ("customer_id", "created_at", "changed_at"))
_READ_SQL = ", ".join(f'"{name}"' for name in _READ)
# The chain calls them as the verbs of the assets room do.
FIELD = {name: name.removesuffix("_id") for name in COLUMNS} | {"customer_id": "customer_id"}
_WRITTEN = tuple((name, FIELD[name]) for name in COLUMNS if name not in ("created_at", "changed_at", "custom"))
_IN_ORDER = itemgetter(*COLUMNS)
_PLACING = {f"{name}_id" for name in PLACING}

Stored = dict[str, Any]


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def json_text(value: Any) -> str:
    """One text for equal contents, whichever engine kept them."""
    known = orjson.loads(value) if isinstance(value, str) else value
    return orjson.dumps(known, option=orjson.OPT_SORT_KEYS).decode()


def _now() -> str:
    return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")


def label_of(row: Stored) -> str:
    return str(row["serial"] or row["tag"] or row["name"] or f"asset {row['id']}")


class AssetTable:
    """The units of one customer, for one actor who may change them."""

    def __init__(self, actor: Actor, customer_id: int) -> None:
        self.actor, self.customer_id = actor, customer_id
        self._first: int | None = None  # id of the first row that is new
        self._moved = False

    def is_empty(self) -> bool:
        return not visible(Asset, self.actor).where(Asset.customer_id == self.customer_id).exists()

    def by_key(self, key: str, values: Sequence[str]) -> dict[str, list[Stored]]:
        """Value of the column `key` -> the rows that have it, locked where the engine locks rows."""
        lock = "" if is_sqlite() else " FOR UPDATE"
        found: dict[str, list[Stored]] = {}
        for part in parts(values):
            marks = ",".join("?" * len(part))
            sql = f'SELECT {_READ_SQL} FROM asset WHERE customer_id = ? AND "{key}" IN ({marks}){lock}'  # noqa: S608
            for values in run_sql(sql, (self.customer_id, *part)).fetchall():
                row = dict(zip(_READ, map(plain, values), strict=True))
                row["custom"] = json_text(row["custom"])
                found.setdefault(row[key], []).append(row)
        return found

    def holders(self, column: str, values: Iterable[Any], *others: str) -> Iterator[tuple[Any, ...]]:
        """(value, id, *others) of the rows that have one of the values in `column`."""
        fields = [getattr(Asset, name) for name in (column, "id", *others)]
        for part in parts(sorted(set(values))):
            query = visible(Asset, self.actor, *fields)
            yield from query.where((Asset.customer_id == self.customer_id) & fields[0].in_(list(part))).tuples()

    def insert(self, rows: Sequence[Stored]) -> None:
        """Rows with every column; each gets its id and bookkeeping here."""
        if not rows:
            return
        now, customer_id = _now(), self.customer_id
        entries = []
        for asset_id, row in zip(reserve_ids("asset", len(rows)), rows, strict=True):
            row["id"], row["customer_id"], row["version"] = asset_id, customer_id, 1
            row["created_at"] = row["changed_at"] = now
            after = {field: value for name, field in _WRITTEN if (value := row[name]) is not None and value != ""}
            if row["custom"] != "{}":
                after["custom"] = orjson.loads(row["custom"])
            entries.append(audit.Entry(Action.ASSET_CREATED, "asset", asset_id, label_of(row), None, after))
        self._first = self._first or rows[0]["id"]
        insert_rows("asset", COLUMNS, [_IN_ORDER(row) for row in rows])
        audit.record(self.actor, customer_id, entries)

    def update(self, changes: Sequence[tuple[Stored, Stored]]) -> None:
        """(row as it was, column -> new value): rows that change the same columns go in one statement."""
        if not changes:
            return
        now = _now()
        entries: list[audit.Entry] = []
        groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for old, new in changes:
            version = old["version"] + 1
            groups.setdefault(tuple(new), []).append((*new.values(), version, now, old["id"]))
            after = {**_told(new), "version": version}
            before = _told({name: old[name] for name in new})
            entries.append(audit.Entry(Action.ASSET_CHANGED, "asset", old["id"], label_of(old | new), before, after))
            self._moved = self._moved or not _PLACING.isdisjoint(new)
        for columns, rows in groups.items():
            update_rows("asset", [*columns, "version", "changed_at"], rows)
        audit.record(self.actor, self.customer_id, entries)
        for old, new in changes:
            if any(name in new for name in KEY_DATES):
                key_dates_changed(self.actor, get_asset(self.actor, old["id"]))

    def lend(self) -> None:
        """Say once of all of them what the assets room would tell PLACE_WATCHERS of each: what moves takes along what
        is in it."""
        if self._moved:
            lend(self.customer_id, Asset)
        elif self._first is not None:
            lend(self.customer_id, Asset, Asset.id >= self._first)


def _told(values: Stored) -> dict[str, Any]:
    return {FIELD[n]: orjson.loads(v) if n == "custom" else v for n, v in values.items()}
