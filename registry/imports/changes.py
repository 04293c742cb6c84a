"""Row by row what a run did, or would do: read from the entries that it leaves in the audit chain, before they are kept
or taken back. So a dry run tells exactly what the real one would write, for every kind of thing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import orjson
from peewee import ForeignKeyField

from registry.imports.models import ImportChange, ImportSession
from registry.imports.run import KEPT_CHANGES, Run
from registry.imports.scratch import parts
from registry.imports.undo import TABLES
from registry.kernel import clock
from registry.kernel.access import Actor, Scoped, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.bulk import insert_rows
from registry.kernel.money import exact
from registry.kernel.writing import label_of

LONGEST = 300  # characters of a text that are shown
FORGOTTEN = timedelta(days=30)
_UNSAID = frozenset({"id", "customer_id", "version", "created_at", "changed_at"})
_COLUMNS = ("customer_id", "session_id", "line", "outcome", "object_type", "object_id", "label", "cells")


def gather(run: Run) -> None:
    """Put the first KEPT_CHANGES changes into `run.changes`. Inside the transaction that made them."""
    entries: Any = AuditEntry.select().where((AuditEntry.batch_id == run.id) & AuditEntry.object_type.in_(list(TABLES)))
    found = list(entries.order_by(AuditEntry.id).limit(KEPT_CHANGES))
    for part in parts(found):
        run.changes += _told(run, part)


def _told(run: Run, entries: Sequence[AuditEntry]) -> Iterator[dict[str, Any]]:
    currencies = _currencies(run.actor, entries)
    pairs = [(entry, _sides(entry, currencies)) for entry in entries]
    names = _names(run.actor, pairs)
    for entry, (before, after) in pairs:
        made = entry.before is None
        yield {
            "line": run.lines.get((entry.object_type, int(entry.object_id or 0))),
            "outcome": "created" if made else "updated",
            "object_type": entry.object_type,
            "object_id": None if made and not run.write else entry.object_id,
            "label": entry.label,
            "cells": list(_cells(entry.object_type, before, after, names)),
        }


def _currencies(actor: Actor, entries: Iterable[AuditEntry]) -> dict[tuple[str, int], str]:
    """(table, id) -> currency, where an amount changed and its currency stayed."""
    wanted: dict[str, list[int]] = {}
    for entry in entries:
        if entry.before and "cost_minor" in entry.before and '"currency"' not in entry.before:
            wanted.setdefault(entry.object_type, []).append(int(entry.object_id or 0))
    found: dict[tuple[str, int], str] = {}
    for table, ids in wanted.items():
        model = TABLES[table]
        rows = visible(model, actor, model.id, model.currency).where(model.id.in_(ids)).tuples()
        found |= {(table, row_id): currency for row_id, currency in rows}
    return found


Sides = tuple[dict[str, Any], dict[str, Any]]


def _sides(entry: AuditEntry, currencies: dict[tuple[str, int], str]) -> Sides:
    currency = currencies.get((entry.object_type, int(entry.object_id or 0)))
    before, after = (_plain(orjson.loads(text or "{}"), currency) for text in (entry.before, entry.after))
    return before, after


def _plain(values: dict[str, Any], currency: str | None) -> dict[str, Any]:
    """Without bookkeeping; custom fields as fields of their own; an amount with its currency."""
    known = {name: value for name, value in values.items() if name not in _UNSAID}
    custom = known.pop("custom", None)
    if isinstance(custom, dict):
        known |= {f"custom.{name}": value for name, value in custom.items()}
    known.setdefault("currency", currency)
    if isinstance(known.get("cost_minor"), int) and known["currency"]:
        known["cost"] = f"{exact(known.pop('cost_minor'), known['currency'])} {known.pop('currency')}"
    return known


def _cells(
    table: str, before: dict[str, Any], after: dict[str, Any], names: dict[Any, str]
) -> Iterator[dict[str, Any]]:
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = (_text(table, name, side.get(name), names) for side in (before, after))
        if old != new:
            yield {"field": name, "before": old, "after": new}


def _text(table: str, name: str, value: Any, names: dict[Any, str]) -> str | None:
    if value is None or value in ("", [], {}):
        return None
    model = _referred(table, name)
    if model is not None:
        return names.get((model, value), f"#{value}")
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _referred(table: str, name: str) -> Any:
    field = TABLES[table]._meta.fields.get(name)
    return field.rel_model if isinstance(field, ForeignKeyField) else None


def _names(actor: Actor, pairs: Iterable[tuple[AuditEntry, Sides]]) -> dict[Any, str]:
    """(model, id) -> name: one statement for each model. What a dry run made has a name only until it is taken back."""
    wanted: dict[Any, set[int]] = {}
    for entry, sides in pairs:
        for side in sides:
            for name, value in side.items():
                model = _referred(entry.object_type, name)
                if model is not None and isinstance(value, int):
                    wanted.setdefault(model, set()).add(value)
    return {(model, row.id): _name(row) for model, ids in wanted.items() for row in _rows(actor, model, ids)}


def _name(row: Any) -> str:
    return label_of(row) if row._meta.table_name == "asset" else str(getattr(row, "name", None) or label_of(row))


def _rows(actor: Actor, model: Any, ids: set[int]) -> list[Any]:
    query = visible(model, actor) if issubclass(model, Scoped) else model.select()
    return list(query.where(model.id.in_(sorted(ids))))


def keep(session: ImportSession, run: Run) -> None:
    """In place of what was kept of an earlier run: in the order of the file, what was made on the way first."""
    forget(session.id)
    rows = sorted([*run.changes, *_refused(run)], key=lambda row: row["line"] or 0)
    fixed = session.customer_id, session.id
    insert_rows(
        ImportChange._meta.table_name,
        _COLUMNS,
        [
            (*fixed, row["line"], row["outcome"], row["object_type"], row["object_id"], row["label"][:255],
             orjson.dumps(row["cells"]).decode())
            for row in rows
        ],
    )  # fmt: skip


def _refused(run: Run) -> Iterator[dict[str, Any]]:
    """A row for each line of the file that was refused."""
    for line, errors in groupby(sorted(run.errors, key=_line), key=_line):
        cells = [{"field": one["column"], "value": one["value"], "message": one["message"]} for one in errors]
        yield {"line": line, "outcome": "refused", "object_type": "", "object_id": None, "label": "", "cells": cells}


def _line(error: dict[str, Any]) -> int:
    return int(error["line"] or 0)


def forget(*session_ids: int) -> None:
    if session_ids:
        ImportChange.delete().where(ImportChange.session.in_(session_ids)).execute()


def forget_old() -> int:
    """What nobody needs to look at any more."""
    old = clock.now() - FORGOTTEN
    done = visible(ImportSession, Actor.system(), ImportSession.id).where(ImportSession.finished_at < old)
    return int(ImportChange.delete().where(ImportChange.session.in_(done)).execute())
