"""Assets out of a file, thousands at a time: looked up, judged, inserted and written into the chain in bulk.

The rules are those of the assets room (its checks are called for every row); only the statements are our own,
since one by one they would be ten times slower.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson

from registry.actions import Action
from registry.assets.fields import check_values, fields_for
from registry.assets.models import ASSET_SEARCH, KEY_DATES, Asset
from registry.assets.service import check_position, get_asset, key_dates_changed
from registry.imports.asset_fields import asset_fields
from registry.imports.asset_refs import References, Unknown
from registry.imports.mapping import Mapping
from registry.imports.run import ImportKind, Parsed, Run, Seen, declare
from registry.kernel import audit, clock
from registry.kernel.access import visible
from registry.kernel.db import insert_rows, is_sqlite, reserve_ids, run_sql, update_rows
from registry.kernel.errors import Problem
from registry.kernel.search import bulk_load

PLAIN = ("serial", "tag", "name", "place", "slot", "supplier", "order_number", "notes", *KEY_DATES)
REFERENCES = {"product": "product_id", "status": "status_id", "site": "site_id", "holder": "holder_id", "parent": "parent_id"}
DEFAULTS: dict[str, Any] = {
    "name": "", "place": "", "supplier": "", "order_number": "", "notes": "", "custom": "{}",
}  # fmt: skip
COLUMNS = (
    "id", "customer_id", "version", "created_at", "changed_at", "product_id", "kind", "serial", "tag", "name",
    "status_id", "site_id", "place", "parent_id", "slot", "holder_id", *KEY_DATES, "supplier", "order_number",
    "cost_minor", "currency", "custom", "notes",
)  # fmt: skip
COMPARED = tuple(name for name in COLUMNS if name not in ("customer_id", "created_at", "changed_at"))


class AssetRows:
    """The handler of one run."""

    def __init__(self, run: Run, mapping: Mapping) -> None:
        self.run = run
        self.refs = References(run)
        self.customer_id = run.customer.id
        self.custom = fields_for(run.actor, self.customer_id)
        self.has_custom = any(spec.name.startswith("custom.") for spec in mapping.columns.values())
        self.seen = Seen()
        self._load = bulk_load(ASSET_SEARCH) if run.write else None
        if self._load:
            self._load.__enter__()

    def close(self) -> None:
        self.seen.close()
        self.run.notices += self.refs.notices()

    def finish(self) -> None:
        """Index what was inserted. Not called when the run is being given up."""
        if self._load:
            self._load.__exit__(None, None, None)

    def take(self, rows: Sequence[Parsed]) -> None:
        existing = self._existing(rows)
        repeated = self._repeated(rows)
        fresh: list[tuple[int, dict[str, Any]]] = []
        for line, values in rows:
            if line in repeated:
                name, earlier = repeated[line]
                text = f"The same {name} stands in line {earlier} already; keep one of the two rows."
                self.run.refuse(line, name, values.get(name), text)
                continue
            found = existing.get(values.get(self.run.key, ""), [])
            try:
                self._one(line, values, found, fresh)
            except Unknown as unknown:
                self.run.refuse(line, unknown.name, values.get(unknown.name), unknown.message)
            except Problem as problem:
                name, texts = next(iter(problem.errors.items()), (None, [problem.message]))
                self.run.refuse(line, name, values.get(name or ""), " ".join(str(text) for text in texts))
        self._insert(self._free(fresh))

    def _one(self, line: int, values: dict[str, Any], found: list[dict[str, Any]], fresh: list[Any]) -> None:
        key, mode = self.run.key, self.run.mode
        if mode != "create" and key not in values:
            raise Unknown(key, f"The key is empty: give the {key}, or choose mode create.")
        if len(found) > 1:
            raise Unknown(key, f"{len(found)} assets have this {key}; choose another key, or correct them first.")
        if found and mode == "create":
            raise Unknown(key, f"There is an asset with this {key} already; choose mode mixed or update to change it.")
        if not found and mode == "update":
            raise Unknown(key, f"There is no asset with this {key}; choose mode mixed or create to add it.")
        if found:
            self._update(values, found[0])
        else:
            fresh.append((line, self._new(values)))

    def _row(self, values: dict[str, Any]) -> dict[str, Any]:
        """Column -> value as it is stored, for what the row gives."""
        row: dict[str, Any] = {name: _stored(values[name]) for name in PLAIN if name in values}
        if "status" in values:
            row["status_id"] = self.refs.status_ids[values["status"]]
        if "site" in values:
            row["site_id"] = self.refs.site(values["site"])
        if "holder" in values:
            row["holder_id"] = self.refs.holder(values["holder"])
        if "parent" in values:
            row["parent_id"] = self.refs.parent(values["parent"])
        if "cost" in values:
            row["cost_minor"], row["currency"] = values["cost"]
        return row

    def _new(self, values: dict[str, Any]) -> dict[str, Any]:
        product_id, kind = self.refs.product(values)
        row = {**DEFAULTS, **self._row(values), "product_id": product_id, "kind": kind}
        row.setdefault("status_id", self.refs.status_ids["in_use" if "parent_id" in row else "in_stock"])
        check_position(kind, {"parent": row.get("parent_id"), "slot": row.get("slot"), "site": row.get("site_id"),
                              "place": row["place"]})  # fmt: skip
        row["custom"] = self._custom(values, kind, {})
        return row

    def _custom(self, values: dict[str, Any], kind: str, held: dict[str, Any]) -> str:
        given = {name[7:]: value for name, value in values.items() if name.startswith("custom.")}
        if not self.custom and not given:
            return _json(held)
        return _json(check_values(self.custom, kind, {**held, **given}))

    def _update(self, values: dict[str, Any], old: dict[str, Any]) -> None:
        row = self._row(values)
        if {"product", "part_number"} & values.keys():
            product_id, kind = self.refs.product({**values, "kind": values.get("kind") or old["kind"]})
            if kind != old["kind"]:
                raise Unknown("product", f"This is {old['kind']}; choose a product of that kind.")
            row["product_id"] = product_id
        if self.has_custom:
            row["custom"] = self._custom(values, old["kind"], orjson.loads(old["custom"]))
        after = {**old, **row}
        check_position(old["kind"], {"parent": after["parent_id"], "slot": after["slot"], "site": after["site_id"],
                                     "place": after["place"]})  # fmt: skip
        new = {name: value for name, value in row.items() if old[name] != value}
        if not new:
            self.run.unchanged += 1
            return
        self._check_taken(old["id"], after, new)
        self.run.updated += 1
        if self.run.write:
            self._write_update(old, new)

    def _check_taken(self, asset_id: int, after: dict[str, Any], new: dict[str, Any]) -> None:
        """A changed tag, or serial with product, must be free among the others."""
        base = visible(Asset, self.run.actor, Asset.id).where(
            (Asset.customer_id == self.customer_id) & (Asset.id != asset_id)
        )
        if "tag" in new and base.where(Asset.tag == new["tag"]).exists():
            raise Unknown("tag", "Another asset has this tag.")
        if {"serial", "product_id"} & new.keys() and after["serial"]:
            same = (Asset.serial == after["serial"]) & (Asset.product == after["product_id"])
            if base.where(same).exists():
                raise Unknown("serial", "Another asset of this product has this serial number.")

    def _write_update(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        now = _now()
        update_rows("asset", [*new, "version", "changed_at"], [(*new.values(), old["version"] + 1, now, old["id"])])
        label = new.get("serial") or old["serial"] or new.get("tag") or old["tag"] or f"asset {old['id']}"
        before = {name: old[name] for name in new}
        entry = audit.Entry(Action.ASSET_CHANGED, "asset", old["id"], label, before, {**new, "version": old["version"] + 1})
        audit.record(self.run.actor, self.customer_id, [entry])
        if any(name in new for name in KEY_DATES):
            key_dates_changed(self.run.actor, get_asset(self.run.actor, old["id"]))

    def _free(self, fresh: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
        """New rows whose tag, and serial with product, nobody has yet; the others are reported."""
        tags = self._taken("tag", [row["tag"] for _, row in fresh if row.get("tag")])
        serials = self._taken("serial", [row["serial"] for _, row in fresh if row.get("serial")])
        free = []
        for line, row in fresh:
            if row.get("tag") in tags:
                self.run.refuse(line, "tag", row["tag"], "Another asset has this tag.")
            elif row["product_id"] in serials.get(row.get("serial"), ()):
                self.run.refuse(line, "serial", row["serial"], "Another asset of this product has this serial number.")
            else:
                free.append(row)
        return free

    def _taken(self, name: str, values: list[str]) -> dict[str | None, set[int]]:
        """value -> products of the assets that have it."""
        column = getattr(Asset, name)
        found: dict[str | None, set[int]] = {}
        for part in _parts(values):
            query = visible(Asset, self.run.actor, column, Asset.product).where(
                (Asset.customer_id == self.customer_id) & column.in_(part)
            )
            for value, product_id in query.tuples():
                found.setdefault(value, set()).add(product_id)
        return found

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        self.run.created += len(rows)
        if not self.run.write or not rows:
            return
        now = _now()
        entries = []
        for asset_id, row in zip(reserve_ids("asset", len(rows)), rows, strict=True):
            row |= {"id": asset_id, "customer_id": self.customer_id, "version": 1, "created_at": now, "changed_at": now}
            after = {name: value for name, value in row.items() if value not in (None, "", "{}")}
            label = row.get("serial") or row.get("tag") or row["name"] or f"asset {asset_id}"
            entries.append(audit.Entry(Action.ASSET_CREATED, "asset", asset_id, label, None, after))
        insert_rows("asset", COLUMNS, [tuple(row.get(name) for name in COLUMNS) for row in rows])
        audit.record(self.run.actor, self.customer_id, entries)

    def _existing(self, rows: Sequence[Parsed]) -> dict[str, list[dict[str, Any]]]:
        """key -> assets that have it, as stored."""
        key = self.run.key
        wanted = [values[key] for _, values in rows if key in values]
        names = ", ".join(f'"{name}"' for name in COMPARED)
        found: dict[str, list[dict[str, Any]]] = {}
        for part in _parts(wanted):
            marks = ",".join("?" * len(part))
            lock = "" if not self.run.write or is_sqlite() else " FOR UPDATE"
            sql = f'SELECT {names} FROM asset WHERE customer_id = ? AND "{key}" IN ({marks}){lock}'  # noqa: S608
            for values in run_sql(sql, (self.customer_id, *part)).fetchall():
                row = {name: _stored(value) for name, value in zip(COMPARED, values, strict=True)}
                row["custom"] = _json(row["custom"])
                found.setdefault(row[key], []).append(row)
        return found

    def _repeated(self, rows: Sequence[Parsed]) -> dict[int, tuple[str, int]]:
        """line -> (field, earlier line) where key or tag stands twice in the file."""
        repeated: dict[int, tuple[str, int]] = {}
        for name in {self.run.key, "tag"}:
            pairs = [(f"{name}\0{values[name]}", line) for line, values in rows if name in values]
            repeated |= {line: (name, earlier) for line, earlier in self.seen.repeats(pairs).items()}
        return repeated


def _stored(value: Any) -> Any:
    """As both engines store and compare it: dates as ISO text."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _json(value: Any) -> str:
    """One text for equal contents, whichever engine kept them."""
    plain = orjson.loads(value) if isinstance(value, str) else value
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()


def _now() -> str:
    return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")


def _parts(values: list[str], size: int = 500) -> list[list[str]]:
    return [values[at : at + size] for at in range(0, len(values), size)]



declare(ImportKind("assets", "asset.edit", ("serial", "tag"), asset_fields, AssetRows))
