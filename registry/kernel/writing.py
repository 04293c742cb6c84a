"""The two moves every service verb ends with: create a row, change a row - with audit and event, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from peewee import CharField, IntegerField, IntegrityError

from registry.kernel import audit, clock, events
from registry.kernel.access import Actor
from registry.kernel.db import Instant, Row, problem_of, transaction
from registry.kernel.errors import Invalid, PreconditionRequired, Stale
from registry.kernel.language import _

N = TypeVar("N", bound=Row)
R = TypeVar("R", bound="Versioned")
BOOKKEEPING = frozenset({"version", "created_at", "changed_at"})
ANY_VERSION = 0  # for callers that have just read the row in the same transaction

# Asked inside the transaction of every change: objector(kind, row or None, new values, actor) -> {field: sentences}.
# Values None: the row is about to be removed.
Objector = Callable[[str, Any, Mapping[str, Any] | None, Actor], Mapping[str, list[str]]]
OBJECTORS: list[Objector] = []
WHOLE = "change"  # the field of an objection to the change as a whole


def hear_objections(actor: Actor, kind: str, row: Any, values: Mapping[str, Any] | None) -> None:
    """Raise Invalid with everything that anybody has against it."""
    found: dict[str, list[str]] = {}
    for objector in OBJECTORS:
        for name, sentences in objector(kind, row, values, actor).items():
            found.setdefault(name, []).extend(sentences)
    if found:
        raise Invalid(errors=found)


class Versioned(Row):
    """Mix-in: a version that every change raises (the ETag), and when it was made and last changed."""

    version = IntegerField(default=1)
    created_at = Instant(default=clock.now)
    changed_at = Instant(default=clock.now)


def label_of(row: Any) -> str:
    """How the audit chain calls this row, once it may be gone."""
    label = getattr(row, "label", None)
    return str(label) if label is not None else str(row.id)


def note(
    actor: Actor,
    action: str,
    row: Any,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    customer_id: int | None = None,
) -> None:
    """Write down that something happened to `row`: one audit entry and one event. Inside the caller's transaction."""
    owner = customer_id if customer_id is not None else getattr(row, "customer_id", None)
    kind = row._meta.table_name
    audit.record(actor, owner, [audit.Entry(action, kind, row.id, label_of(row), before, after, _person(row))])
    events.emit(action, owner, kind, row.id)


def create(
    actor: Actor, model: type[N], values: Mapping[str, Any], action: str, *, customer_id: int | None = None
) -> N:
    """Insert, with audit and event. Raises Conflict (duplicate) or Invalid (too long) naming the field."""
    _must_fit(model, values)
    try:
        with transaction():
            if OBJECTORS:
                hear_objections(actor, model._meta.table_name, None, values)
            row = model.create(**values)
            note(actor, action, row, after=audit.snapshot(row), customer_id=customer_id)
            return row
    except IntegrityError as error:
        raise problem_of(error) from error


def create_many(actor: Actor, model: type[N], rows: Sequence[Mapping[str, Any]], action: str) -> list[N]:
    """As create() for each, of one customer, all or nothing: with an audit entry and an event each, but in turns with
    others for the chain only once. Raises as create() does."""
    for values in rows:
        _must_fit(model, values)
    try:
        with transaction():
            for values in rows if OBJECTORS else ():
                hear_objections(actor, model._meta.table_name, None, values)
            made = [_inserted(model(**values)) for values in rows]
            _note_all(actor, action, made)
            return made
    except IntegrityError as error:
        raise problem_of(error) from error


def _inserted(row: N) -> N:
    row.id = type(row).insert(row.__data__).execute()  # its own save() would set a savepoint for each
    return row


def _note_all(actor: Actor, action: str, rows: Sequence[Any]) -> None:
    owners = {getattr(row, "customer_id", None) for row in rows}
    if len(owners) > 1:
        raise ValueError("rows of several customers belong into several chains")
    for owner in owners:
        kind = rows[0]._meta.table_name
        told = [
            audit.Entry(action, kind, row.id, label_of(row), None, audit.snapshot(row), _person(row)) for row in rows
        ]
        audit.record(actor, owner, told)
        for row in rows:
            events.emit(action, owner, kind, row.id)


def _person(row: Any) -> int | None:
    """The account that a row is about."""
    return getattr(row, "person_id", None) or getattr(row, "user_id", None)


def change(
    actor: Actor,
    row: R,
    values: Mapping[str, Any],
    action: str,
    *,
    version: int | None,
    customer_id: int | None = None,
    parts: tuple[Any, Any] | None = None,
) -> R:
    """Set `values` on `row` if it still is `version`. Nothing changed means nothing written.

    `parts` (before, after) tells of rows that belong to this one and changed with it: then the version rises in
    any case, since whoever read the whole before has read something else.

    Raises PreconditionRequired without a version, Stale when somebody was faster, Conflict on a duplicate.
    """
    if version is None:
        raise PreconditionRequired()
    if version not in (ANY_VERSION, row.version):
        raise Stale()
    new = {name: value for name, value in values.items() if row.__data__.get(name) != value}
    if not new and parts is None:
        return row
    _must_fit(type(row), new)
    before = _with_parts(audit.snapshot(row, *new) if new else {}, parts, 0)
    try:
        with transaction():
            if OBJECTORS and new:
                hear_objections(actor, row._meta.table_name, row, new)
            for name, value in new.items():
                setattr(row, name, value)
            _update(row, new)
            after = _with_parts(audit.snapshot(row, *new, "version"), parts, 1)
            note(actor, action, row, before=before, after=after, customer_id=customer_id)
    except IntegrityError as error:
        raise problem_of(error) from error
    return row


def _must_fit(model: type[Row], values: Mapping[str, Any]) -> None:
    """SQLite takes texts of any length, PostgreSQL does not: what came in here could never move there."""
    for name, value in values.items():
        field = model._meta.fields.get(name)
        longest = field.max_length if isinstance(field, CharField) and isinstance(value, str) else None
        if longest is not None and len(str(value)) > longest:
            raise Invalid.field(name, _("Use at most %(longest)s characters.", longest=longest))


def _with_parts(known: dict[str, Any], parts: tuple[Any, Any] | None, which: int) -> dict[str, Any]:
    return known if parts is None else {**known, "parts": parts[which]}


def _update(row: Any, new: Mapping[str, Any]) -> None:
    model, now = type(row), clock.now()
    changed = (
        model.update(**new, version=row.version + 1, changed_at=now)
        .where((model.id == row.id) & (model.version == row.version))
        .execute()
    )
    if not changed:
        raise Stale()
    row.version += 1
    row.changed_at = now


def remove(actor: Actor, row: Any, action: str, *, version: int | None, customer_id: int | None = None) -> None:
    """Delete the row for good, keeping what it was in the audit chain. Raises Conflict when something refers to it."""
    if version is None:
        raise PreconditionRequired()
    if version not in (ANY_VERSION, row.version):
        raise Stale()
    try:
        with transaction():
            if OBJECTORS:
                hear_objections(actor, row._meta.table_name, row, None)
            note(actor, action, row, before=audit.snapshot(row), customer_id=customer_id)
            model = type(row)
            if not model.delete().where((model.id == row.id) & (model.version == row.version)).execute():
                raise Stale()
    except IntegrityError as error:
        raise problem_of(error) from error
