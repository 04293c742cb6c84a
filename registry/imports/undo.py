"""Taking an import back: what its entries in the audit chain say was done, undone in the opposite order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from peewee import IntegrityError, fn

from registry.actions import Action
from registry.assets.models import KEY_DATES, Asset
from registry.assets.service import key_dates_changed as asset_redated
from registry.contracts.lending import lend_to_all
from registry.customers.models import Contact, Site
from registry.imports.models import ImportSession
from registry.kernel import audit, clock, events
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.db import problem_of
from registry.kernel.errors import Conflict
from registry.kernel.language import N_, _
from registry.licences.models import Licence
from registry.licences.service import key_dates_changed as licence_redated
from registry.products.models import Product

REDATED: dict[Any, Callable[[Actor, Any], None]] = {Asset: asset_redated, Licence: licence_redated}
TABLES: dict[str, Any] = {"asset": Asset, "licence": Licence, "contact": Contact, "site": Site, "product": Product}
REFUSED = {
    "changed": N_("It cannot be undone: some of it was changed since. Nothing was touched."),
    "used": N_("It cannot be undone: some of it is used by something else by now. Nothing was touched."),
}
STEP = 500  # entries at a time
SHOWN = 20  # names in a refusal
LOOKING = 0.1  # share of the time that it takes to find what was changed since
LOOKED_AT = 20_000  # rows of an import up to which it is looked beforehand what stands in the way

Tell = Callable[[int, float], None]  # rows taken back so far, share of the whole


class Obstacle(NamedTuple):
    """A row that stands in the way: it was changed since, or rows of the tables `users` refer to it."""

    table: str
    id: int
    label: str
    users: tuple[str, ...] = ()

    def said(self) -> str:
        by = f": used by {', '.join(name.replace('_', ' ') for name in self.users)}" if self.users else ""
        return f"{self.table} {self.label}{by}"


@dataclass
class Outlook:
    """What an undo would do: table -> number of rows. `looked`: whether all `obstacles` would be known."""

    removed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)
    obstacles: list[Obstacle] = field(default_factory=list)
    looked: bool = True


def outlook(actor: Actor, session: ImportSession) -> Outlook:
    """Looked at without touching anything; take_back() decides all the same."""
    found = Outlook()
    made = AuditEntry.before.is_null()
    counted: Any = AuditEntry.select(AuditEntry.object_type, made, fn.COUNT(AuditEntry.id)).where(_of(session))
    for table, is_new, count in counted.group_by(AuditEntry.object_type, made).tuples():
        side = found.removed if is_new else found.restored
        side[table] = side.get(table, 0) + count
    found.looked = sum((*found.removed.values(), *found.restored.values())) <= LOOKED_AT
    if found.looked:
        found.obstacles = _changed_since(actor, session) or _used_since(actor, session)
    return found


def _of(session: ImportSession) -> Any:
    return (AuditEntry.batch_id == session.id) & AuditEntry.object_type.in_(list(TABLES))


def _used_since(actor: Actor, session: ImportSession) -> list[Obstacle]:
    """What it made and something else refers to, other than what it made as well."""
    found: list[Obstacle] = []
    for entries in _backwards(session):
        for kind, model in TABLES.items():
            labels = {
                int(entry.object_id or 0): entry.label
                for entry in entries
                if entry.object_type == kind and entry.before is None
            }
            used = _used(actor, model, list(labels), leaving=session) if labels else {}
            found += [Obstacle(kind, row_id, labels[row_id], by) for row_id, by in sorted(used.items())]
        if len(found) >= SHOWN:
            break
    return found[:SHOWN]


def _made_by(session: ImportSession, table: str) -> Any:
    """Ids of what it made there, as a part of a statement."""
    mine = _of(session) & (AuditEntry.object_type == table) & AuditEntry.before.is_null()
    return AuditEntry.select(AuditEntry.object_id).where(mine)


def take_back(actor: Actor, session: ImportSession, tell: Tell) -> None:
    """Undo every row of the session, telling how far it is. Call inside a transaction.

    Raises Conflict naming rows that were changed or used since; nothing is touched then.
    """
    audit.hold(session.customer_id)
    total = AuditEntry.select().where(_of(session)).count() or 1
    changed = _changed_since(actor, session, lambda seen: tell(0, LOOKING * seen / total))
    if changed:
        raise _refused("changed", changed)
    rows = 0
    try:
        for entries in _backwards(session):
            _undo(actor, session, entries)
            rows += len(entries)
            tell(rows, LOOKING + (1 - LOOKING) * rows / total)
    except IntegrityError as error:
        raise problem_of(error) from error
    lend_to_all(session.customer_id)
    done = audit.Entry(Action.IMPORT_UNDONE, "import_session", session.id, session.label)
    audit.record(actor, session.customer_id, [done])
    events.emit(Action.IMPORT_UNDONE, session.customer_id, "import_session", session.id)


def _refused(why: str, obstacles: list[Obstacle]) -> Conflict:
    return Conflict(_(REFUSED[why]), code=f"{why}_since", errors={"rows": [one.said() for one in obstacles]})


def _backwards(session: ImportSession) -> Iterator[list[AuditEntry]]:
    """The batch's entries, newest first, some at a time. What is recorded meanwhile is not among them."""
    before = None
    while True:
        query = AuditEntry.select().where(AuditEntry.batch_id == session.id)
        if before is not None:
            query = query.where(AuditEntry.id < before)
        entries = list(query.order_by(AuditEntry.id.desc()).limit(STEP))
        if not entries:
            return
        yield [entry for entry in entries if entry.object_type in TABLES]
        before = entries[-1].id


def _nobody(_rows: int) -> None:
    """Whoever only looks is told nothing on the way."""


def _changed_since(actor: Actor, session: ImportSession, tell: Callable[[int], None] = _nobody) -> list[Obstacle]:
    """Rows that are not as the import left them. What a later import did and took back does not count."""
    found: list[Obstacle] = []
    seen = 0
    for entries in _backwards(session):
        seen += len(entries)
        tell(seen)
        for kind, model in TABLES.items():
            mine = {int(entry.object_id or 0): entry for entry in entries if entry.object_type == kind}
            if not mine:
                continue
            query = visible(model, actor, model.id, model.version).where(model.id.in_(list(mine)))
            now = dict(query.tuples())
            moved = [row_id for row_id, entry in mine.items() if now.get(row_id) != _version_left(entry)]
            settled = _settled(actor, session, kind, [row_id for row_id in moved if row_id in now])
            found += [Obstacle(kind, row_id, mine[row_id].label) for row_id in moved if row_id not in settled]
        if len(found) >= SHOWN:
            break
    return found[:SHOWN]


def _version_left(entry: AuditEntry) -> int:
    return int(orjson.loads(entry.after or "{}").get("version", 1))


def _settled(actor: Actor, session: ImportSession, kind: str, ids: list[int]) -> set[int]:
    """Those of the rows that nothing has happened to since, but imports that were undone."""
    if not ids:
        return set()
    first = AuditEntry.select(fn.MIN(AuditEntry.seq)).where(AuditEntry.batch_id == session.id).scalar()
    undone = visible(ImportSession, actor, ImportSession.id).where(
        (ImportSession.customer_id == session.customer_id) & (ImportSession.state == "undone")
    )
    counts = AuditEntry.batch_id.is_null() | AuditEntry.batch_id.not_in(undone)
    touched: Any = AuditEntry.select(AuditEntry.object_id).where(
        (AuditEntry.customer_id == session.customer_id) & (AuditEntry.object_type == kind)
        & AuditEntry.object_id.in_(ids) & (AuditEntry.seq > first)
        & (AuditEntry.batch_id.is_null() | (AuditEntry.batch_id != session.id)) & counts
    )  # fmt: skip
    return set(ids) - {row[0] for row in touched.tuples()}


def _undo(actor: Actor, session: ImportSession, entries: list[AuditEntry]) -> None:
    """In the opposite order, so that whatever refers to something is gone before it."""
    for (kind, made), group in groupby(entries, lambda entry: (entry.object_type, entry.before is None)):
        found = list(group)
        if made:
            records = _remove(actor, session, kind, found)
        else:
            records = [_restore(actor, session, TABLES[kind], entry) for entry in found]
        with audit.batch(session.id):
            audit.record(actor, session.customer_id, records)


def _remove(actor: Actor, session: ImportSession, kind: str, entries: Sequence[AuditEntry]) -> list[audit.Entry]:
    model = TABLES[kind]
    labels = {int(entry.object_id or 0): entry.label for entry in entries}
    used = _used(actor, model, list(labels))
    if used:
        raise _refused("used", [Obstacle(kind, at, labels[at], by) for at, by in sorted(used.items())][:SHOWN])
    model.delete().where((model.customer_id == session.customer_id) & model.id.in_(list(labels))).execute()
    removed = Action.ASSET_REMOVED if model is Asset else Action.IMPORT_UNDONE
    return [audit.Entry(removed, kind, e.object_id, e.label, orjson.loads(e.after or "{}")) for e in entries]


def _used(actor: Actor, model: Any, ids: list[int], leaving: ImportSession | None = None) -> dict[int, tuple[str, ...]]:
    """id -> the tables that refer to it, for those that something outside of these rows refers to.

    `leaving`: what this import made will be gone, too.
    """
    found: dict[int, list[str]] = {}
    for column, other in sorted(model._meta.backrefs.items(), key=lambda pair: str(pair[1]._meta.table_name)):
        query = visible(other, actor, column).where(column.in_(ids)).distinct()
        if other is model:
            query = query.where(other.id.not_in(ids))
        if leaving is not None and other in TABLES.values():
            query = query.where(other.id.not_in(_made_by(leaving, other._meta.table_name)))
        for (row_id,) in query.limit(SHOWN).tuples():
            found.setdefault(row_id, []).append(str(other._meta.table_name))
    return {row_id: tuple(names) for row_id, names in found.items()}


def _restore(actor: Actor, session: ImportSession, model: Any, entry: AuditEntry) -> audit.Entry:
    before: dict[str, Any] = orjson.loads(entry.before or "{}")
    after: dict[str, Any] = orjson.loads(entry.after or "{}")
    after.pop("version", None)
    version = fetch(model, actor, int(entry.object_id or 0)).version + 1
    sealed = session.kept.get(f"{entry.object_type} {entry.object_id}", {})
    values = {model._meta.fields[name]: value for name, value in {**before, **sealed}.items()}
    model.update({**values, model.version: version, model.changed_at: clock.now()}).where(
        model.id == entry.object_id
    ).execute()
    if model in REDATED and not before.keys().isdisjoint(KEY_DATES):
        REDATED[model](actor, fetch(model, actor, int(entry.object_id or 0)))
    return audit.Entry(
        Action.IMPORT_UNDONE, entry.object_type, entry.object_id, entry.label, after, {**before, "version": version}
    )
