"""Lists of import sessions and saved mappings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import fields, validate
from peewee import ModelSelect

from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.imports.models import OUTCOMES, STATES, ImportChange, ImportSession, SavedMapping
from registry.imports.row_kinds import ROW_KINDS
from registry.kernel.access import Actor, visible
from registry.kernel.listing import Column, Filter, Listing, declare, equals


def _own(actor: Actor) -> ModelSelect:
    """Sessions hold values of the file: only for those who may import there."""
    query = visible(ImportSession, actor)
    if actor.is_operator:
        return query
    allowed = [customer for customer in actor.grants if actor.can("import.run", customer)]
    return query.where(ImportSession.customer_id.in_(allowed))


KIND_NAMES = ("assets", *(kind.name for kind in ROW_KINDS))

IMPORTS = declare(
    Listing(
        "import",
        ImportSession,
        "import.run",
        columns=[
            Column("id", "Id", ImportSession.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("kind", "Kind", ImportSession.kind),
            Column("filename", "File", ImportSession.filename),
            Column("state", "State", ImportSession.state),
            Column("mode", "Mode", ImportSession.mode),
            Column("key", "Key", ImportSession.key),
            Column("on_error", "On errors", ImportSession.on_error),
            Column("dry_run", "Dry run", ImportSession.dry_run, "boolean"),
            Column("rows", "Rows", ImportSession.rows, "integer"),
            Column("created", "Created", ImportSession.created, "integer"),
            Column("updated", "Updated", ImportSession.updated, "integer"),
            Column("unchanged", "Unchanged", ImportSession.unchanged, "integer"),
            Column("skipped", "Skipped", ImportSession.skipped, "integer"),
            Column("error_count", "Errors counted", ImportSession.error_count, "integer"),
            Column("by", "By", ImportSession.actor_name),
            Column("created_at", "Begun", ImportSession.created_at, "moment"),
            Column("finished_at", "Finished", ImportSession.finished_at, "moment"),
            Column("version", "Version", ImportSession.version, "integer"),
            Column("errors", "Errors", ImportSession.errors, "json", detail=True),
            Column("notices", "Notices", ImportSession.notices, "json", detail=True),
            Column("mapping", "Mapping", ImportSession.mapping, "json", detail=True),
            Column("options", "Options", ImportSession.options, "json", detail=True),
        ],
        joins=[(Customer, ImportSession.customer_id == Customer.id)],
        scope=_own,
        filters={
            "customer": of_customer(ImportSession),
            "kind": Filter(fields.String(validate=validate.OneOf(KIND_NAMES)), lambda _a, v: ImportSession.kind == v),
            "state": Filter(fields.String(validate=validate.OneOf(STATES)), lambda _a, v: ImportSession.state == v),
        },
    )
)

MAPPINGS = declare(
    Listing(
        "import_mapping",
        SavedMapping,
        "import.run",
        columns=[
            Column("id", "Id", SavedMapping.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("kind", "Kind", SavedMapping.kind),
            Column("name", "Name", SavedMapping.name),
            Column("columns", "Columns", SavedMapping.columns, "json"),
            Column("options", "Options", SavedMapping.options, "json"),
            Column("version", "Version", SavedMapping.version, "integer"),
        ],
        joins=[(Customer, SavedMapping.customer_id == Customer.id)],
        filters={"customer": of_customer(SavedMapping), "kind": equals(SavedMapping.kind)},
    )
)

# Not declared as one of the lists that can be exported and saved: it belongs to one import, and is forgotten.
CHANGES = Listing(
    "import_change",
    ImportChange,
    "import.run",
    columns=[
        Column("id", "Id", ImportChange.id, "integer"),
        Column("line", "Line", ImportChange.line, "integer"),
        Column("outcome", "Outcome", ImportChange.outcome),
        Column("object_type", "Object type", ImportChange.object_type),
        Column("object_id", "Object id", ImportChange.object_id, "integer"),
        Column("label", "Label", ImportChange.label),
        Column("cells", "Cells", ImportChange.cells, "json"),
    ],
    scope=lambda actor: visible(ImportChange, actor),
    filters={
        "outcome": Filter(
            fields.String(validate=validate.OneOf(OUTCOMES)), lambda _actor, value: ImportChange.outcome == value
        ),
    },
)


def changes_of(actor: Actor, session: ImportSession, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """{"items", "next"}: what the last run did, or would do, row by row in the order of the file."""
    one = replace(CHANGES, scope=lambda who: _changes_of(who, session))
    return one.page(actor, arguments)


def _changes_of(actor: Actor, session: ImportSession) -> ModelSelect:
    mine = (ImportChange.customer_id == session.customer_id) & (ImportChange.session == session.id)
    return visible(ImportChange, actor).where(mine)
