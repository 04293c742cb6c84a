"""Assets out of a file, thousands at a time: looked up, judged, inserted and written into the chain in bulk.

The rules are those of the assets room (its checks are called for every row); only the statements are our own,
since one by one they would be ten times slower.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import orjson

from registry.assets.fields import check_values, fields_for
from registry.assets.models import ASSET_SEARCH
from registry.assets.service import check_position
from registry.imports.asset_claims import Claims
from registry.imports.asset_fields import asset_fields
from registry.imports.asset_objections import agreed
from registry.imports.asset_parents import Parents
from registry.imports.asset_refs import References
from registry.imports.asset_table import COLUMNS, DATES, TEXTS, AssetTable, Stored, json_text, plain
from registry.imports.mapping import Mapping
from registry.imports.prices import price
from registry.imports.run import ImportKind, Parsed, Run, Unknown, chunks, declare
from registry.imports.scratch import Seen
from registry.kernel.errors import Problem
from registry.kernel.language import _
from registry.kernel.search import bulk_load
from registry.products.kinds import within

PLAIN = ("serial", "tag", "slot", *TEXTS)
NEW: Stored = {**dict.fromkeys(COLUMNS), **dict.fromkeys(TEXTS, ""), "custom": "{}"}


class AssetRows:
    """The handler of one run. Rows inside a parent come last: the parent may stand further down in the file."""

    def __init__(self, run: Run, mapping: Mapping) -> None:
        self.run = run
        self.refs = References(run)
        self.table = AssetTable(run.actor, run.customer.id)
        self.custom = fields_for(run.actor, run.customer.id)
        self.names = [spec.name for spec in mapping.columns.values()]
        self.plain = [name for name in PLAIN if name in self.names]
        self.dates = [name for name in DATES if name in self.names]
        self.has_custom = any(name.startswith("custom") for name in self.names)
        self.has_parents = "parent" in self.names
        self.has_price = bool({"cost", "cost_minor", "currency"} & set(self.names))
        self.seen = Seen()
        self.parents = Parents(run, self.table)
        self.claims = Claims(run, self.table)
        self.was_empty = self.table.is_empty()
        self._loading = ExitStack()
        self._chunks = 0
        if "maker" in self.names and not {"product", "part_number"} & set(self.names):
            run.notices.append(
                _("The maker alone does not tell the product: it is used only beside product or part number.")
            )

    def close(self) -> None:
        self.seen.close()
        self.parents.close()
        self.run.notices += self.refs.notices()

    def keep(self) -> None:
        """Put what was inserted into the search index, and under what contracts lend. A run that is taken back need
        not."""
        self.table.lend()
        self._loading.close()

    def take(self, rows: Sequence[Parsed]) -> None:
        self._chunks += 1
        if self._chunks == 2:  # a file of one chunk is indexed row by row, without changing the schema
            self._loading.enter_context(bulk_load(ASSET_SEARCH))
        self._judge(self.parents.put_aside(self._once(rows)) if self.has_parents else self._once(rows))

    def finish(self) -> None:
        while waiting := self.parents.next_round():
            for chunk in chunks(waiting.rows()):
                self._judge(self.parents.found(chunk))
        self.parents.refuse_rest()

    def _once(self, rows: Sequence[Parsed]) -> Sequence[Parsed]:
        """Rows whose key and tag no earlier row of the file has; the others are reported."""
        repeated: dict[int, tuple[str, int]] = {}
        for name in {self.run.key, "tag"}.intersection(self.names):
            pairs = [(f"{name}\0{values[name]}", line) for line, values in rows if name in values]
            repeated |= {line: (name, earlier) for line, earlier in self.seen.repeats(pairs).items()}
        if not repeated:
            return rows
        for line, values in rows:
            if line in repeated:
                name, earlier = repeated[line]
                text = _(
                    "The same %(name)s stands in line %(earlier)s already; keep one of the two rows.",
                    name=name,
                    earlier=earlier,
                )
                self.run.refuse(line, name, values[name], text)
        return [row for row in rows if row[0] not in repeated]

    def _judge(self, rows: Sequence[Parsed]) -> None:
        key, run = self.run.key, self.run
        wanted = [] if self.was_empty else [values[key] for _, values in rows if key in values]
        existing = self.table.by_key(key, wanted)
        fresh: list[tuple[int, Stored]] = []
        changed: list[tuple[int, Stored, Stored]] = []
        for line, values in rows:
            found = existing.get(values.get(key, ""), ())
            try:
                old = self._chosen(values, found)
                if old is None:
                    fresh.append((line, self._new(values)))
                elif new := self._changes(values, old):
                    changed.append((line, old, new))
                else:
                    run.unchanged += 1
            except (Unknown, Problem) as fault:
                run.fault(line, fault, values)
        self._write(*agreed(run, fresh, changed, dict(rows)))

    def _write(self, fresh: list[tuple[int, Stored]], changed: list[tuple[int, Stored, Stored]]) -> None:
        changed = self.parents.without_rings(changed)
        fresh, changed = self.claims.granted(fresh, changed, everything_is_new=self.was_empty)
        self.run.updated += len(changed)
        self.run.created += len(fresh)
        self.table.update([(old, new) for _, old, new in changed])
        self.table.insert([row for _, row in fresh])
        for line, row in (*((line, old) for line, old, _new in changed), *fresh):
            self.run.took(line, "asset", row["id"])

    def _chosen(self, values: dict[str, Any], found: Sequence[Stored]) -> Stored | None:
        """The row to update, or None to create one."""
        key, mode = self.run.key, self.run.mode
        if mode != "create" and key not in values:
            raise Unknown(key, _("The key is empty: give the %(key)s, or choose mode create.", key=key))
        if len(found) > 1:
            raise Unknown(
                key,
                _(
                    "%(count)s assets have this %(key)s; choose another key, or correct them first.",
                    count=len(found),
                    key=key,
                ),
            )
        if found and mode == "create":
            raise Unknown(
                key,
                _("There is an asset with this %(key)s already; choose mode mixed or update to change it.", key=key),
            )
        if not found and mode == "update":
            raise Unknown(
                key, _("There is no asset with this %(key)s; choose mode mixed or create to add it.", key=key)
            )
        return found[0] if found else None

    def _row(self, values: dict[str, Any], old: Stored | None = None) -> Stored:
        """Column -> value as it is stored, for what the row gives."""
        row: Stored = {name: values[name] for name in self.plain if name in values}
        for name in self.dates:
            if name in values:
                row[name] = plain(values[name])
        if "status" in values:
            row["status_id"] = self.refs.status_ids[values["status"]]
        if "site" in values:
            row["site_id"] = self.refs.site(values["site"])
        if "holder" in values:
            row["holder_id"] = self.refs.holder(values["holder"], old["holder_id"] if old else None)
        if "parent_id" in values:
            row["parent_id"] = values["parent_id"]
        if self.has_price and (found := price(values, self.run.customer.currency, old["currency"] if old else None)):
            row["cost_minor"], row["currency"] = found
        return row

    def _new(self, values: dict[str, Any]) -> Stored:
        product_id, kind = self.refs.product(values)
        given = self._row(values)
        row = NEW | given
        row["product_id"], row["kind"] = product_id, kind
        if row["status_id"] is None:
            row["status_id"] = self.refs.status_ids["in_stock" if row["parent_id"] is None else "in_use"]
        self._check(kind, given, row)
        if self.custom:
            row["custom"] = self._custom(values, kind, {})
        return row

    def _changes(self, values: dict[str, Any], old: Stored) -> Stored:
        """Column -> new value, for what differs."""
        row = self._row(values, old)
        if "product" in values or "part_number" in values:
            row["product_id"], kind = self.refs.product(values, old["product_id"])
            if kind != old["kind"]:
                raise Unknown(
                    "product", _("This is %(kind)s; choose a product of that kind.", kind=within(old["kind"]))
                )
        elif values.get("kind", old["kind"]) != old["kind"]:
            raise Unknown(
                "kind",
                _(
                    "This is %(kind)s, as its product is; choose another product instead.",
                    kind=within(old["kind"]),
                ),
            )
        if self.has_custom:
            row["custom"] = self._custom(values, old["kind"], orjson.loads(old["custom"]))
        new = {name: value for name, value in row.items() if old[name] != value}
        if new:
            self._check(old["kind"], new, old | row)
        return new

    def _check(self, kind: str, given: Stored, row: Stored) -> None:
        """What belongs together, where any of it is given."""
        if kind == "optic" or row["parent_id"] is not None or "slot" in given:
            position = {"parent": row["parent_id"], "slot": row["slot"], "site": row["site_id"], "place": row["place"]}
            check_position(kind, position)
        if "retired_on" in given and self.refs.status_meta[row["status_id"]] != "retired":
            raise Unknown(
                "retired_on", _("Only what is retired has such a date: give a status that means retired, too.")
            )

    def _custom(self, values: dict[str, Any], kind: str, held: dict[str, Any]) -> str:
        given: dict[str, Any] = {**values.get("custom", {})}
        given |= {name[7:]: value for name, value in values.items() if name.startswith("custom.")}
        if all(name in held and held[name] == value for name, value in given.items()) and (held or not self.custom):
            return json_text(held)
        return json_text(check_values(self.custom, kind, given, held))


declare(ImportKind("assets", ("asset.edit",), ("serial", "tag"), asset_fields, AssetRows))
