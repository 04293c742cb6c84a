"""Lists of packages, approvals, and what is in custody."""

from typing import Any

from marshmallow import fields, validate

from registry.assets.models import Asset
from registry.customers.listing import of_customer
from registry.customers.models import Customer, Site
from registry.handover.custody import OUT
from registry.handover.disclosure import holds
from registry.handover.models import (
    ITEM_KINDS,
    PACKAGE_STATES,
    TASK_STATES,
    Approval,
    CustodyItem,
    CustodyTask,
    Erasure,
    Package,
)
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.shapes import FlagText, id_text


def one_of(column: Any, names: tuple[str, ...]) -> Filter:
    return Filter(fields.String(validate=validate.OneOf(names)), lambda _actor, value: column == value)


PACKAGES = declare(
    Listing(
        "package",
        Package,
        "package.make",
        columns=[
            Column("id", "Id", Package.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("state", "State", Package.state),
            Column("requested_by", "Requested by", Package.requested_by),
            Column("recipient", "For the third party", Package.recipient),
            Column("with_keys", "With licence keys", Package.with_keys, "boolean"),
            Column("rows", "Rows", Package.rows, "integer"),
            Column("size", "Bytes", Package.size, "integer"),
            Column("sha256", "SHA-256", Package.sha256),
            Column("chain_length", "Audit entries", Package.chain_length, "integer"),
            Column("chain_head", "End of the audit chain", Package.chain_head),
            Column("error", "Error", Package.error),
            Column("created_at", "Requested", Package.created_at, "moment"),
            Column("made_at", "Made", Package.made_at, "moment"),
            Column("expires_at", "Kept until", Package.expires_at, "moment"),
            Column("handed_over_at", "Fetched by the customer", Package.handed_over_at, "moment"),
            Column("version", "Version", Package.version, "integer"),
        ],
        joins=[(Customer, Package.customer_id == Customer.id)],
        filters={"customer": of_customer(Package), "state": one_of(Package.state, PACKAGE_STATES)},
    )
)


def _holding(_actor: Actor, wanted: bool) -> Any:
    found = holds(clock.today())
    return found if wanted else ~found


APPROVALS = declare(
    Listing(
        "disclosure_approval",
        Approval,
        "disclosure.view",
        columns=[
            Column("id", "Id", Approval.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("recipient", "Recipient", Approval.recipient),
            Column("purpose", "Purpose", Approval.purpose),
            Column("scope", "What may be given", Approval.scope, "json"),
            Column("approved_on", "Approved on", Approval.approved_on, "day"),
            Column("approved_by", "Approved by", Approval.approved_by),
            Column("valid_until", "Valid until", Approval.valid_until, "day"),
            Column("written_reference", "Written approval", Approval.written_reference),
            Column("recorded_by", "Recorded by", Approval.recorded_by),
            Column("stored_at", "Stored", Approval.stored_at, "moment"),
            Column("revoked_at", "Revoked", Approval.revoked_at, "moment"),
            Column("revoked_by", "Revoked by", Approval.revoked_by),
            Column("revoke_reason", "Why revoked", Approval.revoke_reason),
            Column("version", "Version", Approval.version, "integer"),
        ],
        joins=[(Customer, Approval.customer_id == Customer.id)],
        filters={
            "customer": of_customer(Approval),
            "recipient": equals(Approval.recipient),
            "holds": Filter(FlagText(), _holding),
        },
    )
)

CUSTODY_TASKS = declare(
    Listing(
        "custody_task",
        CustodyTask,
        "custody.view",
        columns=[
            Column("id", "Id", CustodyTask.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("title", "Task", CustodyTask.title),
            Column("reference", "Reference", CustodyTask.reference),
            Column("state", "State", CustodyTask.state),
            Column("note", "Note", CustodyTask.note),
            Column("created_at", "Opened", CustodyTask.created_at, "moment"),
            Column("finished_at", "Finished", CustodyTask.finished_at, "moment"),
            Column("closed_at", "Closed", CustodyTask.closed_at, "moment"),
            Column("version", "Version", CustodyTask.version, "integer"),
        ],
        joins=[(Customer, CustodyTask.customer_id == Customer.id)],
        filters={"customer": of_customer(CustodyTask), "state": one_of(CustodyTask.state, TASK_STATES)},
    )
)


def _overdue(_actor: Actor, wanted: bool) -> Any:
    late = OUT & CustodyItem.due_at.is_null(False) & (CustodyItem.due_at <= clock.now())
    return late if wanted else ~late


CUSTODY_ITEMS = declare(
    Listing(
        "custody_item",
        CustodyItem,
        "custody.view",
        columns=[
            Column("id", "Id", CustodyItem.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("task_id", "Task (id)", CustodyItem.task, "integer"),
            Column("task", "Task", CustodyTask.title),
            Column("what", "What", CustodyItem.what),
            Column("kind", "Kind", CustodyItem.kind),
            Column("quantity", "Quantity", CustodyItem.quantity, "integer"),
            Column("taken_at", "Taken", CustodyItem.taken_at, "moment"),
            Column("taken_by", "Taken by", CustodyItem.taken_by),
            Column("taken_from", "Taken from", CustodyItem.taken_from),
            Column("site", "Site", Site.name),
            Column("asset", "Asset", Asset.serial),
            Column("due_at", "Return due since", CustodyItem.due_at, "moment"),
            Column("returned_at", "Returned", CustodyItem.returned_at, "moment"),
            Column("returned_to", "Received by", CustodyItem.returned_to),
            Column("returned_by", "Returned by", CustodyItem.returned_by),
            Column("deleted_at", "Deleted", CustodyItem.deleted_at, "moment"),
            Column("deleted_by", "Deleted by", CustodyItem.deleted_by),
            Column("deletion_method", "How deleted", CustodyItem.deletion_method),
            Column("note", "Note", CustodyItem.note),
            Column("version", "Version", CustodyItem.version, "integer"),
        ],
        joins=[
            (Customer, CustodyItem.customer_id == Customer.id),
            (CustodyTask, CustodyItem.task == CustodyTask.id),
            (Site, CustodyItem.site == Site.id),
            (Asset, CustodyItem.asset == Asset.id),
        ],
        filters={
            "customer": of_customer(CustodyItem),
            "task": Filter(id_text(), lambda _actor, value: CustodyItem.task == value),
            "kind": one_of(CustodyItem.kind, ITEM_KINDS),
            "out": flag(OUT),
            "overdue": Filter(FlagText(), _overdue),
        },
    )
)


def _erasures(actor: Actor) -> Any:
    return Erasure.select() if actor.can("customer.erase") else Erasure.select().where(False)


ERASURES = declare(
    Listing(
        "erasure",
        Erasure,
        "customer.erase",
        columns=[
            Column("id", "Id", Erasure.id, "integer"),
            Column("number", "Number", Erasure.number),
            Column("former_id", "Former customer", Erasure.former_id, "integer"),
            Column("state", "State", Erasure.state),
            Column("stage", "Stage", Erasure.stage),
            Column("requested_by", "Requested by", Erasure.requested_by),
            Column("requested_at", "Requested", Erasure.requested_at, "moment"),
            Column("finished_at", "Finished", Erasure.finished_at, "moment"),
            Column("error", "Error", Erasure.error),
            Column("version", "Version", Erasure.version, "integer"),
        ],
        scope=_erasures,
    )
)
