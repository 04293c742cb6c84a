"""Taking an import back: what its entries in the audit chain say was done, undone in reverse order."""

from collections.abc import Iterator
from typing import Any

import orjson
from peewee import IntegrityError, Model

from registry.actions import Action
from registry.assets.models import Asset
from registry.assets.service import get_asset, key_dates_changed
from registry.customers.models import Contact, Site
from registry.imports.models import ImportSession
from registry.kernel import audit, events
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.db import problem_of
from registry.kernel.errors import Conflict
from registry.licences.models import Licence
from registry.products.models import Product

# What refers to another comes before it, so that it is gone first.
TABLES: dict[str, type[Model]] = {
    "asset": Asset,
    "licence": Licence,
    "contact": Contact,
    "site": Site,
    "product": Product,
}
STEP = 1000
SHOWN = 20


def take_back(actor: Actor, session: ImportSession) -> None:
    """Undo every row of the session. Call inside a transaction. Raises Conflict naming rows changed since."""
    changed = _changed_since(actor, session)
    if changed:
        raise Conflict(
            "It cannot be undone: some of it was changed since. Nothing was touched.",
            code="changed_since",
            errors={"rows": changed},
        )
    try:
        for entries in _backwards(session):
            _undo(actor, session, entries)
    except IntegrityError as error:
        raise problem_of(error) from error
    done = audit.Entry(Action.IMPORT_UNDONE, "import_session", session.id, session.label)
    audit.record(actor, session.customer_id, [done])
    events.emit(Action.IMPORT_UNDONE, session.customer_id, "import_session", session.id)


def _backwards(session: ImportSession) -> Iterator[list[AuditEntry]]:
    """The batch's entries, newest first, some at a time."""
    before = None
    while True:
        query = AuditEntry.select().where(AuditEntry.batch_id == session.id)
        if before is not None:
            query = query.where(AuditEntry.id < before)
        entries = list(query.order_by(AuditEntry.id.desc()).limit(STEP))
        if not entries:
            return
        yield entries
        before = entries[-1].id


def _changed_since(actor: Actor, session: ImportSession) -> list[str]:
    """Labels of rows whose version is not the one that the import left."""
    found: list[str] = []
    for entries in _backwards(session):
        for kind, model in TABLES.items():
            mine = {entry.object_id: entry for entry in reversed(entries) if entry.object_type == kind}
            if not mine:
                continue
            now = dict(visible(model, actor, model.id, model.version).where(model.id.in_(list(mine))).tuples())  # type: ignore[attr-defined]
            for row_id, entry in mine.items():
                if now.get(row_id) != _version_left(entry):
                    found.append(f"{kind} {entry.label}")
                    if len(found) >= SHOWN:
                        return found
    return found


def _version_left(entry: AuditEntry) -> int:
    after: dict[str, Any] = orjson.loads(entry.after or "{}")
    return int(after.get("version", 1))


def _undo(actor: Actor, session: ImportSession, entries: list[AuditEntry]) -> None:
    records = []
    for kind, model in TABLES.items():
        mine = [entry for entry in entries if entry.object_type == kind]
        made = [entry for entry in mine if entry.before is None]
        if made:
            model.delete().where(model.id.in_([entry.object_id for entry in made])).execute()  # type: ignore[attr-defined]
            removed = Action.ASSET_REMOVED if model is Asset else Action.IMPORT_UNDONE
            records += [audit.Entry(removed, kind, e.object_id, e.label, orjson.loads(e.after or "{}")) for e in made]
        for entry in mine:
            if entry.before is not None:
                records.append(_restore(actor, model, entry))
    with audit.batch(session.id):
        audit.record(actor, session.customer_id, records)


def _restore(actor: Actor, model: Any, entry: AuditEntry) -> audit.Entry:
    before: dict[str, Any] = orjson.loads(entry.before or "{}")
    after: dict[str, Any] = orjson.loads(entry.after or "{}")
    by_column = {column.column_name: column for column in model._meta.sorted_fields}
    values = {by_column.get(name) or model._meta.fields[name]: _value(by_column, name, old) for name, old in before.items()}
    version = _version_left(entry) + 1
    model.update({**values, model.version: version}).where(model.id == entry.object_id).execute()
    if model is Asset and any(name.endswith("_on") for name in before):
        key_dates_changed(actor, get_asset(actor, int(entry.object_id)))
    after.pop("version", None)
    return audit.Entry(Action.IMPORT_UNDONE, entry.object_type, entry.object_id, entry.label, after, before)


def _value(by_column: dict[str, Any], name: str, value: Any) -> Any:
    """JSON columns were kept as text; give them back as what the column takes."""
    is_json = type(by_column.get(name)).__name__ == "JSONField"
    return orjson.loads(value) if is_json and isinstance(value, str) else value
